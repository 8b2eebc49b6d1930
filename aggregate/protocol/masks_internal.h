/* What the machines of `masks` share: who takes part, what bodies look like, what is hashed and checked alike.
 *
 *     owner                                          server
 *     advertise: keys, commitments            ──►    everybody, or who came
 *                                             ◄──    directory: who takes part, and their advertisements
 *     (coin, beyond VS_GRAPH_COMPLETE owners  ──►
 *                                             ◄──    coins, and to each owner its neighbours' advertisements)
 *     dealing: boxed shares, their hashes     ──►
 *                                             ◄──    delivery: an owner's boxes
 *     masked: cells under masks               ──►    added up
 *                                             ◄──    survivors: the list, the root over what they sent, a proof
 *     agree: the list, signed                 ──►
 *                                             ◄──    agreed: signatures of more than half of all owners
 *     unmask: one share of each neighbour     ──►    masks rebuilt and taken off
 *                                             ◄──    sum
 *
 * Owners send to the server alone; the server is the first party of the roster that may aggregate. papers/format.md has
 * the bodies, papers/masks.md the argument.
 */
#ifndef VEILSUM_AGGREGATE_MASKS_INTERNAL_H
#define VEILSUM_AGGREGATE_MASKS_INTERNAL_H

#include "aggregate/protocol/graph.h"
#include "aggregate/protocol/session_internal.h"
#include "crypto/bytes.h"
#include "crypto/guard.h"
#include "crypto/sharing/agreement.h"
#include "crypto/sharing/shamir.h"

/* ---- bodies ---- */

#define VS__KEY_BYTES VS_AGREEMENT_KEY_BYTES
#define VS__SALT_BYTES 16u
/* advertise: key for masks, key for boxes, commitment to the self-mask's seed, commitment to the coin */
#define VS__ADVERT_BYTES (2 * VS__KEY_BYTES + 2 * VS_HASH_BYTES)
#define VS__ADVERT_MESSAGE_BYTES (VS__ADVERT_BYTES + VS_MESSAGE_OVERHEAD)
/* directory and coins beyond VS_GRAPH_COMPLETE owners, for each: place, id of its advertisement, commitment or coin */
#define VS__LISTED_BYTES (4 + 2 * VS_HASH_BYTES)
/* a box: share of the mask key and its salt, share of the seed and its salt */
#define VS__SHARE_BYTES 32u
#define VS__HALF_BYTES (VS__SHARE_BYTES + VS__SALT_BYTES)
#define VS__BOX_BYTES (2 * VS__HALF_BYTES + VS_BOX_EXTRA_BYTES)
/* dealing, for each holder: hashes of both shares, box; delivery: the dealer's place before it */
#define VS__DEALT_BYTES (2 * VS_HASH_BYTES + VS__BOX_BYTES)
#define VS__DELIVERED_BYTES (4 + VS__DEALT_BYTES)
/* agreed and sum, for each signer: place, signature */
#define VS__SIGNED_BYTES (4 + VS_SIGNATURE_BYTES)
/* unmask, for each dealer: place, which of its secrets, share, salt */
#define VS__UNMASK_BYTES (8 + VS__HALF_BYTES)

typedef enum vs__secret_kind { VS__MASK_KEY = 1, VS__SELF_SEED = 2 } vs__secret_kind;

/* Counts are 4 bytes, and what follows has exactly that many entries. */
typedef struct vs__list {
    const uint8_t *entries;
    size_t count;
} vs__list;
/** A body of a count and its entries, from *at on, which is moved behind them. `more`: what may follow. Returns: VS_OK,
 * VS_ERR_FORMAT. */
VS_MUST_CHECK vs_status vs__list_read(vs__list *list, const vs_message *message, size_t *at, size_t entry_bytes,
                                      vs_error *error);
/** A body that ends where it should? */
VS_MUST_CHECK vs_status vs__body_ends(const vs_message *message, size_t at, vs_error *error);

/* ---- what the plan says ---- */

typedef struct vs__masks_rules {
    const vs_plan *plan;
    const uint8_t *sid;
    uint32_t server;
    size_t owners;  /* of the roster */
    size_t corrupt; /* of them, tolerated */
    size_t quorum;  /* more than (owners + corrupt) / 2: two such sets have an honest owner in common */
    bool coins;     /* too many for a complete graph */
    size_t bits;    /* bytes of a set of the roster's parties, one bit each */
} vs__masks_rules;

void vs__masks_rules_make(vs__masks_rules *rules, const vs__session_facts *facts);
extern const char *const vs__masks_steps[], *const vs__masks_steps_with_coins[];
/** An index of these for the step that is number `step` of those with coins. */
unsigned vs__masks_step(const vs__masks_rules *rules, unsigned step);
enum {
    VS__STEP_ADVERTISE,
    VS__STEP_COIN,
    VS__STEP_SHARE,
    VS__STEP_MASK,
    VS__STEP_AGREE,
    VS__STEP_UNMASK,
    VS__STEP_END
};

static inline bool vs__is_owner(const vs__masks_rules *rules, uint32_t party) {
    return party < rules->plan->party_count && (rules->plan->parties[party].may & VS_MAY_CONTRIBUTE) != 0;
}
static inline const char *vs__name_of(const vs__masks_rules *rules, uint32_t party) {
    return rules->plan->parties[party].identity.name;
}
/** The crowd that a graph is for, of `count` owners that take part. */
vs_graph_crowd vs__masks_crowd(const vs__masks_rules *rules, size_t count);
/** What the coins of all decide. */
void vs__masks_mix(uint8_t out[VS_HASH_BYTES], const vs__masks_rules *rules, const uint8_t *coins, size_t stride,
                   size_t count);

