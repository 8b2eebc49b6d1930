#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aggregate/ledger/ledger_internal.h"
#include "crypto/bytes.h"

#define RECORD 16u
#define MAX_BUCKET_BYTES (64u << 20)

void vs__ledger_index_begin(vs_ledger_index *index, const vs_folder *folder) {
    memset(index, 0, sizeof *index);
    index->folder = folder;
}

void vs__ledger_index_end(vs_ledger_index *index) {
    for (size_t i = 0; i < VS_LEDGER_BUCKETS; i++) {
        free(index->buckets[i].data);
    }
    memset(index, 0, sizeof *index);
}

static void bucket_name(char out[VS_MAX_BLOB_NAME], unsigned i) {
    (void)sprintf(out, "index/%02x", i);
}

/* A bucket that is cut is used as far as it goes; one that is too large has been made up, and is begun anew. */
static vs_status load(vs_ledger_index *index, unsigned i, vs_error *error) {
    vs_ledger_bucket *bucket = &index->buckets[i];
    char blob[VS_MAX_BLOB_NAME];
    if (bucket->data != NULL) {
        return VS_OK;
    }
    bucket_name(blob, i);
    vs_status status =
        index->folder->read(index->folder->context, blob, MAX_BUCKET_BYTES, &bucket->data, &bucket->len, error);
    if (status == VS_ERR_LIMIT || (status == VS_OK && bucket->data == NULL)) {
        bucket->len = 0;
        bucket->data = malloc(RECORD);
        status = bucket->data == NULL ? vs_fail_plain(error, VS_ERR_MEMORY) : VS_OK;
    }
    bucket->len -= bucket->len % RECORD;
    bucket->cap = bucket->len;
    return status;
}

vs_status vs__ledger_index_exists(const vs_folder *folder, bool *exists, vs_error *error) {
    char blob[VS_MAX_BLOB_NAME];
    vs_status status = VS_OK;
    *exists = false;
    for (unsigned i = 0; status == VS_OK && !*exists && i < VS_LEDGER_BUCKETS; i++) {
        bucket_name(blob, i);
        status = folder->exists(folder->context, blob, exists, error);
    }
    return status;
}

vs_status vs__ledger_index_next(vs_ledger_index *index, const uint8_t leaf[VS_HASH_BYTES], size_t *cursor, bool *found,
                                uint64_t *number, vs_error *error) {
    *found = false;
    vs_status status = load(index, leaf[0], error);
    if (status != VS_OK) {
        return status;
    }
    const vs_ledger_bucket *bucket = &index->buckets[leaf[0]];
    const uint8_t *end = bucket->data + bucket->len, *record = bucket->data + *cursor;
    while (record < end && memcmp(record, leaf + 1, 8) != 0) {
        record += RECORD;
    }
    if (record < end) {
        *found = true;
        *number = vs_get_le(record + 8, 8);
        record += RECORD;
    }
    *cursor = (size_t)(record - bucket->data);
    return VS_OK;
}

vs_status vs__ledger_index_put(vs_ledger_index *index, const uint8_t leaf[VS_HASH_BYTES], uint64_t number,
                               vs_error *error) {
    vs_status status = load(index, leaf[0], error);
    vs_ledger_bucket *bucket = &index->buckets[leaf[0]];
    if (status == VS_OK && bucket->cap - bucket->len < RECORD) {
        size_t cap = bucket->len + bucket->len / 2 + 4 * (size_t)RECORD;
        uint8_t *data = realloc(bucket->data, cap);
        if (data == NULL) {
            return vs_fail_plain(error, VS_ERR_MEMORY);
        }
        bucket->data = data;
        bucket->cap = cap;
    }
    if (status == VS_OK) {
        uint8_t *record = bucket->data + bucket->len;
        memcpy(record, leaf + 1, 8);
        for (unsigned i = 0; i < 8; i++) {
            record[8 + i] = (uint8_t)(number >> 8 * i);
        }
        bucket->len += RECORD;
        bucket->changed = true;
    }
    return status;
}

vs_status vs__ledger_index_write(vs_ledger_index *index, vs_error *error) {
    vs_status status = VS_OK;
    for (unsigned i = 0; status == VS_OK && i < VS_LEDGER_BUCKETS; i++) {
        vs_ledger_bucket *bucket = &index->buckets[i];
        char blob[VS_MAX_BLOB_NAME];
        if (bucket->changed) {
            bucket_name(blob, i);
            status = index->folder->write(index->folder->context, blob, bucket->data, bucket->len, error);
            bucket->changed = false;
        }
    }
    return status;
}
