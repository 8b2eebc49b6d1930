#include "aggregate/combine/contributor_set.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/secret.h"

void vs__contributor_set_init(vs_contributor_set *set) {
    *set = (vs_contributor_set){0};
    vs_random(set->seed, sizeof set->seed);
}

void vs__contributor_set_clear(vs_contributor_set *set) {
    free(set->members);
    free(set->inputs);
    free(set->slots);
    *set = (vs_contributor_set){0};
}

/* The slot that holds `id`, or the free one where it belongs. */
static size_t find_slot(const vs_contributor_set *set, const uint8_t id[VS_ID_BYTES]) {
    uint8_t digest[VS_HASH_BYTES];
    size_t place = 0;
    vs_hash hash;
    vs_hash_init(&hash, "veilsum contributor set");
    vs_hash_field(&hash, set->seed, sizeof set->seed);
    vs_hash_field(&hash, id, VS_ID_BYTES);
    vs_hash_final(&hash, digest);
    memcpy(&place, digest, sizeof place);
    for (;; place++) {
        size_t slot = place & (set->slot_count - 1);
        if (set->slots[slot] == 0 || memcmp(set->members[set->slots[slot] - 1].id, id, VS_ID_BYTES) == 0) {
            return slot;
        }
    }
}

static vs_status grow(vs_contributor_set *set) {
    size_t cap = set->cap == 0 ? 32 : 2 * set->cap;
    vs_contributor *members = realloc(set->members, cap * sizeof *members);
    set->members = members != NULL ? members : set->members;
    size_t *inputs = realloc(set->inputs, cap * sizeof *inputs);
    set->inputs = inputs != NULL ? inputs : set->inputs;
    size_t *slots = calloc(2 * cap, sizeof *slots);
    if (members == NULL || inputs == NULL || slots == NULL) {
        free(slots);
        return VS_ERR_MEMORY;
    }
    free(set->slots);
    set->slots = slots;
    set->slot_count = 2 * cap;
    set->cap = cap;
    for (size_t i = 0; i < set->count; i++) {
        set->slots[find_slot(set, set->members[i].id)] = i + 1;
    }
    return VS_OK;
}

vs_status vs__contributor_set_add(vs_contributor_set *set, const vs_contributor *who, size_t input, size_t *twice) {
    *twice = VS_NONE;
    if (set->count == set->cap && grow(set) != VS_OK) {
        return VS_ERR_MEMORY;
    }
    size_t slot = find_slot(set, who->id);
    if (set->slots[slot] != 0) {
        *twice = set->inputs[set->slots[slot] - 1];
        return VS_OK;
    }
    set->members[set->count] = *who;
    set->inputs[set->count] = input;
    set->slots[slot] = ++set->count;
    return VS_OK;
}

size_t vs__contributor_set_find(const vs_contributor_set *set, const uint8_t id[VS_ID_BYTES]) {
    if (set->slot_count == 0) {
        return VS_NONE;
    }
    size_t member = set->slots[find_slot(set, id)];
    return member == 0 ? VS_NONE : set->inputs[member - 1];
}

static int by_id(const void *a, const void *b) {
    return memcmp(((const vs_contributor *)a)->id, ((const vs_contributor *)b)->id, VS_ID_BYTES);
}

void vs__contributor_set_sort(vs_contributor_set *set) {
    if (set->count > 0) {
        qsort(set->members, set->count, sizeof *set->members, by_id);
    }
}
