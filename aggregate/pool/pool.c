#include "aggregate/pool/pool.h"

#include <string.h>

#include "aggregate/pool/pool_internal.h"
#include "crypto/secret.h"

/* Factors that vs_pool_verify checks at a time. */
#define VERIFY_STEP 4096u

static const uint64_t slot_offset[2] = {VS_POOL_PAGE, 2 * VS_POOL_PAGE};

/* ---- writing ---- */

/* After a failure nobody knows what is durable: the pool is of no use until it is opened again. */
static vs_status note(vs_pool *pool, vs_status status) {
    pool->failed |= status != VS_OK;
    return status;
}

static vs_status write_at(vs_pool *pool, uint64_t offset, const void *data, size_t len, vs_error *error) {
    return note(pool, pool->storage->write(pool->storage->context, offset, data, len, error));
}

static vs_status make_durable(vs_pool *pool, vs_error *error) {
    vs_status status = note(pool, pool->storage->sync(pool->storage->context, error));
    pool->dirty &= status != VS_OK;
    return status;
}

/* Durable with the next sync, or when the pool is closed: by then it is no secret to the mark any more. */
static vs_status wipe_at(vs_pool *pool, uint64_t offset, size_t len, vs_error *error) {
    static const uint8_t zeros[VS_POOL_PAGE];
    vs_status status = VS_OK;
    pool->dirty |= len > 0;
    while (len > 0 && status == VS_OK) {
        size_t step = len < sizeof zeros ? len : sizeof zeros;
        status = write_at(pool, offset, zeros, step, error);
        offset += step;
        len -= step;
    }
    return status;
}

/* Used factors in the block where the unused ones begin: the block's key is still in the mark. Those before `from` have
 * been wiped. */
static vs_status wipe_used(vs_pool *pool, uint64_t from, vs_error *error) {
    uint64_t next = pool->mark.next, begin = next - next % VS_POOL_BLOCK;
    begin = begin < from ? from : begin;
    return wipe_at(pool, vs__pool_offset(&pool->header, begin),
                   (size_t)(next - begin) * vs__pool_sealed_len(&pool->header), error);
}

/* The mark in the place of the older one, durably; then nothing is left of what it replaces. */
static vs_status replace_mark(vs_pool *pool, const vs_pool_mark *mark, vs_error *error) {
    uint8_t bytes[VS_POOL_MARK_BYTES];
    unsigned old = pool->slot;
    vs__pool_mark_encode(bytes, pool->header_hash, mark);
    vs_status status = write_at(pool, slot_offset[1 - old], bytes, sizeof bytes, error);
    vs_wipe(bytes, sizeof bytes);
    if (status == VS_OK) {
        status = make_durable(pool, error);
    }
    if (status == VS_OK) {
        pool->mark = *mark;
        pool->slot = 1 - old;
        status = wipe_at(pool, slot_offset[old], VS_POOL_MARK_BYTES, error);
    }
    return status;
}

/* ---- making and opening ---- */

