/* Sessions of many parties in one process, for suites of any opening: messages travel through memory, in whatever order
 * and with whatever losses a suite wants.
 *
 * Every party has a journal of what it took and a store of those messages, as a runner has on disk, so that a party may
 * crash at any time and come back: its new session must send the same bytes as the old one, and the network fails the
 * test where it does not. What a suite looks at afterwards: each party's session, `refused`, and every message that was
 * ever sent.
 *
 * Deterministic but for test_random(), whose seed every suite prints.
 */
#ifndef VEILSUM_TESTS_NETWORK_H
#define VEILSUM_TESTS_NETWORK_H

#include "aggregate/protocol/session.h"
#include "crypto/hash.h"
#include "tests/support.h"

typedef struct network_bytes {
    uint8_t *bytes;
    size_t len;
} network_bytes;

/* Messages; in a journal, one of no bytes is the end of a wait. */
typedef struct network_list {
    network_bytes *items;
    size_t count, cap;
} network_list;

typedef struct network_party {
    vs_session *session; /* NULL: never came, or is down */
    vs_session_setup setup;
    uint8_t seed[VS_SEED_BYTES];
    network_list journal, sent;
    size_t resent;  /* after a restart: how many messages have been sent once more */
    size_t refused; /* messages that it did not take */
    vs_status why;  /* how it refused the last one */
    vs_error error;
} network_party;

/* A message on its way to one party. */
typedef struct network_letter {
    network_bytes message;
    uint32_t to;
    bool again; /* a copy: lost copies do not count */
} network_letter;

typedef enum network_fate {
    NETWORK_DELIVER,
    NETWORK_DROP,
    NETWORK_TWICE,   /* and once more, later */
    NETWORK_LATER,   /* behind all that is on its way */
    NETWORK_RESTART, /* the receiver crashes after it has taken it, and comes back */
} network_fate;

typedef struct network network;
/* What becomes of a message; it may be altered in place. NULL: everything is delivered. */
typedef network_fate (*network_fault)(network *net, uint8_t *bytes, size_t len, uint32_t to);

struct network {
    const vs_plan *plan;
    network_party *parties; /* as many as the plan's roster has */
    network_letter *letters;
    size_t letter_count, letter_cap;
    bool shuffled; /* any order, else that of sending */
    network_fault fault;
    void *context;         /* for `fault` */
    uint64_t traffic;      /* bytes that left somebody, once for each receiver; to all: once */
    unsigned restarts_max; /* how often NETWORK_RESTART happens */
};

/* ---- lists ---- */

static inline network_bytes network_copy(const uint8_t *bytes, size_t len) {
    network_bytes copy = {malloc(len + 1), len};
    assert_non_null(copy.bytes);
    if (len > 0) {
        memcpy(copy.bytes, bytes, len);
    }
    return copy;
}

static inline void network_list_add(network_list *list, network_bytes item) {
    if (list->count == list->cap) {
        list->cap = list->cap == 0 ? 8 : 2 * list->cap;
        list->items = realloc(list->items, list->cap * sizeof *list->items);
        assert_non_null(list->items);
    }
    list->items[list->count++] = item;
}

static inline void network_list_clear(network_list *list) {
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i].bytes);
    }
    free(list->items);
    *list = (network_list){0};
}

/* vs_session_setup.fetch: from the journal. */
static inline vs_status network_fetch(void *context, const uint8_t id[VS_HASH_BYTES], uint8_t **bytes, size_t *len,
                                      vs_error *error) {
    const network_party *party = context;
    for (size_t i = 0; i < party->journal.count; i++) {
        const network_bytes *item = &party->journal.items[i];
        uint8_t found[VS_HASH_BYTES];
        vs_message_id(found, item->bytes, item->len);
        if (item->len > 0 && memcmp(found, id, sizeof found) == 0) {
            network_bytes copy = network_copy(item->bytes, item->len);
            *bytes = copy.bytes;
            *len = copy.len;
            return VS_OK;
        }
    }
    return vs_fail(error, VS_ERR_IO, "no such message has been taken");
}

/* ---- making one ---- */

