/* A team's other threads exist for the batches alone and stay bound. Its leader is the host's thread: it gets its own
 * mask back after every batch, since all that it starts later (threads, programs) inherits it. */
#include "crypto/pinning.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

#include "crypto/placement.h"

struct vs__pinning {
    vs__processor_set allowed; /* the leader's own mask */
    cpu_set_t *places;         /* `threads` sets; NULL: bind nothing */
    size_t threads;
    unsigned number; /* distinct for every arrangement of any leader */
};

static atomic_uint arrangements;
static _Thread_local bool wanted;
static _Thread_local vs__pinning current; /* of the team that this thread leads */
static _Thread_local unsigned bound_to;   /* the arrangement by which this thread is bound; 0: none */

void vs__pin_from_now_on(void) {
    static const char *const names[] = {"OMP_PROC_BIND", "OMP_PLACES", "GOMP_CPU_AFFINITY", "KMP_AFFINITY"};
    wanted = true;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        wanted = wanted && getenv(names[i]) == NULL;
    }
}

static const cpu_set_t *place_of(const vs__pinning *pinning, size_t index) {
    return (const cpu_set_t *)((const uint8_t *)pinning->places + index * pinning->allowed.bytes);
}

static bool same_set(const vs__processor_set *a, const vs__processor_set *b) {
    return a->set != NULL && a->bytes == b->bytes && CPU_EQUAL_S(a->bytes, a->set, b->set);
}

/* A machine that cannot be read, and a lack of memory, are no reason not to compute: threads then go unbound. */
static void arrange(vs__pinning *pinning, const vs__processor_set *allowed, size_t threads) {
    vs__processors_clear(&pinning->allowed);
    free(pinning->places);
    *pinning = (vs__pinning){.allowed = *allowed, .threads = threads};
    pinning->number = atomic_fetch_add(&arrangements, 1) + 1;
    pinning->places = calloc(threads, allowed->bytes);
    if (pinning->places != NULL && vs__place(pinning->places, threads, allowed, NULL) != VS_OK) {
        free(pinning->places);
        pinning->places = NULL;
    }
}

const vs__pinning *vs__pinning_for(size_t threads) {
    vs__processor_set allowed;
    if (!wanted || !vs__processors_allowed(&allowed)) {
        return NULL;
    }
    if (current.threads == threads && same_set(&current.allowed, &allowed)) {
        vs__processors_clear(&allowed);
    } else {
        arrange(&current, &allowed, threads);
    }
    return current.places != NULL ? &current : NULL;
}

void vs__pin_self(const vs__pinning *pinning, size_t index) {
    if (pinning != NULL && bound_to != pinning->number && index < pinning->threads) {
        (void)sched_setaffinity(0, pinning->allowed.bytes, place_of(pinning, index));
        bound_to = pinning->number;
    }
}

void vs__unpin_self(const vs__pinning *pinning) {
    if (pinning != NULL) {
        (void)sched_setaffinity(0, pinning->allowed.bytes, pinning->allowed.set);
        bound_to = 0;
    }
}
