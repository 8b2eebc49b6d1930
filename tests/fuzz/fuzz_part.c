/* Parts of an opening. What is accepted has one encoding, and nothing of it lies outside its bytes. */
#include <stdlib.h>

#include "aggregate/part/part_internal.h"
#include "tests/fuzz/fuzz.h"

static void read_part(const uint8_t *data, size_t size) {
    static const uint8_t key[VS_IDENTITY_KEY_BYTES] = {1};
    vs_part *part = NULL, *again = NULL;
    vs_error error = {0};
    vs_status status = vs_part_parse(&part, "part", data, size, &error);
    fuzz_check_status(status, &error);
    VS_CHECK((status == VS_OK) == (part != NULL));
    if (part == NULL) {
        return;
    }
    const vs_part_header *header = &part->header;
    VS_CHECK(header->holder >= 1 && header->holder <= VS_MAX_HOLDERS && header->count <= VS_MAX_CELLS);
    VS_CHECK(part->hash + VS_HASH_BYTES == part->bytes + size && part->parts > part->bytes);
    VS_CHECK(vs_part_check_signature(part, key) != VS_OK);
    VS_CHECK(vs_part_new(&again, header, &error) == VS_OK);
    VS_CHECK(again->len == size && memcmp(again->bytes, data, (size_t)(part->parts - part->bytes)) == 0);
    vs_part_free(again);
    vs_part_free(part);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_setup();
    read_part(data, size);
    if (size > VS_HASH_BYTES) { /* the hash that its maker would have given it, who may be the attacker */
        uint8_t *copy = malloc(size);
        VS_CHECK(copy != NULL);
        memcpy(copy, data, size);
        vs__part_hash(copy + size - VS_HASH_BYTES, copy, size - VS_HASH_BYTES);
        read_part(copy, size);
        free(copy);
    }
    return 0;
}
