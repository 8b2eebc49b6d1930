/* One owner of `masks`: its machine, in files by step. */
#ifndef VEILSUM_AGGREGATE_MASKS_OWNER_H
#define VEILSUM_AGGREGATE_MASKS_OWNER_H

#include "aggregate/protocol/masks_internal.h"

/* One of those who hold shares of this owner's secrets, and whose shares it holds: its neighbours, and where the graph
 * is complete itself. */
typedef struct vs__peer {
    uint32_t party;
    uint8_t mask_key[VS__KEY_BYTES], box_key[VS__KEY_BYTES];
    uint8_t box_secret[32];             /* what keys of boxes between both follow from; secret */
    bool dealt;                         /* has dealt shares: both mask with each other */
    bool held;                          /* its shares are what it committed to */
    uint8_t shares[2 * VS__HALF_BYTES]; /* of the mask key, of the seed; secret */
} vs__peer;

/* What an owner waits for. */
typedef enum vs__owner_state {
    VS__OWNER_DIRECTORY,
    VS__OWNER_COINS,
    VS__OWNER_NEIGHBOURS,
    VS__OWNER_DELIVERY,
    VS__OWNER_SURVIVORS,
    VS__OWNER_AGREED,
    VS__OWNER_SUM,
    VS__OWNER_DONE
} vs__owner_state;

typedef struct vs__owner {
    vs__machine base;
    vs__masks_rules rules;
    vs_encoding encoding;
    vs__owner_state state;
    vs__advert own; /* what it has advertised */
    uint8_t *set;   /* who takes part; then, in `statement`, who survived */
    size_t set_count;
    uint8_t directory[VS_HASH_BYTES]; /* beyond VS_GRAPH_COMPLETE owners: of what the directory lists */
    uint8_t (*ids)[VS_HASH_BYTES];    /* and of the peers' advertisements */
    vs__peer *peers;                  /* ascending */
    size_t peer_count;
    unsigned threshold;
    uint8_t leaf[VS_HASH_BYTES]; /* of what it sent */
    uint8_t *statement;          /* that it signed */
    vs_opened opened;
    size_t waiting[1];
} vs__owner;

/* All secrets follow from the session's seed; they are made when they are needed. */
typedef struct vs__owner_secrets {
    uint8_t mask_secret[VS__KEY_BYTES], box_secret[VS__KEY_BYTES];
    uint8_t seed[32], coin[32];
} vs__owner_secrets;
void vs__owner_secrets_make(vs__owner_secrets *secrets, const vs__owner *owner);
/** `len` secret bytes of this owner for one purpose. */
void vs__owner_derive(uint8_t *out, size_t len, const vs__owner *owner, const char *label, uint64_t to);

vs__peer *vs__owner_peer(const vs__owner *owner, uint32_t party); /* NULL: none */

/* ---- one for each message of the server, in order; masks_owner_join.c ---- */

VS_MUST_CHECK vs_status vs__owner_advertise(vs__owner *owner, vs_error *error);
VS_MUST_CHECK vs_status vs__owner_directory(vs__owner *owner, const vs_message *message, vs_error *error);
VS_MUST_CHECK vs_status vs__owner_coins(vs__owner *owner, const vs_message *message, vs_error *error);
VS_MUST_CHECK vs_status vs__owner_neighbours(vs__owner *owner, const vs_message *message, vs_error *error);

/* ---- masks_owner_share.c ---- */

/** Peers are known: deal. */
VS_MUST_CHECK vs_status vs__owner_deal(vs__owner *owner, vs_error *error);
VS_MUST_CHECK vs_status vs__owner_delivery(vs__owner *owner, const vs_message *message, vs_error *error);

/* ---- masks_owner_mask.c ---- */

VS_MUST_CHECK vs_status vs__owner_mask(vs__owner *owner, vs_error *error);
VS_MUST_CHECK vs_status vs__owner_survivors(vs__owner *owner, const vs_message *message, vs_error *error);
VS_MUST_CHECK vs_status vs__owner_agreed(vs__owner *owner, const vs_message *message, vs_error *error);

#endif
