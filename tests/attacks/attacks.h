/* Attacks, each with the guard that stops it (crypto/guard.h). An attack builds what a liar would send and lets the
 * library judge it. It must be refused; and with its guard left out it must succeed, which shows that the guard is what
 * stops it. */
#ifndef VEILSUM_TESTS_ATTACKS_H
#define VEILSUM_TESTS_ATTACKS_H

#include "crypto/status.h"
#include "tests/support.h"

typedef struct attack {
    const char *guard;
    const char *what;
    vs_status (*run)(void); /* VS_OK: it succeeded */
} attack;

/** Run all; the number that did not behave. Prints each. */
int attacks_run(const attack *attacks, size_t count);

#define ATTACKS_MAIN(list)                                                                                             \
    int main(void) {                                                                                                   \
        test_seed();                                                                                                   \
        if (vs_secret_setup() != VS_OK) {                                                                              \
            return 1;                                                                                                  \
        }                                                                                                              \
        return attacks_run(list, sizeof list / sizeof *list) == 0 ? 0 : 1;                                             \
    }

#endif