vs_status vs_pool_create(vs_pool **out, const vs_storage *storage, const vs_public_key *pk, vs_error *error) {
    const vs_key_info *info = vs_public_key_info(pk);
    uint8_t page[VS_POOL_PAGE];
    *out = NULL;
    vs_pool *pool = vs_secret_alloc(sizeof *pool);
    if (pool == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    pool->storage = storage;
    pool->header = (vs_pool_header){.bits = info->bits, .degree = info->degree, .place = storage->place};
    memcpy(pool->header.fingerprint, info->fingerprint, VS_HASH_BYTES);
    vs_random(pool->header.id, sizeof pool->header.id);
    vs__pool_header_encode(page, pool->header_hash, &pool->header);
    pool->mark.sequence = 1;
    vs_random(pool->mark.next_key, sizeof pool->mark.next_key);
    memcpy(pool->mark.end_key, pool->mark.next_key, sizeof pool->mark.end_key);
    pool->slot = 1;
    vs_pool_mark first = pool->mark;
    vs_status status = write_at(pool, 0, page, sizeof page, error);
    if (status == VS_OK) {
        status = replace_mark(pool, &first, error);
    }
    if (status == VS_OK) { /* all three pages are there from the beginning */
        status = wipe_at(pool, slot_offset[1], VS_POOL_PAGE, error);
    }
    vs_wipe(&first, sizeof first);
    if (status != VS_OK) {
        vs_secret_free(pool);
        return status;
    }
    *out = pool;
    return VS_OK;
}

static vs_status check_user(const vs_pool *pool, const vs_public_key *pk, vs_error *error) {
    if (pk != NULL && !vs_equal(pool->header.fingerprint, vs_public_key_info(pk)->fingerprint, VS_HASH_BYTES)) {
        char own[2 * VS_HASH_BYTES + 1];
        vs_to_hex(own, pool->header.fingerprint, VS_HASH_BYTES);
        (void)vs_fail(error, VS_ERR_MISMATCH, "the pool is for another key");
        vs_hint(error, "it was made for a key of %u bits and degree %u whose fingerprint begins with %.16s",
                pool->header.bits, pool->header.degree, own);
        return VS_ERR_MISMATCH;
    }
    if (pool->header.place != pool->storage->place) {
        (void)vs_fail(error, VS_ERR_POLICY, "the pool is a copy, and its original may be in use");
        vs_hint(error, "what two copies encrypt can be compared by everybody: delete this one, and make a new pool");
        return VS_ERR_POLICY;
    }
    return VS_OK;
}

/* The newer one of the marks that are whole; `*others` is whether there is anything in the other place. */
static vs_status choose_mark(vs_pool *pool, const uint8_t *pages, bool *others, vs_error *error) {
    static const uint8_t zeros[VS_POOL_MARK_BYTES];
    vs_pool_mark mark;
    for (unsigned slot = 0; slot < 2; slot++) {
        const uint8_t *bytes = pages + slot_offset[slot];
        if (vs__pool_mark_decode(&mark, pool->header_hash, bytes) && mark.sequence > pool->mark.sequence) {
            pool->mark = mark;
            pool->slot = slot;
        }
    }
    vs_wipe(&mark, sizeof mark);
    *others = !vs_equal(pages + slot_offset[1 - pool->slot], zeros, sizeof zeros);
    if (pool->mark.sequence == 0) {
        (void)vs_fail(error, VS_ERR_AUTH, "its mark of what is used does not match; the pool is damaged or altered");
        vs_hint(error, "make a new pool; nothing but computing time is lost");
        return VS_ERR_AUTH;
    }
    return VS_OK;
}

/* `pages` has room for header and marks. */
static vs_status read_pages(const vs_storage *storage, uint8_t *pages, uint64_t *len, vs_error *error) {
    vs_status status = storage->length(storage->context, len, error);
    if (status != VS_OK) {
        return status;
    }
    size_t have = *len < VS_POOL_FACTORS ? (size_t)*len : VS_POOL_FACTORS;
    return storage->read(storage->context, 0, pages, have, error);
}

static vs_status check_length(const vs_pool *pool, uint64_t len, vs_error *error) {
    if (len >= vs__pool_offset(&pool->header, pool->mark.end)) {
        return VS_OK;
    }
    (void)vs_fail(error, VS_ERR_AUTH, "the pool was cut short");
    vs_hint(error, "make a new pool; nothing but computing time is lost");
    return VS_ERR_AUTH;
}

static vs_status read_pool(vs_pool *pool, const vs_public_key *pk, uint8_t *pages, vs_error *error) {
    uint64_t len = 0;
    bool others = false;
    vs_status status = read_pages(pool->storage, pages, &len, error);
    if (status != VS_OK) {
        return status; /* has the name already */
    }
    status = vs__pool_header_decode(&pool->header, pool->header_hash, pages, error);
    if (status == VS_OK) {
        status = check_user(pool, pk, error);
    }
    if (status == VS_OK) {
        status = choose_mark(pool, pages, &others, error);
    }
    if (status == VS_OK) {
        status = check_length(pool, len, error);
    }
    if (status != VS_OK) {
        vs_error_at(error, "%s", pool->storage->name);
        return status;
    }
    /* A crash may have come between a mark and the wiping after it. */
    if (pool->storage->write != NULL && others) {
        status = wipe_at(pool, slot_offset[1 - pool->slot], VS_POOL_MARK_BYTES, error);
    }
    if (pool->storage->write != NULL && status == VS_OK) {
        status = wipe_used(pool, 0, error);
    }
    return status;
}

vs_status vs_pool_open(vs_pool **out, const vs_storage *storage, const vs_public_key *pk, vs_error *error) {
    *out = NULL;
    vs_pool *pool = vs_secret_alloc(sizeof *pool);
    uint8_t *pages = vs_secret_alloc(VS_POOL_FACTORS);
    vs_status status = pool == NULL || pages == NULL ? vs_fail_plain(error, VS_ERR_MEMORY) : VS_OK;
    if (status == VS_OK) {
        pool->storage = storage;
        status = read_pool(pool, pk, pages, error);
    }
    vs_secret_free(pages);
    if (status != VS_OK) {
        vs_secret_free(pool);
        return status;
    }
    *out = pool;
    return VS_OK;
}

vs_status vs_pool_close(vs_pool *pool, vs_error *error) {
    vs_status status = pool != NULL && pool->dirty && !pool->failed ? make_durable(pool, error) : VS_OK;
    vs_secret_free(pool);
    return status;
}

void vs_pool_describe(const vs_pool *pool, vs_pool_info *info) {
    *info = (vs_pool_info){.bits = pool->header.bits,
                           .degree = pool->header.degree,
                           .made = pool->mark.end,
                           .left = pool->mark.end - pool->mark.next};
    memcpy(info->fingerprint, pool->header.fingerprint, VS_HASH_BYTES);
}

/* ---- adding and taking ---- */

/* Seal behind the last one; `*mark` says what is there then. */
static vs_status append(vs_pool *pool, vs_pool_mark *mark, const uint8_t *factors, size_t count, vs_error *error) {
    vs_pool_range range = {.pool = pool, .first = mark->end, .count = count, .plain = factors};
    vs_status status = vs__pool_walk(&range, mark->end_key);
    if (status != VS_OK) {
        return vs_fail_plain(error, status);
    }
    status = note(pool, vs__pool_seal(&range, error));
    if (status == VS_OK) {
        mark->end += count;
        memcpy(mark->end_key, vs__pool_end_key(&range), sizeof mark->end_key);
    }
    vs_secret_free(range.keys);
    return status;
}

vs_status vs_pool_add(vs_pool *pool, const uint8_t *factors, size_t count, vs_error *error) {
    VS_CHECK(!pool->failed);
    if (count > VS_MAX_POOL_COUNT - pool->mark.end) {
        (void)vs_fail(error, VS_ERR_LIMIT, "%s: a pool holds at most %llu factors in its life", pool->storage->name,
                      (unsigned long long)VS_MAX_POOL_COUNT);
        vs_hint(error, "make a new pool");
        return VS_ERR_LIMIT;
    }
    vs_pool_mark mark = pool->mark;
    mark.sequence++;
    vs_status status = append(pool, &mark, factors, count, error);
    if (status == VS_OK) {
        status = make_durable(pool, error);
    }
    if (status == VS_OK) {
        status = replace_mark(pool, &mark, error);
    }
    vs_wipe(&mark, sizeof mark);
    return status;
}

static vs_status too_few(const vs_pool *pool, size_t wanted, vs_error *error) {
    (void)vs_fail(error, VS_ERR_NOT_READY, "%s has %llu unused factors, and %zu are wanted", pool->storage->name,
                  (unsigned long long)(pool->mark.end - pool->mark.next), wanted);
    vs_hint(error, "add some with 'veilsum pool --add', or encrypt without a pool");
    return VS_ERR_NOT_READY;
}

/* Open factors from `mark` on and put it behind them. Nothing is used up yet. */
static vs_status open_next(const vs_pool *pool, vs_pool_mark *mark, uint8_t *factors, size_t count, vs_error *error) {
    vs_pool_range range = {.pool = pool, .first = mark->next, .count = count, .opened = factors};
    vs_status status = vs__pool_walk(&range, mark->next_key);
    if (status != VS_OK) {
        return vs_fail_plain(error, status);
    }
    status = vs__pool_unseal(&range, error);
    mark->next += count;
    memcpy(mark->next_key, vs__pool_end_key(&range), sizeof mark->next_key);
    vs_secret_free(range.keys);
    return status;
}

vs_status vs_pool_take(vs_pool *pool, uint8_t *factors, size_t count, vs_error *error) {
    VS_CHECK(!pool->failed && pool->storage->write != NULL);
    uint64_t first = pool->mark.next;
    vs_pool_mark mark = pool->mark;
    mark.sequence++;
    vs_status status = count > mark.end - mark.next ? too_few(pool, count, error) : VS_OK;
    if (status == VS_OK) {
        status = open_next(pool, &mark, factors, count, error);
    }
    if (status == VS_OK) {
        status = replace_mark(pool, &mark, error);
    }
    if (status == VS_OK) {
        status = wipe_used(pool, first, error);
    }
    vs_wipe(&mark, sizeof mark);
    if (status != VS_OK) {
        vs_wipe(factors, count * vs__pool_factor_len(&pool->header));
    }
    return status;
}

vs_status vs_pool_verify(const vs_pool *pool, const vs_progress *progress, vs_error *error) {
    vs_pool_mark mark = pool->mark;
    uint64_t first = mark.next;
    vs_status status = VS_OK;
    while (mark.next < mark.end && status == VS_OK) {
        uint64_t left = mark.end - mark.next;
        status = open_next(pool, &mark, NULL, left < VERIFY_STEP ? (size_t)left : VERIFY_STEP, error);
        vs_progress_step(progress, mark.next - first, mark.end - first);
    }
    if (status == VS_OK && !vs_equal(mark.next_key, mark.end_key, sizeof mark.next_key)) {
        status = vs_fail(error, VS_ERR_AUTH, "%s: its keys do not match; the pool is damaged or altered",
                         pool->storage->name);
        vs_hint(error, "make a new pool; nothing but computing time is lost");
    }
    vs_wipe(&mark, sizeof mark);
    return status;
}
