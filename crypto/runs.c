#include "crypto/runs.h"

#include <stdatomic.h>
#include <stdlib.h>

/* Two cache lines, since processors fetch them in pairs: who takes a run disturbs only those who want one of the same
 * part. */
#define APART 128

typedef struct part {
    _Alignas(APART) atomic_size_t next;
    size_t end;
} part;

struct vs__runs {
    _Alignas(APART) size_t team;
    part parts[];
};

/* ⌊runs·i/team⌋, where the product would overflow. */
static size_t part_begin(size_t runs, size_t team, size_t i) {
    return runs / team * i + runs % team * i / team;
}

vs__runs *vs__runs_new(size_t runs, size_t team) {
    vs__runs *dealt = aligned_alloc(APART, sizeof *dealt + team * sizeof *dealt->parts);
    if (dealt != NULL) {
        dealt->team = team;
        for (size_t i = 0; i < team; i++) {
            atomic_init(&dealt->parts[i].next, part_begin(runs, team, i));
            dealt->parts[i].end = part_begin(runs, team, i + 1);
        }
    }
    return dealt;
}

/* Looking first keeps the line shared where there is nothing to take, and `next` from running far beyond the end. */
static bool take_from(part *p, size_t *run) {
    if (atomic_load_explicit(&p->next, memory_order_relaxed) >= p->end) {
        return false;
    }
    *run = atomic_fetch_add_explicit(&p->next, 1, memory_order_relaxed);
    return *run < p->end;
}

bool vs__runs_take(vs__runs *dealt, size_t thread, size_t *run) {
    for (size_t i = 0; i < dealt->team; i++) {
        size_t whose = thread + i < dealt->team ? thread + i : thread + i - dealt->team;
        if (take_from(&dealt->parts[whose], run)) {
            return true;
        }
    }
    return false;
}

void vs__runs_free(vs__runs *dealt) {
    free(dealt);
}
