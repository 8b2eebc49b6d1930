#include "crypto/parallel.h"

#include <omp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

#include "crypto/pinning.h"
#include "crypto/processors.h"
#include "crypto/runs.h"

/* More would only cost memory: OpenMP wants a signed int. */
#define MAX_THREADS 4096u

/* 0: not asked for yet. */
static atomic_size_t threads;

/* Where the user has OpenMP bind threads, the first one's mask is narrow before main begins; OpenMP knows what it was.
 */
static size_t processors(void) {
    int bound = omp_get_proc_bind() != omp_proc_bind_false, count = omp_get_num_procs();
    return bound && count > 0 ? vs__processors_capped((size_t)count) : vs__processors();
}

void vs_parallel_set_threads(size_t wanted) {
    if (wanted == 0) {
        wanted = processors();
    }
    atomic_store(&threads, wanted < MAX_THREADS ? wanted : MAX_THREADS);
}

size_t vs_parallel_threads(void) {
    if (atomic_load(&threads) == 0) {
        vs_parallel_set_threads(0);
    }
    return atomic_load(&threads);
}

void vs_parallel_pin(void) {
    vs__pin_from_now_on();
}

/* ---- are there as many threads as are wanted? ---- */

/* Threads of a team that are known to exist or to have existed; OpenMP keeps those that it has made. */
static atomic_size_t team_proven = 1;
static pthread_mutex_t probing = PTHREAD_MUTEX_INITIALIZER;

static void *wait_for_the_others(void *gate) {
    (void)pthread_mutex_lock(gate);
    (void)pthread_mutex_unlock(gate);
    return NULL;
}

/* How many of `wanted` threads can be had at a time. */
static size_t try_threads(size_t wanted) {
    pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
    pthread_t *made = malloc(wanted * sizeof *made);
    size_t count = 0;
    if (made == NULL) {
        return 0;
    }
    (void)pthread_mutex_lock(&gate);
    while (count < wanted && pthread_create(&made[count], NULL, wait_for_the_others, &gate) == 0) {
        count++;
    }
    (void)pthread_mutex_unlock(&gate);
    for (size_t i = 0; i < count; i++) {
        (void)pthread_join(made[i], NULL);
    }
    free(made);
    return count;
}

/* OpenMP ends the process where it gets no thread (a limit on processes or memory): so try before it does, and work
 * with fewer. */
static size_t team_to_be_had(size_t team) {
    if (team <= atomic_load(&team_proven)) {
        return team;
    }
    (void)pthread_mutex_lock(&probing);
    size_t proven = atomic_load(&team_proven);
    if (team > proven) {
        size_t possible = proven + try_threads(team - proven);
        atomic_store(&team_proven, possible);
        if (possible < team) {
            team = possible;
            atomic_store(&threads, team); /* so that nobody tries again */
        }
    }
    (void)pthread_mutex_unlock(&probing);
    return team;
}

/* ---- running ---- */

typedef struct batch {
    size_t count, grain;
    vs_task task;
    void *context;
    atomic_size_t failed; /* the lowest failing run so far; SIZE_MAX: none */
    vs_status status;     /* its status */
} batch;

static vs_status do_run(const batch *b, size_t run) {
    size_t first = run * b->grain, rest = b->count - first;
    return b->task(b->context, first, rest < b->grain ? rest : b->grain);
}

static vs_status do_all_alone(const batch *b, size_t runs) {
    vs_status status = VS_OK;
    for (size_t run = 0; run < runs && status == VS_OK; run++) {
        status = do_run(b, run);
    }
    return status;
}

/* What one thread of the team does. Runs above a failed one are left out; those below are always done, and may put a
 * lower failure in its place. */
static void do_share(batch *b, vs__runs *dealt, size_t thread) {
    size_t run;
    while (vs__runs_take(dealt, thread, &run)) {
        vs_status status = run > atomic_load(&b->failed) ? VS_OK : do_run(b, run);
        if (status != VS_OK) {
#pragma omp critical(vs_parallel_failure)
            if (run < atomic_load(&b->failed)) {
                atomic_store(&b->failed, run);
                b->status = status;
            }
        }
    }
}

/* The smallest team that serves: OpenMP ends the threads that a smaller team than the one before leaves over, and makes
 * and binds new ones for the next larger one, which costs more than idle threads do. */
static size_t team_for(size_t runs) {
    static _Thread_local size_t before;
    size_t most = vs_parallel_threads(), team = runs > before ? runs : before;
    if (runs <= 1 || most <= 1 || omp_in_parallel()) {
        return 1;
    }
    before = team_to_be_had(team < most ? team : most);
    return before;
}

vs_status vs_parallel_for(size_t count, size_t grain, vs_task task, void *context) {
    VS_CHECK(grain > 0);
    batch b = {.count = count, .grain = grain, .task = task, .context = context, .failed = SIZE_MAX, .status = VS_OK};
    size_t runs = count / grain + (count % grain != 0), team = team_for(runs);
    vs__runs *dealt = team > 1 ? vs__runs_new(runs, team) : NULL;
    if (dealt == NULL) {
        return do_all_alone(&b, runs);
    }
    const vs__pinning *pinning = vs__pinning_for(vs_parallel_threads());
#pragma omp parallel num_threads((int)team)
    {
        size_t thread = (size_t)omp_get_thread_num();
        vs__pin_self(pinning, thread);
        do_share(&b, dealt, thread);
    }
    vs__unpin_self(pinning);
    vs__runs_free(dealt);
    return b.status;
}

size_t vs_parallel_grain(size_t count, size_t most) {
    size_t team = vs_parallel_threads(), share = count / team + (count % team != 0);
    VS_CHECK(most > 0);
    size_t runs = share / most + (share % most != 0); /* of a thread */
    return share < 1 ? 1 : share / runs + (share % runs != 0);
}
