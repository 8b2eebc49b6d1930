/* What a board, or whoever is on the way to it, could do to the bytes. */
#include "tests/attacks/attacks.h"

#include "aggregate/protocol/message.h"
#include "cli/transport/address.h"
#include "cli/transport/feed.h"
#include "crypto/bytes.h"
#include "crypto/secret.h"

/* A feed that brings other bytes under the id of a message that was asked for. */
static vs_status another_message_under_this_id(void) {
    static const char said[] = "what was sent", brought[] = "what is brought";
    uint8_t bytes[VS_FEED_FRAME_BYTES + sizeof brought];
    vs_feed_frame frame;
    bool more = false;
    vs_put_le(bytes, 1, 8);
    vs_put_le(bytes + 8, sizeof brought, 8);
    vs_message_id(bytes + 16, (const uint8_t *)said, sizeof said);
    bytes[48] = 1;
    memcpy(bytes + VS_FEED_FRAME_BYTES, brought, sizeof brought);
    vs_feed feed = {.name = "board", .at = bytes, .end = bytes + sizeof bytes, .max_message = 1000};
    return vs_feed_next(&feed, &frame, &more, NULL);
}

/* Somebody on the way reads who sends how much and when. */
static vs_status in_the_clear_to_another_machine(void) {
    static const vs_address_policy policy = {.pin = NULL};
    vs_address address;
    vs_status status = vs_address_read(&address, "http://board.example:8443", NULL);
    if (status == VS_OK) {
        status = vs_address_check(&address, &policy, NULL);
    }
    vs_address_clear(&address);
    return status;
}

static const attack attacks[] = {
    {"carried_message_id", "a board that brings other bytes than were sent", another_message_under_this_id},
    {"plain_transport_is_local", "messages in the clear to another machine", in_the_clear_to_another_machine},
};

ATTACKS_MAIN(attacks)
