/* Sessions of the openings key and threshold, against owners, servers, holders and disks that lie. */
#include "tests/attacks/attacks.h"

#include "keyed_world.h"

/* Everybody but the server hears the owners. */
static keyed_world *scene(bool threshold, bool with_server) {
    keyed_world *w = keyed_all(threshold, "");
    if (!with_server) {
        w->net.parties[KEYED_SERVER].setup.plan = NULL;
    }
    network_start_all(&w->net);
    network_run(&w->net);
    return w;
}

/* Nobody but the server is there. */
static keyed_world *server_alone(void) {
    keyed_world *w = keyed_all(false, "");
    network_start(&w->net, KEYED_SERVER);
    return w;
}

static vs_status end(keyed_world *w, vs_status status) {
    keyed_free(w);
    return status;
}

static vs_status failure_of(keyed_world *w, uint32_t party) {
    vs_session_view view = network_look(&w->net, party);
    return view.failed != VS_OK ? view.failed : view.done ? VS_OK : VS_ERR_NOT_READY;
}

/* ---- owners ---- */

static vs_status a_contribution_of_another_attempt(void) {
    keyed_world *w = server_alone();
    blob other = keyed_contribution(w->plan, keyed_tables[0], keyed_identity(0), KEYED_PERIOD, 1);
    vs_status status = keyed_offer(w, KEYED_SERVER, 0, VS_MESSAGE_CONTRIBUTION, &other);
    free(other.data);
    return end(w, status);
}

static vs_status a_contribution_in_another_name(void) {
    keyed_world *w = server_alone();
    return end(w, keyed_offer(w, KEYED_SERVER, 0, VS_MESSAGE_CONTRIBUTION, &w->parties[1].contribution));
}

static vs_status a_contribution_after_the_total(void) {
    keyed_world *w = server_alone();
    for (uint32_t i = 0; i < 3; i++) {
        (void)keyed_offer(w, KEYED_SERVER, i, VS_MESSAGE_CONTRIBUTION, &w->parties[i].contribution);
    }
    (void)network_expire(&w->net, KEYED_SERVER);
    return end(w, keyed_offer(w, KEYED_SERVER, 3, VS_MESSAGE_CONTRIBUTION, &w->parties[3].contribution));
}

/* Three organisations come, and one of them sends what cannot be combined. */
static vs_status a_total_of_fewer_than_came(void) {
    keyed_world *w = server_alone();
    for (uint32_t i = 0; i < 3; i++) {
        blob bad = keyed_no_unit(&w->parties[i].contribution, keyed_identity(i));
        (void)keyed_offer(w, KEYED_SERVER, i, VS_MESSAGE_CONTRIBUTION, i == 2 ? &bad : &w->parties[i].contribution);
        free(bad.data);
    }
    return end(w, network_expire(&w->net, KEYED_SERVER));
}

/* ---- servers ---- */

static vs_status a_receipt_of_another_period(void) {
    keyed_world *w = scene(false, false);
    keyed_lie lie = keyed_lie_about(w, 3, "2026-12", 0, 0);
    vs_status status = keyed_offer(w, KEYED_OPENER, KEYED_SERVER, VS_MESSAGE_RECEIPT, &lie.receipt);
    keyed_lie_free(&lie);
    return end(w, status);
}

static vs_status an_owner_left_out(void) {
    keyed_world *w = scene(false, false);
    keyed_lie lie = keyed_lie_about(w, 3, KEYED_PERIOD, 0, 0);
    (void)keyed_offer(w, 3, KEYED_SERVER, VS_MESSAGE_RECEIPT, &lie.receipt);
    keyed_lie_free(&lie);
    return end(w, failure_of(w, 3));
}

/* Offer total and receipt to the opener; did it open them? */
static vs_status offer_lie(keyed_world *w, keyed_lie *lie) {
    vs_status status = keyed_offer(w, KEYED_OPENER, KEYED_SERVER, VS_MESSAGE_RECEIPT, &lie->receipt);
    if (status == VS_OK) {
        status = keyed_offer(w, KEYED_OPENER, KEYED_SERVER, VS_MESSAGE_TOTAL, &lie->total);
    }
    keyed_lie_free(lie);
    return status == VS_OK ? failure_of(w, KEYED_OPENER) : status;
}

static vs_status a_total_of_something_else(void) {
    keyed_world *w = scene(false, false);
    keyed_lie lie = keyed_lie_about(w, 4, KEYED_PERIOD, 0, 0);
    return end(w, offer_lie(w, &lie));
}

static vs_status the_word_of_somebody_else(void) {
    keyed_world *w = keyed_all(false, "");
    w->parties[KEYED_OPENER].keyed.trusted = "G";
    network_start(&w->net, KEYED_OPENER);
    keyed_lie lie = keyed_lie_about(w, 4, KEYED_PERIOD, 0, 0);
    return end(w, offer_lie(w, &lie));
}

