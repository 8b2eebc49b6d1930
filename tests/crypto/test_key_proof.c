/* A key's proof: made, read, checked, and refused wherever n is not prime to φ(n). The second way here is GMP's numbers
 * with the factors known, and an independent script's vectors. */
#include "tests/support.h"

#include "crypto/paillier/key_proof.h"
#include "crypto/secret.h"
#include "tests/crypto/key_forgery.h"

static vs_secret_key *good, *other;

static int make_keys(void **state) {
    (void)state;
    const vs_key_options options = {BITS, 1, VS_KEY_STANDARD};
    return vs_keygen(&good, &options) == VS_OK && vs_secret_key_prove(good) == VS_OK &&
                   vs_keygen(&other, &options) == VS_OK && vs_secret_key_prove(other) == VS_OK
               ? 0
               : -1;
}

static int free_keys(void **state) {
    (void)state;
    vs_secret_key_free(good);
    vs_secret_key_free(other);
    return 0;
}

static vs_status check(const vs_public_key *pk) {
    const char *reason = "";
    vs_status status = vs_public_key_check_proof(pk, &reason);
    assert_true((status == VS_OK) == (reason == NULL));
    return status;
}

/* ---- what is good ---- */

static void the_values_are_the_roots_that_the_factors_give(void **state) {
    (void)state;
    const vs_public_key *pk = vs_secret_key_public(good);
    uint8_t challenges[PROOF_BYTES];
    mpz_t n, phi, p, q, x;
    mpz_inits(n, phi, p, q, x, NULL);
    assert_int_equal(check(pk), VS_OK);
    assert_true(vs__key_proof_challenges(pk, challenges));
    import(n, pk->n);
    mpz_import(p, BYTES / 2, -1, 1, 0, 0, good->p);
    mpz_import(q, BYTES / 2, -1, 1, 0, 0, good->q);
    mpz_sub_ui(p, p, 1);
    mpz_sub_ui(q, q, 1);
    mpz_mul(phi, p, q);
    mpz_invert(phi, n, phi);
    for (size_t i = 0; i < VS_KEY_PROOF_VALUES; i++) {
        uint8_t root[BYTES];
        import(x, challenges + i * BYTES);
        mpz_powm(x, x, phi, n);
        to_bytes(root, BYTES, x);
        assert_memory_equal(root, pk->proof + i * BYTES, BYTES);
    }
    mpz_clears(n, phi, p, q, x, NULL);
}

static void challenges_differ_and_fill_the_whole_range(void **state) {
    (void)state;
    uint8_t challenges[PROOF_BYTES], others[PROOF_BYTES];
    assert_true(vs__key_proof_challenges(vs_secret_key_public(good), challenges));
    assert_true(vs__key_proof_challenges(vs_secret_key_public(other), others));
    for (size_t i = 0; i < VS_KEY_PROOF_VALUES; i++) {
        for (size_t j = 0; j < VS_KEY_PROOF_VALUES; j++) {
            assert_true(i == j || memcmp(challenges + i * BYTES, challenges + j * BYTES, BYTES) != 0);
            assert_memory_not_equal(challenges + i * BYTES, others + j * BYTES, BYTES);
        }
    }
    uint8_t seen[BYTES] = {0};
    for (size_t i = 0; i < PROOF_BYTES; i++) {
        seen[i % BYTES] |= challenges[i];
    }
    for (size_t i = 0; i + 1 < BYTES; i++) { /* each byte is 0 in all eight once in 2^64 */
        assert_int_not_equal(seen[i], 0);
    }
}

static void making_it_again_makes_the_same(void **state) {
    (void)state;
    uint8_t before[PROOF_BYTES];
    memcpy(before, good->pk->proof, PROOF_BYTES);
    assert_int_equal(vs_secret_key_prove(good), VS_OK);
    assert_memory_equal(good->pk->proof, before, PROOF_BYTES);
}

