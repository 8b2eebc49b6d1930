/* Bodies of messages of `masks`, at each step, for the server, an owner and one who opens.
 *
 * A session of four owners is run once and its messages are kept. An input says which of them is altered: byte 0 which
 * (and from 128 on, one to all is given to who opens), byte 1 how. 0: the rest of the input takes its body's place. 1:
 * byte 2 is how much of the body is cut off, and then every three bytes are a place (2) and what is changed there (1).
 * The body is signed by its sender: what is tried is what comes behind the signature. */
#include <stdio.h>
#include <stdlib.h>

#include "aggregate/protocol/session.h"
#include "crypto/armour.h"
#include "tests/fuzz/fuzz.h"

#define OWNERS 4u
#define PARTIES (OWNERS + 2)
#define MESSAGES 64u

typedef struct kept {
    uint8_t *bytes;
    size_t len;
} kept;

static vs_identity *identities[PARTIES];
static vs_plan *plan;
static vs_int128 cells[9];
static kept all[MESSAGES];
static size_t all_count;

static vs_identity *identity_of(unsigned number) {
    uint8_t plain[5 + 32 + 2] = "VSID\1";
    vs_identity *identity = NULL;
    char *text = NULL;
    const char *reason;
    plain[5] = (uint8_t)(number + 1);
    plain[5 + 32] = 'P';
    plain[5 + 33] = (uint8_t)('0' + number);
    VS_CHECK(vs__armour_seal(&text, "veilsum identity ", plain, sizeof plain, NULL, 0) == VS_OK);
    VS_CHECK(vs_identity_from_text(&identity, text, strlen(text), NULL, 0, &reason) == VS_OK);
    vs_secret_free(text);
    return identity;
}

static void make_plan(void) {
    char json[4096] = "{\"veilsum\":1,\"vector\":{\"length\":8,\"scale\":0,\"min\":0,\"max\":9},\"roster\":[",
         text[VS_MAX_IDENTITY_TEXT], *at = json + strlen(json);
    vs_error error = {0};
    for (unsigned i = 0; i < PARTIES; i++) {
        identities[i] = identity_of(i);
        vs_public_identity_to_text(text, vs_identity_public(identities[i]));
        at += sprintf(at, "%s{\"identity\":\"%s\",\"organisation\":\"%u\",\"may\":[\"%s\"]}", i > 0 ? "," : "", text, i,
                      i < OWNERS    ? "contribute"
                      : i == OWNERS ? "aggregate"
                                    : "open");
    }
    sprintf(at, "],\"opening\":{\"masks\":{}}}");
    VS_CHECK(vs_plan_parse(&plan, json, strlen(json), &error) == VS_OK);
}

static vs_session *session_of(unsigned party) {
    uint8_t seed[VS_SEED_BYTES] = {(uint8_t)(party + 1)};
    const vs_session_setup setup = {.plan = plan,
                                    .identity = identities[party],
                                    .period = "",
                                    .roles = party < OWNERS    ? VS_ROLE_CONTRIBUTOR | VS_ROLE_OPENER
                                             : party == OWNERS ? VS_ROLE_SERVER | VS_ROLE_OPENER
                                                               : VS_ROLE_OPENER,
                                    .seed = seed,
                                    .cells = cells};
    vs_session *session = NULL;
    vs_error error = {0};
    VS_CHECK(vs_session_new(&session, &setup, &error) == VS_OK);
    return session;
}

static void collect(vs_session *session) {
    const uint8_t *bytes;
    size_t len;
    while (vs_session_send(session, &bytes, &len)) {
        VS_CHECK(all_count < MESSAGES);
        kept *k = &all[all_count++];
        k->bytes = malloc(len);
        VS_CHECK(k->bytes != NULL);
        memcpy(k->bytes, bytes, len);
        k->len = len;
    }
}

/* All messages of a session in which nothing goes wrong, in the order of sending. */
static void run_once(void) {
    vs_session *sessions[PARTIES];
    cells[0] = 1;
    make_plan();
    for (unsigned i = 0; i < PARTIES; i++) {
        sessions[i] = session_of(i);
        collect(sessions[i]);
    }
    for (size_t at = 0; at < all_count; at++) {
        for (unsigned i = 0; i < PARTIES; i++) {
            VS_CHECK(vs_session_receive(sessions[i], all[at].bytes, all[at].len, NULL, NULL) == VS_OK);
            collect(sessions[i]);
        }
    }
    for (unsigned i = 0; i < PARTIES; i++) {
        vs_session_free(sessions[i]);
    }
}

/* ---- altering one ---- */

static uint8_t *altered(const vs_message *m, const uint8_t *data, size_t size, size_t *len) {
    uint8_t *body = malloc(m->body_len + size + 1);
    VS_CHECK(body != NULL);
    if (size == 0 || data[0] % 2 == 0) {
        *len = size == 0 ? 0 : size - 1;
        memcpy(body, data + 1, *len);
        return body;
    }
    size_t cut = size > 1 ? data[1] : 0;
    *len = cut < m->body_len ? m->body_len - cut : 0;
    memcpy(body, m->body, m->body_len);
    for (size_t i = 2; i + 3 <= size && *len > 0; i += 3) {
        body[(data[i] | (size_t)data[i + 1] << 8) % *len] ^= data[i + 2];
    }
    return body;
}

static void offer(vs_session *session, const vs_message *m, const uint8_t *data, size_t size) {
    const vs_message_header header = {.kind = m->kind, .from = m->from, .to = m->to, .sid = vs_session_sid(session)};
    vs_error error = {0};
    uint8_t *bytes;
    size_t len, body_len;
    uint8_t *body = altered(m, data, size, &body_len);
    VS_CHECK(vs_message_write(&bytes, &len, &header, body, body_len, identities[m->from], &error) == VS_OK);
    vs_status status = vs_session_receive(session, bytes, len, NULL, &error);
    fuzz_check_status(status, &error);
    vs_session_view view;
    vs_session_look(session, &view);
    VS_CHECK(view.failed == VS_OK || view.reason.message[0] != 0);
    VS_CHECK(view.result == NULL || view.result->contributions >= 3);
    free(bytes);
    free(body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_setup();
    if (all_count == 0) {
        run_once();
    }
    if (size < 1) {
        return 0;
    }
    vs_message m, before;
    const kept *k = &all[data[0] % all_count];
    VS_CHECK(vs_message_parse(&m, k->bytes, k->len, NULL) == VS_OK);
    unsigned receiver = m.to == VS_TO_ALL ? (data[0] & 0x80 ? OWNERS + 1 : 0) : m.to;
    vs_session *session = session_of(receiver);
    for (const kept *earlier = all; earlier < k; earlier++) { /* what it had heard by then */
        VS_CHECK(vs_message_parse(&before, earlier->bytes, earlier->len, NULL) == VS_OK);
        if (before.from != receiver && (before.to == VS_TO_ALL || before.to == receiver)) {
            VS_CHECK(vs_session_receive(session, earlier->bytes, earlier->len, NULL, NULL) == VS_OK);
        }
    }
    offer(session, &m, data + 1, size - 1);
    vs_session_free(session);
    return 0;
}
