#include <stdlib.h>
#include <string.h>

#include "cli/decrypt_internal.h"
#include "cli/ui.h"

#define MAX_PARTS (1 + 4 * VS_MAX_HOLDERS)
/* How a total begins, to the letter: a damaged part must not be taken for one. */
#define TOTAL_BEGINS "\xf5vsm"

/* Does it begin like a total (2), like something else (1), or like a part (0)? */
static int likeness(const uint8_t *head, size_t len) {
    if (len >= 4 && memcmp(head, TOTAL_BEGINS, 4) == 0) {
        return 2;
    }
    return vs__content_of(head, len) == VS_CONTENT_PART ? 0 : 1;
}

static vs_status open_next(vs__decrypt_inputs *inputs, const char *path, vs_error *error) {
    return vs__input_open(&inputs->inputs[inputs->count++], path, error);
}

/* The total is what looks most like one, the first of equals; where all are parts, if there may be any, it comes
 * through standard input. */
static vs_status find_total(vs__decrypt_inputs *inputs, bool with_parts, vs_error *error) {
    int best = with_parts ? 0 : -1, totals = 0;
    inputs->total = inputs->count;
    for (size_t i = 0; i < inputs->count; i++) {
        const uint8_t *head;
        size_t len;
        vs_status status = vs__input_peek(&inputs->inputs[i], &head, &len, error);
        if (status != VS_OK) {
            return status;
        }
        int like = likeness(head, len);
        totals += like == 2;
        if (like > best) {
            best = like;
            inputs->total = i;
        }
    }
    if (totals > 1) {
        (void)vs_fail(error, VS_ERR_USAGE, "decrypt: several totals are given, and one is opened at a time");
        vs_hint(error, "name one total, and with --parts the parts of it");
        return VS_ERR_USAGE;
    }
    return inputs->total < inputs->count ? VS_OK : open_next(inputs, "-", error);
}

vs_status vs__decrypt_inputs_open(vs__decrypt_inputs *inputs, const vs_arguments *arguments, vs_error *error) {
    bool with_parts = vs__argument_given(arguments, "parts"), contributions = vs__argument_given(arguments, "with");
    size_t count = arguments->operand_count;
    if (contributions && !with_parts && count > 1) {
        count = 1; /* the others are contributions, which decrypt_permit.c reads */
    }
    *inputs = (vs__decrypt_inputs){.count = 0};
    if (count > MAX_PARTS) {
        (void)vs_fail(error, VS_ERR_USAGE, "decrypt: more parts than holders can have made");
        vs_hint(error, "each of %u holders at most makes one part a round", VS_MAX_HOLDERS);
        return VS_ERR_USAGE;
    }
    inputs->inputs = calloc(count + 1, sizeof *inputs->inputs);
    inputs->given = calloc(count + 1, sizeof *inputs->given);
    if (inputs->inputs == NULL || inputs->given == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    vs_status status = VS_OK;
    for (size_t i = 0; status == VS_OK && i < count; i++) {
        status = open_next(inputs, arguments->operands[i], error);
    }
    return status == VS_OK ? find_total(inputs, with_parts, error) : status;
}

vs_status vs__decrypt_read_total(vs_total **total, vs__decrypt_inputs *inputs, const vs_plan *plan,
                                 const vs_public_key *pk, vs_error *error) {
    vs_input *input = &inputs->inputs[inputs->total];
    const uint8_t *head;
    size_t len;
    *total = NULL;
    vs_status status = vs__input_peek(input, &head, &len, error);
    if (status != VS_OK) {
        return status;
    }
    vs_content content = vs__content_of(head, len);
    status = vs_total_read(total, plan, pk, &input->source, error);
    if (status == VS_ERR_FORMAT) {
        vs__content_hint(error, content, VS_CONTENT_CONTAINER);
    }
    return status;
}

static vs_status read_part(vs_given_part *given, vs_input *input, size_t len_max, vs_error *error) {
    uint8_t *data = NULL;
    size_t len = 0;
    given->name = input->source.name;
    given->status = vs_read_all(&input->source, len_max, &data, &len, &given->error);
    if (given->status == VS_OK) {
        given->status = vs_part_parse(&given->part, given->name, data, len, &given->error);
    }
    free(data);
    if (given->status == VS_ERR_MEMORY || given->status == VS_ERR_IO || given->status == VS_ERR_INTERRUPTED) {
        *error = given->error;
        return given->status;
    }
    return VS_OK;
}

vs_status vs__decrypt_read_parts(vs__decrypt_inputs *inputs, const vs_total *total, size_t proof_bytes,
                                 vs_error *error) {
    size_t len_max =
        vs_part_len_max(total->layout.plaintext_count, vs_public_key_info(total->pk)->ciphertext_bytes, proof_bytes);
    vs_status status = VS_OK;
    for (size_t i = 0; status == VS_OK && i < inputs->count; i++) {
        if (i != inputs->total) {
            status = read_part(&inputs->given[inputs->given_count++], &inputs->inputs[i], len_max, error);
        }
    }
    return status;
}

void vs__decrypt_warn_refused(const vs__decrypt_inputs *inputs, vs_status status, const vs_error *error) {
    for (size_t i = 0; i < inputs->given_count; i++) {
        const vs_given_part *given = &inputs->given[i];
        if (given->status != VS_OK && (status == VS_OK || strcmp(given->error.message, error->message) != 0)) {
            vs__ui_warning("%s", given->error.message);
        }
    }
}

void vs__decrypt_inputs_close(vs__decrypt_inputs *inputs) {
    for (size_t i = 0; i < inputs->count; i++) {
        vs__input_close(&inputs->inputs[i]);
    }
    for (size_t i = 0; i < inputs->given_count; i++) {
        vs_part_free(inputs->given[i].part);
    }
    free(inputs->inputs);
    free(inputs->given);
    *inputs = (vs__decrypt_inputs){.count = 0};
}
