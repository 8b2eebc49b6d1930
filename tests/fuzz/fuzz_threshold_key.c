/* Holders' files of threshold keys. What is accepted is written back as it was read, line ends aside. */
#include <stdlib.h>

#include "crypto/paillier/threshold.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_setup();
    vs_threshold_key *key = NULL, *again = NULL;
    const char *reason = NULL;
    vs_status status = vs_threshold_key_from_text(&key, (const char *)data, size, &reason);
    VS_CHECK((status == VS_OK) == (key != NULL));
    VS_CHECK(status == VS_OK || (reason != NULL && strchr(reason, '\n') == NULL));
    if (key != NULL) {
        char *text = vs_threshold_key_to_text(key);
        VS_CHECK(text != NULL && vs_threshold_key_from_text(&again, text, strlen(text), &reason) == VS_OK);
        VS_CHECK(vs_equal(vs_threshold_key_info(key)->fingerprint, vs_threshold_key_info(again)->fingerprint,
                          VS_HASH_BYTES));
        VS_CHECK(vs_threshold_key_find(key, vs_threshold_key_holder(key, 1)) == 1);
        free(text);
    }
    vs_threshold_key_free(again);
    vs_threshold_key_free(key);
    return 0;
}
