/* Opening with parts, and making one. */
#include <stdlib.h>
#include <string.h>

#include "aggregate/combine/batch_internal.h"
#include "aggregate/combine/threshold_internal.h"
#include "crypto/guard.h"

vs_status vs_threshold_key_check_plan(const vs_threshold_key *key, const vs_plan *plan, vs_error *error) {
    if (!plan->is_threshold) {
        vs_fail(error, VS_ERR_MISMATCH, "the plan opens with a key, not by threshold");
        vs_hint(error, "its holder opens the total: veilsum decrypt -p PLAN -k NAME.key TOTAL");
        return VS_ERR_MISMATCH;
    }
    if (!VS_GUARD(holders_of_the_plan,
                  vs_equal(vs_threshold_key_info(key)->fingerprint, plan->holders_fingerprint, VS_HASH_BYTES)) ||
        !vs_equal(vs_public_key_info(vs_threshold_key_public(key))->fingerprint, plan->key_fingerprint,
                  VS_HASH_BYTES)) {
        vs_fail(error, VS_ERR_MISMATCH, "the plan pins another threshold key than this one");
        vs_hint(error, "use the holders' file of the plan's opening; 'veilsum inspect' shows its fingerprint");
        return VS_ERR_MISMATCH;
    }
    return VS_OK;
}

/* ---- opening ---- */

typedef struct parts_opening {
    const vs_threshold_key *key;
    size_t ciphertext_bytes;
    vs__decryptor decryptor;
    vs__good_parts good;
    size_t done; /* ciphertexts of the round */
} parts_opening;

static vs_status decrypt_batch(void *context, uint8_t *plaintexts, const uint8_t *ciphertexts, size_t count,
                               vs_error *error) {
    parts_opening *opening = context;
    const uint8_t *parts[VS_MAX_HOLDERS];
    (void)ciphertexts; /* the parts are of these: each one's proof says so */
    for (size_t i = 0; i < opening->good.count; i++) {
        parts[i] = opening->good.parts[i] + opening->done * opening->ciphertext_bytes;
    }
    opening->done += count;
    vs_status status =
        vs_threshold_combine(opening->key, plaintexts, opening->good.holders, parts, opening->good.count, count);
    if (status == VS_ERR_AUTH || status == VS_ERR_RANGE) {
        return vs_fail(error, status, "the parts together give no plaintexts");
    }
    return status == VS_OK ? VS_OK : vs_fail_plain(error, status);
}

/* There is nothing to open in round 2 of a plan without minimums: a part that says so was made by no veilsum. */
static void refuse_second_round(const vs_plan *plan, vs_given_part *given, size_t given_count) {
    for (size_t i = 0; i < given_count; i++) {
        if (!plan->has_minimums && given[i].status == VS_OK && given[i].part->header.round != VS_ROUND_FIRST) {
            given[i].status = vs_fail(&given[i].error, VS_ERR_MISMATCH,
                                      "%s: of round 2, which only plans with minimums have", given[i].name);
        }
    }
}

/* Round 1 with the given parts; `opening` must stay where it is as long as `*opener` is used. */
static vs_status open_first(vs__opener **opener, parts_opening *opening, vs_opened *opened, const vs_total *total,
                            vs_given_part *given, size_t given_count, const vs_progress *progress, vs_error *error) {
    const vs__part_round first = {.total = total, .key = opening->key, .round = VS_ROUND_FIRST};
    *opener = NULL;
    vs_status status = vs_threshold_key_check_plan(opening->key, total->plan, error);
    if (status == VS_OK) {
        refuse_second_round(total->plan, given, given_count);
        status = vs__parts_judge(&opening->good, &first, given, given_count, error);
    }
    if (status == VS_OK) {
        opening->decryptor = (vs__decryptor){.context = opening, .decrypt = decrypt_batch};
        status = vs__opener_new(opener, opened, total, &opening->decryptor, progress, error);
    }
    return status == VS_OK ? vs__open_first(*opener, error) : status;
}

/* Round 2, for which the given parts must be of the blocks that round 1 allows. */
static vs_status open_allowed(vs__opener *opener, parts_opening *opening, const vs_opened *opened,
                              const vs_total *total, vs_given_part *given, size_t given_count, vs_error *error) {
    const vs__part_round second = {
        .total = total, .key = opening->key, .reasons = opened->reasons, .round = VS_ROUND_ALLOWED};
    if (opened->reasons == NULL) {
        return VS_OK;
    }
    opening->done = 0;
    vs_status status = vs__parts_judge(&opening->good, &second, given, given_count, error);
    return status == VS_OK ? vs__open_allowed(opener, error) : status;
}

vs_status vs_total_open_with_parts(vs_opened *opened, const vs_total *total, const vs_threshold_key *key,
                                   vs_given_part *given, size_t given_count, const vs_progress *progress,
                                   vs_error *error) {
    parts_opening opening = {.key = key, .ciphertext_bytes = vs_public_key_info(total->pk)->ciphertext_bytes};
    vs__opener *opener;
    *opened = (vs_opened){0};
    vs_status status = open_first(&opener, &opening, opened, total, given, given_count, progress, error);
    if (status == VS_OK) {
        status = open_allowed(opener, &opening, opened, total, given, given_count, error);
    }
    vs__opener_free(opener);
    if (status != VS_OK) {
        vs_opened_clear(opened);
    }
    return status;
}

