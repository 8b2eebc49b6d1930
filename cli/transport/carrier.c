#include "cli/transport/carrier.h"

#include "aggregate/protocol/message.h"
#include "crypto/guard.h"

vs_status vs_carrier_check(const char *name, const uint8_t id[VS_HASH_BYTES], const uint8_t *message, size_t len,
                           vs_error *error) {
    uint8_t found[VS_HASH_BYTES];
    char hex[VS_MESSAGE_ID_HEX + 1];
    vs_message_id(found, message, len);
    if (VS_GUARD(carried_message_id, vs_equal(found, id, VS_HASH_BYTES))) {
        return VS_OK;
    }
    vs_to_hex(hex, id, VS_HASH_BYTES);
    (void)vs_fail(error, VS_ERR_AUTH, "%s: what goes by the name of message %.16s… is not that message", name, hex);
    vs_hint(error, "it was altered or cut short on its way");
    return VS_ERR_AUTH;
}
