/* Sessions of the openings key and threshold in memory: owners A to D of four organisations, H who combines, G who
 * opens with the key, and three holders of whom two open. */
#ifndef VEILSUM_TESTS_KEYED_WORLD_H
#define VEILSUM_TESTS_KEYED_WORLD_H

#include "aggregate/opening/book.h"
#include "aggregate/protocol/keyed.h"
#include "memory_folder.h"
#include "network.h"
#include "parts.h"
#include "rosters.h"

#define KEYED_OWNERS 4u
#define KEYED_SERVER 4u
#define KEYED_OPENER 5u
#define KEYED_HOLDER 6u /* the first of three */
#define KEYED_PARTIES 9u
#define KEYED_PERIOD "2026-11"

static const char *const keyed_tables[KEYED_OWNERS] = {
    "D,X,Y\na,1.25,1\na,2,2\nb,-3,3\n", "D,X,Y\na,-5,9\nb,10,0\nb,,5\n", "D,X,Y\na,0.01,4\na,7,7\nc,5,5\n",
    "D,X,Y\na,9,9\nb,1,1\nb,2,2\n"};

static dealt keyed_dealt;
static roster keyed_people;

static inline int keyed_world_new(void **state) {
    (void)state;
    roster_new(&keyed_people);
    deal(&keyed_dealt, 2048, 1, 2, 3);
    return 0;
}

static inline int keyed_world_free(void **state) {
    (void)state;
    undeal(&keyed_dealt);
    roster_free(&keyed_people);
    return 0;
}

static inline const vs_identity *keyed_identity(uint32_t party) {
    static const char letters[] = "ABCDHG";
    return party < KEYED_HOLDER ? keyed_people.identities[letters[party] - 'A']
                                : keyed_dealt.identity[party - KEYED_HOLDER];
}

/* `rest`: "" or members that begin with a comma. */
static inline vs_plan *keyed_plan(bool threshold, const char *rest) {
    char json[16384], key[2 * VS_HASH_BYTES + 1], holders[2 * VS_HASH_BYTES + 1];
    vs_plan *plan = NULL;
    vs_error error = {.message = ""};
    size_t at = (size_t)snprintf(json, sizeof json, "{\"veilsum\":1,%s%s,\"contributors\":{\"min\":3},\"roster\":[",
                                 PLAN_COLUMNS, rest);
    for (uint32_t i = 0; i < KEYED_PARTIES; i++) {
        char line[VS_MAX_IDENTITY_TEXT];
        vs_public_identity_to_text(line, vs_identity_public(keyed_identity(i)));
        at +=
            (size_t)snprintf(json + at, sizeof json - at,
                             "%s{\"identity\":\"%s\",\"organisation\":\"%u\",\"may\":[%s]}", i == 0 ? "" : ",", line, i,
                             i < KEYED_OWNERS    ? "\"contribute\""
                             : i == KEYED_SERVER ? "\"aggregate\""
                                                 : "\"open\"");
    }
    vs_to_hex(key, vs_public_key_info(keyed_dealt.key->pk)->fingerprint, VS_HASH_BYTES);
    vs_to_hex(holders, vs_threshold_key_info(keyed_dealt.key)->fingerprint, VS_HASH_BYTES);
    at += (size_t)snprintf(json + at, sizeof json - at, "],\"opening\":{\"%s\":\"%s\"%s%s%s}}",
                           threshold ? "threshold" : "key", key, threshold ? ",\"holders\":\"" : "",
                           threshold ? holders : "", threshold ? "\"" : "");
    vs_status status = vs_plan_parse(&plan, json, at, &error);
    if (status != VS_OK) {
        print_error("%s\n", error.message);
    }
    assert_int_equal(status, VS_OK);
    return plan;
}

/* ---- a party ---- */

typedef struct keyed_party {
    vs_keyed_setup keyed;
    blob contribution, kept[2]; /* parts of both rounds */
    memory_folder *book;
    const vs_identity *identity;
    bool threshold;
} keyed_party;

typedef struct keyed_world {
    network net;
    vs_plan *plan;
    const char *rest; /* of the plan */
    keyed_party parties[KEYED_PARTIES];
} keyed_world;

