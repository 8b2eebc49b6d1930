/* The types of keys: what they are called, how long their exponents are, and what they ask to be believed.
 * papers/key-types.md has the definitions and the arguments.
 */
#include <string.h>

#include "crypto/paillier/key_internal.h"

static const struct {
    const char *name, *assumption;
} types[VS_KEY_TYPES] = {
    [VS_KEY_STANDARD] = {"standard", "decisional composite residuosity, for randomness of half the modulus's length"},
    [VS_KEY_SHORT] = {"short", "decisional composite residuosity; and powers of h with short exponents cannot be told "
                               "from powers with full-length ones (discrete logarithms with short exponents are hard)"},
    [VS_KEY_SUBGROUP] = {"subgroup", "decisional composite residuosity for randomness from a small subgroup of secret "
                                     "order; and an element of that subgroup is of no help in factoring the modulus"},
    [VS_KEY_IMPORTED] = {"imported", "decisional composite residuosity; and that the program which made the key chose "
                                     "its primes well"},
};

const char *vs_key_type_name(vs_key_type type) {
    return types[type].name;
}

const char *vs_key_type_assumption(vs_key_type type) {
    return types[type].assumption;
}

int vs_key_type_from_name(vs_key_type *type, const char *name) {
    for (unsigned i = 0; i < VS_KEY_TYPES; i++) {
        if (strcmp(name, types[i].name) == 0) {
            *type = (vs_key_type)i;
            return 1;
        }
    }
    return 0;
}

bool vs__key_options_are_known(const vs_key_options *options) {
    unsigned bits = options->bits;
    return (bits == 2048 || bits == 3072 || bits == 4096) && options->degree >= 1 && options->degree <= VS_MAX_DEGREE &&
           (unsigned)options->type < VS_KEY_TYPES && (options->type != VS_KEY_IMPORTED || options->degree == 1);
}

/* λ: what factoring a modulus of that size is taken to cost, in bits [SP800-57]. */
static unsigned strength(unsigned bits) {
    return bits == 2048 ? 112 : bits == 3072 ? 128 : 152;
}

unsigned vs__exponent_bits(const vs_key_options *options) {
    switch (options->type) {
    case VS_KEY_STANDARD:
        return options->bits / 2;
    case VS_KEY_IMPORTED:
        return options->bits;
    default:
        return 4 * strength(options->bits);
    }
}

size_t vs__order_bytes(unsigned bits) {
    return 2 * strength(bits) / 8;
}
