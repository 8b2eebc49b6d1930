/* The frames of a board's feed. What is accepted lies inside the feed, has the id that it goes by, and comes in order.
 */
#include "aggregate/protocol/message.h"
#include "cli/transport/feed.h"
#include "tests/fuzz/fuzz.h"

#define MAX_MESSAGE 1000u

static void check_frame(const vs_feed_frame *frame, const vs_feed *feed, const uint8_t *data, size_t size) {
    VS_CHECK(frame->id >= data && frame->id + VS_HASH_BYTES <= data + size);
    VS_CHECK(frame->len > 0 && frame->len <= MAX_MESSAGE);
    VS_CHECK(feed->at >= data && feed->at <= data + size);
    if (frame->message != NULL) {
        uint8_t id[VS_HASH_BYTES];
        VS_CHECK(frame->message >= data && frame->message + frame->len == feed->at);
        vs_message_id(id, frame->message, (size_t)frame->len);
        VS_CHECK(memcmp(id, frame->id, VS_HASH_BYTES) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_setup();
    vs_feed feed = {.name = "board", .at = data, .end = data + size, .max_message = MAX_MESSAGE};
    uint64_t last = 0;
    bool more = true;
    vs_status status = VS_OK;
    while (status == VS_OK && more) {
        vs_feed_frame frame;
        vs_error error = {{0}, {0}};
        status = vs_feed_next(&feed, &frame, &more, &error);
        fuzz_check_status(status, &error);
        if (status == VS_OK && more) {
            check_frame(&frame, &feed, data, size);
            VS_CHECK(frame.sequence > last);
            last = frame.sequence;
        }
    }
    return 0;
}