static inline void network_new(network *net, const vs_plan *plan) {
    *net = (network){.plan = plan};
    net->parties = calloc(plan->party_count, sizeof *net->parties);
    assert_non_null(net->parties);
}

/* The setup of a party with its roles; what it lacks (keys) is for the caller to fill in before network_start. */
static inline vs_session_setup *network_join(network *net, uint32_t party, const vs_identity *identity, unsigned roles,
                                             const vs_int128 *cells) {
    network_party *p = &net->parties[party];
    for (size_t i = 0; i < sizeof p->seed; i++) {
        p->seed[i] = (uint8_t)test_random();
    }
    p->setup = (vs_session_setup){.plan = net->plan,
                                  .identity = identity,
                                  .period = "2026-11",
                                  .roles = roles,
                                  .seed = p->seed,
                                  .cells = cells,
                                  .now = 1793000000,
                                  .fetch = network_fetch,
                                  .context = p};
    return &p->setup;
}

/* All that is on its way is lost. */
static inline void network_lose(network *net) {
    for (size_t i = 0; i < net->letter_count; i++) {
        free(net->letters[i].message.bytes);
    }
    net->letter_count = 0;
}

static inline void network_free(network *net) {
    for (size_t i = 0; i < net->plan->party_count; i++) {
        vs_session_free(net->parties[i].session);
        network_list_clear(&net->parties[i].journal);
        network_list_clear(&net->parties[i].sent);
    }
    network_lose(net);
    free(net->letters);
    free(net->parties);
    *net = (network){0};
}

/* ---- sending ---- */

static inline void network_post(network *net, network_letter letter) {
    if (net->letter_count == net->letter_cap) {
        net->letter_cap = net->letter_cap == 0 ? 64 : 2 * net->letter_cap;
        net->letters = realloc(net->letters, net->letter_cap * sizeof *net->letters);
        assert_non_null(net->letters);
    }
    net->letters[net->letter_count++] = letter;
}

/* A message to its receiver, or to everybody but its sender. */
static inline void network_put(network *net, const uint8_t *bytes, size_t len) {
    vs_message message;
    assert_int_equal(vs_message_parse(&message, bytes, len, NULL), VS_OK);
    net->traffic += len;
    for (uint32_t to = 0; to < net->plan->party_count; to++) {
        if (message.to == to || (message.to == VS_TO_ALL && message.from != to)) {
            network_post(net, (network_letter){.message = network_copy(bytes, len), .to = to});
        }
    }
}

/* What a party has to send, into the network; what it has sent before a crash must be the same again, and is on its way
 * already. */
static inline void network_collect(network *net, uint32_t party) {
    network_party *p = &net->parties[party];
    const uint8_t *bytes;
    size_t len;
    while (p->session != NULL && vs_session_send(p->session, &bytes, &len)) {
        if (p->resent < p->sent.count) {
            const network_bytes *before = &p->sent.items[p->resent++];
            assert_int_equal(len, before->len);
            assert_memory_equal(bytes, before->bytes, len);
        } else {
            network_list_add(&p->sent, network_copy(bytes, len));
            p->resent++;
            network_put(net, bytes, len);
        }
    }
}

/* Begin, or begin again after a crash: the same setup, then all that is in the journal. */
static inline void network_start(network *net, uint32_t party) {
    network_party *p = &net->parties[party];
    vs_error error = {.message = ""};
    vs_session_free(p->session);
    p->resent = 0;
    if (vs_session_new(&p->session, &p->setup, &error) != VS_OK) {
        print_error("party %u: %s\n", party, error.message);
        fail();
    }
    for (size_t i = 0; i < p->journal.count; i++) {
        const network_bytes *event = &p->journal.items[i];
        bool taken = false;
        if (event->len == 0) {
            vs_status status = vs_session_expire(p->session, &error);
            assert_true(status == VS_OK || status == VS_ERR_POLICY);
        } else {
            vs_status status = vs_session_receive(p->session, event->bytes, event->len, &taken, &error);
            assert_true(taken || status != VS_OK);
        }
    }
    network_collect(net, party);
}

static inline void network_start_all(network *net) {
    for (uint32_t i = 0; i < net->plan->party_count; i++) {
        if (net->parties[i].setup.plan != NULL) {
            network_start(net, i);
        }
    }
}

