/* One number: python-paillier's encoding of rationals, exactly, and the JSON of what is encrypted.
 *
 * x = mantissa·16^exponent, the mantissa within ±(n/3 − 1), negative ones kept modulo n, so that between both ranges a
 * third of all numbers is left, in which a sum shows that it has overflowed. Every x with a finite form in base 16 has
 * one in base 10, so decrypting needs no rounding; the other way round only some have.
 *
 * These integers take variable time: so does reading or printing the text that they come from or become.
 */
#include <stdio.h>
#include <string.h>

#include "aggregate/convert/convert_internal.h"
#include "crypto/guard.h"

/* Digits of n² at the largest n, and powers of ten that a decimal may have. */
#define MAX_CIPHERTEXT_DIGITS 2467u
#define MAX_POWER 1100

vs_status vs__phe_numbers_open(vs__phe_numbers *numbers, const vs_public_key *pk, vs_error *error) {
    uint8_t modulus[VS_MAX_BITS / 8];
    numbers->pk = pk;
    numbers->digit_bytes = vs_public_key_info(pk)->digit_bytes;
    vs_integer **const all[] = {&numbers->n, &numbers->square, &numbers->max, &numbers->a,
                                &numbers->b, &numbers->c,      &numbers->d};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        *all[i] = vs_integer_new();
        if (*all[i] == NULL) {
            return vs_fail_plain(error, VS_ERR_MEMORY);
        }
    }
    vs_public_key_modulus(pk, modulus);
    vs_integer_from_bytes(numbers->n, modulus, numbers->digit_bytes);
    vs_integer_mul(numbers->square, numbers->n, numbers->n);
    vs_integer_set(numbers->a, 3);
    vs_integer_divide(numbers->max, numbers->b, numbers->n, numbers->a);
    vs_integer_set(numbers->a, 1);
    vs_integer_sub(numbers->max, numbers->max, numbers->a);
    return VS_OK;
}

void vs__phe_numbers_close(vs__phe_numbers *numbers) {
    vs_integer_free(numbers->n);
    vs_integer_free(numbers->square);
    vs_integer_free(numbers->max);
    vs_integer_free(numbers->a);
    vs_integer_free(numbers->b);
    vs_integer_free(numbers->c);
    vs_integer_free(numbers->d);
}

/* ---- decimals ---- */

static vs_status not_a_number(vs_error *error) {
    (void)vs_fail(error, VS_ERR_FORMAT, "not a number");
    vs_hint(error, "a line is one number, such as -12.5 or 1e-3, without a header, separators or units");
    return VS_ERR_FORMAT;
}

static size_t count_digits(const char *at, const char *end) {
    size_t count = 0;
    while (at + count < end && at[count] >= '0' && at[count] <= '9') {
        count++;
    }
    return count;
}

/* "e-12" up to the end, or nothing. */
static bool take_power(const char *at, const char *end, int *power) {
    *power = 0;
    if (at == end) {
        return true;
    }
    if (*at != 'e' && *at != 'E') {
        return false;
    }
    at++;
    bool negative = at < end && *at == '-';
    at += at < end && (*at == '-' || *at == '+');
    size_t digits = count_digits(at, end);
    for (size_t i = 0; i < digits && *power <= MAX_POWER; i++) {
        *power = *power * 10 + (at[i] - '0');
    }
    *power = negative ? -*power : *power;
    return digits > 0 && at + digits == end;
}

