/* The end: what everybody checks of a sum before it believes it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aggregate/protocol/masks_internal.h"

/* A statement, the signatures under it, the words of the sum. */
typedef struct sum_body {
    const uint8_t *statement;
    vs__list signers;
    const uint8_t *words;
} sum_body;

static vs_status read_body(sum_body *body, const vs__masks_rules *rules, const vs_encoding *encoding,
                           const vs_message *message, vs_error *error) {
    size_t at = vs__statement_bytes(rules);
    if (message->body_len < at) {
        return vs__body_ends(message, at, error);
    }
    body->statement = message->body;
    vs_status status = vs__list_read(&body->signers, message, &at, VS__SIGNED_BYTES, error);
    if (status == VS_OK) {
        body->words = message->body + at;
        status = vs__body_ends(message, at + 8 * encoding->words, error);
    }
    return status;
}

/* The list that was agreed on: one's own, or one with enough signatures. */
static vs_status check_list(const sum_body *body, const vs__masks_rules *rules, const uint8_t *agreed,
                            vs_error *error) {
    if (agreed == NULL) {
        return vs__masks_check_signers(rules, body->statement, &body->signers, error);
    }
    if (!VS_GUARD(masks_sum_list, memcmp(body->statement, agreed, vs__statement_bytes(rules)) == 0)) {
        return vs_fail(error, VS_ERR_AUTH, "a sum over other contributions than those that were agreed on");
    }
    return VS_OK;
}

static vs_status open_words(vs_opened *opened, const vs_encoding *encoding, const uint8_t *bytes, size_t contributions,
                            vs_error *error) {
    uint64_t *words = calloc(encoding->words, sizeof *words);
    opened->contributions = contributions;
    opened->cell_count = encoding->plan->cell_count;
    opened->cells = calloc((size_t)opened->cell_count, sizeof *opened->cells);
    vs_status status = words == NULL || opened->cells == NULL ? vs_fail_plain(error, VS_ERR_MEMORY) : VS_OK;
    if (status == VS_OK) {
        vs_words_from_bytes(words, bytes, encoding->words);
        status = vs_decode(encoding, opened->cells, words, 0, 0, contributions, error);
    }
    if (status == VS_OK && !VS_GUARD(masks_counter, opened->cells[0] == (vs_int128)contributions)) {
        vs_fail(error, VS_ERR_RANGE, "the sum does not hold as many contributions as were agreed on");
        vs_hint(error, "the server has added up wrongly, or an owner's contribution was not made by veilsum");
        status = VS_ERR_RANGE;
    }
    free(words);
    return status;
}

vs_status vs__masks_open_sum(vs_opened *opened, const vs__masks_rules *rules, const vs_encoding *encoding,
                             const vs__session_facts *facts, const vs_message *message, const uint8_t *agreed,
                             vs_error *error) {
    sum_body body;
    size_t contributions;
    *opened = (vs_opened){.contributions = 0};
    vs_status status = vs__masks_from_server(rules, message, error);
    if (status == VS_OK) {
        status = read_body(&body, rules, encoding, message, error);
    }
    if (status == VS_OK) {
        status = vs__masks_check_set(rules, vs__survivors(body.statement), &contributions, error);
    }
    if (status == VS_OK) {
        status = check_list(&body, rules, agreed, error);
    }
    if (status == VS_OK) {
        status = open_words(opened, encoding, body.words, contributions, error);
        snprintf(opened->period, sizeof opened->period, "%s", facts->setup.period);
    }
    if (status != VS_OK) {
        vs_opened_clear(opened);
    }
    return status;
}