static inline vs_status keyed_enter(void *context, const vs_opening_request *request, char **record, size_t *len,
                                    vs_error *error) {
    keyed_party *p = context;
    return vs_opening_enter(record, len, &p->book->folder, p->identity, request, p->threshold, error);
}

static inline vs_status keyed_recall(void *context, unsigned kind, uint8_t **bytes, size_t *len, vs_error *error) {
    const blob *kept = &((keyed_party *)context)->kept[kind == VS_MESSAGE_PART ? 0 : 1];
    (void)error;
    *bytes = NULL;
    *len = 0;
    if (kept->data != NULL) {
        blob copy = blob_copy(kept);
        *bytes = copy.data;
        *len = copy.len;
    }
    return VS_OK;
}

static inline vs_status keyed_keep(void *context, unsigned kind, const uint8_t *bytes, size_t len, vs_error *error) {
    blob *kept = &((keyed_party *)context)->kept[kind == VS_MESSAGE_PART ? 0 : 1];
    blob given = {(uint8_t *)(uintptr_t)bytes, len};
    (void)error;
    assert_null(kept->data);
    *kept = blob_copy(&given);
    return VS_OK;
}

/* A contribution by `signer` for a session's period and attempt. */
static inline blob keyed_contribution(const vs_plan *plan, const char *table, const vs_identity *signer,
                                      const char *period, uint64_t attempt) {
    vs_cells *cells = read_table(plan, table);
    const vs_contribution_request request = {.period = period, .attempt = attempt, .signer = signer};
    blob out;
    assert_int_equal(vs_keyed_contribute(&out.data, &out.len, plan, keyed_dealt.key->pk, cells, &request, NULL, NULL),
                     VS_OK);
    vs_cells_free(cells);
    return out;
}

/* ---- the world ---- */

static inline void keyed_join(keyed_world *w, uint32_t party) {
    keyed_party *p = &w->parties[party];
    unsigned role = party < KEYED_OWNERS    ? VS_ROLE_CONTRIBUTOR
                    : party == KEYED_SERVER ? VS_ROLE_SERVER
                                            : VS_ROLE_OPENER;
    p->identity = keyed_identity(party);
    p->threshold = w->plan->is_threshold;
    if (party < KEYED_OWNERS) {
        p->contribution = keyed_contribution(w->plan, keyed_tables[party], p->identity, KEYED_PERIOD, 0);
        p->keyed.contribution = p->contribution.data;
        p->keyed.contribution_len = p->contribution.len;
    } else if (party > KEYED_SERVER) {
        p->book = memory_folder_new();
        p->keyed = (vs_keyed_setup){.plan_signed = true,
                                    .publish = party == KEYED_OPENER || party == KEYED_HOLDER,
                                    .enter = keyed_enter,
                                    .enter_context = p,
                                    .recall = keyed_recall,
                                    .keep = keyed_keep,
                                    .keep_context = p};
        p->keyed.sk = w->plan->is_threshold ? NULL : keyed_dealt.sk;
        p->keyed.threshold_key = w->plan->is_threshold ? keyed_dealt.key : NULL;
        p->keyed.share =
            w->plan->is_threshold && party >= KEYED_HOLDER ? keyed_dealt.share[party - KEYED_HOLDER] : NULL;
    }
    network_join(&w->net, party, p->identity, role, NULL)->keyed = &p->keyed;
}

/* Nobody has joined yet. */
static inline keyed_world *keyed_new(bool threshold, const char *rest) {
    keyed_world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    w->plan = keyed_plan(threshold, rest);
    w->rest = rest;
    network_new(&w->net, w->plan);
    return w;
}

/* All owners, the server, and the opener or the holders. */
static inline keyed_world *keyed_all(bool threshold, const char *rest) {
    keyed_world *w = keyed_new(threshold, rest);
    for (uint32_t i = 0; i <= KEYED_SERVER; i++) {
        keyed_join(w, i);
    }
    for (uint32_t i = threshold ? KEYED_HOLDER : KEYED_OPENER; i < (threshold ? KEYED_PARTIES : KEYED_HOLDER); i++) {
        keyed_join(w, i);
    }
    return w;
}

