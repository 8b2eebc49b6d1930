/* The server of `masks`: its machine, in files by step. It is not trusted: what it computes, owners check; what it
 * checks, it checks to name whoever spoils a sum. */
#ifndef VEILSUM_AGGREGATE_MASKS_SERVER_H
#define VEILSUM_AGGREGATE_MASKS_SERVER_H

#include "aggregate/protocol/masks_internal.h"

/* What a member has done: the steps that are behind it. */
typedef enum vs__deed {
    VS__ADVERTISED = 1,
    VS__REVEALED = 2,
    VS__DEALT = 4,
    VS__MASKED = 8,
    VS__AGREED = 16,
    VS__UNMASKED = 32
} vs__deed;

/* One owner, by its place in the roster. */
typedef struct vs__member {
    unsigned deeds; /* of vs__deed */
    uint32_t rank;  /* among those who take part */
    vs__advert advert;
    uint8_t advert_message[VS__ADVERT_MESSAGE_BYTES];
    uint8_t coin[VS_HASH_BYTES];
    uint8_t *dealt; /* VS__DEALT_BYTES for each holder; once delivered, only the 2 · VS_HASH_BYTES of hashes */
    uint8_t leaf[VS_HASH_BYTES];
    uint8_t signature[VS_SIGNATURE_BYTES];
    uint8_t *points, *shares; /* of the one secret that the list decides: as many as the threshold has room for */
    unsigned share_count;
    bool needed; /* that secret takes masks off */
} vs__member;

typedef enum vs__server_state {
    VS__SERVER_ADVERTISE,
    VS__SERVER_COIN,
    VS__SERVER_DEALING,
    VS__SERVER_MASKED,
    VS__SERVER_AGREE,
    VS__SERVER_UNMASK,
    VS__SERVER_DONE
} vs__server_state;

typedef struct vs__server {
    vs__machine base;
    vs__masks_rules rules;
    vs_encoding encoding;
    vs__server_state state;
    vs__member *members; /* of the whole roster */
    uint32_t *order;     /* those who take part, ascending: by rank */
    size_t count;
    vs_graph graph;
    uint64_t *sum;
    uint8_t *statement;
    size_t lacking;  /* secrets that are needed and have too few shares */
    size_t *waiting; /* room for the whole roster */
} vs__server;

static inline vs__member *vs__ranked(const vs__server *server, size_t rank) {
    return &server->members[server->order[rank]];
}
/** The deed that a state waits for, and the one that whoever is waited for has done before. */
unsigned vs__server_wanted(vs__server_state state);
unsigned vs__server_before(vs__server_state state);
/** How many have done it; they as a set, where `set` is not NULL. */
size_t vs__server_count(const vs__server *server, unsigned deed, uint8_t *set);
/** Those who have done it must be enough to go on; else the session fails. */
VS_MUST_CHECK vs_status vs__server_check(vs__server *server, unsigned deed, vs_error *error);
/** Statement, and the signatures of those who agreed; `*at` is moved behind them. Room: vs__server_signed_bytes. */
size_t vs__server_signed_bytes(const vs__server *server);
void vs__server_put_signed(const vs__server *server, uint8_t *out);

/* ---- one for each message of an owner, and one for the end of each step; masks_server_join.c ---- */

VS_MUST_CHECK vs_status vs__server_advertise(vs__server *server, vs__member *from, const vs_message *message,
                                             vs_error *error);
VS_MUST_CHECK vs_status vs__server_coin(vs__server *server, vs__member *from, const vs_message *message,
                                        vs_error *error);
VS_MUST_CHECK vs_status vs__server_direct(vs__server *server, vs_error *error);
VS_MUST_CHECK vs_status vs__server_toss(vs__server *server, vs_error *error);

/* ---- masks_server_share.c ---- */

VS_MUST_CHECK vs_status vs__server_dealing(vs__server *server, vs__member *from, const vs_message *message,
                                           vs_error *error);
VS_MUST_CHECK vs_status vs__server_masked(vs__server *server, vs__member *from, const vs_message *message,
                                          vs_error *error);
VS_MUST_CHECK vs_status vs__server_deliver(vs__server *server, vs_error *error);

/* ---- masks_server_agree.c ---- */

VS_MUST_CHECK vs_status vs__server_agree(vs__server *server, vs__member *from, const vs_message *message,
                                         vs_error *error);
VS_MUST_CHECK vs_status vs__server_survive(vs__server *server, vs_error *error);
VS_MUST_CHECK vs_status vs__server_agreed(vs__server *server, vs_error *error);

/* ---- masks_server_unmask.c ---- */

VS_MUST_CHECK vs_status vs__server_unmask(vs__server *server, vs__member *from, const vs_message *message,
                                          vs_error *error);
VS_MUST_CHECK vs_status vs__server_finish(vs__server *server, vs_error *error);

#endif