static void a_text_carries_the_proof_and_the_binary_form_does_not(void **state) {
    (void)state;
    const vs_public_key *pk = vs_secret_key_public(good);
    uint8_t binary[VS_MAX_PUBLIC_KEY_BYTES];
    vs_public_key *back;
    const char *reason;
    char *text = vs_public_key_to_text(pk);
    assert_non_null(text);
    assert_non_null(strstr(text, "\nbits 2048 degree 1 proof gcd\n"));
    assert_int_equal(vs_public_key_from_text(&back, text, strlen(text), &reason), VS_OK);
    assert_true(vs_public_key_has_proof(back));
    assert_int_equal(check(back), VS_OK);
    char *again = vs_public_key_to_text(back);
    assert_string_equal(text, again);
    free(again);
    free(text);
    vs_public_key_free(back);
    vs_public_key_encode(pk, binary);
    assert_int_equal(vs_public_key_decode(&back, binary, vs_public_key_encoded_len(pk), &reason), VS_OK);
    assert_memory_equal(back->info.fingerprint, pk->info.fingerprint, VS_HASH_BYTES);
    assert_false(vs_public_key_has_proof(back));
    assert_int_equal(check(back), VS_ERR_POLICY);
    vs_public_key_free(back);
}

static void keys_of_every_size_and_type_are_proved(void **state) {
    (void)state;
    static const vs_key_options options[] = {
        {2048, 4, VS_KEY_SUBGROUP}, {3072, 1, VS_KEY_STANDARD}, {3072, 2, VS_KEY_SHORT}, {4096, 1, VS_KEY_SUBGROUP}};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        vs_secret_key *sk;
        vs_public_key *pk;
        const char *reason;
        assert_int_equal(vs_keygen(&sk, &options[i]), VS_OK);
        assert_int_equal(check(vs_secret_key_public(sk)), VS_ERR_POLICY);
        assert_int_equal(vs_secret_key_prove(sk), VS_OK);
        char *text = vs_public_key_to_text(vs_secret_key_public(sk));
        assert_int_equal(vs_public_key_from_text(&pk, text, strlen(text), &reason), VS_OK);
        assert_int_equal(check(pk), VS_OK);
        free(text);
        vs_public_key_free(pk);
        vs_secret_key_free(sk);
    }
}

/* ---- what is altered ---- */

static void every_altered_value_is_refused(void **state) {
    (void)state;
    vs_public_key *pk = good->pk;
    for (size_t i = 0; i < VS_KEY_PROOF_VALUES; i++) {
        size_t first = 8 * BYTES * i;
        const size_t bits[] = {first, first + 1, first + BITS - 1, first + test_below(BITS), first + test_below(BITS)};
        for (size_t j = 0; j < sizeof bits / sizeof *bits; j++) {
            pk->proof[bits[j] / 8] ^= (uint8_t)(1u << bits[j] % 8);
            vs_status status = check(pk);
            pk->proof[bits[j] / 8] ^= (uint8_t)(1u << bits[j] % 8);
            assert_int_equal(status, VS_ERR_AUTH);
        }
    }
    assert_int_equal(check(pk), VS_OK);
}

/* Each value replaced by what a forger would try: its negative, itself and n, 0, 1, the challenge, another one's. */
static void every_replaced_value_is_refused(void **state) {
    (void)state;
    vs_public_key *pk = good->pk;
    uint8_t challenges[PROOF_BYTES], kept[PROOF_BYTES];
    mpz_t n, x, y;
    mpz_inits(n, x, y, NULL);
    import(n, pk->n);
    assert_true(vs__key_proof_challenges(pk, challenges));
    memcpy(kept, pk->proof, PROOF_BYTES);
    for (size_t i = 0; i < VS_KEY_PROOF_VALUES; i++) {
        uint8_t *value = pk->proof + i * BYTES;
        import(x, value);
        for (unsigned way = 0; way < 6; way++) {
            mpz_set_ui(y, way); /* 0 and 1 */
            if (way == 2) {
                mpz_sub(y, n, x);
            } else if (way == 3) {
                mpz_add(y, x, n); /* the same residue: only where there is room is it a value */
            } else if (way == 4) {
                import(y, challenges + i * BYTES);
            } else if (way == 5) {
                import(y, kept + (i + 1) % VS_KEY_PROOF_VALUES * BYTES);
            }
            if (mpz_sizeinbase(y, 2) <= BITS) {
                to_bytes(value, BYTES, y);
                assert_int_equal(check(pk), VS_ERR_AUTH);
                memcpy(value, kept + i * BYTES, BYTES);
            }
        }
    }
    memcpy(pk->proof, pk->n, BYTES);
    assert_int_equal(check(pk), VS_ERR_AUTH);
    memset(pk->proof, 0xff, PROOF_BYTES);
    assert_int_equal(check(pk), VS_ERR_AUTH);
    memcpy(pk->proof, kept, PROOF_BYTES);
    assert_int_equal(check(pk), VS_OK);
    mpz_clears(n, x, y, NULL);
}

