#include "cli/board/judge.h"

#include <string.h>

#include "aggregate/protocol/message.h"
#include "crypto/bytes.h"
#include "crypto/guard.h"

#define SID_AT 8
#define FROM_AT 40
#define TO_AT 44
#define LEN_AT 48

/* ---- the header ---- */

static vs_status check_parties(const vs_board_header *header, const vs_plan *plan, vs_error *error) {
    if (header->from >= plan->party_count || (header->to != VS_TO_ALL && header->to >= plan->party_count)) {
        return vs_fail(error, VS_ERR_POLICY, "a message by or to somebody who is not on the plan's roster");
    }
    const char *from = plan->parties[header->from].identity.name;
    uint64_t limit = vs_message_limit(plan, header->kind);
    if (limit == 0 || header->kind >= VS_BOARD_MAX_KINDS) {
        return vs_fail(error, VS_ERR_POLICY, "a message by %s, of a kind that this plan's opening has no use for",
                       from);
    }
    if (!VS_GUARD(board_sender_role, vs_message_may_send(plan, header->kind, header->from))) {
        return vs_fail(error, VS_ERR_POLICY, "%s: the plan does not let it send '%s'", from,
                       vs_message_kind_name(header->kind));
    }
    if (header->len > limit) {
        return vs_fail(error, VS_ERR_LIMIT, "%s: '%s' is longer than the plan has use for", from,
                       vs_message_kind_name(header->kind));
    }
    return VS_OK;
}

vs_status vs__board_read_header(vs_board_header *header, const vs_plan *plan, const uint8_t sid[VS_HASH_BYTES],
                                uint64_t max_len, const uint8_t *message, size_t len, vs_error *error) {
    static const uint8_t magic[4] = "VSMG";
    if (len < VS_MESSAGE_HEADER_BYTES || memcmp(message, magic, sizeof magic) != 0 || message[6] != 0 ||
        message[7] != 0) {
        (void)vs_fail(error, VS_ERR_FORMAT, "not a message of a veilsum session");
        vs_hint(error, "a board takes what `veilsum join` sends, and nothing else");
        return VS_ERR_FORMAT;
    }
    if (message[4] != 1) {
        (void)vs_fail(error, VS_ERR_VERSION, "a message of version %u, which this program does not know", message[4]);
        vs_hint(error, "a newer veilsum wrote it");
        return VS_ERR_VERSION;
    }
    *header = (vs_board_header){.kind = message[5],
                                .from = (uint32_t)vs_get_le(message + FROM_AT, 4),
                                .to = (uint32_t)vs_get_le(message + TO_AT, 4)};
    uint64_t body_len = vs_get_le(message + LEN_AT, 8);
    if (!VS_GUARD(board_session, memcmp(message + SID_AT, sid, VS_HASH_BYTES) == 0)) {
        (void)vs_fail(error, VS_ERR_MISMATCH, "a message of another session");
        vs_hint(error, "plan, period and attempt must be the same for all who take part; see /v1/about");
        return VS_ERR_MISMATCH;
    }
    if (max_len < VS_MESSAGE_OVERHEAD || body_len > max_len - VS_MESSAGE_OVERHEAD) {
        return vs_fail(error, VS_ERR_LIMIT, "the message is larger than the %llu bytes that the board takes",
                       (unsigned long long)max_len);
    }
    header->len = body_len + VS_MESSAGE_OVERHEAD;
    return check_parties(header, plan, error);
}

/* ---- the hashes ---- */

/* The length that stands in front of a field, whose bytes follow in pieces. */
static void begin_field(vs_hash *hash, uint64_t len) {
    uint8_t bytes[8];
    vs_put_le(bytes, len, sizeof bytes);
    vs_hash_bytes(hash, bytes, sizeof bytes);
}

void vs__board_judge_begin(vs_board_judgement *judgement, const vs_board_header *header) {
    judgement->header = *header;
    judgement->seen = 0;
    vs_hash_init(&judgement->id, "veilsum message id");
    begin_field(&judgement->id, header->len);
    vs_hash_init(&judgement->body, "veilsum message body");
    begin_field(&judgement->body, header->len - VS_MESSAGE_OVERHEAD);
}

/* How many of the next `len` bytes, at `seen`, come before `end`. */
static size_t part_of(uint64_t seen, size_t len, uint64_t end) {
    return seen >= end ? 0 : end - seen < len ? (size_t)(end - seen) : len;
}

void vs__board_judge_bytes(vs_board_judgement *judgement, const uint8_t *data, size_t len) {
    uint64_t body_end = judgement->header.len - VS_SIGNATURE_BYTES;
    VS_CHECK(len <= judgement->header.len - judgement->seen);
    vs_hash_bytes(&judgement->id, data, len);
    while (len > 0) {
        uint64_t seen = judgement->seen;
        size_t n = part_of(seen, len, VS_MESSAGE_HEADER_BYTES);
        if (n > 0) {
            memcpy(judgement->head + seen, data, n);
        } else if ((n = part_of(seen, len, body_end)) > 0) {
            vs_hash_bytes(&judgement->body, data, n);
        } else {
            n = len;
            memcpy(judgement->signature + (seen - body_end), data, n);
        }
        judgement->seen += n;
        data += n;
        len -= n;
    }
}

void vs__board_judge_id(vs_board_judgement *judgement, uint8_t id[VS_HASH_BYTES]) {
    VS_CHECK(judgement->seen == judgement->header.len);
    vs_hash_final(&judgement->id, id);
}

vs_status vs__board_judge_end(vs_board_judgement *judgement, const vs_plan *plan, vs_error *error) {
    const vs_public_identity *from = &plan->parties[judgement->header.from].identity;
    uint8_t body[VS_HASH_BYTES], signed_hash[VS_HASH_BYTES];
    vs_hash hash;
    vs_hash_final(&judgement->body, body);
    vs_hash_init(&hash, "veilsum message");
    vs_hash_field(&hash, judgement->head, sizeof judgement->head);
    vs_hash_field(&hash, body, sizeof body);
    vs_hash_final(&hash, signed_hash);
    if (!VS_GUARD(board_signature,
                  vs_signature_check(from->key, judgement->signature, signed_hash, sizeof signed_hash) == VS_OK)) {
        return vs_fail(error, VS_ERR_AUTH, "%s: the signature of '%s' is not right, so somebody else sent it",
                       from->name, vs_message_kind_name(judgement->header.kind));
    }
    return VS_OK;
}
