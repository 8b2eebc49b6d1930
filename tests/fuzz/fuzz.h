/* What the fuzz targets share. A target reads one hostile input and must neither crash, hang, leak nor take more memory
 * than the limits of its parser allow; where the parser accepts, the target checks what acceptance promises.
 *
 * The same function serves libFuzzer (./run fuzz) and replay.c, which feeds it the stored corpus in every build's
 * tests.
 */
#ifndef VEILSUM_TESTS_FUZZ_H
#define VEILSUM_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "aggregate/plan/plan.h"
#include "aggregate/stream.h"
#include "crypto/secret.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void fuzz_setup(void) {
    static int done;
    if (!done) {
        VS_CHECK(vs_secret_setup() == VS_OK);
        done = 1;
    }
}

/** A refusal must say why, in one line; success must not leave anything undone. */
static inline void fuzz_check_status(vs_status status, const vs_error *error) {
    VS_CHECK(status == VS_OK || error->message[0] != 0);
    VS_CHECK(status == VS_OK || strchr(error->message, '\n') == NULL);
    VS_CHECK(status == VS_OK || strchr(error->hint, '\n') == NULL);
}

/* A plan that the table parsers read for; made once and kept, like the rest of a fuzzer's state. */
static inline const vs_plan *fuzz_plan(vs_plan **kept, const char *json) {
    if (*kept == NULL) {
        vs_error error = {0};
        VS_CHECK(vs_plan_parse(kept, json, strlen(json), &error) == VS_OK);
    }
    return *kept;
}

#define FUZZ_OPENING "\"opening\": {\"key\": \"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\"}"

#endif