static void a_value_plus_n_is_refused(void **state) {
    (void)state;
    vs_public_key *pk = good->pk;
    uint8_t kept[BYTES];
    mpz_t n, x;
    mpz_inits(n, x, NULL);
    import(n, pk->n);
    size_t found = 0;
    for (size_t i = 0; i < VS_KEY_PROOF_VALUES; i++) {
        uint8_t *value = pk->proof + i * BYTES;
        import(x, value);
        mpz_add(x, x, n);
        if (mpz_sizeinbase(x, 2) <= BITS) {
            memcpy(kept, value, BYTES);
            to_bytes(value, BYTES, x);
            assert_int_equal(check(pk), VS_ERR_AUTH);
            memcpy(value, kept, BYTES);
            found++;
        }
    }
    printf("# %zu values with room for another n\n", found);
    mpz_clears(n, x, NULL);
}

static void the_proof_of_another_key_is_refused(void **state) {
    (void)state;
    uint8_t *kept = good->pk->proof;
    good->pk->proof = other->pk->proof;
    assert_int_equal(check(good->pk), VS_ERR_AUTH);
    good->pk->proof = kept;
    assert_int_equal(check(good->pk), VS_OK);
}

/* The same n under another base, degree or type is another key, and has another proof. */
static void the_proof_is_bound_to_the_whole_key(void **state) {
    (void)state;
    const vs_key_options variants[] = {{BITS, 1, VS_KEY_STANDARD}, {BITS, 2, VS_KEY_STANDARD}, {BITS, 1, VS_KEY_SHORT}};
    for (size_t i = 0; i < 3; i++) {
        uint8_t h[BYTES];
        vs_public_key *pk;
        memcpy(h, good->pk->h, BYTES);
        h[0] ^= i == 0 ? 1 : 0;
        assert_int_equal(vs__public_key_make(&pk, &variants[i], good->pk->n, h), VS_OK);
        pk->proof = malloc(PROOF_BYTES);
        assert_non_null(pk->proof);
        memcpy(pk->proof, good->pk->proof, PROOF_BYTES);
        assert_int_equal(check(pk), VS_ERR_AUTH);
        vs_public_key_free(pk);
    }
}

static void the_head_of_a_proof_is_checked(void **state) {
    (void)state;
    uint8_t bytes[VS_KEY_PROOF_HEADER + PROOF_BYTES + 1] = {0};
    size_t len = vs__key_proof_len(good->pk);
    assert_int_equal(len, VS_KEY_PROOF_HEADER + PROOF_BYTES);
    vs__key_proof_encode(good->pk, bytes);
    assert_memory_equal(bytes, "VSPF\1\1\x08\0", 8);
    vs_public_key *pk;
    const char *reason = NULL;
    assert_int_equal(vs__public_key_make(&pk, &(vs_key_options){BITS, 1, VS_KEY_STANDARD}, good->pk->n, good->pk->h),
                     VS_OK);
    for (size_t bit = 0; bit < 64; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        vs_status status = vs__key_proof_decode(pk, bytes, len, &reason);
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(status, bit / 8 == 4 || bit / 8 == 5 ? VS_ERR_VERSION : VS_ERR_FORMAT);
        assert_false(vs_public_key_has_proof(pk));
    }
    for (size_t some = 0; some <= len + 1; some += some < 16 || some + 3 > len ? 1 : 1 + (size_t)test_below(99)) {
        if (some != len) {
            assert_int_equal(vs__key_proof_decode(pk, bytes, some, &reason), VS_ERR_FORMAT);
            assert_false(vs_public_key_has_proof(pk));
        }
    }
    assert_int_equal(vs__key_proof_decode(pk, bytes, len, &reason), VS_OK);
    assert_int_equal(check(pk), VS_OK);
    vs_public_key_free(pk);
}

