/* Bodies of the opening `shares`, in messages that their senders signed: what owners and servers may send to one that
 * serves and opens. An input is a sequence of events: kind, sender, receiver, length (2), body; kind 0 ends a wait.
 * What is refused says why, and nothing comes out of it. */
#include <stdio.h>
#include <stdlib.h>

#include "aggregate/protocol/session.h"
#include "crypto/bytes.h"
#include "tests/fuzz/fuzz.h"

#define PARTIES 4u
#define UNDER_TEST 2u

static vs_identity *identities[PARTIES];
static vs_plan *plan;

static void setup(void) {
    static const char *const may[PARTIES] = {"\"contribute\"", "\"contribute\"", "\"open\"", "\"aggregate\""};
    char json[4096], line[VS_MAX_IDENTITY_TEXT], *out = json;
    vs_error error = {.message = ""};
    if (plan != NULL) {
        return;
    }
    out += sprintf(out, "{\"veilsum\":1,\"vector\":{\"length\":3,\"scale\":0,\"min\":0,\"max\":9},"
                        "\"contributors\":{\"min\":2},\"roster\":[");
    for (unsigned i = 0; i < PARTIES; i++) {
        const char name[2] = {(char)('A' + i), 0};
        VS_CHECK(vs_identity_new(&identities[i], name) == VS_OK);
        vs_public_identity_to_text(line, vs_identity_public(identities[i]));
        out += sprintf(out, "%s{\"identity\":\"%s\",\"organisation\":\"%s\",\"may\":[%s]}", i == 0 ? "" : ",", line,
                       name, may[i]);
    }
    sprintf(out, "],\"opening\":{\"shares\":[\"C\",\"D\"]}}");
    VS_CHECK(vs_plan_parse(&plan, json, strlen(json), &error) == VS_OK);
}

static void offer(vs_session *session, unsigned kind, uint32_t from, uint32_t to, const uint8_t *body, size_t len) {
    const vs_message_header header = {(vs_message_kind)kind, from, to, vs_session_sid(session)};
    vs_error error = {.message = ""};
    uint8_t *bytes;
    size_t bytes_len;
    bool taken;
    VS_CHECK(vs_message_write(&bytes, &bytes_len, &header, body, len, identities[from], &error) == VS_OK);
    vs_status status = vs_session_receive(session, bytes, bytes_len, &taken, &error);
    fuzz_check_status(status, &error);
    VS_CHECK(status == VS_OK || !taken);
    free(bytes);
}

static void play(vs_session *session, const uint8_t *data, size_t size) {
    while (size >= 5) {
        size_t len = (size_t)vs_get_le(data + 3, 2);
        len = len < size - 5 ? len : size - 5;
        if (data[0] == 0) {
            vs_error error = {.message = ""};
            fuzz_check_status(vs_session_expire(session, &error), &error);
        } else {
            uint32_t to = data[2] % (PARTIES + 1);
            offer(session, data[0], data[1] % PARTIES, to == PARTIES ? VS_TO_ALL : to, data + 5, len);
        }
        data += 5 + len;
        size -= 5 + len;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const uint8_t seed[VS_SEED_BYTES] = {1};
    vs_session *session = NULL;
    vs_session_view view;
    vs_error error = {.message = ""};
    fuzz_setup();
    setup();
    const vs_session_setup of = {.plan = plan,
                                 .identity = identities[UNDER_TEST],
                                 .period = "",
                                 .roles = VS_ROLE_SERVER | VS_ROLE_OPENER,
                                 .seed = seed};
    VS_CHECK(vs_session_new(&session, &of, &error) == VS_OK);
    play(session, data, size);
    vs_session_look(session, &view);
    VS_CHECK(view.result == NULL); /* nobody can guess the other server's keys */
    vs_session_free(session);
    return 0;
}