/* Do A, B and C stand in the same order in both attempts' lists? */
static bool same_order(const vs_plan *plan, uint64_t attempt) {
    uint8_t ids[2][3][VS_ID_BYTES], sid[VS_HASH_BYTES];
    for (size_t i = 0; i < 2; i++) {
        vs_session_id(sid, plan->id, KEYED_PERIOD, i == 0 ? 0 : attempt);
        for (size_t j = 0; j < 3; j++) {
            vs_contributor_id(ids[i][j], sid, vs_identity_public(keyed_identity((uint32_t)j))->name);
        }
    }
    for (size_t j = 0; j < 3; j++) {
        size_t k = (j + 1) % 3;
        if ((memcmp(ids[0][j], ids[0][k], VS_ID_BYTES) < 0) != (memcmp(ids[1][j], ids[1][k], VS_ID_BYTES) < 0)) {
            return false;
        }
    }
    return true;
}

/* The server is trusted, and gives the total of another attempt a receipt of this one. */
static vs_status a_total_of_another_attempt(void) {
    keyed_world *w = keyed_all(false, "");
    uint64_t attempt = 1;
    while (!same_order(w->plan, attempt)) {
        attempt++;
    }
    w->parties[KEYED_OPENER].keyed.trusted = "H";
    network_start(&w->net, KEYED_OPENER);
    keyed_lie lie = keyed_lie_about(w, 3, KEYED_PERIOD, attempt, 0);
    return end(w, offer_lie(w, &lie));
}

/* ---- holders ---- */

static network_fate no_parts(network *net, uint8_t *bytes, size_t len, uint32_t to) {
    vs_message message;
    (void)net;
    (void)to;
    assert_int_equal(vs_message_parse(&message, bytes, len, NULL), VS_OK);
    return message.kind == VS_MESSAGE_PART ? NETWORK_DROP : NETWORK_DELIVER;
}

static vs_status a_part_of_another_holder(void) {
    keyed_world *w = keyed_all(true, "");
    w->net.fault = no_parts;
    network_start_all(&w->net);
    network_run(&w->net);
    return end(w,
               keyed_offer(w, KEYED_HOLDER + 2, KEYED_HOLDER + 1, VS_MESSAGE_PART, &w->parties[KEYED_HOLDER].kept[0]));
}

/* ---- disks ---- */

static blob planted; /* another message of A's */

static vs_status fetch_planted(void *context, const uint8_t id[VS_HASH_BYTES], uint8_t **bytes, size_t *len,
                               vs_error *error) {
    vs_message message;
    vs_status status = network_fetch(context, id, bytes, len, error);
    if (status == VS_OK && vs_message_parse(&message, *bytes, *len, error) == VS_OK && message.from == 0) {
        free(*bytes);
        blob copy = blob_copy(&planted);
        *bytes = copy.data;
        *len = copy.len;
    }
    return status;
}

static vs_status another_message_in_the_journal(void) {
    keyed_world *w = keyed_all(false, "");
    blob other = keyed_contribution(w->plan, keyed_tables[1], keyed_identity(0), KEYED_PERIOD, 0);
    planted = keyed_message(w, 0, keyed_identity(0), VS_MESSAGE_CONTRIBUTION, &other);
    w->net.parties[KEYED_SERVER].setup.fetch = fetch_planted;
    network_start_all(&w->net);
    network_run(&w->net);
    free(other.data);
    free(planted.data);
    return end(w, failure_of(w, KEYED_SERVER));
}

static const attack attacks[] = {
    {"keyed_contribution_session", "a contribution made for another attempt", a_contribution_of_another_attempt},
    {"keyed_contribution_sender", "a contribution in another's name", a_contribution_in_another_name},
    {"keyed_contribution_in_time", "a contribution after the total", a_contribution_after_the_total},
    {"keyed_minimum", "a total of fewer organisations than came", a_total_of_fewer_than_came},
    {"keyed_receipt_session", "a receipt for another period", a_receipt_of_another_period},
    {"keyed_receipt_inclusion", "an owner left out without a word", an_owner_left_out},
    {"keyed_total_product", "a total of other contributions than it lists", a_total_of_something_else},
    {"keyed_trusted_server", "a receipt by one whose word is not taken", the_word_of_somebody_else},
    {"keyed_total_session", "a total of another attempt", a_total_of_another_attempt},
    {"keyed_part_sender", "a part of another holder", a_part_of_another_holder},
    {"keyed_shelf_id", "another message in the journal", another_message_in_the_journal},
};

static int run_all(void) {
    (void)keyed_world_new(NULL);
    int bad = attacks_run(attacks, sizeof attacks / sizeof *attacks);
    (void)keyed_world_free(NULL);
    return bad;
}

int main(void) {
    test_seed();
    return vs_secret_setup() == VS_OK && run_all() == 0 ? 0 : 1;
}
