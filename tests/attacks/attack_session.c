/* Parties who say what they may not, or two things. */
#include "tests/attacks/attacks.h"

#include "aggregate/protocol/shares_internal.h"
#include "shares_cast.h"

static roster people;

/* A, B, C contribute; D and E serve; F opens. */
#define SERVER_D 3u
#define OPENER_F 5u
static const shares_spec plain = {{"c", "c", "c", "s", "s", "o"}, SHARES_COLUMNS, NULL, 2};

/* An owner who is no server says whom the servers have accepted. */
static vs_status a_list_by_an_owner(void) {
    shares_scene s;
    uint8_t body[64] = {0};
    shares_scene_new(&s, &people, &plain);
    network_bytes forged = shares_forge(&s, VS_MESSAGE_ACCEPTED, 0, VS_TO_ALL, body, sizeof body);
    uint8_t sid[VS_HASH_BYTES];
    vs_message message;
    vs_session_id(sid, s.plan->id, "2026-11", 0);
    vs_status status = vs_message_read(&message, s.plan, sid, forged.bytes, forged.len, NULL);
    free(forged.bytes);
    shares_scene_free(&s);
    return status;
}

/* A server says one list, and then another. */
static vs_status two_lists(void) {
    shares_scene s;
    uint8_t list[VS__ACCEPTED_BYTES] = {0};
    shares_scene_new(&s, &people, &plain);
    network_start(&s.net, OPENER_F);
    network_bytes first = shares_forge(&s, VS_MESSAGE_ACCEPTED, SERVER_D, VS_TO_ALL, list, sizeof list);
    list[0] = 1;
    network_bytes second = shares_forge(&s, VS_MESSAGE_ACCEPTED, SERVER_D, VS_TO_ALL, list, sizeof list);
    assert_int_equal(network_offer(&s.net, OPENER_F, first.bytes, first.len), VS_OK);
    vs_status status = network_offer(&s.net, OPENER_F, second.bytes, second.len);
    free(first.bytes);
    free(second.bytes);
    shares_scene_free(&s);
    return status;
}

/* An owner runs a server's side. */
static vs_status an_owner_as_server(void) {
    shares_scene s;
    vs_session *session = NULL;
    shares_scene_new(&s, &people, &plain);
    vs_session_setup setup = s.net.parties[0].setup;
    uint8_t seed[VS_SEED_BYTES] = {0};
    setup.seed = seed;
    setup.roles = VS_ROLE_SERVER;
    vs_status status = vs_session_new(&session, &setup, NULL);
    vs_session_free(session);
    shares_scene_free(&s);
    return status;
}

static const attack attacks[] = {
    {"message_sender_role", "an owner that speaks for the servers", a_list_by_an_owner},
    {"one_message_of_a_kind", "a server that says two things", two_lists},
    {"session_role", "an owner that runs a server's side", an_owner_as_server},
};

int main(void) {
    test_seed();
    roster_new(&people);
    int wrong = attacks_run(attacks, sizeof attacks / sizeof *attacks);
    roster_free(&people);
    return wrong == 0 ? 0 : 1;
}