/* x = numbers->a / 10^scale, scale ≥ 0. Whole digits and decimals are read as one number. */
static vs_status read_decimal(vs__phe_numbers *numbers, const char *text, size_t len, unsigned *scale,
                              vs_error *error) {
    char digits[VS_MAX_PHE_NUMBER_BYTES];
    const char *end = text + len, *at = text;
    int power;
    VS_CHECK(len <= sizeof digits);
    bool negative = at < end && *at == '-';
    at += at < end && (*at == '-' || *at == '+');
    size_t whole = count_digits(at, end), decimals = 0;
    memcpy(digits, at, whole);
    at += whole;
    if (at < end && *at == '.') {
        decimals = count_digits(at + 1, end);
        memcpy(digits + whole, at + 1, decimals);
        at += 1 + decimals;
    }
    if (whole + decimals == 0 || !take_power(at, end, &power)) {
        return not_a_number(error);
    }
    long places = (long)decimals - power;
    if (power > MAX_POWER || power < -MAX_POWER || places > 4 * VS_MAX_PHE_EXPONENT) {
        return vs_fail(error, VS_ERR_LIMIT, "a number with a power of ten out of bounds");
    }
    vs_status status = vs_integer_from_digits(numbers->a, digits, whole + decimals);
    if (status != VS_OK) {
        return vs_fail_plain(error, status);
    }
    if (places < 0) {
        vs_integer_mul_power(numbers->a, numbers->a, 10, (unsigned)-places);
    }
    if (negative) {
        vs_integer_negate(numbers->a, numbers->a);
    }
    *scale = places > 0 ? (unsigned)places : 0;
    return VS_OK;
}

/* Is numbers->a / 10^scale below 16^exponent? Uses b and c. */
static bool is_below(vs__phe_numbers *numbers, unsigned scale, int exponent) {
    vs_integer_set(numbers->b, 1);
    vs_integer_mul_power(numbers->b, numbers->b, 10, scale);
    if (exponent >= 0) {
        vs_integer_shift_left(numbers->b, numbers->b, 4 * (size_t)exponent);
        vs_integer_copy(numbers->c, numbers->a);
    } else {
        vs_integer_shift_left(numbers->c, numbers->a, 4 * (size_t)-exponent);
    }
    return vs_integer_compare(numbers->c, numbers->b) < 0;
}

vs_status vs__phe_set_precision(vs__phe_numbers *numbers, const char *precision, vs_error *error) {
    unsigned scale;
    size_t len = strlen(precision);
    if (len > VS_MAX_PHE_NUMBER_BYTES) {
        return not_a_number(error);
    }
    vs_status status = read_decimal(numbers, precision, len, &scale, error);
    if (status != VS_OK) {
        return status;
    }
    int exponent = 0;
    while (exponent >= -VS_MAX_PHE_EXPONENT && is_below(numbers, scale, exponent)) {
        exponent--;
    }
    while (exponent <= VS_MAX_PHE_EXPONENT && !is_below(numbers, scale, exponent + 1)) {
        exponent++;
    }
    if (vs_integer_sign(numbers->a) <= 0 || exponent < -VS_MAX_PHE_EXPONENT || exponent > VS_MAX_PHE_EXPONENT) {
        (void)vs_fail(error, VS_ERR_RANGE, "a precision out of bounds");
        vs_hint(error, "a precision is a number above 0 that must not be rounded away, such as 0.01");
        return VS_ERR_RANGE;
    }
    numbers->has_precision = true;
    numbers->exponent = exponent;
    return VS_OK;
}

/* a = a / 10^scale / 16^exponent rounded half-even, for the exponent that all numbers have. */
static void round_to_precision(vs__phe_numbers *numbers, unsigned scale) {
    vs_integer_set(numbers->b, 1);
    vs_integer_mul_power(numbers->b, numbers->b, 10, scale);
    if (numbers->exponent >= 0) {
        vs_integer_shift_left(numbers->b, numbers->b, 4 * (size_t)numbers->exponent);
    } else {
        vs_integer_shift_left(numbers->a, numbers->a, 4 * (size_t)-numbers->exponent);
    }
    vs_integer_divide_half_even(numbers->a, numbers->a, numbers->b);
}

/* a = a / 10^scale / 16^exponent exactly, for the largest exponent ≤ 0 with an integer there: 5^scale has to divide a,
 * and what 2^scale leaves over is made up for by 16^−exponent. */