static vs_status read_text(const char *text) {
    vs_public_key *pk;
    const char *reason = NULL;
    vs_status status = vs_public_key_from_text(&pk, text, strlen(text), &reason);
    assert_true((status == VS_OK) == (pk != NULL));
    assert_true(status == VS_OK || reason != NULL);
    vs_public_key_free(pk);
    return status;
}

static void a_text_says_whether_there_is_a_proof(void **state) {
    (void)state;
    static const char said[] = " proof gcd";
    char changed[8192];
    char *text = vs_public_key_to_text(good->pk);
    char *at = strstr(text, said);
    assert_non_null(at);
    snprintf(changed, sizeof changed, "%.*s%s", (int)(at - text), text, at + strlen(said));
    assert_int_equal(read_text(changed), VS_ERR_FORMAT);
    snprintf(changed, sizeof changed, "%.*s proof gce%s", (int)(at - text), text, at + strlen(said));
    assert_int_equal(read_text(changed), VS_ERR_FORMAT);
    free(text);
    uint8_t *kept = good->pk->proof;
    good->pk->proof = NULL;
    text = vs_public_key_to_text(good->pk);
    good->pk->proof = kept;
    assert_int_equal(read_text(text), VS_OK);
    at = strstr(text, "degree 1") + strlen("degree 1");
    snprintf(changed, sizeof changed, "%.*s%s%s", (int)(at - text), text, said, at);
    assert_int_equal(read_text(changed), VS_ERR_FORMAT);
    free(text);
}

/* ---- keys that are bad ---- */

static void a_modulus_whose_prime_divides_the_other_one_less_1_is_refused(void **state) {
    (void)state;
    mpz_t p, q, n, p_units, q_units;
    mpz_inits(p, q, n, p_units, q_units, NULL);
    for (unsigned bits = 17; bits <= 1000; bits += 983) {
        find_prime(p, bits, 1, 4, 3);
        prime_over(q, p, BITS - bits);
        mpz_mul(n, p, q);
        mpz_sub_ui(p_units, p, 1);
        mpz_sub_ui(q_units, q, 1);
        vs_public_key *pk = unchecked_key(n);
        const char *reason = NULL;
        uint8_t n_bytes[BYTES], h[BYTES] = {4};
        to_bytes(n_bytes, BYTES, n); /* nothing else finds it */
        assert_int_equal(vs__public_key_check(&(vs_key_options){BITS, 1, VS_KEY_STANDARD}, n_bytes, h, &reason), VS_OK);
        assert_true(forge(pk, p, p_units, q, q_units) < VS_KEY_PROOF_VALUES);
        assert_int_equal(check(pk), VS_ERR_AUTH);
        vs_public_key_free(pk);
    }
    mpz_clears(p, q, n, p_units, q_units, NULL);
}

/* As the forger of the test above, whose factors are good: then the forgery is a proof. */
static void the_forger_proves_what_is_true(void **state) {
    (void)state;
    mpz_t p, q, n, p_units, q_units;
    mpz_inits(p, q, n, p_units, q_units, NULL);
    find_prime(p, BITS / 2, 1, 4, 3);
    find_prime(q, BITS / 2, 2, 4, 3);
    mpz_mul(n, p, q);
    mpz_sub_ui(p_units, p, 1);
    mpz_sub_ui(q_units, q, 1);
    vs_public_key *pk = unchecked_key(n);
    assert_int_equal(forge(pk, p, p_units, q, q_units), VS_KEY_PROOF_VALUES);
    assert_int_equal(check(pk), VS_OK);
    vs_public_key_free(pk);
    mpz_clears(p, q, n, p_units, q_units, NULL);
}

