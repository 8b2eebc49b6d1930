/* Sessions of `masks`, for suites: rosters of any number of owners, a server, one who looks on and learns the sum. */
#ifndef VEILSUM_TESTS_MASKED_H
#define VEILSUM_TESTS_MASKED_H

#include "aggregate/protocol/masks_internal.h"
#include "crypto/secret.h"
#include "tests/aggregate/network.h"

/* Owners are the parties 0 .. owners − 1, then comes the server, then one who opens. */
typedef struct masked {
    vs_plan *plan;
    vs_identity **identities;
    size_t owners;
    uint32_t server, opener;
    vs_int128 **cells; /* of each owner */
    network net;
} masked;

/* A plan of `length` cells between min and max; `more`: members behind the roster, "" for none. */
static inline vs_plan *masked_plan(vs_identity **identities, size_t owners, const char *vector, const char *more) {
    char *json = malloc(4096 + (owners + 2) * 256), *at = json, text[VS_MAX_IDENTITY_TEXT];
    assert_non_null(json);
    at += sprintf(at, "{\"veilsum\":1,%s,\"roster\":[", vector);
    for (size_t i = 0; i < owners + 2; i++) {
        vs_public_identity_to_text(text, vs_identity_public(identities[i]));
        at += sprintf(at, "%s{\"identity\":\"%s\",\"organisation\":\"Org %zu\",\"may\":[\"%s\"]}", i > 0 ? "," : "",
                      text, i,
                      i < owners    ? "contribute"
                      : i == owners ? "aggregate"
                                    : "open");
    }
    at += sprintf(at, "]%s}", more);
    vs_plan *plan = NULL;
    vs_error error = {.message = ""};
    if (vs_plan_parse(&plan, json, (size_t)(at - json), &error) != VS_OK) {
        print_error("%s\n", error.message);
        fail();
    }
    free(json);
    return plan;
}

static inline void masked_identities(vs_identity ***identities, size_t count) {
    *identities = calloc(count, sizeof **identities);
    assert_non_null(*identities);
    for (size_t i = 0; i < count; i++) {
        char name[32];
        snprintf(name, sizeof name, "P%zu", i);
        assert_int_equal(vs_identity_new(&(*identities)[i], name), VS_OK);
    }
}

#define MASKED_VECTOR "\"vector\":{\"length\":40,\"scale\":0,\"min\":-1000,\"max\":100000}"
#define MASKED_OPENING ",\"opening\":{\"masks\":{}}"

/* Everybody's session begins; nothing has been delivered. */
static inline void masked_new(masked *m, size_t owners, const char *vector, const char *more) {
    *m = (masked){.owners = owners, .server = (uint32_t)owners, .opener = (uint32_t)owners + 1};
    masked_identities(&m->identities, owners + 2);
    m->plan = masked_plan(m->identities, owners, vector, more);
    m->cells = calloc(owners, sizeof *m->cells);
    network_new(&m->net, m->plan);
    for (uint32_t i = 0; i < owners; i++) {
        m->cells[i] = calloc((size_t)m->plan->cell_count, sizeof **m->cells);
        m->cells[i][0] = 1;
        for (uint64_t c = 1; c < m->plan->cell_count; c++) {
            uint64_t span = (uint64_t)(m->plan->vector_max - m->plan->vector_min) + 1;
            m->cells[i][c] = m->plan->vector_min + (vs_int128)test_below(span);
        }
        (void)network_join(&m->net, i, m->identities[i], VS_ROLE_CONTRIBUTOR | VS_ROLE_OPENER, m->cells[i]);
    }
    (void)network_join(&m->net, m->server, m->identities[m->server], VS_ROLE_SERVER | VS_ROLE_OPENER, NULL);
    (void)network_join(&m->net, m->opener, m->identities[m->opener], VS_ROLE_OPENER, NULL);
}

static inline void masked_free(masked *m) {
    network_free(&m->net);
    vs_plan_free(m->plan);
    for (size_t i = 0; i < m->owners; i++) {
        free(m->cells[i]);
    }
    for (size_t i = 0; i < m->owners + 2; i++) {
        vs_identity_free(m->identities[i]);
    }
    free(m->cells);
    free(m->identities);
    *m = (masked){.plan = NULL};
}

static inline const vs_opened *masked_result(masked *m, uint32_t party) {
    return network_look(&m->net, party).result;
}

/* The result is the sum over exactly those in `set` (a bit each). */
static inline void masked_check(masked *m, const vs_opened *opened, const bool *in) {
    size_t count = 0;
    for (size_t i = 0; i < m->owners; i++) {
        count += in[i];
    }
    assert_int_equal(opened->contributions, count);
    assert_string_equal(opened->period, "2026-11");
    for (uint64_t c = 0; c < m->plan->cell_count; c++) {
        vs_int128 sum = 0;
        for (size_t i = 0; i < m->owners; i++) {
            sum += in[i] ? m->cells[i][c] : 0;
        }
        assert_true(opened->cells[c] == sum);
    }
}

/* ---- whoever lies ---- */

/* Of all messages of a kind, the one between these two is held back, the others are lost. */
typedef struct masked_held {
    vs_message_kind kind;
    uint32_t from, to;
    bool to_all; /* the receiver is one of all */
    network_bytes got;
} masked_held;

static inline network_fate masked_hold(network *net, uint8_t *bytes, size_t len, uint32_t to) {
    masked_held *held = net->context;
    vs_message message;
    assert_int_equal(vs_message_parse(&message, bytes, len, NULL), VS_OK);
    if (message.kind != held->kind || (message.to == VS_TO_ALL) != held->to_all) {
        return NETWORK_DELIVER;
    }
    if (message.from == held->from && to == held->to && held->got.bytes == NULL) {
        held->got = network_copy(bytes, len);
    }
    return NETWORK_DROP;
}

/* Run a session until this message is on its way; its body, malloc'd with room behind it. */
static inline network_bytes masked_until(masked *m, vs_message_kind kind, uint32_t from, uint32_t to, bool to_all) {
    masked_held held = {.kind = kind, .from = from, .to = to, .to_all = to_all};
    m->net.fault = masked_hold;
    m->net.context = &held;
    network_start_all(&m->net);
    network_run(&m->net);
    m->net.fault = NULL;
    assert_non_null(held.got.bytes);
    size_t len = held.got.len - VS_MESSAGE_OVERHEAD;
    uint8_t *body = calloc(1, len + 4096);
    assert_non_null(body);
    memcpy(body, held.got.bytes + VS_MESSAGE_HEADER_BYTES, len);
    free(held.got.bytes);
    return (network_bytes){body, len};
}

/* A message that `from` signs, whatever it says. */
static inline network_bytes masked_forge(const masked *m, vs_message_kind kind, uint32_t from, uint32_t to,
                                         const uint8_t *body, size_t len) {
    const vs_message_header header = {
        .kind = kind, .from = from, .to = to, .sid = vs_session_sid(m->net.parties[0].session)};
    network_bytes message;
    assert_int_equal(vs_message_write(&message.bytes, &message.len, &header, body, len, m->identities[from], NULL),
                     VS_OK);
    return message;
}

/* And what its receiver says of it. */
static inline vs_status masked_offer(masked *m, vs_message_kind kind, uint32_t from, uint32_t receiver, bool to_all,
                                     const uint8_t *body, size_t len) {
    network_bytes message = masked_forge(m, kind, from, to_all ? VS_TO_ALL : receiver, body, len);
    vs_status status = network_offer(&m->net, receiver, message.bytes, message.len);
    free(message.bytes);
    return status;
}

#endif