static vs_status find_exponent(vs__phe_numbers *numbers, unsigned scale, int *exponent, vs_error *error) {
    vs_integer_set(numbers->b, 1);
    vs_integer_mul_power(numbers->b, numbers->b, 5, scale);
    vs_integer_divide(numbers->c, numbers->d, numbers->a, numbers->b);
    if (vs_integer_sign(numbers->d) != 0) {
        (void)vs_fail(error, VS_ERR_RANGE, "a number that has no finite form in base 16, as encrypted numbers have");
        vs_hint(error, "--precision 0.001 rounds all numbers to a power of 16 up to that");
        return VS_ERR_RANGE;
    }
    size_t twos = vs_integer_twos(numbers->c), left = twos < scale ? scale - twos : 0;
    if (vs_integer_sign(numbers->c) == 0) {
        left = 0;
    }
    size_t places = (left + 3) / 4; /* ≤ scale / 4 + 1 */
    vs_integer_shift_left(numbers->a, numbers->c, 4 * places);
    vs_integer_shift_right(numbers->a, numbers->a, scale);
    *exponent = -(int)places;
    return VS_OK;
}

vs_status vs__phe_encode(vs__phe_numbers *numbers, uint8_t *m, int *exponent, const char *text, size_t len,
                         vs_error *error) {
    unsigned scale;
    vs_status status = read_decimal(numbers, text, len, &scale, error);
    if (status == VS_OK && numbers->has_precision) {
        *exponent = numbers->exponent;
        round_to_precision(numbers, scale);
    } else if (status == VS_OK) {
        status = find_exponent(numbers, scale, exponent, error);
    }
    if (status != VS_OK) {
        return status;
    }
    vs_integer_negate(numbers->b, numbers->max);
    if (vs_integer_compare(numbers->a, numbers->max) > 0 || vs_integer_compare(numbers->a, numbers->b) < 0) {
        (void)vs_fail(error, VS_ERR_RANGE, "a number beyond a third of the modulus");
        vs_hint(error, "a larger key, or a coarser --precision, has room for it");
        return VS_ERR_RANGE;
    }
    if (vs_integer_sign(numbers->a) < 0) {
        vs_integer_add(numbers->a, numbers->a, numbers->n);
    }
    vs_integer_to_bytes(m, numbers->digit_bytes, numbers->a);
    return VS_OK;
}

vs_status vs__phe_decode(vs__phe_numbers *numbers, char out[VS__PHE_DECIMAL_BYTES], const uint8_t *m, int exponent,
                         vs_error *error) {
    VS_CHECK(exponent >= -VS_MAX_PHE_EXPONENT && exponent <= VS_MAX_PHE_EXPONENT);
    vs_integer *mantissa = numbers->a;
    vs_integer_from_bytes(mantissa, m, numbers->digit_bytes);
    if (vs_integer_compare(mantissa, numbers->max) > 0) {
        vs_integer_sub(mantissa, mantissa, numbers->n);
        vs_integer_negate(numbers->b, numbers->max);
        if (!VS_GUARD(phe_overflow, vs_integer_compare(mantissa, numbers->b) >= 0)) {
            (void)vs_fail(error, VS_ERR_RANGE, "has overflowed: it is beyond a third of the modulus");
            vs_hint(error,
                    "what was added up had no room under this key: with larger exponents, or a larger key, it has");
            return VS_ERR_RANGE;
        }
    }
    size_t scale = 0;
    if (exponent >= 0) {
        vs_integer_shift_left(mantissa, mantissa, 4 * (size_t)exponent);
    } else if (vs_integer_sign(mantissa) != 0) { /* mantissa / 2^scale = mantissa·5^scale / 10^scale */
        size_t twos = vs_integer_twos(mantissa);
        scale = 4 * (size_t)-exponent;
        twos = twos < scale ? twos : scale;
        scale -= twos;
        vs_integer_shift_right(mantissa, mantissa, twos);
        vs_integer_mul_power(mantissa, mantissa, 5, (unsigned)scale);
    }
    vs_status status = vs_integer_to_decimal(out, VS__PHE_DECIMAL_BYTES, mantissa, scale);
    return status == VS_OK ? VS_OK : vs_fail_plain(error, status);
}