static inline void keyed_free(keyed_world *w) {
    network_free(&w->net);
    for (size_t i = 0; i < KEYED_PARTIES; i++) {
        keyed_party *p = &w->parties[i];
        free(p->contribution.data);
        free(p->kept[0].data);
        free(p->kept[1].data);
        if (p->book != NULL) {
            memory_folder_free(p->book);
        }
    }
    vs_plan_free(w->plan);
    free(w);
}

/* A message that somebody writes by hand. */
static inline blob keyed_message(const keyed_world *w, uint32_t from, const vs_identity *signer, vs_message_kind kind,
                                 const blob *body) {
    uint8_t sid[VS_HASH_BYTES];
    const vs_message_header header = {.kind = kind, .from = from, .to = VS_TO_ALL, .sid = sid};
    blob out;
    vs_session_id(sid, w->plan->id, KEYED_PERIOD, 0);
    assert_int_equal(vs_message_write(&out.data, &out.len, &header, body->data, body->len, signer, NULL), VS_OK);
    return out;
}

/* Offer a body by hand, with the sender's own signature. */
static inline vs_status keyed_offer(keyed_world *w, uint32_t to, uint32_t from, vs_message_kind kind,
                                    const blob *body) {
    blob message = keyed_message(w, from, keyed_identity(from), kind, body);
    vs_status status = network_offer(&w->net, to, message.data, message.len);
    free(message.data);
    return status;
}

/* ---- lies ---- */

/* A contribution whose first number is no unit: 0, with right hashes and signature. */
static inline blob keyed_no_unit(const blob *from, const vs_identity *signer) {
    blob b = blob_copy(from);
    size_t bytes = vs_public_key_info(keyed_dealt.key->pk)->ciphertext_bytes;
    uint8_t *trailer = b.data + b.len - VS_TRAILER_BYTES, hash[VS_HASH_BYTES];
    memset(first_ciphertext(&b), 0, bytes);
    rehash(&b, get_number(b.data + 96, 8), bytes);
    vs__signed_hash(hash, b.data + get_number(b.data + 12, 4) - VS_HASH_BYTES, trailer + VS_TRAILER_ROOT);
    vs_sign(signer, trailer + VS_TRAILER_SIGNATURE, hash, sizeof hash);
    rehash(&b, get_number(b.data + 96, 8), bytes);
    return b;
}

/* A total of the first owners' tables, encrypted anew for a period and an attempt, and a receipt of it, as the server
 * would sign it; the receipt speaks of attempt `said`. */
typedef struct keyed_lie {
    blob total, receipt;
} keyed_lie;

static inline keyed_lie keyed_lie_about(const keyed_world *w, uint32_t count, const char *period, uint64_t attempt,
                                        uint64_t said) {
    test_inputs inputs = {.count = 0};
    vs_combine_report report = {.refused = NULL};
    vs_memory_sink memory = {0};
    const vs_sink sink = vs_memory_sink_open(&memory, "memory");
    const vs_inputs interface = {
        .context = &inputs, .open = open_input, .close = close_input, .can_reopen = can_reopen_input};
    char *text;
    for (uint32_t i = 0; i < count; i++) {
        add_input(&inputs, "file", keyed_contribution(w->plan, keyed_tables[i], keyed_identity(i), period, attempt),
                  false);
    }
    assert_int_equal(vs_combine_checked(w->plan, &interface, NULL, &report, &sink, NULL, NULL), VS_OK);
    keyed_lie lie = {.total = {memory.data, memory.len}};
    report.receipt.attempt = said;
    assert_int_equal(vs_receipt_write(&text, &lie.receipt.len, &report.receipt, keyed_identity(KEYED_SERVER), NULL),
                     VS_OK);
    lie.receipt.data = (uint8_t *)text;
    vs_combine_report_clear(&report);
    for (uint32_t i = 0; i < count; i++) {
        free(inputs.list[i].data.data);
    }
    return lie;
}

static inline void keyed_lie_free(keyed_lie *lie) {
    free(lie->total.data);
    free(lie->receipt.data);
}

#endif
