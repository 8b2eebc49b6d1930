/* Vectors of slots with patterns of widths of their own, and the same arithmetic slot by slot. */
#ifndef VEILSUM_TESTS_SLOTS_SUPPORT_H
#define VEILSUM_TESTS_SLOTS_SUPPORT_H

#include <stdbool.h>

#include "tests/support.h"

__extension__ typedef unsigned __int128 slot_value;

#define SLOT_WIDEST 126u

typedef struct pattern {
    size_t slots, words;
    unsigned *widths;
    size_t *offsets; /* in bits */
    uint64_t *tops;
} pattern;

static inline void *slots_memory(size_t count, size_t size) {
    void *memory = calloc(count + 1, size);
    assert_non_null(memory);
    return memory;
}

/* Slots of the widths of a cycle, until `words` words are full or nearly so. */
static inline pattern pattern_of(const unsigned *cycle, size_t cycle_len, size_t words) {
    pattern p = {.words = words,
                 .widths = slots_memory(64 * words, sizeof *p.widths),
                 .offsets = slots_memory(64 * words, sizeof *p.offsets),
                 .tops = slots_memory(words, sizeof *p.tops)};
    for (size_t bit = 0; bit + cycle[p.slots % cycle_len] <= 64 * words; p.slots++) {
        p.offsets[p.slots] = bit;
        p.widths[p.slots] = cycle[p.slots % cycle_len];
        bit += p.widths[p.slots];
        p.tops[(bit - 1) / 64] |= UINT64_C(1) << (bit - 1) % 64;
    }
    return p;
}

/* One width, a few that repeat, or all different. */
static inline pattern pattern_random(size_t words) {
    unsigned cycle[100];
    size_t lens[] = {1, 2, 3, 7, 100}, len = lens[test_below(5)];
    unsigned widest = test_below(2) == 0 ? SLOT_WIDEST : 20;
    for (size_t i = 0; i < len; i++) {
        cycle[i] = 1 + (unsigned)test_below(widest);
    }
    return pattern_of(cycle, len, words);
}

static inline void pattern_clear(pattern *p) {
    free(p->widths);
    free(p->offsets);
    free(p->tops);
}

static inline slot_value slot_get(const pattern *p, const uint64_t *words, size_t slot) {
    slot_value value = 0;
    for (unsigned bit = 0; bit < p->widths[slot]; bit++) {
        size_t at = p->offsets[slot] + bit;
        value |= (slot_value)(words[at / 64] >> at % 64 & 1) << bit;
    }
    return value;
}

static inline void slot_set(const pattern *p, uint64_t *words, size_t slot, slot_value value) {
    for (unsigned bit = 0; bit < p->widths[slot]; bit++) {
        size_t at = p->offsets[slot] + bit;
        words[at / 64] &= ~(UINT64_C(1) << at % 64);
        words[at / 64] |= (uint64_t)(value >> bit & 1) << at % 64;
    }
}

/* acc ± x, one slot after the other. */
static inline void slots_slowly(const pattern *p, uint64_t *acc, const uint64_t *x, bool subtract) {
    for (size_t i = 0; i < p->slots; i++) {
        slot_value a = slot_get(p, acc, i), b = slot_get(p, x, i);
        slot_set(p, acc, i, subtract ? a - b : a + b);
    }
}

/* Are all slots the same? What is above the last one is not looked at. */
static inline void assert_slots_equal(const pattern *p, const uint64_t *a, const uint64_t *b) {
    for (size_t i = 0; i < p->slots; i++) {
        assert_true(slot_get(p, a, i) == slot_get(p, b, i));
    }
}

#endif