/* 65537 is the least prime that is not looked for. */
#define LEAST 65537u

/* n = 65537^power · q for a prime q with 65537 ∤ q − 1. */
static void with_least_factor(mpz_t n, mpz_t q, unsigned power) {
    mpz_t factor;
    mpz_init(factor);
    mpz_ui_pow_ui(factor, LEAST, power);
    mpz_set_ui(q, 7);
    mpz_mul_2exp(q, q, BITS - 3);
    mpz_fdiv_q(q, q, factor);
    do {
        mpz_nextprime(q, q);
    } while (mpz_fdiv_ui(q, LEAST) == 1 || mpz_fdiv_ui(q, 4) * mpz_fdiv_ui(factor, 4) % 4 != 1);
    mpz_mul(n, q, factor);
    mpz_clear(factor);
}

/* Try fingerprints until a challenge is what `wanted` says, and fill in the best forgery. That is what grinding over
 * keys comes to: a value in 65537 falls to it, eight at once do not. */
static size_t grind(vs_public_key *pk, const mpz_t q, unsigned power, bool (*wanted)(const mpz_t rho)) {
    uint8_t challenges[PROOF_BYTES];
    bool found = false;
    mpz_t rho, factor, factor_units, q_units;
    mpz_inits(rho, factor, factor_units, q_units, NULL);
    for (uint32_t i = 0; !found; i++) {
        memcpy(pk->info.fingerprint, &i, sizeof i);
        (void)vs__key_proof_challenges(pk, challenges);
        for (size_t j = 0; j < VS_KEY_PROOF_VALUES; j++) {
            import(rho, challenges + j * BYTES);
            found = found || wanted(rho);
        }
    }
    mpz_ui_pow_ui(factor, LEAST, power);
    mpz_divexact_ui(factor_units, factor, LEAST);
    mpz_mul_ui(factor_units, factor_units, LEAST - 1);
    mpz_sub_ui(q_units, q, 1);
    size_t right = forge(pk, factor, factor_units, q, q_units);
    mpz_clears(rho, factor, factor_units, q_units, NULL);
    return right;
}

/* An r-th power modulo r²: its power r − 1 is 1. */
static bool is_power(const mpz_t rho) {
    unsigned __int128 square = (unsigned __int128)LEAST * LEAST, z = mpz_fdiv_ui(rho, (unsigned long)square), y = z;
    for (unsigned i = 0; i < 16; i++) { /* r − 1 = 2^16 */
        y = y * y % square;
    }
    return y == 1;
}

static bool is_multiple(const mpz_t rho) {
    return mpz_fdiv_ui(rho, LEAST) == 0;
}

static void a_modulus_with_the_square_of_a_prime_is_refused_although_one_value_is_right(void **state) {
    (void)state;
    mpz_t n, q;
    mpz_inits(n, q, NULL);
    with_least_factor(n, q, 2);
    vs_public_key *pk = unchecked_key(n);
    size_t right = grind(pk, q, 2, is_power);
    assert_true(right > 0 && right < VS_KEY_PROOF_VALUES);
    assert_int_equal(check(pk), VS_ERR_AUTH);
    vs_public_key_free(pk);
    mpz_clears(n, q, NULL);
}

static void a_challenge_that_is_no_unit_is_refused_although_it_has_a_root(void **state) {
    (void)state;
    mpz_t n, q;
    mpz_inits(n, q, NULL);
    with_least_factor(n, q, 1);
    vs_public_key *pk = unchecked_key(n);
    assert_int_equal(grind(pk, q, 1, is_multiple), VS_KEY_PROOF_VALUES);
    assert_int_equal(check(pk), VS_ERR_AUTH);
    vs_public_key_free(pk);
    mpz_clears(n, q, NULL);
}

