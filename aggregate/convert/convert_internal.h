/* Pieces of the codec that its files share. */
#ifndef VEILSUM_AGGREGATE_CONVERT_CONVERT_INTERNAL_H
#define VEILSUM_AGGREGATE_CONVERT_CONVERT_INTERNAL_H

#include <jansson.h>
#include <stdbool.h>

#include "aggregate/convert/phe.h"
#include "crypto/integer.h"

/* Numbers that are encrypted or decrypted together. */
#define VS__PHE_BATCH 1024u

/* The longest decimal: the digits of n/3 or of 16^1024 times it, or its whole digits and 4 decimals for each 1/16. */
#define VS__PHE_DECIMAL_BYTES 8192u

/** `len` bytes of JSON to a tree; messages speak of `what`, and quote nothing. (phe_json.c) */
VS_MUST_CHECK vs_status vs__phe_json_load(json_t **root, const char *what, const char *text, size_t len,
                                          vs_error *error);

/* ---- one number (phe_encoding.c) ---- */

/* A key's integers, and integers to work with. */
typedef struct vs__phe_numbers {
    const vs_public_key *pk;
    size_t digit_bytes;
    vs_integer *n, *square, *max; /* n², and n/3 − 1: the largest mantissa, as python-paillier has it */
    vs_integer *a, *b, *c, *d;
    bool has_precision;
    int exponent; /* with a precision: everybody's */
} vs__phe_numbers;

/** Clear it before. vs__phe_numbers_close also after an error. */
VS_MUST_CHECK vs_status vs__phe_numbers_open(vs__phe_numbers *numbers, const vs_public_key *pk, vs_error *error);
void vs__phe_numbers_close(vs__phe_numbers *numbers);

/** exponent = floor(log16(precision)), for a decimal above 0. */
VS_MUST_CHECK vs_status vs__phe_set_precision(vs__phe_numbers *numbers, const char *precision, vs_error *error);

/** A decimal to the digit m of a plaintext, and its exponent. */
VS_MUST_CHECK vs_status vs__phe_encode(vs__phe_numbers *numbers, uint8_t *m, int *exponent, const char *text,
                                       size_t len, vs_error *error);
/** And back: exactly, with no zeros at the end of the decimals. */
VS_MUST_CHECK vs_status vs__phe_decode(vs__phe_numbers *numbers, char out[VS__PHE_DECIMAL_BYTES], const uint8_t *m,
                                       int exponent, vs_error *error);

/** A number's JSON to a ciphertext and its exponent, and back; `out` has room for VS_MAX_PHE_NUMBER_BYTES. */
VS_MUST_CHECK vs_status vs__phe_number_read(vs__phe_numbers *numbers, uint8_t *c, int *exponent, const char *text,
                                            size_t len, vs_error *error);
VS_MUST_CHECK vs_status vs__phe_number_write(vs__phe_numbers *numbers, char *out, const uint8_t *c, int exponent,
                                             vs_error *error);

/* ---- texts out of a source (phe_split.c) ---- */

/* Cuts a source into lines, or into JSON objects. */
typedef struct vs__phe_splitter {
    const vs_source *source;
    size_t at, got;
    bool begun, ended, in_list;
    uint64_t count; /* texts so far */
    size_t len;
    uint8_t buffer[4096];
    char text[VS_MAX_PHE_NUMBER_BYTES + 1];
} vs__phe_splitter;

/** The next text in splitter->text and len; `*found` = false at the end. Messages begin with the source's name.
 *  Returns: VS_OK, VS_ERR_FORMAT, VS_ERR_LIMIT; the source's own. */
VS_MUST_CHECK vs_status vs__phe_next_line(vs__phe_splitter *splitter, bool *found, vs_error *error);
VS_MUST_CHECK vs_status vs__phe_next_object(vs__phe_splitter *splitter, bool *found, vs_error *error);

#endif
