#include "aggregate/protocol/message.h"

#include <stdlib.h>
#include <string.h>

#include "aggregate/protocol/message_limit.h"
#include "crypto/bytes.h"
#include "crypto/guard.h"

static const uint8_t magic[4] = "VSMG";
#define VERSION 1

/* ---- kinds ---- */

/* Who may send a kind. */
typedef enum sender { OWNER, AGGREGATOR, OPENER, SHARE_SERVER } sender;

#define KEY (1u << VS_OPENING_KEY)
#define THRESHOLD (1u << VS_OPENING_THRESHOLD)
#define SHARES (1u << VS_OPENING_SHARES)
#define MASKS (1u << VS_OPENING_MASKS)

typedef struct kind {
    unsigned number;
    const char *name;
    unsigned openings; /* a set of them */
    sender by;
} kind;

static const kind kinds[] = {
    {VS_MESSAGE_CONTRIBUTION, "contribution", KEY | THRESHOLD, OWNER},
    {VS_MESSAGE_TOTAL, "total", KEY | THRESHOLD, AGGREGATOR},
    {VS_MESSAGE_RECEIPT, "receipt", KEY | THRESHOLD, AGGREGATOR},
    {VS_MESSAGE_PART, "part", THRESHOLD, OPENER},
    {VS_MESSAGE_PART_ALLOWED, "second part", THRESHOLD, OPENER},
    {VS_MESSAGE_RESULT, "result", KEY | THRESHOLD | SHARES, OPENER},
    {VS_MESSAGE_OPENING, "opening", KEY | THRESHOLD | SHARES, OPENER},
    {VS_MESSAGE_SHARE, "share", SHARES, OWNER},
    {VS_MESSAGE_ACCEPTED, "accepted", SHARES, SHARE_SERVER},
    {VS_MESSAGE_COUNTS, "counts", SHARES, SHARE_SERVER},
    {VS_MESSAGE_VALUES, "values", SHARES, SHARE_SERVER},
    {VS_MESSAGE_ADVERTISE, "advertise", MASKS, OWNER},
    {VS_MESSAGE_DIRECTORY, "directory", MASKS, AGGREGATOR},
    {VS_MESSAGE_COIN, "coin", MASKS, OWNER},
    {VS_MESSAGE_COINS, "coins", MASKS, AGGREGATOR},
    {VS_MESSAGE_DEALING, "dealing", MASKS, OWNER},
    {VS_MESSAGE_DELIVERY, "delivery", MASKS, AGGREGATOR},
    {VS_MESSAGE_MASKED, "masked", MASKS, OWNER},
    {VS_MESSAGE_SURVIVORS, "survivors", MASKS, AGGREGATOR},
    {VS_MESSAGE_AGREE, "agree", MASKS, OWNER},
    {VS_MESSAGE_AGREED, "agreed", MASKS, AGGREGATOR},
    {VS_MESSAGE_UNMASK, "unmask", MASKS, OWNER},
    {VS_MESSAGE_SUM, "sum", MASKS, AGGREGATOR},
};

static const kind *find(unsigned number) {
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (kinds[i].number == number) {
            return &kinds[i];
        }
    }
    return NULL;
}

const char *vs_message_kind_name(unsigned number) {
    const kind *k = find(number);
    return k == NULL ? NULL : k->name;
}

bool vs_message_is_for(unsigned number, unsigned may) {
    switch (number) {
    case VS_MESSAGE_CONTRIBUTION:
        return may & (VS_MAY_AGGREGATE | VS_MAY_OPEN);
    case VS_MESSAGE_TOTAL:
    case VS_MESSAGE_PART:
    case VS_MESSAGE_PART_ALLOWED:
        return may & VS_MAY_OPEN;
    default:
        return true;
    }
}

bool vs_message_may_send(const vs_plan *plan, unsigned number, uint32_t party) {
    const kind *k = find(number);
    if (k == NULL || party >= plan->party_count || !(k->openings & 1u << plan->opening)) {
        return false;
    }
    unsigned may = plan->parties[party].may;
    switch (k->by) {
    case OWNER:
        return may & VS_MAY_CONTRIBUTE;
    case AGGREGATOR:
        return may & VS_MAY_AGGREGATE;
    case OPENER:
        return may & VS_MAY_OPEN;
    default:
        return vs_plan_is_server(plan, party);
    }
}