/* ---- sets of parties, as bits ---- */

static inline bool vs__has(const uint8_t *set, uint32_t party) {
    return (set[party / 8] >> party % 8 & 1) != 0;
}
static inline void vs__include(uint8_t *set, uint32_t party) {
    set[party / 8] |= (uint8_t)(1u << party % 8);
}
/** Owners of the roster alone, neither too few (of them, of organisations) nor too many? `count` may be NULL.
 *  Returns: VS_OK; VS_ERR_POLICY; VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs__masks_check_set(const vs__masks_rules *rules, const uint8_t *set, size_t *count,
                                            vs_error *error);

/* ---- advertisements ---- */

typedef struct vs__advert {
    uint32_t party;
    uint8_t id[VS_HASH_BYTES]; /* of the message */
    uint8_t mask_key[VS__KEY_BYTES], box_key[VS__KEY_BYTES];
    uint8_t seed_commitment[VS_HASH_BYTES], coin_commitment[VS_HASH_BYTES];
} vs__advert;

void vs__advert_body(uint8_t out[VS__ADVERT_BYTES], const vs__advert *advert);
/** Returns: VS_OK; VS_ERR_FORMAT; VS_ERR_RANGE (keys of which everybody would know the outcome). */
VS_MUST_CHECK vs_status vs__advert_read(vs__advert *advert, const vs_message *message, vs_error *error);
/** One that the server passes on: a whole message, with its sender's signature. Returns: also those of vs_message_read.
 */
VS_MUST_CHECK vs_status vs__advert_passed_on(vs__advert *advert, const vs__masks_rules *rules,
                                             const uint8_t bytes[VS__ADVERT_MESSAGE_BYTES], vs_error *error);

/** H(label; sid, party, 32 bytes): commitments to secrets that are random already. */
void vs__masks_commit(uint8_t out[VS_HASH_BYTES], const char *label, const vs__masks_rules *rules, uint32_t party,
                      const uint8_t secret[32]);
#define VS__SEED_LABEL "veilsum masks self seed"
#define VS__COIN_LABEL "veilsum masks coin"

/* ---- shares and masks ---- */

/* One share of one secret: whose, of which kind, held by whom. */
typedef struct vs__share_place {
    uint32_t dealer, holder;
    vs__secret_kind kind;
} vs__share_place;
/** H("veilsum masks share"; sid, dealer, holder, kind, share ‖ salt). */
void vs__share_hash(uint8_t out[VS_HASH_BYTES], const vs__masks_rules *rules, const vs__share_place *place,
                    const uint8_t half[VS__HALF_BYTES]);
/** The key of a pair's mask. Returns: as vs_agreement_key. */
VS_MUST_CHECK vs_status vs__pair_key(uint8_t out[32], const vs__masks_rules *rules, uint32_t own, uint32_t peer,
                                     const uint8_t own_secret[VS__KEY_BYTES], const uint8_t own_public[VS__KEY_BYTES],
                                     const uint8_t peer_public[VS__KEY_BYTES]);
/** Of a pair, the lower place in the roster adds the mask and the higher one subtracts it. */
static inline bool vs__subtracts(uint32_t own, uint32_t peer) {
    return own > peer;
}
/** The key of an owner's own mask, from its seed. */
void vs__self_key(uint8_t out[32], const vs__masks_rules *rules, uint32_t owner, const uint8_t seed[32]);

/* ---- what is agreed on ---- */

/* A statement: the root (32) over what the survivors sent, and the set of them. The body of 'agree'. */
static inline size_t vs__statement_bytes(const vs__masks_rules *rules) {
    return VS_HASH_BYTES + rules->bits;
}
static inline const uint8_t *vs__survivors(const uint8_t *statement) {
    return statement + VS_HASH_BYTES;
}
/** H("veilsum masks vector"; sid, owner, bytes): the leaf of what an owner sent. */
void vs__masks_leaf(uint8_t out[VS_HASH_BYTES], const vs__masks_rules *rules, uint32_t owner, const uint8_t *bytes,
                    size_t len);
/** Have more than half of all owners signed this statement? Each signature is looked at once, and no more of them than
 * are needed. Returns: VS_OK; VS_ERR_AUTH, VS_ERR_POLICY (too few), VS_ERR_FORMAT. */
VS_MUST_CHECK vs_status vs__masks_check_signers(const vs__masks_rules *rules, const uint8_t *statement,
                                                const vs__list *signers, vs_error *error);

/** A sum as the server sent it, opened; its statement is `agreed`, or NULL: then its signatures are looked at.
 *  Returns: VS_OK; VS_ERR_FORMAT, VS_ERR_AUTH, VS_ERR_POLICY, VS_ERR_RANGE. `*opened` is clear on error. */
VS_MUST_CHECK vs_status vs__masks_open_sum(vs_opened *opened, const vs__masks_rules *rules, const vs_encoding *encoding,
                                           const vs__session_facts *facts, const vs_message *message,
                                           const uint8_t *agreed, vs_error *error);

/** Refuse what comes from a party that may aggregate, and is not the server. */
VS_MUST_CHECK vs_status vs__masks_from_server(const vs__masks_rules *rules, const vs_message *message, vs_error *error);

#endif