/* What the proof does not refuse, the checks of a key do: n prime, where all roots exist. */
static void a_prime_modulus_has_a_proof_and_is_refused_when_read(void **state) {
    (void)state;
    uint8_t challenges[PROOF_BYTES], n_bytes[BYTES], h[BYTES] = {4};
    const char *reason = NULL;
    mpz_t n, d, x;
    mpz_inits(n, d, x, NULL);
    find_prime(n, BITS, 1, 4, 1);
    vs_public_key *pk = unchecked_key(n);
    mpz_sub_ui(x, n, 1);
    mpz_invert(d, n, x);
    assert_true(vs__key_proof_challenges(pk, challenges));
    for (size_t i = 0; i < VS_KEY_PROOF_VALUES; i++) {
        import(x, challenges + i * BYTES);
        mpz_powm(x, x, d, n);
        to_bytes(pk->proof + i * BYTES, BYTES, x);
    }
    assert_int_equal(check(pk), VS_OK);
    vs_public_key_free(pk);
    to_bytes(n_bytes, BYTES, n);
    assert_int_equal(vs__public_key_check(&(vs_key_options){BITS, 1, VS_KEY_STANDARD}, n_bytes, h, &reason),
                     VS_ERR_RANGE);
    assert_non_null(strstr(reason, "prime"));
    mpz_clears(n, d, x, NULL);
}

/* p²: nobody has roots of units that are no p-th powers. It is refused when read as well. */
static void the_square_of_a_prime_is_refused_by_both(void **state) {
    (void)state;
    uint8_t challenges[PROOF_BYTES], n_bytes[BYTES], h[BYTES] = {4};
    const char *reason = NULL;
    mpz_t p, n, units, rho;
    mpz_inits(p, n, units, rho, NULL);
    find_prime(p, BITS / 2, 1, 4, 3);
    mpz_mul(n, p, p);
    mpz_sub(units, n, p);
    vs_public_key *pk = unchecked_key(n);
    (void)vs__key_proof_challenges(pk, challenges);
    for (size_t i = 0; i < VS_KEY_PROOF_VALUES; i++) {
        import(rho, challenges + i * BYTES);
        root_modulo(rho, rho, n, n, units);
        to_bytes(pk->proof + i * BYTES, BYTES, rho);
    }
    assert_int_equal(check(pk), VS_ERR_AUTH);
    vs_public_key_free(pk);
    to_bytes(n_bytes, BYTES, n);
    assert_int_equal(vs__public_key_check(&(vs_key_options){BITS, 1, VS_KEY_STANDARD}, n_bytes, h, &reason),
                     VS_ERR_RANGE);
    mpz_clears(p, n, units, rho, NULL);
}

/* ---- vectors ---- */

typedef struct vector {
    unsigned bits, degree, type;
    char text[16384];
    mpz_t p, q, h, a, b;
    char fingerprint[2 * VS_HASH_BYTES + 1];
} vector;

static void take(vector *v, const char *key, const char *value) {
    static const char *const names[] = {"p", "q", "h", "a", "b"};
    mpz_t *const numbers[] = {&v->p, &v->q, &v->h, &v->a, &v->b};
    unsigned *const counts[] = {&v->bits, &v->degree, &v->type};
    for (size_t i = 0; i < 5; i++) {
        assert_true(strcmp(key, names[i]) != 0 || mpz_set_str(*numbers[i], value, 16) == 0);
    }
    for (size_t i = 0; i < 3; i++) {
        if (strcmp(key, (const char *[]){"bits", "degree", "type"}[i]) == 0) {
            *counts[i] = (unsigned)atoi(value);
        }
    }
    if (strcmp(key, "fingerprint") == 0) {
        snprintf(v->fingerprint, sizeof v->fingerprint, "%s", value);
    } else if (strcmp(key, "text") == 0) {
        strcat(v->text, value);
        strcat(v->text, "\n");
    }
}

