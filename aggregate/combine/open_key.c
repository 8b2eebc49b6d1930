#include <stdlib.h>
#include <string.h>

#include "aggregate/combine/batch_internal.h"
#include "aggregate/combine/combine.h"
#include "aggregate/combine/match_internal.h"
#include "crypto/secret.h"

/* A run of plaintexts in the batch that belong to one block. */
typedef struct run {
    uint64_t block;
    size_t count;
} run;

typedef struct opener {
    const vs_plan *plan;
    const vs_secret_key *sk;
    const vs_key_info *info;
    vs_layout layout;
    vs_opened *opened;
    uint8_t *total; /* all ciphertexts, verified */
    /* what is to be decrypted next */
    uint8_t *ciphertexts, *plaintexts;
    run *runs;
    size_t run_count, held, batch;
    vs_pack_cursor cursor; /* a block may go over several batches */
    bool foreign;          /* a batch held something that was not made with this key */
    const vs_progress *progress;
    uint64_t done;
} opener;

void vs_opened_clear(vs_opened *opened) {
    if (opened->cells != NULL) {
        vs_wipe(opened->cells, (size_t)opened->cell_count * sizeof *opened->cells);
    }
    free(opened->cells);
    free(opened->reasons);
    *opened = (vs_opened){0};
}

static void opener_clear(opener *o) {
    vs_layout_free(&o->layout);
    free(o->total);
    free(o->ciphertexts);
    free(o->runs);
    vs_secret_free(o->plaintexts);
}

/* ---- reading: nothing is decrypted before all is verified ---- */

static vs_status check_keys(const vs_header *header, const opener *o, const char *name, vs_error *error) {
    if (!vs_equal(o->info->fingerprint, o->plan->key_fingerprint, VS_HASH_BYTES)) {
        vs_fail(error, VS_ERR_MISMATCH, "the plan pins another key than this one");
        vs_hint(error, "use the secret key of the plan's opening; 'veilsum inspect' shows a key's fingerprint");
        return VS_ERR_MISMATCH;
    }
    /* The header's key is the plan's, so it is this one; said again for whoever changes the order of these checks. */
    if (!vs_equal(vs_public_key_info(header->pk)->fingerprint, o->info->fingerprint, VS_HASH_BYTES)) {
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
        vs_fail(error, VS_ERR_POLICY, "%s: a single contribution; the plan asks for a total of at least %llu", name,
                min);
    } else {
        vs_fail(error, VS_ERR_POLICY, "%s: %llu contribution%s; the plan asks for at least %llu", name, count,
                count == 1 ? "" : "s", min);
    }
    vs_hint(error, "combine more contributions first");
    return VS_ERR_POLICY;
}

