/* The network of a simulated session: messages on their way, the faults that meet them, and parties that take them.
 *
 * A message's bytes are held once, however many receive it. What becomes of a message follows from the run's seed, its
 * sender, receiver and kind alone, and so not from the number of threads.
 */
#ifndef VEILSUM_BENCH_PROTOCOL_NET_H
#define VEILSUM_BENCH_PROTOCOL_NET_H

#include <stdatomic.h>

#include "bench/protocol_cast.h"

typedef struct mail {
    atomic_uint holders;
    unsigned kind;
    uint32_t from, to;
    uint8_t id[VS_HASH_BYTES];
    size_t len;
    uint8_t bytes[];
} mail;

mail *mail_hold(mail *m);
void mail_drop(mail *m);

/* A message that is to be taken, or comes damaged, or is followed by a crash. */
typedef struct letter {
    mail *mail;
    bool damaged, crash;
} letter;

typedef struct letters {
    letter *items;
    size_t count, cap;
} letters;
void letters_clear(letters *list);

/* One party. Everything in it is worked on by one thread at a time. */
typedef struct party {
    vs_session *session; /* NULL: not here */
    vs_session_setup setup;
    uint32_t index;
    uint8_t seed[VS_SEED_BYTES];
    vs_identity *identity;
    vs_int128 *cells;
    vs_keyed_setup keyed;
    uint8_t *contribution;
    uint8_t *took;          /* a server: of each owner, how many contributions it has taken */
    letters in, soon, late; /* arrived; next time; after the wait is over */
    letters out;            /* to be routed */
    letters journal;        /* mail NULL: the end of a wait */
    uint64_t *sent_ids;     /* first bytes of the ids of what it has sent, in order: for restarts */
    size_t sent_count, sent_cap, resent;
    size_t *places; /* of the journal, by message id: open addressing; servers and openers */
    size_t places_cap;
    unsigned handling; /* the kind of what it took last: its phase */
    bool lost, keeps;  /* keeps a journal */
    uint64_t sent_bytes, received_bytes;
    size_t delivered, refused, restarts;
    float cpu[PHASES];
    float wall[PHASES];
    const char *wrong; /* what it did that nobody may do */
    char said[128];    /* why it refused the last message that was not damaged */
} party;

/** A party that takes part from now on: its identity, cells, contribution; the session has begun, and what it says is
 * in `out`. Returns: VS_OK; those of vs_session_new. */
VS_MUST_CHECK vs_status party_start(party *p, const cast *c, uint32_t index, vs_error *error);
void party_end(party *p);
/** Take what is in `in`; what follows from it is in `out`. Returns: VS_OK, VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status party_take(party *p);
/** End its wait, if it waits for somebody it may leave out. True: something has happened. */
bool party_expire(party *p);

/* ---- the way ---- */

typedef struct network {
    const cast *cast;
    party *parties;
    size_t messages, injected[7];
    double sent_all;
} network;
/** Everything in the party's `out` to whoever is to have it. */
VS_MUST_CHECK vs_status network_route(network *net, party *from);
/** What was delayed comes now: `after_wait` also what comes too late. True: there was something. */
VS_MUST_CHECK vs_status network_release(network *net, bool after_wait, bool *some);

#endif
