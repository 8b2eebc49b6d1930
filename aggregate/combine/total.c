#include "aggregate/combine/total.h"

#include <stdlib.h>
#include <string.h>

#include "aggregate/combine/match_internal.h"

static vs_status check_keys(const vs_total *total, const char *name, vs_error *error) {
    const vs_key_info *info = vs_public_key_info(total->pk);
    if (!vs_equal(info->fingerprint, total->plan->key_fingerprint, VS_HASH_BYTES)) {
        vs_fail(error, VS_ERR_MISMATCH, "the plan pins another key than this one");
        vs_hint(error, "use the secret key of the plan's opening; 'veilsum inspect' shows a key's fingerprint");
        return VS_ERR_MISMATCH;
    }
    /* The header's key is the plan's, so it is this one; said again for whoever changes the order of these checks. */
    if (!vs_equal(vs_public_key_info(total->header->pk)->fingerprint, info->fingerprint, VS_HASH_BYTES)) {
        return vs_fail(error, VS_ERR_MISMATCH, "%s: made for another key than this one", name);
    }
    return VS_OK;
}

static vs_status check_contributors(const vs_header *header, const vs_plan *plan, const char *name, vs_error *error) {
    unsigned long long count = header->contributor_count, min = plan->contributors_min;
    if (count >= min) {
        return VS_OK;
    }
    if (header->kind == VS_CONTRIBUTION) {
        vs_fail(error, VS_ERR_POLICY,
                "rule contributors.min: %s: a single contribution; the plan asks for a total of at least %llu", name,
                min);
    } else {
        vs_fail(error, VS_ERR_POLICY, "rule contributors.min: %s: %llu contribution%s; the plan asks for at least %llu",
                name, count, count == 1 ? "" : "s", min);
    }
    vs_hint(error, "combine more contributions first");
    return VS_ERR_POLICY;
}

static vs_status check_header(const vs_total *total, const char *name, vs_error *error) {
    vs_status status = vs__header_matches_plan(total->header, total->plan, name, error);
    if (status == VS_OK) {
        status = check_keys(total, name, error);
    }
    if (status == VS_OK) {
        status = vs__header_fits_layout(total->header, &total->layout, name, error);
    }
    if (status == VS_OK) {
        status = check_contributors(total->header, total->plan, name, error);
    }
    return status;
}

static vs_status expect_end(const vs_source *source, vs_error *error) {
    uint8_t byte;
    size_t got = 0;
    vs_status status = source->read(source->context, &byte, 1, &got, error);
    if (status == VS_OK && got > 0) {
        vs_fail(error, VS_ERR_AUTH, "%s: something follows after the end of the total", source->name);
        vs_hint(error, "one total is opened at a time; several are combined first");
        return VS_ERR_AUTH;
    }
    return status;
}

/* All ciphertexts into memory; the header's counts are the plan's by now. */
static vs_status read_ciphertexts(vs_total *total, const vs_source *source, vs_error *error) {
    size_t at = 0, count = 1, bytes = vs_public_key_info(total->pk)->ciphertext_bytes, bad;
    total->ciphertexts = malloc((size_t)total->layout.plaintext_count * bytes);
    if (total->ciphertexts == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    vs_status status = VS_OK;
    while (status == VS_OK && count > 0) {
        const uint8_t *chunk;
        status = vs_container_read(total->reader, &chunk, &count, error);
        if (status == VS_OK && count > 0) {
            memcpy(total->ciphertexts + at * bytes, chunk, count * bytes);
            at += count;
        }
    }
    if (status == VS_OK) {
        status = expect_end(source, error);
    }
    if (status != VS_OK) {
        return status;
    }
    status = vs_ciphertexts_check(total->pk, total->ciphertexts, at, &bad);
    if (status == VS_ERR_RANGE) {
        return vs_fail(error, status, "%s: holds a number that is no ciphertext of this key", source->name);
    }
    return status == VS_OK ? VS_OK : vs_fail_plain(error, status);
}

static vs_status read_header(vs_total *total, const vs_source *source, vs_error *error) {
    int at_end = 0;
    vs_status status = vs_container_reader_new_known(&total->reader, source, total->pk, &at_end, error);
    if (status == VS_OK && at_end) {
        vs_fail(error, VS_ERR_FORMAT, "%s: is empty", source->name);
        vs_hint(error, "a total was expected; 'veilsum combine' makes one");
        status = VS_ERR_FORMAT;
    }
    if (status == VS_OK) {
        total->header = vs_container_header(total->reader);
        status = check_header(total, source->name, error);
    }
    return status;
}

vs_status vs_total_read(vs_total **out, const vs_plan *plan, const vs_public_key *pk, const vs_source *source,
                        vs_error *error) {
    const vs_key_info *info = vs_public_key_info(pk);
    *out = NULL;
    vs_total *total = calloc(1, sizeof *total);
    if (total == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    total->plan = plan;
    total->pk = pk;
    vs_status status = vs_layout_make(&total->layout, plan, info->bits, info->degree, error);
    if (status == VS_OK) {
        status = read_header(total, source, error);
    }
    if (status == VS_OK) {
        status = read_ciphertexts(total, source, error);
    }
    if (status != VS_OK) {
        vs_total_free(total);
        return status;
    }
    vs_container_digest(total->reader, total->digest);
    total->bytes = vs_container_len(total->header);
    *out = total;
    return VS_OK;
}

void vs_total_free(vs_total *total) {
    if (total != NULL) {
        vs_container_reader_free(total->reader);
        vs_layout_free(&total->layout);
        free(total->ciphertexts);
        free(total);
    }
}
