/* What is asked before anything of a total is decrypted. */
#include <string.h>

#include "aggregate/opening/rules.h"
#include "cli/decrypt_internal.h"
#include "cli/load.h"

vs_status vs__decrypt_permit(const vs_arguments *arguments, const vs_total *total, const char *name,
                             const vs_public_identity *opener, vs_error *error) {
    vs_opening_request request = {
        .plan = total->plan, .name = name, .total = total->header, .bytes = total->bytes, .opener = opener};
    (void)arguments;
    memcpy(request.digest, total->digest, VS_HASH_BYTES);
    vs_status status = vs__now(&request.now, error);
    return status == VS_OK ? vs_opening_rules(&request, error) : status;
}
