/* Keys of which a holder could say afterwards what a total means. */
#include "tests/attacks/attacks.h"

#include "crypto/paillier/key_proof.h"
#include "crypto/secret.h"
#include "tests/crypto/key_forgery.h"

/* What an owner's program does with NAME.pub before it encrypts. */
static vs_status judge(const vs_public_key *pk) {
    vs_public_key *read = NULL;
    const char *reason;
    char *text = vs_public_key_to_text(pk);
    vs_status status = vs_public_key_from_text(&read, text, strlen(text), &reason);
    if (status == VS_OK) {
        status = vs_public_key_check_proof(read, &reason);
    }
    vs_public_key_free(read);
    free(text);
    return status;
}

/* p divides q − 1: all other checks of a key pass, and most units have no plaintext. */
static vs_status forged(void) {
    mpz_t p, q, n, p_units, q_units;
    mpz_inits(p, q, n, p_units, q_units, NULL);
    find_prime(p, 1000, 1, 4, 3);
    prime_over(q, p, BITS - 1000);
    mpz_mul(n, p, q);
    mpz_sub_ui(p_units, p, 1);
    mpz_sub_ui(q_units, q, 1);
    vs_public_key *pk = unchecked_key(n);
    (void)forge(pk, p, p_units, q, q_units);
    vs_status status = judge(pk);
    vs_public_key_free(pk);
    mpz_clears(p, q, n, p_units, q_units, NULL);
    return status;
}

static vs_status made_key(vs_secret_key **sk) {
    return vs_keygen(sk, &(vs_key_options){BITS, 1, VS_KEY_STANDARD});
}

static vs_status without(void) {
    vs_secret_key *sk;
    vs_status status = made_key(&sk);
    if (status == VS_OK) {
        status = judge(vs_secret_key_public(sk));
        vs_secret_key_free(sk);
    }
    return status;
}

/* A good key's proof beside a key of the attacker's. */
static vs_status borrowed(void) {
    vs_secret_key *good = NULL, *own = NULL;
    vs_status status = made_key(&good);
    if (status == VS_OK) {
        status = made_key(&own);
    }
    if (status == VS_OK) {
        status = vs_secret_key_prove(good);
    }
    if (status == VS_OK) {
        own->pk->proof = good->pk->proof;
        good->pk->proof = NULL;
        status = judge(own->pk);
    }
    vs_secret_key_free(good);
    vs_secret_key_free(own);
    return status;
}

static const attack attacks[] = {
    {"key_proof", "a key with p | q - 1, and all roots that there are", forged},
    {"key_proof", "a key without a proof", without},
    {"key_proof", "a key with another one's proof", borrowed},
};

ATTACKS_MAIN(attacks)