unsigned vs_message_role(unsigned number) {
    static const unsigned roles[] = {[OWNER] = VS_ROLE_CONTRIBUTOR,
                                     [AGGREGATOR] = VS_ROLE_SERVER,
                                     [OPENER] = VS_ROLE_OPENER,
                                     [SHARE_SERVER] = VS_ROLE_SERVER};
    const kind *k = find(number);
    return k == NULL ? 0 : roles[k->by];
}

/* ---- how long ---- */

/* No slot is wider than 128 bits, and each block has a last word that may be all but empty. */
static uint64_t encoding_limit(const vs_plan *plan) {
    return 16 * (plan->cell_count + plan->group_count * plan->class_count + 1);
}

uint64_t vs_message_limit(const vs_plan *plan, unsigned number) {
    const kind *k = find(number);
    if (k == NULL || !(k->openings & 1u << plan->opening)) {
        return 0;
    }
    uint64_t parties = plan->party_count, vector = encoding_limit(plan), small = 4096;
    switch (number) {
    case VS_MESSAGE_CONTRIBUTION:
    case VS_MESSAGE_TOTAL:
    case VS_MESSAGE_PART:
    case VS_MESSAGE_PART_ALLOWED:
        return vs__container_limit(plan);
    case VS_MESSAGE_RECEIPT:
        return small + parties * 1024;
    case VS_MESSAGE_RESULT:
        return vs__result_limit(plan);
    case VS_MESSAGE_SHARE:
    case VS_MESSAGE_COUNTS:
    case VS_MESSAGE_VALUES:
    case VS_MESSAGE_MASKED:
        return small + vector + VS_MESSAGE_OVERHEAD;
    case VS_MESSAGE_SUM:
        return small + vector + parties * 512;
    default:
        return small + parties * 512;
    }
}

/* ---- reading ---- */

vs_status vs_message_parse(vs_message *message, const uint8_t *bytes, size_t len, vs_error *error) {
    *message = (vs_message){.bytes = bytes, .len = len};
    if (len < VS_MESSAGE_OVERHEAD || memcmp(bytes, magic, sizeof magic) != 0) {
        return vs_fail(error, VS_ERR_FORMAT, "not a message of a veilsum session");
    }
    if (bytes[4] != VERSION) {
        vs_fail(error, VS_ERR_VERSION, "a message of version %u, which this program does not know", bytes[4]);
        vs_hint(error, "a newer veilsum wrote it");
        return VS_ERR_VERSION;
    }
    if (bytes[6] != 0 || bytes[7] != 0 || vs_get_le(bytes + 48, 8) != len - VS_MESSAGE_OVERHEAD) {
        return vs_fail(error, VS_ERR_FORMAT, "a message whose length is not what its header says");
    }
    message->kind = bytes[5];
    message->from = (uint32_t)vs_get_le(bytes + 40, 4);
    message->to = (uint32_t)vs_get_le(bytes + 44, 4);
    message->body = bytes + VS_MESSAGE_HEADER_BYTES;
    message->body_len = len - VS_MESSAGE_OVERHEAD;
    vs_message_id(message->id, bytes, len);
    return VS_OK;
}

void vs_message_id(uint8_t id[VS_HASH_BYTES], const uint8_t *bytes, size_t len) {
    vs_hash hash;
    vs_hash_init(&hash, "veilsum message id");
    vs_hash_field(&hash, bytes, len);
    vs_hash_final(&hash, id);
}

static void signed_hash(uint8_t out[VS_HASH_BYTES], const uint8_t *header, const uint8_t *body, size_t body_len) {
    uint8_t of_body[VS_HASH_BYTES];
    vs_hash hash;
    vs_hash_init(&hash, "veilsum message body");
    vs_hash_field(&hash, body, body_len);
    vs_hash_final(&hash, of_body);
    vs_hash_init(&hash, "veilsum message");
    vs_hash_field(&hash, header, VS_MESSAGE_HEADER_BYTES);
    vs_hash_field(&hash, of_body, sizeof of_body);
    vs_hash_final(&hash, out);
}

