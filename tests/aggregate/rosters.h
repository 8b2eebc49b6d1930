/* Identities and plans with rosters, for suites that need them. */
#ifndef VEILSUM_TESTS_ROSTERS_H
#define VEILSUM_TESTS_ROSTERS_H

#include "aggregate/plan/plan.h"
#include "crypto/secret.h"
#include "crypto/sign/identity.h"
#include "tests/aggregate/plans.h"
#include "tests/support.h"

#define ROSTER_CAP 16u

/* Identities A, B, C …, made once for a suite. */
typedef struct roster {
    vs_identity *identities[ROSTER_CAP];
    char lines[ROSTER_CAP][VS_MAX_IDENTITY_TEXT];
} roster;

static inline void roster_new(roster *r) {
    assert_int_equal(vs_secret_setup(), VS_OK);
    for (size_t i = 0; i < ROSTER_CAP; i++) {
        const char name[2] = {(char)('A' + i), 0};
        assert_int_equal(vs_identity_new(&r->identities[i], name), VS_OK);
        vs_public_identity_to_text(r->lines[i], vs_identity_public(r->identities[i]));
    }
}

static inline void roster_free(roster *r) {
    for (size_t i = 0; i < ROSTER_CAP; i++) {
        vs_identity_free(r->identities[i]);
    }
}

/* The text with every "@X" replaced by the public line of identity X. malloc'd. */
static inline char *roster_text(const roster *r, const char *text) {
    char *out = malloc(strlen(text) * VS_MAX_IDENTITY_TEXT + 1), *at = out;
    assert_non_null(out);
    for (; *text != '\0'; text++) {
        if (*text == '@') {
            at = stpcpy(at, r->lines[*++text - 'A']);
        } else {
            *at++ = *text;
        }
    }
    *at = '\0';
    return out;
}

#endif