/* The vector's text is read and passes; the library, given the same primes, writes the same text. */
static void check_vector(const vector *v) {
    uint8_t p[VS_MAX_DIGIT_BYTES / 2], q[VS_MAX_DIGIT_BYTES / 2], a[VS_MAX_ORDER_BYTES], b[VS_MAX_ORDER_BYTES];
    char hex[2 * VS_HASH_BYTES + 1];
    const char *reason = NULL;
    vs_public_key *pk, *again;
    vs_secret_key *sk;
    assert_int_equal(vs_public_key_from_text(&pk, v->text, strlen(v->text), &reason), VS_OK);
    assert_int_equal(pk->info.bits, v->bits);
    assert_int_equal(pk->info.degree, v->degree);
    assert_int_equal(pk->info.type, v->type);
    assert_int_equal(check(pk), VS_OK);
    vs_to_hex(hex, pk->info.fingerprint, VS_HASH_BYTES);
    assert_string_equal(hex, v->fingerprint);
    const vs_key_options options = {v->bits, v->degree, (vs_key_type)v->type};
    bool subgroup = v->type == VS_KEY_SUBGROUP;
    to_bytes(p, v->bits / 16, v->p);
    to_bytes(q, v->bits / 16, v->q);
    to_bytes(a, vs__order_bytes(v->bits), v->a);
    to_bytes(b, vs__order_bytes(v->bits), v->b);
    const vs_key_factors factors = {p, q, subgroup ? a : NULL, subgroup ? b : NULL};
    assert_int_equal(vs__public_key_make(&again, &options, pk->n, pk->h), VS_OK);
    assert_int_equal(vs__secret_key_make(&sk, again, &factors), VS_OK);
    assert_int_equal(vs_secret_key_prove(sk), VS_OK);
    char *text = vs_public_key_to_text(again);
    assert_string_equal(text, v->text);
    free(text);
    vs_secret_key_free(sk);
    vs_public_key_free(pk);
}

static void an_independent_script_makes_the_same_proofs(void **state) {
    (void)state;
    char line[4096];
    static vector v;
    size_t count = 0;
    mpz_inits(v.p, v.q, v.h, v.a, v.b, NULL);
    FILE *file = fopen(VEILSUM_TESTS_DIR "/vectors/key_proof.txt", "r");
    assert_non_null(file);
    for (bool more = true; more;) {
        more = fgets(line, sizeof line, file) != NULL;
        line[strcspn(line, "\n")] = 0;
        char *equals = strstr(line, " = ");
        if (more && line[0] != '#' && equals != NULL) {
            *equals = 0;
            take(&v, line, equals + 3);
        } else if (v.text[0] != 0) {
            check_vector(&v);
            v.text[0] = 0;
            count++;
        }
    }
    fclose(file);
    mpz_clears(v.p, v.q, v.h, v.a, v.b, NULL);
    assert_int_equal(count, 5);
}

int main(void) {
    test_seed();
    if (vs_secret_setup() != VS_OK) {
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_values_are_the_roots_that_the_factors_give),
        cmocka_unit_test(challenges_differ_and_fill_the_whole_range),
        cmocka_unit_test(making_it_again_makes_the_same),
        cmocka_unit_test(a_text_carries_the_proof_and_the_binary_form_does_not),
        cmocka_unit_test(keys_of_every_size_and_type_are_proved),
        cmocka_unit_test(every_altered_value_is_refused),
        cmocka_unit_test(every_replaced_value_is_refused),
        cmocka_unit_test(a_value_plus_n_is_refused),
        cmocka_unit_test(the_proof_of_another_key_is_refused),
        cmocka_unit_test(the_proof_is_bound_to_the_whole_key),
        cmocka_unit_test(the_head_of_a_proof_is_checked),
        cmocka_unit_test(a_text_says_whether_there_is_a_proof),
        cmocka_unit_test(a_modulus_whose_prime_divides_the_other_one_less_1_is_refused),
        cmocka_unit_test(the_forger_proves_what_is_true),
        cmocka_unit_test(a_modulus_with_the_square_of_a_prime_is_refused_although_one_value_is_right),
        cmocka_unit_test(a_challenge_that_is_no_unit_is_refused_although_it_has_a_root),
        cmocka_unit_test(a_prime_modulus_has_a_proof_and_is_refused_when_read),
        cmocka_unit_test(the_square_of_a_prime_is_refused_by_both),
        cmocka_unit_test(an_independent_script_makes_the_same_proofs),
    };
    return cmocka_run_group_tests(tests, make_keys, free_keys);
}
