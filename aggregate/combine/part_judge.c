/* Which parts of a round are right. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aggregate/combine/threshold_internal.h"
#include "crypto/guard.h"

/* Holders that a message names before it only counts them. */
#define MAX_NAMED 6u

static void hash_blocks(uint8_t hash[VS_HASH_BYTES], const vs__part_round *round) {
    vs_hash state;
    vs__block block;
    vs_part_blocks_begin(&state);
    for (vs__round r = vs__round_begin(round->total, round->reasons, round->round); vs__round_next(&r, &block);) {
        vs_hash_u64(&state, block.number);
    }
    vs_hash_final(&state, hash);
}

void vs__part_expect(vs_part_header *header, const vs__part_round *round, unsigned holder) {
    const vs_header *total = round->total->header;
    const vs_threshold_info *info = vs_threshold_key_info(round->key);
    *header = (vs_part_header){
        .round = round->round,
        .holder = holder,
        .ciphertext_bytes = (uint32_t)vs_public_key_info(round->total->pk)->ciphertext_bytes,
        .attempt = total->attempt,
        .count = vs__round_count(round->total, round->reasons, round->round),
    };
    header->proof_bytes = header->count == 0 ? 0 : (uint32_t)info->proof_bytes;
    memcpy(header->plan_id, total->plan_id, VS_HASH_BYTES);
    memcpy(header->sid, total->sid, VS_HASH_BYTES);
    memcpy(header->period, total->period, sizeof header->period);
    memcpy(header->total_digest, round->total->digest, VS_HASH_BYTES);
    memcpy(header->threshold_key, info->fingerprint, VS_HASH_BYTES);
    hash_blocks(header->blocks, round);
}

/* ---- one part ---- */

static bool same(const uint8_t a[VS_HASH_BYTES], const uint8_t b[VS_HASH_BYTES]) {
    return vs_equal(a, b, VS_HASH_BYTES);
}

/* Is it for this plan, key, period and total? */
static vs_status check_subject(vs_given_part *given, const vs_part_header *expected) {
    const vs_part_header *header = &given->part->header;
    vs_error *error = &given->error;
    const char *what = NULL;
    if (!same(header->plan_id, expected->plan_id)) {
        what = "for another plan";
    } else if (!same(header->threshold_key, expected->threshold_key)) {
        what = "for another threshold key";
    } else if (!same(header->sid, expected->sid) || header->attempt != expected->attempt) {
        what = "for another period";
    } else if (!VS_GUARD(part_total, same(header->total_digest, expected->total_digest))) {
        what = "for another total";
    }
    if (what == NULL) {
        return VS_OK;
    }
    vs_fail(error, VS_ERR_MISMATCH, "%s: a part %s", given->name, what);
    vs_hint(error, "a part is good for one total, byte for byte: have one made of this total");
    return VS_ERR_MISMATCH;
}

/* Is it of the ciphertexts that the round has? */
static vs_status check_shape(vs_given_part *given, const vs_part_header *expected, const char *holder) {
    const vs_part_header *header = &given->part->header;
    if (header->count == expected->count && header->ciphertext_bytes == expected->ciphertext_bytes &&
        header->proof_bytes == expected->proof_bytes && same(header->blocks, expected->blocks)) {
        return VS_OK;
    }
    return vs_fail(&given->error, VS_ERR_AUTH, "%s: holder %s: not of the ciphertexts that are to be opened",
                   given->name, holder);
}

static vs_status check_proof(vs_given_part *given, const vs__part_round *round, const uint8_t *ciphertexts,
                             const char *holder) {
    const vs_part *part = given->part;
    uint8_t context[VS_HASH_BYTES];
    if (part->header.count == 0) {
        return VS_OK;
    }
    vs_part_context(context, part);
    vs_status status = vs_threshold_check(round->key, part->header.holder, part->proof, ciphertexts, part->parts,
                                          (size_t)part->header.count, context);
    if (VS_GUARD(part_proof, status == VS_OK)) {
        return VS_OK;
    }
    if (status == VS_ERR_AUTH || status == VS_ERR_RANGE) {
        vs_fail(&given->error, status,
                "%s: holder %s: its proof does not hold: it was not made with the holder's share", given->name, holder);
        vs_hint(&given->error, "have it made again; if it is refused again, the holder is not to be trusted");
        return status;
    }
    return vs_fail_plain(&given->error, status);
}

static vs_status check_part(vs_given_part *given, const vs__part_round *round, const uint8_t *ciphertexts) {
    vs_part_header expected;
    const vs_part *part = given->part;
    vs__part_expect(&expected, round, part->header.holder);
    vs_status status = check_subject(given, &expected);
    if (status != VS_OK) {
        return status;
    }
    if (part->header.holder > vs_threshold_key_info(round->key)->holders) {
        return vs_fail(&given->error, VS_ERR_RANGE, "%s: by a holder that the key does not have", given->name);
    }
    const vs_public_identity *holder = vs_threshold_key_holder(round->key, part->header.holder);
    if (!VS_GUARD(part_signature, vs_part_check_signature(part, holder->key) == VS_OK)) {
        vs_fail(&given->error, VS_ERR_AUTH, "%s: not signed by holder %s, whose part it claims to be", given->name,
                holder->name);
        vs_hint(&given->error, "get it again from %s", holder->name);
        return VS_ERR_AUTH;
    }
    status = check_shape(given, &expected, holder->name);
    return status == VS_OK ? check_proof(given, round, ciphertexts, holder->name) : status;
}

