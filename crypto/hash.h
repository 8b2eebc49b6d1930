/* Labelled BLAKE2b-256, and Merkle trees over it.
 *
 * Every use names itself by a label, and every field enters with its length, so that no two different lists of fields
 * ever hash the same bytes: the input is len(label) ‖ label ‖ len(field) ‖ field ‖ …, lengths as 8 bytes little-endian.
 */
#ifndef VEILSUM_CRYPTO_HASH_H
#define VEILSUM_CRYPTO_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/status.h"

#define VS_HASH_BYTES 32

/* Opaque: room for libsodium's state. Keep it on the stack: malloc does not align to 64. */
typedef struct vs_hash {
    _Alignas(64) uint8_t state[384];
} vs_hash;

void vs_hash_init(vs_hash *hash, const char *label);
/** One field: its length, then its bytes. */
void vs_hash_field(vs_hash *hash, const void *data, size_t len);
/** A field of eight bytes, little-endian. */
void vs_hash_u64(vs_hash *hash, uint64_t value);
/** Bytes without a length, for a field that arrives in pieces: the caller hashes its length first with vs_hash_u64. */
void vs_hash_bytes(vs_hash *hash, const void *data, size_t len);
void vs_hash_final(vs_hash *hash, uint8_t out[VS_HASH_BYTES]);

/* The root of a Merkle tree, leaf by leaf, in the shape of [RFC6962, section 2.1]: leaves and nodes hash under
 * different labels. The root of no leaves is the hash of the label "veilsum merkle empty". */
typedef struct vs_merkle {
    uint64_t leaves;
    uint8_t stack[64][VS_HASH_BYTES];
} vs_merkle;

void vs_merkle_init(vs_merkle *tree);
/** Append a leaf whose content has the hash `leaf`. */
void vs_merkle_add(vs_merkle *tree, const uint8_t leaf[VS_HASH_BYTES]);
void vs_merkle_root(const vs_merkle *tree, uint8_t root[VS_HASH_BYTES]);

/** The hashes that the tree is made of, for proofs (crypto/transparency.h); `out` may be an argument. */
void vs_merkle_leaf(uint8_t out[VS_HASH_BYTES], const uint8_t leaf[VS_HASH_BYTES]);
void vs_merkle_node(uint8_t out[VS_HASH_BYTES], const uint8_t left[VS_HASH_BYTES], const uint8_t right[VS_HASH_BYTES]);

/** Constant-time comparison: 1 if equal. */
int vs_equal(const void *a, const void *b, size_t len);

/** Lower-case hexadecimal, 2·len characters and a terminating zero. */
void vs_to_hex(char *out, const uint8_t *data, size_t len);
/** Strict inverse: exactly 2·len lower-case characters, no others. Returns: VS_OK, VS_ERR_FORMAT. */
VS_MUST_CHECK vs_status vs_from_hex(uint8_t *out, size_t len, const char *text, size_t text_len);

#endif