/* ---- receiving ---- */

/* Offer a message; journal it where it was taken, and collect what follows. */
static inline vs_status network_offer(network *net, uint32_t party, const uint8_t *bytes, size_t len) {
    network_party *p = &net->parties[party];
    vs_error error = {.message = ""};
    bool taken = false;
    if (p->session == NULL) {
        return VS_OK;
    }
    vs_status status = vs_session_receive(p->session, bytes, len, &taken, &error);
    if (taken) {
        network_list_add(&p->journal, network_copy(bytes, len));
    } else if (status != VS_OK) {
        assert_true(error.message[0] != '\0');
        p->refused++;
        p->why = status;
        p->error = error;
    }
    network_collect(net, party);
    return status;
}

static inline void network_deliver(network *net, network_letter letter) {
    uint8_t *bytes = letter.message.bytes;
    size_t len = letter.message.len;
    network_fate fate = net->fault == NULL || letter.again ? NETWORK_DELIVER : net->fault(net, bytes, len, letter.to);
    if (fate == NETWORK_LATER || fate == NETWORK_TWICE) {
        network_post(net, (network_letter){.message = network_copy(bytes, len), .to = letter.to, .again = true});
    }
    if (fate != NETWORK_DROP && fate != NETWORK_LATER) {
        (void)network_offer(net, letter.to, bytes, len);
    }
    if (fate == NETWORK_RESTART && net->restarts_max > 0 && net->parties[letter.to].session != NULL) {
        net->restarts_max--;
        network_start(net, letter.to);
    }
    free(bytes);
}

/* Until nothing is on its way any more. */
static inline void network_run(network *net) {
    while (net->letter_count > 0) {
        size_t at = net->shuffled ? (size_t)test_below(net->letter_count) : 0;
        network_letter letter = net->letters[at];
        memmove(net->letters + at, net->letters + at + 1, (--net->letter_count - at) * sizeof *net->letters);
        network_deliver(net, letter);
    }
}

/* ---- waiting ---- */

static inline vs_session_view network_look(network *net, uint32_t party) {
    vs_session_view view = {.step = 0};
    if (net->parties[party].session != NULL) {
        vs_session_look(net->parties[party].session, &view);
    }
    return view;
}

/* End a party's wait. */
static inline vs_status network_expire(network *net, uint32_t party) {
    network_party *p = &net->parties[party];
    vs_error error = {.message = ""};
    vs_status status = vs_session_expire(p->session, &error);
    if (status == VS_OK || status == VS_ERR_POLICY) {
        network_list_add(&p->journal, (network_bytes){NULL, 0});
    } else {
        assert_true(error.message[0] != '\0');
    }
    network_collect(net, party);
    return status;
}

/* Run; then whoever waits for somebody that it could leave out gives up waiting, until nobody does. */
static inline void network_settle(network *net) {
    bool again = true;
    while (again) {
        network_run(net);
        again = false;
        for (uint32_t i = 0; !again && i < net->plan->party_count; i++) {
            vs_session_view view = network_look(net, i);
            if (net->parties[i].session != NULL && view.may_expire && !view.done) {
                assert_int_not_equal(network_expire(net, i), VS_ERR_NOT_READY);
                again = true;
            }
        }
    }
}

/* Every message that anybody has sent, in order of party: true where one of them contains these bytes. */
static inline bool network_said(const network *net, const uint8_t *needle, size_t len) {
    for (size_t i = 0; i < net->plan->party_count; i++) {
        for (size_t j = 0; j < net->parties[i].sent.count; j++) {
            const network_bytes *message = &net->parties[i].sent.items[j];
            if (memmem(message->bytes, message->len, needle, len) != NULL) {
                return true;
            }
        }
    }
    return false;
}

/* A fault: each message late, twice, or just before its receiver crashes. */
static inline network_fate network_tumble(network *net, uint8_t *bytes, size_t len, uint32_t to) {
    static const network_fate fates[] = {NETWORK_DELIVER, NETWORK_TWICE, NETWORK_LATER, NETWORK_RESTART};
    (void)net;
    (void)bytes;
    (void)len;
    (void)to;
    return fates[test_below(4)];
}

#endif
