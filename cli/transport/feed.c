#include "cli/transport/feed.h"

#include "cli/transport/carrier.h"
#include "crypto/bytes.h"

static vs_status fail_feed(const vs_feed *feed, vs_status status, const char *why, vs_error *error) {
    return vs_fail(error, status, "%s: the feed of messages %s", feed->name, why);
}

static vs_status read_inline(vs_feed *feed, vs_feed_frame *frame, vs_error *error) {
    if (frame->len > (uint64_t)(feed->end - feed->at)) {
        return fail_feed(feed, VS_ERR_FORMAT, "ends inside a message", error);
    }
    frame->message = feed->at;
    feed->at += frame->len;
    return vs_carrier_check(feed->name, frame->id, frame->message, (size_t)frame->len, error);
}

vs_status vs_feed_next(vs_feed *feed, vs_feed_frame *frame, bool *more, vs_error *error) {
    *frame = (vs_feed_frame){.sequence = 0};
    *more = feed->at != feed->end;
    if (!*more) {
        return VS_OK;
    }
    if ((size_t)(feed->end - feed->at) < VS_FEED_FRAME_BYTES) {
        return fail_feed(feed, VS_ERR_FORMAT, "ends inside a frame", error);
    }
    frame->sequence = vs_get_le(feed->at, 8);
    frame->len = vs_get_le(feed->at + 8, 8);
    frame->id = feed->at + 16;
    unsigned is_inline = feed->at[48];
    feed->at += VS_FEED_FRAME_BYTES;
    if (frame->sequence <= feed->after || is_inline > 1) {
        return fail_feed(feed, VS_ERR_FORMAT, "is not well-formed", error);
    }
    if (frame->len == 0 || frame->len > feed->max_message) {
        return fail_feed(feed, VS_ERR_LIMIT, "announces a message of a length that none has", error);
    }
    feed->after = frame->sequence;
    return is_inline == 1 ? read_inline(feed, frame, error) : VS_OK;
}
