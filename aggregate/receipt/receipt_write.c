#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aggregate/receipt/receipt_internal.h"

void vs_receipt_clear(vs_receipt *receipt) {
    vs_note_clear(&receipt->note);
    free(receipt->contributions);
    free(receipt->refusals);
    free(receipt->note_text);
    *receipt = (vs_receipt){.attempt = 0};
}

/* ---- hashes ---- */

void vs_receipt_leaf(uint8_t leaf[VS_HASH_BYTES], const vs_receipt_contribution *contribution) {
    vs_hash hash;
    vs_hash_init(&hash, "veilsum receipt contribution");
    vs_hash_field(&hash, contribution->digest, VS_HASH_BYTES);
    vs_hash_field(&hash, contribution->name, strlen(contribution->name));
    vs_hash_u64(&hash, contribution->bytes);
    vs_hash_final(&hash, leaf);
}

void vs__receipt_root(uint8_t root[VS_HASH_BYTES], const vs_receipt_contribution *contributions, uint64_t count) {
    vs_merkle tree;
    vs_merkle_init(&tree);
    for (uint64_t i = 0; i < count; i++) {
        uint8_t leaf[VS_HASH_BYTES];
        vs_receipt_leaf(leaf, &contributions[i]);
        vs_merkle_add(&tree, leaf);
    }
    vs_merkle_root(&tree, root);
}

size_t vs__refusal_line(char out[VS_RECEIPT_LINE_BYTES], const vs_receipt_refusal *refusal) {
    char digest[2 * VS_HASH_BYTES + 1] = "-";
    if (refusal->has_digest) {
        vs_to_hex(digest, refusal->digest, VS_HASH_BYTES);
    }
    int len = snprintf(out, VS_RECEIPT_LINE_BYTES, "refused %s %s %s", digest,
                       refusal->name[0] == 0 ? "-" : refusal->name, refusal->reason);
    VS_CHECK(len > 0 && (unsigned)len < VS_RECEIPT_LINE_BYTES);
    return (size_t)len;
}

void vs__refused_hash(uint8_t out[VS_HASH_BYTES], const vs_receipt_refusal *refusals, uint64_t count) {
    vs_hash hash;
    vs_hash_init(&hash, "veilsum receipt refused");
    for (uint64_t i = 0; i < count; i++) {
        char line[VS_RECEIPT_LINE_BYTES];
        vs_hash_field(&hash, line, vs__refusal_line(line, &refusals[i]));
    }
    vs_hash_final(&hash, out);
}

/* ---- order ---- */

void vs__receipt_id(uint8_t id[VS_ID_BYTES], const vs_receipt *receipt, const char *name) {
    uint8_t sid[VS_HASH_BYTES];
    vs_session_id(sid, receipt->plan_id, receipt->period, receipt->attempt);
    vs_contributor_id(id, sid, name);
}

typedef struct keyed {
    uint8_t id[VS_ID_BYTES];
    vs_receipt_contribution contribution;
} keyed;

static int by_id(const void *a, const void *b) {
    return memcmp(((const keyed *)a)->id, ((const keyed *)b)->id, VS_ID_BYTES);
}

static vs_status sort(vs_receipt *receipt, vs_error *error) {
    size_t count = (size_t)receipt->contribution_count;
    keyed *list = calloc(count + 1, sizeof *list);
    if (list == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    for (size_t i = 0; i < count; i++) {
        list[i].contribution = receipt->contributions[i];
        vs__receipt_id(list[i].id, receipt, list[i].contribution.name);
    }
    qsort(list, count, sizeof *list, by_id);
    for (size_t i = 0; i < count; i++) {
        receipt->contributions[i] = list[i].contribution;
    }
    free(list);
    return VS_OK;
}

/* ---- text ---- */

static size_t write_text(char *out, const vs_receipt *r) {
    char plan[2 * VS_HASH_BYTES + 1], root[sizeof plan], refused[sizeof plan], total[sizeof plan], time[VS_TIME_BYTES];
    vs_to_hex(plan, r->plan_id, VS_HASH_BYTES);
    vs_to_hex(root, r->root, VS_HASH_BYTES);
    vs_to_hex(refused, r->refused_hash, VS_HASH_BYTES);
    vs_to_hex(total, r->total_digest, VS_HASH_BYTES);
    vs_time_to_text(time, r->time);
    int len = sprintf(out,
                      VS_RECEIPT_TITLE "\nplan %s\nperiod %s\nattempt %llu\ntime %s\ncontributions %llu %s\n"
                                       "refused %llu %s\ntotal %s %llu\n",
                      plan, r->period, (unsigned long long)r->attempt, time, (unsigned long long)r->contribution_count,
                      root, (unsigned long long)r->refusal_count, refused, total, (unsigned long long)r->total_bytes);
    return (size_t)len;
}

static char *write_list(char *at, const vs_receipt *r) {
    for (uint64_t i = 0; i < r->contribution_count; i++) {
        char digest[2 * VS_HASH_BYTES + 1];
        vs_to_hex(digest, r->contributions[i].digest, VS_HASH_BYTES);
        at += sprintf(at, "contribution %s %llu %s\n", digest, (unsigned long long)r->contributions[i].bytes,
                      r->contributions[i].name);
    }
    for (uint64_t i = 0; i < r->refusal_count; i++) {
        at += vs__refusal_line(at, &r->refusals[i]);
        *at++ = '\n';
    }
    *at = 0;
    return at;
}

vs_status vs_receipt_write(char **out, size_t *len, vs_receipt *receipt, const vs_identity *signer, vs_error *error) {
    char text[8 * VS_RECEIPT_LINE_BYTES], *note = NULL;
    size_t note_len = 0;
    *out = NULL;
    VS_CHECK(receipt->contribution_count > 0);
    vs_status status = sort(receipt, error);
    if (status != VS_OK) {
        return status;
    }
    vs__receipt_root(receipt->root, receipt->contributions, receipt->contribution_count);
    vs__refused_hash(receipt->refused_hash, receipt->refusals, receipt->refusal_count);
    status = vs_note_sign(&note, &note_len, text, write_text(text, receipt), signer, error);
    if (status != VS_OK) {
        return status;
    }
    size_t lines = (size_t)(receipt->contribution_count + receipt->refusal_count);
    *out = malloc(note_len + 1 + lines * VS_RECEIPT_LINE_BYTES + 1);
    if (*out == NULL) {
        status = vs_fail_plain(error, VS_ERR_MEMORY);
    } else {
        memcpy(*out, note, note_len);
        (*out)[note_len] = '\n';
        *len = (size_t)(write_list(*out + note_len + 1, receipt) - *out);
    }
    free(note);
    return status;
}