vs_status vs_total_check_part(const vs_total *total, const vs_threshold_key *key, const uint8_t *reasons,
                              vs_given_part *given) {
    const vs__part_round round = {
        .total = total, .key = key, .reasons = reasons, .round = reasons == NULL ? VS_ROUND_FIRST : VS_ROUND_ALLOWED};
    size_t bytes = vs_public_key_info(total->pk)->ciphertext_bytes;
    uint64_t count = vs__round_count(total, reasons, round.round);
    uint8_t *ciphertexts = malloc(count == 0 ? 1 : (size_t)count * bytes);
    if (ciphertexts == NULL) {
        return given->status = vs_fail_plain(&given->error, VS_ERR_MEMORY);
    }
    vs__round_gather(ciphertexts, total, reasons, round.round);
    given->status = check_part(given, &round, ciphertexts);
    free(ciphertexts);
    return given->status;
}

static vs_status check_once(vs_given_part *given, const vs__good_parts *good, const vs_threshold_key *key) {
    for (size_t i = 0; i < good->count; i++) {
        if (good->holders[i] == given->part->header.holder) {
            return vs_fail(&given->error, VS_ERR_POLICY, "%s: holder %s: another part by the same holder counts",
                           given->name, vs_threshold_key_holder(key, good->holders[i])->name);
        }
    }
    return VS_OK;
}

/* ---- all of a round ---- */

static bool is_good(const vs__good_parts *good, unsigned holder) {
    for (size_t i = 0; i < good->count; i++) {
        if (good->holders[i] == holder) {
            return true;
        }
    }
    return false;
}

/* "B, C and 3 others": the holders that no good part is from. */
static void name_missing(char *out, size_t cap, const vs__good_parts *good, const vs_threshold_key *key) {
    unsigned holders = vs_threshold_key_info(key)->holders, named = 0, more = 0;
    size_t at = 0;
    out[0] = 0;
    for (unsigned i = 1; i <= holders; i++) {
        if (is_good(good, i)) {
            continue;
        }
        if (named == MAX_NAMED) {
            more++;
            continue;
        }
        at += (size_t)snprintf(out + at, cap - at, "%s%s", named++ == 0 ? "" : ", ",
                               vs_threshold_key_holder(key, i)->name);
    }
    if (more > 0) {
        snprintf(out + at, cap - at, " and %u other%s", more, more == 1 ? "" : "s");
    }
}

static vs_status fail_not_ready(const vs__good_parts *good, const vs__part_round *round, vs_error *error) {
    char missing[MAX_NAMED * (VS_MAX_IDENTITY_NAME + 2) + 32];
    bool rounds = round->total->plan->has_minimums;
    name_missing(missing, sizeof missing, good, round->key);
    vs_fail(error, VS_ERR_NOT_READY, "%zu of the %u parts%s that it takes are there; none by %s", good->count,
            vs_threshold_key_info(round->key)->needed,
            !rounds                          ? ""
            : round->round == VS_ROUND_FIRST ? " of round 1, the counts,"
                                             : " of round 2, the values that the counts allow,",
            missing);
    if (round->round == VS_ROUND_FIRST) {
        vs_hint(error, "each of them makes one: veilsum decrypt -p PLAN --holders NAME.holders --share NAME.X.share "
                       "-i X.id --part TOTAL -o X.part");
    } else {
        vs_hint(error, "each of them now makes one from the parts of round 1: the same 'veilsum decrypt --part', with "
                       "--parts and these behind TOTAL");
    }
    return VS_ERR_NOT_READY;
}

/* Too few: because one was refused, which is what is wrong then, or because they are not there yet. */
static vs_status fail_too_few(const vs__good_parts *good, const vs__part_round *round, const vs_given_part *given,
                              size_t given_count, vs_error *error) {
    for (size_t i = 0; i < given_count; i++) {
        if (given[i].status != VS_OK && given[i].status != VS_ERR_POLICY) {
            if (error != NULL) {
                *error = given[i].error;
            }
            return given[i].status;
        }
    }
    return fail_not_ready(good, round, error);
}

static vs_status judge_each(vs__good_parts *good, const vs__part_round *round, const uint8_t *ciphertexts,
                            vs_given_part *given, size_t given_count, vs_error *error) {
    for (size_t i = 0; i < given_count; i++) {
        vs_given_part *one = &given[i];
        if (one->status != VS_OK || one->part->header.round != round->round) {
            continue;
        }
        one->status = check_part(one, round, ciphertexts);
        if (one->status == VS_OK) {
            one->status = check_once(one, good, round->key);
        }
        if (one->status == VS_ERR_MEMORY) {
            return vs_fail_plain(error, one->status);
        }
        if (one->status == VS_OK) {
            good->holders[good->count] = one->part->header.holder;
            good->parts[good->count++] = one->part->parts;
        }
    }
    return VS_OK;
}

vs_status vs__parts_judge(vs__good_parts *good, const vs__part_round *round, vs_given_part *given, size_t given_count,
                          vs_error *error) {
    size_t bytes = vs_public_key_info(round->total->pk)->ciphertext_bytes;
    uint64_t count = vs__round_count(round->total, round->reasons, round->round);
    uint8_t *ciphertexts = malloc(count == 0 ? 1 : (size_t)count * bytes);
    *good = (vs__good_parts){.count = 0};
    if (ciphertexts == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    vs__round_gather(ciphertexts, round->total, round->reasons, round->round);
    vs_status status = judge_each(good, round, ciphertexts, given, given_count, error);
    free(ciphertexts);
    if (status == VS_OK && count > 0 && good->count < vs_threshold_key_info(round->key)->needed) {
        status = fail_too_few(good, round, given, given_count, error);
    }
    return status;
}
