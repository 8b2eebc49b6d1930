/* Streams of encrypted numbers to decimals and back, a batch at a time: a batch shares the threads, and, of decryption,
 * the check without which no result leaves.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "aggregate/convert/convert_internal.h"
#include "crypto/secret.h"

/* Numbers for which encryption's table is made once a batch is full, so that more are likely to follow. */
#define MANY 8

typedef struct work {
    vs__phe_numbers numbers;
    vs__phe_splitter splitter;
    const vs_sink *out;
    const vs_progress *progress;
    size_t count; /* of this batch */
    int exponents[VS__PHE_BATCH];
    size_t c_len, m_len; /* of one number */
    uint8_t *c, *m;      /* a batch */
    char text[VS_MAX_PHE_NUMBER_BYTES];
} work;

static void work_free(work *w) {
    if (w != NULL) {
        vs__phe_numbers_close(&w->numbers);
        free(w->c);
        vs_secret_free(w->m);
        vs_secret_free(w);
    }
}

static vs_status work_new(work **made, const vs_public_key *pk, const vs_source *in, const vs_sink *out,
                          const vs_progress *progress, vs_error *error) {
    *made = NULL;
    vs_status status = vs_phe_key_check(pk, error);
    if (status != VS_OK) {
        return status;
    }
    work *w = vs_secret_alloc(sizeof *w); /* it holds lines and decimals */
    if (w == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    w->splitter.source = in;
    w->out = out;
    w->progress = progress;
    w->c_len = vs_public_key_info(pk)->ciphertext_bytes;
    w->m_len = vs_public_key_info(pk)->plaintext_bytes;
    w->c = malloc(VS__PHE_BATCH * w->c_len);
    w->m = vs_secret_alloc(VS__PHE_BATCH * w->m_len);
    status = w->c == NULL || w->m == NULL ? vs_fail_plain(error, VS_ERR_MEMORY)
                                          : vs__phe_numbers_open(&w->numbers, pk, error);
    if (status != VS_OK) {
        work_free(w);
        return status;
    }
    *made = w;
    return VS_OK;
}

/* Put the place of text `index` of this batch in front. */
static void place(const work *w, const char *what, size_t index, vs_error *error) {
    vs_error_at(error, "%s: %s %" PRIu64, w->splitter.source->name, what, w->splitter.count - w->count + index + 1);
}

static vs_status nothing_there(const work *w, vs_error *error) {
    return vs_fail(error, VS_ERR_FORMAT, "%s: holds no numbers", w->splitter.source->name);
}

/* ---- to decimals ---- */

static vs_status read_batch(work *w, bool *more, vs_error *error) {
    vs_status status = VS_OK;
    w->count = 0;
    *more = true;
    while (status == VS_OK && w->count < VS__PHE_BATCH) {
        status = vs__phe_next_object(&w->splitter, more, error);
        if (status != VS_OK || !*more) {
            return status;
        }
        w->count++;
        status = vs__phe_number_read(&w->numbers, w->c + (w->count - 1) * w->c_len, &w->exponents[w->count - 1],
                                     w->splitter.text, w->splitter.len, error);
        if (status != VS_OK) {
            place(w, "number", w->count - 1, error);
        }
    }
    return status;
}

/* Which of a batch it is that shares a factor with n. */
static vs_status name_no_unit(const work *w, vs_error *error) {
    size_t index = 0, bad;
    while (index + 1 < w->count && vs_ciphertexts_check(w->numbers.pk, w->c + index * w->c_len, 1, &bad) == VS_OK) {
        index++;
    }
    (void)vs_fail(error, VS_ERR_RANGE, "'v' is no ciphertext of this key");
    place(w, "number", index, error);
    return VS_ERR_RANGE;
}

static vs_status decrypt_batch(work *w, const vs_secret_key *sk, vs_error *error) {
    vs_status status = vs_decrypt(sk, w->m, w->c, w->count);
    if (status != VS_OK) {
        return status == VS_ERR_RANGE ? name_no_unit(w, error) : vs_fail_plain(error, status);
    }
    for (size_t i = 0; i < w->count && status == VS_OK; i++) {
        status = vs__phe_decode(&w->numbers, w->text, w->m + i * w->m_len, w->exponents[i], error);
        if (status != VS_OK) {
            place(w, "number", i, error);
            break;
        }
        size_t len = strlen(w->text);
        w->text[len] = '\n';
        status = w->out->write(w->out->context, w->text, len + 1, error);
    }
    return status;
}

vs_status vs_phe_decrypt(const vs_secret_key *sk, const vs_source *in, const vs_sink *out, const vs_progress *progress,
                         vs_error *error) {
    work *w;
    bool more = true;
    vs_status status = work_new(&w, vs_secret_key_public(sk), in, out, progress, error);
    while (status == VS_OK && more) {
        status = read_batch(w, &more, error);
        if (status == VS_OK && w->count > 0) {
            status = decrypt_batch(w, sk, error);
        }
        if (status == VS_OK) {
            vs_progress_step(progress, w->splitter.count, 0);
        }
    }
    if (status == VS_OK && w->splitter.count == 0 && !w->splitter.in_list) {
        status = nothing_there(w, error);
    }
    work_free(w);
    return status;
}

/* ---- to numbers ---- */

static vs_status read_lines(work *w, bool *more, vs_error *error) {
    vs_status status = VS_OK;
    w->count = 0;
    *more = true;
    while (status == VS_OK && w->count < VS__PHE_BATCH) {
        status = vs__phe_next_line(&w->splitter, more, error);
        if (status != VS_OK || !*more) {
            return status;
        }
        w->count++;
        status = vs__phe_encode(&w->numbers, w->m + (w->count - 1) * w->m_len, &w->exponents[w->count - 1],
                                w->splitter.text, w->splitter.len, error);
        if (status != VS_OK) {
            place(w, "line", w->count - 1, error);
        }
    }
    return status;
}

static vs_status encrypt_batch(work *w, vs_encryptor **encryptor, vs_error *error) {
    vs_status status = VS_OK;
    if (*encryptor == NULL) {
        size_t expected = w->count < VS__PHE_BATCH ? w->count : (size_t)MANY * VS__PHE_BATCH;
        status = vs_encryptor_new(encryptor, w->numbers.pk, expected);
    }
    if (status == VS_OK) {
        status = vs_encrypt(*encryptor, w->c, w->m, w->count);
    }
    if (status != VS_OK) {
        return vs_fail_plain(error, status);
    }
    for (size_t i = 0; i < w->count && status == VS_OK; i++) {
        status = vs__phe_number_write(&w->numbers, w->text, w->c + i * w->c_len, w->exponents[i], error);
        if (status == VS_OK) {
            status = w->out->write(w->out->context, w->text, strlen(w->text), error);
        }
    }
    return status;
}

vs_status vs_phe_encrypt(const vs_public_key *pk, const char *precision, const vs_source *in, const vs_sink *out,
                         const vs_progress *progress, vs_error *error) {
    work *w;
    bool more = true;
    vs_encryptor *encryptor = NULL;
    vs_status status = work_new(&w, pk, in, out, progress, error);
    if (status == VS_OK && precision != NULL) {
        status = vs__phe_set_precision(&w->numbers, precision, error);
        if (status != VS_OK) {
            vs_error_at(error, "the precision");
        }
    }
    while (status == VS_OK && more) {
        status = read_lines(w, &more, error);
        if (status == VS_OK && w->count > 0) {
            status = encrypt_batch(w, &encryptor, error);
        }
        if (status == VS_OK) {
            vs_progress_step(progress, w->splitter.count, 0);
        }
    }
    if (status == VS_OK && w->splitter.count == 0) {
        status = nothing_there(w, error);
    }
    vs_encryptor_free(encryptor);
    work_free(w);
    return status;
}