/* What the plan says of sender, receiver and length. */
static vs_status check_allowed(const vs_message *message, const vs_plan *plan, vs_error *error) {
    const kind *k = find(message->kind);
    if (message->from >= plan->party_count || (message->to != VS_TO_ALL && message->to >= plan->party_count)) {
        return vs_fail(error, VS_ERR_POLICY, "a message by or to somebody who is not on the plan's roster");
    }
    const char *name = plan->parties[message->from].identity.name;
    if (k == NULL || !(k->openings & 1u << plan->opening)) {
        return vs_fail(error, VS_ERR_POLICY, "%s: a message of a kind that this plan's opening has no use for", name);
    }
    if (!VS_GUARD(message_sender_role, vs_message_may_send(plan, message->kind, message->from))) {
        return vs_fail(error, VS_ERR_POLICY, "%s: the plan does not let it send '%s'", name, k->name);
    }
    if (message->len > vs_message_limit(plan, message->kind)) {
        return vs_fail(error, VS_ERR_LIMIT, "%s: '%s' is longer than the plan has use for", name, k->name);
    }
    return VS_OK;
}

vs_status vs_message_read(vs_message *message, const vs_plan *plan, const uint8_t sid[VS_HASH_BYTES],
                          const uint8_t *bytes, size_t len, vs_error *error) {
    uint8_t hash[VS_HASH_BYTES];
    vs_status status = vs_message_parse(message, bytes, len, error);
    if (status == VS_OK && !VS_GUARD(message_session, memcmp(bytes + 8, sid, VS_HASH_BYTES) == 0)) {
        vs_fail(error, VS_ERR_MISMATCH, "a message of another session");
        vs_hint(error, "plan, period and attempt must be the same for all who take part");
        status = VS_ERR_MISMATCH;
    }
    if (status == VS_OK) {
        status = check_allowed(message, plan, error);
    }
    if (status == VS_OK) {
        const vs_public_identity *who = &plan->parties[message->from].identity;
        signed_hash(hash, bytes, message->body, message->body_len);
        vs_status verdict = vs_signature_check(who->key, bytes + len - VS_SIGNATURE_BYTES, hash, sizeof hash);
        if (!VS_GUARD(message_signature, verdict == VS_OK)) {
            status = vs_fail(error, VS_ERR_AUTH, "%s: the signature of '%s' is not right", who->name,
                             vs_message_kind_name(message->kind));
        }
    }
    return status;
}

static void put_header(uint8_t out[VS_MESSAGE_HEADER_BYTES], const vs_message_header *header, size_t body_len) {
    memset(out, 0, VS_MESSAGE_HEADER_BYTES);
    memcpy(out, magic, sizeof magic);
    out[4] = VERSION;
    out[5] = (uint8_t)header->kind;
    memcpy(out + 8, header->sid, VS_HASH_BYTES);
    vs_put_le(out + 40, header->from, 4);
    vs_put_le(out + 44, header->to, 4);
    vs_put_le(out + 48, body_len, 8);
}

vs_status vs_message_signed(const vs_plan *plan, const vs_message_header *header, const uint8_t *body, size_t body_len,
                            const uint8_t signature[VS_SIGNATURE_BYTES]) {
    uint8_t bytes[VS_MESSAGE_HEADER_BYTES], hash[VS_HASH_BYTES];
    put_header(bytes, header, body_len);
    signed_hash(hash, bytes, body, body_len);
    return vs_signature_check(plan->parties[header->from].identity.key, signature, hash, sizeof hash);
}

vs_status vs_message_write(uint8_t **bytes, size_t *len, const vs_message_header *header, const uint8_t *body,
                           size_t body_len, const vs_identity *signer, vs_error *error) {
    uint8_t hash[VS_HASH_BYTES];
    *len = body_len + VS_MESSAGE_OVERHEAD;
    uint8_t *out = *bytes = malloc(*len);
    if (out == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    put_header(out, header, body_len);
    if (body_len > 0) {
        memcpy(out + VS_MESSAGE_HEADER_BYTES, body, body_len);
    }
    signed_hash(hash, out, out + VS_MESSAGE_HEADER_BYTES, body_len);
    vs_sign(signer, out + *len - VS_SIGNATURE_BYTES, hash, sizeof hash);
    return VS_OK;
}
