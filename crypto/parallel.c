#include "crypto/parallel.h"

#include <omp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

#include "crypto/processors.h"

/* More would only cost memory: OpenMP wants a signed int. */
#define MAX_THREADS 4096u

/* 0: not asked for yet. */
static atomic_size_t threads;

void vs_parallel_set_threads(size_t wanted) {
    if (wanted == 0) {
        wanted = vs__processors();
    }
    atomic_store(&threads, wanted < MAX_THREADS ? wanted : MAX_THREADS);
}

size_t vs_parallel_threads(void) {
    if (atomic_load(&threads) == 0) {
        vs_parallel_set_threads(0);
    }
    return atomic_load(&threads);
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

vs_status vs_parallel_for(size_t count, size_t grain, vs_task task, void *context) {
    VS_CHECK(grain > 0);
    batch b = {.count = count, .grain = grain, .task = task, .context = context, .failed = SIZE_MAX, .status = VS_OK};
    size_t runs = count / grain + (count % grain != 0), team = vs_parallel_threads();
    team = team < runs ? team : runs;
    team = omp_in_parallel() ? 1 : team_to_be_had(team);
    if (team <= 1) {
        return do_all_alone(&b, runs);
    }
    /* Runs above a failed one are left out; those below are always done, and may put a lower failure in its place. */
#pragma omp parallel for schedule(dynamic, 1) num_threads((int)team)
    for (size_t run = 0; run < runs; run++) {
        if (run > atomic_load(&b.failed)) {
            continue;
        }
        vs_status status = do_run(&b, run);
        if (status != VS_OK) {
#pragma omp critical(vs_parallel_failure)
            if (run < atomic_load(&b.failed)) {
                atomic_store(&b.failed, run);
                b.status = status;
            }
        }
    }
    return b.status;
}
