/* Who is in a total so far, so that nobody is counted twice: a hash table of contributors' ids. */
#ifndef VEILSUM_AGGREGATE_CONTRIBUTOR_SET_H
#define VEILSUM_AGGREGATE_CONTRIBUTOR_SET_H

#include "aggregate/container/container.h"

typedef struct vs_contributor_set {
    vs_contributor *members; /* in the order in which they came */
    size_t *inputs;          /* where each came from */
    size_t count, cap;
    size_t *slots; /* 1 + index of a member, or 0; a power of two of them, at most half used */
    size_t slot_count;
    uint8_t seed[VS_HASH_BYTES]; /* places depend on it, so that chosen ids cannot make the table slow */
} vs_contributor_set;

void vs__contributor_set_init(vs_contributor_set *set);
void vs__contributor_set_clear(vs_contributor_set *set);

/** Add `who`, who came from input `input`. `*twice`: the input that had this id before, in which case nothing is added;
 * else VS_NONE. Returns: VS_OK, VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs__contributor_set_add(vs_contributor_set *set, const vs_contributor *who, size_t input,
                                                size_t *twice);

/** The input that this id came from, or VS_NONE. */
size_t vs__contributor_set_find(const vs_contributor_set *set, const uint8_t id[VS_ID_BYTES]);

/** Sort the members by id, as headers have them; nothing can be added or looked up afterwards. */
void vs__contributor_set_sort(vs_contributor_set *set);

#endif