vs_status vs_total_open_counts(vs_opened *opened, uint64_t *round_two, const vs_total *total,
                               const vs_threshold_key *key, vs_given_part *given, size_t given_count, vs_error *error) {
    parts_opening opening = {.key = key, .ciphertext_bytes = vs_public_key_info(total->pk)->ciphertext_bytes};
    vs__opener *opener;
    VS_CHECK(total->plan->has_minimums);
    *opened = (vs_opened){0};
    vs_status status = open_first(&opener, &opening, opened, total, given, given_count, NULL, error);
    vs__opener_free(opener);
    if (status != VS_OK) {
        vs_opened_clear(opened);
    } else {
        *round_two = vs__round_count(total, opened->reasons, VS_ROUND_ALLOWED);
    }
    return status;
}

/* ---- making a part ---- */

/* The holder's parts of these ciphertexts, batch by batch. */
static vs_status fill_parts(const vs_part *part, const vs__part_round *round, const vs_key_share *share,
                            const uint8_t *ciphertexts, const vs_progress *progress, vs_error *error) {
    const vs_key_info *info = vs_public_key_info(round->total->pk);
    size_t count = (size_t)part->header.count, batch = vs__batch_size(info, count);
    vs_status status = VS_OK;
    for (size_t done = 0; status == VS_OK && done < count;) {
        size_t at = done * info->ciphertext_bytes, now = count - done < batch ? count - done : batch;
        status = vs_threshold_part(share, part->parts + at, ciphertexts + at, now);
        done += now;
        vs_progress_step(progress, done, count);
    }
    return status == VS_OK ? VS_OK : vs_fail_plain(error, status);
}

static vs_status fill(const vs_part *part, const vs__part_round *round, const vs_key_share *share,
                      const vs_progress *progress, vs_error *error) {
    uint8_t context[VS_HASH_BYTES];
    size_t count = (size_t)part->header.count;
    if (count == 0) {
        return VS_OK;
    }
    uint8_t *ciphertexts = malloc(count * part->header.ciphertext_bytes);
    if (ciphertexts == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    vs__round_gather(ciphertexts, round->total, round->reasons, round->round);
    vs_status status = fill_parts(part, round, share, ciphertexts, progress, error);
    if (status == VS_OK) {
        vs_part_context(context, part);
        status = vs_threshold_prove(share, part->proof, ciphertexts, part->parts, count, context);
        status = status == VS_OK ? VS_OK : vs_fail_plain(error, status);
    }
    free(ciphertexts);
    return status;
}

static vs_status make_part(vs_part **out, const vs__part_round *round, const vs_key_share *share,
                           const vs_identity *holder, const vs_progress *progress, vs_error *error) {
    vs_part_header header;
    vs__part_expect(&header, round, vs_key_share_holder(share));
    vs_status status = vs_part_new(out, &header, error);
    if (status == VS_OK) {
        status = fill(*out, round, share, progress, error);
    }
    if (status == VS_OK) {
        vs_part_sign(*out, holder);
    }
    return status;
}

static vs_status check_maker(const vs_plan *plan, const vs_key_share *share, const vs_threshold_key *key,
                             const vs_identity *holder, size_t given_count, vs_error *error) {
    vs_status status = vs_threshold_key_check_plan(key, plan, error);
    if (status != VS_OK) {
        return status;
    }
    if (vs_threshold_key_find(key, vs_identity_public(holder)) != vs_key_share_holder(share)) {
        return vs_fail(error, VS_ERR_MISMATCH, "the share is another holder's than the identity's");
    }
    if (given_count > 0 && !plan->has_minimums) {
        vs_fail(error, VS_ERR_USAGE, "the plan has no minimums, so there is one round, and nothing to make of parts");
        vs_hint(error, "leave --parts away to make a part, or --part to open the total");
        return VS_ERR_USAGE;
    }
    return VS_OK;
}

vs_status vs_total_make_part(vs_part **part, const vs_total *total, const vs_key_share *share,
                             const vs_threshold_key *key, const vs_identity *holder, vs_given_part *given,
                             size_t given_count, const vs_progress *progress, vs_error *error) {
    vs__part_round round = {.total = total, .key = key, .round = VS_ROUND_FIRST};
    parts_opening opening = {.key = key, .ciphertext_bytes = vs_public_key_info(total->pk)->ciphertext_bytes};
    vs_opened opened = {.cells = NULL};
    vs__opener *opener = NULL;
    *part = NULL;
    vs_status status = check_maker(total->plan, share, key, holder, given_count, error);
    if (status == VS_OK && given_count > 0) {
        status = open_first(&opener, &opening, &opened, total, given, given_count, NULL, error);
        round.round = VS_ROUND_ALLOWED;
        round.reasons = opened.reasons;
    }
    if (status == VS_OK) {
        status = make_part(part, &round, share, holder, progress, error);
    }
    vs__opener_free(opener);
    vs_opened_clear(&opened);
    if (status != VS_OK) {
        vs_part_free(*part);
        *part = NULL;
    }
    return status;
}
