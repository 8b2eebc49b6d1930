/* Receipts: a signed statement that a total holds exactly these contributions, by a party of the plan's roster that may
 * combine or open totals.
 *
 *     veilsum receipt
 *     plan HEX
 *     period 2026-11                  nothing behind the space where there is none
 *     attempt 0
 *     time 2026-11-24T17:00:00Z
 *     contributions 5 HEX             how many, and the root over them
 *     refused 1 HEX                   how many, and the hash over the lines about them
 *     total HEX 12345                 digest and length of the total
 *                                     an empty line
 *     — NAME base64                   signatures
 *                                     an empty line
 *     contribution HEX 2048 ORANGE    digest, length and contributor, a line each, contributors' ids ascending
 *     refused HEX ORANGE not signed   digest or "-", name or "-", reason
 *
 * What is signed is short, whatever the number of contributions; the list below it must agree with it. The root is that
 * of a Merkle tree (crypto/hash.h), so that one contribution can be shown to be in a total without the others; leaf i
 * is H("veilsum receipt contribution"; digest, name, length). The other hash is H("veilsum receipt refused"; the lines
 * about refused inputs, without their ends).
 *
 * A digest is that of vs_container_digest.
 */
#ifndef VEILSUM_AGGREGATE_RECEIPT_H
#define VEILSUM_AGGREGATE_RECEIPT_H

#include "aggregate/container/container.h"
#include "aggregate/note/note.h"

#define VS_RECEIPT_TITLE "veilsum receipt"
#define VS_MAX_RECEIPT_BYTES (256u << 20)
#define VS_MAX_REASON_BYTES 128u

typedef struct vs_receipt_contribution {
    uint8_t digest[VS_HASH_BYTES];
    uint64_t bytes;
    char name[VS_MAX_NAME_BYTES + 1];
} vs_receipt_contribution;

/* An input that was left out. */
typedef struct vs_receipt_refusal {
    bool has_digest; /* not where it could not be read to its end */
    uint8_t digest[VS_HASH_BYTES];
    char name[VS_MAX_NAME_BYTES + 1]; /* an identity's; "": none, or one that no identity can have */
    char reason[VS_MAX_REASON_BYTES + 1];
} vs_receipt_refusal;

typedef struct vs_receipt {
    /* what is signed */
    uint8_t plan_id[VS_HASH_BYTES];
    char period[VS_MAX_NAME_BYTES + 1];
    uint64_t attempt;
    int64_t time;
    uint64_t contribution_count, refusal_count;
    uint8_t root[VS_HASH_BYTES], refused_hash[VS_HASH_BYTES];
    uint8_t total_digest[VS_HASH_BYTES];
    uint64_t total_bytes;
    /* the list; NULL where the note alone was read */
    vs_receipt_contribution *contributions; /* owned; ids of their contributors ascending */
    vs_receipt_refusal *refusals;           /* owned */
    /* the bytes that were read: the note with its signatures, which `note` borrows. NULL where it was not read */
    char *note_text;
    size_t note_len;
    vs_note note;
} vs_receipt;
void vs_receipt_clear(vs_receipt *receipt);

/** The whole receipt, signed: malloc'd, a zero byte after `*len`. What the lists hold is signed: root and hash are
 * made here. Returns: VS_OK; VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs_receipt_write(char **out, size_t *len, vs_receipt *receipt, const vs_identity *signer,
                                         vs_error *error);

/* ---- reading ---- */

/** Where the note of a receipt ends: the list begins one byte (an empty line) further on. VS_ERR_FORMAT where there is
 * no list. */
VS_MUST_CHECK vs_status vs_receipt_split(size_t *note_len, const char *name, const char *data, size_t len,
                                         vs_error *error);

/** Read a receipt: note and list, which agree. Signatures are not yet checked. Messages begin with `name`. `receipt`
 * is clear on error.
 *  Returns: VS_OK; VS_ERR_FORMAT, VS_ERR_LIMIT; VS_ERR_AUTH (the list is not the signed one); VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs_receipt_parse(vs_receipt *receipt, const char *name, const char *data, size_t len,
                                         vs_error *error);
/** The same for a note whose list lies elsewhere; contributions and refusals stay NULL. */
VS_MUST_CHECK vs_status vs_receipt_parse_note(vs_receipt *receipt, const char *name, const char *data, size_t len,
                                              vs_error *error);
/** And its list. */
VS_MUST_CHECK vs_status vs_receipt_parse_list(vs_receipt *receipt, const char *name, const char *data, size_t len,
                                              vs_error *error);

/** Is it a receipt under `plan` by one of its parties that may combine or open: by the one called `by`, or, where that
 * is NULL, by any? And are all that it lists contributors of the plan, and not too many? `*who` (may be NULL) is who
 * signed. Messages begin with `name`.
 *  Returns: VS_OK; VS_ERR_MISMATCH (another plan); VS_ERR_AUTH (a signature of theirs is not right); VS_ERR_POLICY (the
 *  plan has no roster; not signed by such a party; lists somebody who may not contribute, or too many). */
VS_MUST_CHECK vs_status vs_receipt_check(const vs_receipt *receipt, const vs_plan *plan, const char *name,
                                         const char *by, const vs_party **who, vs_error *error);

/** May this identity sign receipts under `plan`? Returns: VS_OK; VS_ERR_POLICY (no roster, not listed, or not for
 * that). */
VS_MUST_CHECK vs_status vs_receipt_may_sign(const vs_plan *plan, const vs_public_identity *who, vs_error *error);

/** Is it about this total: one with this header and digest, once it has been read? `total`: its name.
 *  Returns: VS_OK; VS_ERR_MISMATCH (about another, with the difference in contributors named where there is one). */
VS_MUST_CHECK vs_status vs_receipt_check_total(const vs_receipt *receipt, const char *name, const vs_header *header,
                                               const uint8_t digest[VS_HASH_BYTES], const char *total, vs_error *error);

/** The same for a total that is read, to its end, from `total`. Returns: as above, and as vs_container_read;
 * VS_ERR_FORMAT, VS_ERR_USAGE (no total); VS_ERR_AUTH (something follows it). */
VS_MUST_CHECK vs_status vs_receipt_check_source(const vs_receipt *receipt, const char *name, const vs_plan *plan,
                                                const vs_source *total, vs_error *error);

/** Is a contribution with this digest by this contributor in the list? Logarithmic. */
bool vs_receipt_holds(const vs_receipt *receipt, const char *name, const uint8_t digest[VS_HASH_BYTES]);

/** Where the contributor of this name stands in the list, or VS_NONE. */
size_t vs_receipt_find(const vs_receipt *receipt, const char *name);

/** Leaf `index` of the tree, for proofs. */
void vs_receipt_leaf(uint8_t leaf[VS_HASH_BYTES], const vs_receipt_contribution *contribution);

#endif