static vs_status check_header(opener *o, const vs_header *header, const char *name, vs_error *error) {
    vs_status status = vs__header_matches_plan(header, o->plan, name, error);
    if (status == VS_OK) {
        status = check_keys(header, o, name, error);
    }
    if (status == VS_OK) {
        status = vs__header_fits_layout(header, &o->layout, name, error);
    }
    if (status == VS_OK) {
        status = check_contributors(header, o->plan, name, error);
    }
    if (status == VS_OK) {
        memcpy(o->opened->period, header->period, sizeof header->period);
        o->opened->contributions = header->contributor_count;
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
static vs_status read_ciphertexts(opener *o, vs_container_reader *reader, const vs_source *source, vs_error *error) {
    size_t at = 0, count = 1, bytes = o->info->ciphertext_bytes, bad;
    o->total = malloc((size_t)o->layout.plaintext_count * bytes);
    if (o->total == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    vs_status status = VS_OK;
    while (status == VS_OK && count > 0) {
        const uint8_t *chunk;
        status = vs_container_read(reader, &chunk, &count, error);
        if (status == VS_OK && count > 0) {
            memcpy(o->total + at * bytes, chunk, count * bytes);
            at += count;
        }
    }
    if (status == VS_OK) {
        status = expect_end(source, error);
    }
    if (status != VS_OK) {
        return status;
    }
    status = vs_ciphertexts_check(vs_secret_key_public(o->sk), o->total, at, &bad);
    if (status == VS_ERR_RANGE) {
        return vs_fail(error, status, "%s: holds a number that is no ciphertext of this key", source->name);
    }
    return status == VS_OK ? VS_OK : vs_fail_plain(error, status);
}

static vs_status read_total(opener *o, const vs_source *source, vs_error *error) {
    vs_container_reader *reader = NULL;
    int at_end = 0;
    vs_status status = vs_container_reader_new_known(&reader, source, vs_secret_key_public(o->sk), &at_end, error);
    if (status == VS_OK && at_end) {
        vs_fail(error, VS_ERR_FORMAT, "%s: is empty", source->name);
        vs_hint(error, "a total was expected; 'veilsum combine' makes one");
        status = VS_ERR_FORMAT;
    }
    if (status == VS_OK) {
        status = check_header(o, vs_container_header(reader), source->name, error);
    }
    if (status == VS_OK) {
        status = read_ciphertexts(o, reader, source, error);
    }
    vs_container_reader_free(reader);
    return status;
}

/* ---- opening ---- */

/* Decrypt and unpack what is held. All ciphertexts are units by now, so VS_ERR_RANGE says that one was not made with
 * this (subgroup) key. That is kept until what can be opened now has been, so that the time does not tell which one it
 * was: refuse_foreign. Its batch's plaintexts are 0, which unpack. */
static vs_status flush(opener *o, vs_error *error) {
    size_t at = 0;
    if (o->held == 0) {
        return VS_OK;
    }
    vs_status status = vs_decrypt(o->sk, o->plaintexts, o->ciphertexts, o->held);
    o->foreign |= status == VS_ERR_RANGE;
    if (status != VS_OK && status != VS_ERR_RANGE) {
        return vs_fail_plain(error, status);
    }
    status = VS_OK;
    for (size_t i = 0; status == VS_OK && i < o->run_count; i++) {
        const run *r = &o->runs[i];
        if (o->cursor.block != r->block) {
            o->cursor = (vs_pack_cursor){.block = r->block};
        }
        status = vs_unpack_next(&o->layout, &o->cursor, o->opened->cells, o->plaintexts + at * o->info->plaintext_bytes,
                                r->count, o->opened->contributions, error);
        at += r->count;
    }
    o->done += o->held;
    vs_progress_step(o->progress, o->done, o->layout.plaintext_count);
    o->held = o->run_count = 0;
    return status;
}

/* Queue a block; each block once, and only one after the other. */
static vs_status open_block(opener *o, uint64_t group, unsigned block_class, vs_error *error) {
    uint64_t first, left, block = vs_layout_block_number(&o->layout, group, block_class);
    size_t bytes = o->info->ciphertext_bytes;
    vs_layout_block(&o->layout, group, block_class, &first, &left);
    while (left > 0) {
        size_t room = o->batch - o->held, count = left < room ? (size_t)left : room;
        memcpy(o->ciphertexts + o->held * bytes, o->total + first * bytes, count * bytes);
        o->runs[o->run_count++] = (run){.block = block, .count = count};
        o->held += count;
        first += count;
        left -= count;
        if (o->held == o->batch) {
            vs_status status = flush(o, error);
            if (status != VS_OK) {
                return status;
            }
        }
    }
    return VS_OK;
}

static vs_status refuse_foreign(const opener *o, vs_error *error) {
    if (!o->foreign) {
        return VS_OK;
    }
    vs_fail(error, VS_ERR_RANGE, "the total holds a ciphertext that was not made with this key");
    vs_hint(error,
            "if it is refused again, a contribution was not made by veilsum: have them all made and combined again");
    return VS_ERR_RANGE;
}

/* Block 0, and what its counter says about the header. */
static vs_status open_first(opener *o, vs_error *error) {
    vs_status status = open_block(o, 0, 0, error);
    if (status == VS_OK) {
        status = flush(o, error);
    }
    if (status == VS_OK) {
        status = refuse_foreign(o, error);
    }
    if (status == VS_OK && o->opened->cells[0] != (vs_int128)o->opened->contributions) {
        vs_fail(error, VS_ERR_RANGE, "the total does not hold as many contributions as its header says");
        vs_hint(error, "a contribution was not made by veilsum, or the total was put together wrongly; combine again");
        status = VS_ERR_RANGE;
    }
    return status;
}

/* With minimums: decide from the counts, group by group, and open what is allowed. */
static vs_status open_groups(opener *o, vs_error *error) {
    const vs_plan *plan = o->plan;
    vs_status status = VS_OK;
    o->opened->reasons = calloc((size_t)plan->group_count * plan->class_count, 1);
    if (o->opened->reasons == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    for (uint64_t group = 0; status == VS_OK && group < plan->group_count; group++) {
        uint8_t *reasons = o->opened->reasons + group * plan->class_count;
        vs_policy_decide(plan, o->opened->cells + 1 + group * plan->component_count, reasons);
        for (unsigned k = 1; status == VS_OK && k < plan->class_count; k++) {
            if (reasons[k] == VS_SHOWN) {
                status = open_block(o, group, k, error);
            }
        }
    }
    if (status == VS_OK) {
        status = flush(o, error);
    }
    return status == VS_OK ? refuse_foreign(o, error) : status;
}

static vs_status open_all(opener *o, vs_error *error) {
    o->batch = vs__batch_size(o->info, o->layout.plaintext_count);
    o->opened->cell_count = o->plan->cell_count;
    o->opened->cells = calloc((size_t)o->plan->cell_count, sizeof *o->opened->cells);
    o->runs = calloc(o->batch, sizeof *o->runs);
    o->ciphertexts = malloc(o->batch * o->info->ciphertext_bytes);
    o->plaintexts = vs_secret_alloc(o->batch * o->info->plaintext_bytes);
    if (o->opened->cells == NULL || o->runs == NULL || o->ciphertexts == NULL || o->plaintexts == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    vs_status status = open_first(o, error);
    return status == VS_OK && o->plan->has_minimums ? open_groups(o, error) : status;
}

vs_status vs_open_with_key(vs_opened *opened, const vs_plan *plan, const vs_secret_key *sk, const vs_source *source,
                           const vs_progress *progress, vs_error *error) {
    *opened = (vs_opened){0};
    opener *o = calloc(1, sizeof *o);
    if (o == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    o->plan = plan;
    o->sk = sk;
    o->info = vs_public_key_info(vs_secret_key_public(sk));
    o->opened = opened;
    o->progress = progress;
    vs_status status = vs_layout_make(&o->layout, plan, o->info->bits, o->info->degree, error);
    if (status == VS_OK) {
        status = read_total(o, source, error);
    }
    if (status == VS_OK) {
        status = open_all(o, error);
    }
    opener_clear(o);
    free(o);
    if (status != VS_OK) {
        vs_opened_clear(opened);
    }
    return status;
}
