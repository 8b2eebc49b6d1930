/* For suites of the opening by threshold: a dealt key, plans that it opens, parts as bytes, and opening with them. */
#ifndef VEILSUM_TESTS_PARTS_H
#define VEILSUM_TESTS_PARTS_H

#include <gmp.h>

#include "aggregate/combine/threshold_internal.h"
#include "aggregate/part/part_internal.h"
#include "pipeline.h"
#include "tests/crypto/threshold_support.h"

#define PARTS_PLAIN "\"contributors\":{\"min\":2,\"max\":50}"
#define PARTS_GROUPS PARTS_PLAIN ",\"groups\":{\"min_rows\":3,\"min_contributors\":3}"

/* The plan of pipeline.h's table, opened by this threshold key, or by its dealer's secret key. */
static inline vs_plan *dealt_plan(const dealt *d, const char *rest, bool threshold) {
    char json[2048], key[2 * VS_HASH_BYTES + 1], holders[2 * VS_HASH_BYTES + 1];
    vs_plan *plan = NULL;
    vs_error error = {.message = ""};
    vs_to_hex(key, vs_public_key_info(d->key->pk)->fingerprint, VS_HASH_BYTES);
    vs_to_hex(holders, vs_threshold_key_info(d->key)->fingerprint, VS_HASH_BYTES);
    int len = snprintf(json, sizeof json, "{\"veilsum\":1,%s,%s,\"opening\":{\"%s\":\"%s\"%s%s%s}}", PLAN_COLUMNS, rest,
                       threshold ? "threshold" : "key", key, threshold ? ",\"holders\":\"" : "",
                       threshold ? holders : "", threshold ? "\"" : "");
    vs_status status = vs_plan_parse(&plan, json, (size_t)len, &error);
    if (status != VS_OK) {
        print_message("%s\n", error.message);
    }
    assert_int_equal(status, VS_OK);
    return plan;
}

/* The total of these tables, by owners "a", "b", …, in a period. */
static inline blob dealt_total(const dealt *d, const vs_plan *plan, const char *const *tables, unsigned count,
                               const char *period) {
    test_inputs inputs = {.count = 0};
    blob total;
    for (unsigned i = 0; i < count; i++) {
        char name[2] = {(char)('a' + i), 0};
        add_input(&inputs, name, contribute(plan, d->key->pk, tables[i], name, period, NULL), false);
    }
    assert_int_equal(combine(plan, &inputs, &total, NULL), VS_OK);
    for (unsigned i = 0; i < count; i++) {
        free(inputs.list[i].data.data);
    }
    return total;
}

static inline vs_total *read_total(const dealt *d, const vs_plan *plan, const blob *bytes) {
    vs_total *total = NULL;
    vs_error error = {.message = ""};
    vs_memory_source memory;
    vs_source source = vs_memory_source_open(&memory, "total.vs", bytes->data, bytes->len);
    vs_status status = vs_total_read(&total, plan, d->key->pk, &source, &error);
    if (status != VS_OK) {
        print_message("%s\n", error.message);
    }
    assert_int_equal(status, VS_OK);
    return total;
}

/* Give contributor `index` another name of one letter, whose id keeps them all in order; false where there is none. */
static inline bool rename_contributor(const blob *lie, const vs_header *header, size_t index) {
    const vs_contributor *who = &header->contributors[index];
    uint8_t *entry = memmem(lie->data, lie->len, who->id, VS_ID_BYTES), id[VS_ID_BYTES];
    assert_true(entry != NULL && strlen(who->name) == 1);
    for (char name[2] = "!"; name[0] <= '~'; name[0]++) {
        vs_contributor_id(id, header->sid, name);
        bool above = index == 0 || memcmp(id, who[-1].id, VS_ID_BYTES) > 0;
        bool below = index + 1 == header->contributor_count || memcmp(id, who[1].id, VS_ID_BYTES) < 0;
        if (name[0] != who->name[0] && above && below) {
            memcpy(entry, id, VS_ID_BYTES);
            entry[VS_ID_BYTES + 1] = (uint8_t)name[0];
            return true;
        }
    }
    return false;
}

/* The same total in the name of somebody else. */
static inline blob renamed_total(const blob *bytes, const vs_total *total, size_t ciphertext_bytes) {
    blob lie = blob_copy(bytes);
    size_t index = 0;
    while (!rename_contributor(&lie, total->header, index)) {
        assert_true(++index < total->header->contributor_count);
    }
    rehash(&lie, total->header->ciphertext_count, ciphertext_bytes);
    return lie;
}

/* ---- parts as bytes ---- */

#define MAX_GIVEN 16

/* Parts that are given to whoever opens: parsed here, a refusal marked as the command line does. */
typedef struct given_parts {
    vs_given_part list[MAX_GIVEN];
    char names[MAX_GIVEN][16];
    size_t count;
} given_parts;

static inline void give(given_parts *given, const blob *part) {
    assert_true(given->count < MAX_GIVEN);
    vs_given_part *one = &given->list[given->count];
    snprintf(given->names[given->count], sizeof given->names[0], "%zu.part", given->count + 1);
    *one = (vs_given_part){.name = given->names[given->count]};
    one->status = vs_part_parse(&one->part, one->name, part->data, part->len, &one->error);
    given->count++;
}

static inline void take_back(given_parts *given) {
    for (size_t i = 0; i < given->count; i++) {
        vs_part_free(given->list[i].part);
    }
    *given = (given_parts){.count = 0};
}

/* The part of holder 1 .. n; of round 2 with `given` parts of round 1. No bytes where it is refused. */
static inline vs_status make_part(blob *out, const dealt *d, const vs_total *total, unsigned holder, given_parts *given,
                                  vs_error *error) {
    vs_part *part = NULL;
    vs_status status =
        vs_total_make_part(&part, total, d->share[holder - 1], d->key, d->identity[holder - 1],
                           given == NULL ? NULL : given->list, given == NULL ? 0 : given->count, NULL, error);
    *out = (blob){NULL, 0};
    assert_true((status == VS_OK) == (part != NULL));
    if (part != NULL) {
        blob bytes = {part->bytes, part->len};
        *out = blob_copy(&bytes);
        vs_part_free(part);
    }
    return status;
}

static inline blob part_of(const dealt *d, const vs_total *total, unsigned holder, given_parts *given) {
    blob part;
    vs_error error = {.message = ""};
    vs_status status = make_part(&part, d, total, holder, given, &error);
    if (status != VS_OK) {
        print_message("%s\n", error.message);
    }
    assert_int_equal(status, VS_OK);
    return part;
}

static inline vs_status open_given(vs_opened *opened, const dealt *d, const vs_total *total, given_parts *given,
                                   vs_error *error) {
    vs_status status = vs_total_open_with_parts(opened, total, d->key, given->list, given->count, NULL, error);
    if (status != VS_OK) {
        assert_null(opened->cells);
        assert_null(opened->reasons);
    }
    return status;
}

/* Give a part with right hashes again, and where there is a signer, its signature. */
static inline void mend_part(const blob *part, const vs_identity *signer) {
    vs_part *parsed;
    vs__part_hash(part->data + part->len - VS_HASH_BYTES, part->data, part->len - VS_HASH_BYTES);
    if (signer != NULL && vs_part_parse(&parsed, "part", part->data, part->len, NULL) == VS_OK) {
        vs_part_sign(parsed, signer);
        memcpy(part->data, parsed->bytes, part->len);
        vs_part_free(parsed);
    }
}

#endif