/* ---- JSON ---- */

static vs_status read_exponent(const json_t *root, int *exponent, vs_error *error) {
    const json_t *e = json_object_get(root, "e");
    if (!json_is_integer(e)) {
        return vs_fail(error, VS_ERR_FORMAT, "'e' is not there, or not an integer");
    }
    json_int_t value = json_integer_value(e);
    if (value < -VS_MAX_PHE_EXPONENT || value > VS_MAX_PHE_EXPONENT) {
        return vs_fail(error, VS_ERR_RANGE, "'e' is not between -%d and %d", VS_MAX_PHE_EXPONENT, VS_MAX_PHE_EXPONENT);
    }
    *exponent = (int)value;
    return VS_OK;
}

static vs_status read_ciphertext(vs__phe_numbers *numbers, uint8_t *c, const json_t *root, vs_error *error) {
    const json_t *v = json_object_get(root, "v");
    const char *digits = json_string_value(v);
    size_t len = json_string_length(v);
    if (digits == NULL || len == 0 || count_digits(digits, digits + len) != len || digits[0] == '0') {
        return vs_fail(error, VS_ERR_FORMAT, "'v' is not there, or no string of decimal digits");
    }
    vs_status status = VS_ERR_RANGE;
    if (len <= MAX_CIPHERTEXT_DIGITS) {
        status = vs_integer_from_digits(numbers->a, digits, len);
    }
    if (status == VS_ERR_RANGE || (status == VS_OK && vs_integer_compare(numbers->a, numbers->square) >= 0)) {
        (void)vs_fail(error, VS_ERR_RANGE, "'v' is not below the square of the modulus");
        vs_hint(error, "was it encrypted under another key?");
        return VS_ERR_RANGE;
    }
    if (status != VS_OK) {
        return vs_fail_plain(error, status);
    }
    vs_integer_divide(numbers->b, numbers->c, numbers->a, numbers->n);
    vs_integer_to_bytes(c, numbers->digit_bytes, numbers->c);
    vs_integer_to_bytes(c + numbers->digit_bytes, numbers->digit_bytes, numbers->b);
    return VS_OK;
}

vs_status vs__phe_number_read(vs__phe_numbers *numbers, uint8_t *c, int *exponent, const char *text, size_t len,
                              vs_error *error) {
    json_t *root;
    vs_status status = vs__phe_json_load(&root, "an encrypted number", text, len, error);
    if (status == VS_OK && (json_object_get(root, "kty") != NULL || json_object_size(root) > 2)) {
        status = vs_fail(error, VS_ERR_FORMAT, "not an encrypted number, which has 'v' and 'e' alone");
    }
    if (status == VS_OK) {
        status = read_exponent(root, exponent, error);
    }
    if (status == VS_OK) {
        status = read_ciphertext(numbers, c, root, error);
    }
    json_decref(root);
    return status;
}

vs_status vs__phe_number_write(vs__phe_numbers *numbers, char *out, const uint8_t *c, int exponent, vs_error *error) {
    vs_integer_from_bytes(numbers->a, c, numbers->digit_bytes);
    vs_integer_from_bytes(numbers->b, c + numbers->digit_bytes, numbers->digit_bytes);
    vs_integer_mul(numbers->b, numbers->b, numbers->n);
    vs_integer_add(numbers->a, numbers->a, numbers->b);
    char digits[MAX_CIPHERTEXT_DIGITS + 8];
    vs_status status = vs_integer_to_decimal(digits, sizeof digits, numbers->a, 0);
    if (status != VS_OK) {
        return vs_fail_plain(error, status);
    }
    (void)snprintf(out, VS_MAX_PHE_NUMBER_BYTES, "{\"v\": \"%s\", \"e\": %d}\n", digits, exponent);
    return VS_OK;
}
