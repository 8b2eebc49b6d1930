#include "aggregate/protocol/graph.h"

#include <stdlib.h>

#include "crypto/bytes.h"
#include "crypto/sharing/stream.h"

/* ---- the order on the circle ---- */

/* Numbers from a public stream. */
typedef struct dice {
    const uint8_t *key;
    uint64_t block;
    size_t left;
    uint8_t bytes[16 * VS_STREAM_BLOCK_BYTES];
} dice;

static uint64_t next(dice *d) {
    if (d->left == 0) {
        vs_stream(d->bytes, sizeof d->bytes, d->key, d->block);
        d->block += sizeof d->bytes / VS_STREAM_BLOCK_BYTES;
        d->left = sizeof d->bytes;
    }
    d->left -= 8;
    return vs_get_le(d->bytes + sizeof d->bytes - 8 - d->left, 8);
}

/* Below `bound`, each as likely as another: those above the last whole multiple are thrown again. */
static uint64_t below(dice *d, uint64_t bound) {
    uint64_t whole = UINT64_MAX - UINT64_MAX % bound, value = next(d);
    while (value >= whole) {
        value = next(d);
    }
    return value % bound;
}

static void shuffle(vs_graph *g, const uint8_t coins[VS_HASH_BYTES]) {
    dice d = {.key = coins};
    for (uint32_t i = 0; i < g->owners; i++) {
        g->owner[i] = i;
    }
    for (uint32_t i = g->owners; i-- > 1;) {
        uint32_t j = (uint32_t)below(&d, (uint64_t)i + 1), moved = g->owner[j];
        g->owner[j] = g->owner[i];
        g->owner[i] = moved;
    }
    for (uint32_t i = 0; i < g->owners; i++) {
        g->place[g->owner[i]] = i;
    }
}

vs_status vs_graph_make(vs_graph *g, const vs_graph_crowd *crowd, const uint8_t coins[VS_HASH_BYTES], vs_error *error) {
    *g = (vs_graph){.owners = crowd->owners};
    vs_status status = vs_graph_measure(&g->size, crowd, error);
    if (status == VS_OK && !g->size.complete) {
        g->place = calloc(g->owners, sizeof *g->place);
        g->owner = calloc(g->owners, sizeof *g->owner);
        if (g->place == NULL || g->owner == NULL) {
            vs_graph_clear(g);
            return vs_fail_plain(error, VS_ERR_MEMORY);
        }
        shuffle(g, coins);
    }
    return status;
}

void vs_graph_clear(vs_graph *g) {
    free(g->place);
    free(g->owner);
    *g = (vs_graph){.owners = 0};
}

/* ---- neighbours ---- */

/* The neighbour `i` of `degree`: those behind, then those ahead. */
static uint32_t neighbour(const vs_graph *g, uint32_t owner, uint32_t i) {
    uint32_t half = g->size.degree / 2, step = i < half ? g->owners - half + i : i - half + 1;
    return g->owner[(g->place[owner] + step) % g->owners];
}

static int ascending(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

void vs_graph_holders(const vs_graph *g, uint32_t owner, uint32_t *holders) {
    size_t count = vs_graph_holder_count(g);
    for (uint32_t i = 0; i < count; i++) {
        holders[i] = g->size.complete ? i : neighbour(g, owner, i);
    }
    if (!g->size.complete) {
        qsort(holders, count, sizeof *holders, ascending);
    }
}

uint32_t vs_graph_holder_index(const vs_graph *g, uint32_t owner, uint32_t holder) {
    if (g->size.complete) {
        return holder < g->owners ? holder : VS_GRAPH_NONE;
    }
    uint32_t before = 0;
    bool found = false;
    for (uint32_t i = 0; i < g->size.degree; i++) {
        uint32_t other = neighbour(g, owner, i);
        before += other < holder;
        found |= other == holder;
    }
    return found ? before : VS_GRAPH_NONE;
}
