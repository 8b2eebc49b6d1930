/* Who masks with whom: the graph of `masks`, and how many shares bring a secret back. Every party computes both; nobody
 * is told them.
 *
 * Up to VS_GRAPH_COMPLETE owners each is everybody's neighbour, and ⌊2n/3⌋ + 1 shares bring a secret back. Beyond that
 * owners stand on a circle in an order that coins of all of them decide, and each is a neighbour of the degree/2 next
 * ones on either side [H62]. Degree and threshold are the smallest that keep, up to 2^-40 together for all owners,
 * every owner's secrets from those who are corrupt, and, up to 2^-20, every secret within reach of those who are not
 * absent: the conditions of [BBGLR20, section 3].
 *
 * A server that may tell neighbours different things gets both kinds of shares from the corrupt and one from each of
 * the others; so 2·threshold − degree corrupt neighbours are too many, not just `threshold`.
 */
#ifndef VEILSUM_AGGREGATE_GRAPH_H
#define VEILSUM_AGGREGATE_GRAPH_H

#include <stdbool.h>
#include <stdint.h>

#include "aggregate/error.h"
#include "crypto/hash.h"

#define VS_GRAPH_COMPLETE 128u
#define VS_GRAPH_SECURITY 40u /* bits */
#define VS_GRAPH_FAILURE 20u

/* Owners that take part, and how many of them may be corrupt and may be absent. */
typedef struct vs_graph_crowd {
    uint32_t owners, corrupt, absent;
} vs_graph_crowd;

typedef struct vs_graph_size {
    unsigned degree;    /* neighbours of each owner */
    unsigned threshold; /* shares that bring a secret back */
    bool complete;      /* everybody's neighbour, who keeps a share of its own secrets, too */
} vs_graph_size;

/** Degree and threshold for this crowd. Integer arithmetic alone, so the same everywhere.
 *  Returns: VS_OK; VS_ERR_RANGE: no degree below 255 is enough. */
VS_MUST_CHECK vs_status vs_graph_measure(vs_graph_size *size, const vs_graph_crowd *crowd, vs_error *error);
/** The smallest degree and threshold of a graph that is not complete; false: there is none. The same for a server that
 * tells everybody the same, against which fewer neighbours do: published figures are for both. */
bool vs_graph_sparse(vs_graph_size *size, const vs_graph_crowd *crowd);
bool vs_graph_sparse_curious(vs_graph_size *size, const vs_graph_crowd *crowd);

/* Owners by rank: 0 .. owners − 1. */
typedef struct vs_graph {
    vs_graph_size size;
    uint32_t owners;
    uint32_t *place; /* of each owner on the circle; NULL where the graph is complete */
    uint32_t *owner; /* at each place */
} vs_graph;

/** `coins`: what decides the order on the circle; not read where the graph is complete.
 *  Returns: VS_OK; VS_ERR_RANGE, VS_ERR_MEMORY. `*graph` is the caller's to clear. */
VS_MUST_CHECK vs_status vs_graph_make(vs_graph *graph, const vs_graph_crowd *crowd, const uint8_t coins[VS_HASH_BYTES],
                                      vs_error *error);
void vs_graph_clear(vs_graph *graph);

/** How many hold shares of an owner's secrets: its neighbours, and where the graph is complete the owner itself. */
static inline size_t vs_graph_holder_count(const vs_graph *graph) {
    return graph->size.degree + (graph->size.complete ? 1u : 0u);
}
/** Who they are, ascending: vs_graph_holder_count of them. */
void vs_graph_holders(const vs_graph *graph, uint32_t owner, uint32_t *holders);
/** `holder`'s place among the holders of `owner`'s secrets, from 0; VS_GRAPH_NONE where it is none of them. */
#define VS_GRAPH_NONE UINT32_MAX
uint32_t vs_graph_holder_index(const vs_graph *graph, uint32_t owner, uint32_t holder);

#endif
