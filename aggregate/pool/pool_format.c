#include <stdbool.h>
#include <string.h>

#include "aggregate/pool/pool_internal.h"
#include "crypto/bytes.h"

/* Offsets in the header. */
enum { VERSION = 8, DEGREE = 10, BITS = 12, FINGERPRINT = 16, PLACE = 48, ID = 56, HEADER_END = 72 };
/* And in a mark. */
enum { SEQUENCE = 0, NEXT = 8, END = 16, NEXT_KEY = 24, END_KEY = 56, MARK_END = 88 };

static bool all_zero(const uint8_t *bytes, size_t len) {
    uint8_t any = 0;
    for (size_t i = 0; i < len; i++) {
        any |= bytes[i];
    }
    return any == 0;
}

static void hash_header(uint8_t out[VS_HASH_BYTES], const uint8_t *page) {
    vs_hash hash;
    vs_hash_init(&hash, "veilsum pool header");
    vs_hash_field(&hash, page, VS_POOL_HEADER_HASH);
    vs_hash_final(&hash, out);
}

void vs__pool_header_encode(uint8_t page[VS_POOL_PAGE], uint8_t hash[VS_HASH_BYTES], const vs_pool_header *header) {
    memset(page, 0, VS_POOL_PAGE);
    memcpy(page, VS_POOL_MAGIC, VERSION);
    vs_put_le(page + VERSION, VS_POOL_VERSION, 2);
    page[DEGREE] = (uint8_t)header->degree;
    vs_put_le(page + BITS, header->bits, 2);
    memcpy(page + FINGERPRINT, header->fingerprint, VS_HASH_BYTES);
    vs_put_le(page + PLACE, header->place, 8);
    memcpy(page + ID, header->id, VS_POOL_ID_BYTES);
    hash_header(hash, page);
    memcpy(page + VS_POOL_HEADER_HASH, hash, VS_HASH_BYTES);
}

/* Is this the one encoding of a header that makes sense? The hash has been checked; its maker may lie. */
static bool is_canonical(const vs_pool_header *header, const uint8_t *page) {
    bool bits = header->bits == 2048 || header->bits == 3072 || header->bits == 4096;
    return bits && header->degree >= 1 && header->degree <= VS_MAX_DEGREE && page[DEGREE + 1] == 0 &&
           all_zero(page + BITS + 2, FINGERPRINT - BITS - 2) &&
           all_zero(page + HEADER_END, VS_POOL_HEADER_HASH - HEADER_END);
}

vs_status vs__pool_header_decode(vs_pool_header *header, uint8_t hash[VS_HASH_BYTES], const uint8_t page[VS_POOL_PAGE],
                                 vs_error *error) {
    if (memcmp(page, VS_POOL_MAGIC, VERSION) != 0) {
        (void)vs_fail(error, VS_ERR_FORMAT, "not a pool");
        vs_hint(error, "pools are made by 'veilsum pool'");
        return VS_ERR_FORMAT;
    }
    unsigned version = (unsigned)vs_get_le(page + VERSION, 2);
    if (version != VS_POOL_VERSION) {
        (void)vs_fail(error, VS_ERR_VERSION, "a pool of version %u; this veilsum reads version %u", version,
                      VS_POOL_VERSION);
        vs_hint(error, "update veilsum, or make a new pool");
        return VS_ERR_VERSION;
    }
    hash_header(hash, page);
    if (!vs_equal(hash, page + VS_POOL_HEADER_HASH, VS_HASH_BYTES)) {
        (void)vs_fail(error, VS_ERR_AUTH, "the hash of its header does not match; the pool is damaged or altered");
        vs_hint(error, "make a new pool; nothing but computing time is lost");
        return VS_ERR_AUTH;
    }
    header->degree = page[DEGREE];
    header->bits = (unsigned)vs_get_le(page + BITS, 2);
    memcpy(header->fingerprint, page + FINGERPRINT, VS_HASH_BYTES);
    header->place = vs_get_le(page + PLACE, 8);
    memcpy(header->id, page + ID, VS_POOL_ID_BYTES);
    if (!is_canonical(header, page)) {
        (void)vs_fail(error, VS_ERR_FORMAT, "its header makes no sense");
        vs_hint(error, "no veilsum makes such a pool; make a new one");
        return VS_ERR_FORMAT;
    }
    return VS_OK;
}

static void hash_mark(uint8_t out[VS_HASH_BYTES], const uint8_t header_hash[VS_HASH_BYTES], const uint8_t *bytes) {
    vs_hash hash;
    vs_hash_init(&hash, "veilsum pool mark");
    vs_hash_field(&hash, header_hash, VS_HASH_BYTES);
    vs_hash_field(&hash, bytes, VS_POOL_MARK_HASH);
    vs_hash_final(&hash, out);
}

void vs__pool_mark_encode(uint8_t bytes[VS_POOL_MARK_BYTES], const uint8_t header_hash[VS_HASH_BYTES],
                          const vs_pool_mark *mark) {
    memset(bytes, 0, VS_POOL_MARK_BYTES);
    vs_put_le(bytes + SEQUENCE, mark->sequence, 8);
    vs_put_le(bytes + NEXT, mark->next, 8);
    vs_put_le(bytes + END, mark->end, 8);
    memcpy(bytes + NEXT_KEY, mark->next_key, VS_ONETIME_KEY_BYTES);
    memcpy(bytes + END_KEY, mark->end_key, VS_ONETIME_KEY_BYTES);
    hash_mark(bytes + VS_POOL_MARK_HASH, header_hash, bytes);
}

bool vs__pool_mark_decode(vs_pool_mark *mark, const uint8_t header_hash[VS_HASH_BYTES],
                          const uint8_t bytes[VS_POOL_MARK_BYTES]) {
    uint8_t hash[VS_HASH_BYTES];
    memset(mark, 0, sizeof *mark);
    hash_mark(hash, header_hash, bytes);
    if (!vs_equal(hash, bytes + VS_POOL_MARK_HASH, VS_HASH_BYTES)) {
        return false;
    }
    mark->sequence = vs_get_le(bytes + SEQUENCE, 8);
    mark->next = vs_get_le(bytes + NEXT, 8);
    mark->end = vs_get_le(bytes + END, 8);
    memcpy(mark->next_key, bytes + NEXT_KEY, VS_ONETIME_KEY_BYTES);
    memcpy(mark->end_key, bytes + END_KEY, VS_ONETIME_KEY_BYTES);
    return mark->sequence > 0 && mark->next <= mark->end && mark->end <= VS_MAX_POOL_COUNT &&
           all_zero(bytes + MARK_END, VS_POOL_MARK_HASH - MARK_END);
}
