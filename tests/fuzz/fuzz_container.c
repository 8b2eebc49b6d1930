/* Containers: headers, chunks, trailers, several in a row. Nothing that the reader hands out may disagree with its
 * header. */
#include <stdlib.h>

#include "aggregate/container/container_internal.h"
#include "tests/fuzz/fuzz.h"

/* Reads one container to its end. Returns VS_OK where it is whole. */
static vs_status read_one(vs_container_reader *reader, vs_error *error) {
    const vs_header *header = vs_container_header(reader);
    VS_CHECK(header->contributor_count >= 1 && header->contributor_count <= header->contributors_max);
    VS_CHECK(header->bound <= header->contributors_max);
    VS_CHECK(header->kind == VS_TOTAL || header->contributor_count == 1);
    uint64_t read = 0;
    for (;;) {
        const uint8_t *ciphertexts = NULL;
        size_t count = 0;
        vs_status status = vs_container_read(reader, &ciphertexts, &count, error);
        if (status != VS_OK || count == 0) {
            VS_CHECK(status != VS_OK || read == header->ciphertext_count);
            return status;
        }
        read += count;
        VS_CHECK(ciphertexts != NULL && read <= header->ciphertext_count);
    }
}

static void read_all(const uint8_t *data, size_t size) {
    vs_memory_source state;
    vs_source source = vs_memory_source_open(&state, "container", data, size);
    vs_status status = VS_OK;
    for (int at_end = 0; status == VS_OK && !at_end;) {
        vs_container_reader *reader = NULL;
        vs_error error = {0};
        status = vs_container_reader_new(&reader, &source, &at_end, &error);
        VS_CHECK((status == VS_OK && !at_end) == (reader != NULL));
        if (reader != NULL) {
            status = read_one(reader, &error);
            vs_container_reader_free(reader);
        }
        fuzz_check_status(status, &error);
    }
}

/* A mutated header fails its hash, and nothing behind the hash would ever be fuzzed: give it the hash that its maker
 * would have given it, who may be the attacker. */
static int mend_header(uint8_t *data, size_t size) {
    if (size < VS_HEADER_START_BYTES) {
        return 0;
    }
    size_t len = 0;
    for (unsigned i = 4; i-- > 0;) {
        len = len << 8 | data[VS_HEADER_START_BYTES - 4 + i];
    }
    if (len < VS_HEADER_FIXED_BYTES + VS_HASH_BYTES || len > size) {
        return 0;
    }
    vs__header_hash(data + len - VS_HASH_BYTES, data, len - VS_HASH_BYTES);
    return 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_setup();
    read_all(data, size);
    uint8_t *copy = malloc(size + 1);
    VS_CHECK(copy != NULL);
    memcpy(copy, data, size);
    if (mend_header(copy, size)) {
        read_all(copy, size);
    }
    free(copy);
    return 0;
}
