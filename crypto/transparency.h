/* Merkle trees of logs: root, proof that a leaf is in, proof that a tree only grew.
 *
 * The tree over n leaves is that of RFC 6962: the left side is the largest perfect tree that leaves something for the
 * right. Nodes are named by (level, index): the root of the perfect tree over leaves index·2^level … (index+1)·2^level
 * − 1. Nothing else is ever stored, so whoever makes a proof reads nodes through a callback, and whoever checks one
 * reads nothing but the proof. Logs hash with SHA-256 (vs_log_leaf, vs_log_node); the trees of crypto/hash.h have the
 * same shape under their own labels (vs_merkle_leaf, vs_merkle_node), and the same algorithms serve both.
 *
 * Source: [RFC6962, section 2.1], [RFC9162, sections 2.1.3, 2.1.4].
 */
#ifndef VEILSUM_CRYPTO_TRANSPARENCY_H
#define VEILSUM_CRYPTO_TRANSPARENCY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/hash.h"
#include "crypto/status.h"

#define VS_MAX_TREE_SIZE ((uint64_t)1 << 62)
/* A path has at most one hash a level; a proof of growth one more. */
#define VS_MAX_TREE_PROOF 64u

typedef struct vs_tree_proof {
    size_t count;
    uint8_t hashes[VS_MAX_TREE_PROOF][VS_HASH_BYTES];
} vs_tree_proof;

/** The hash of a node over two others; `out` may be either. */
typedef void vs_node_hash(uint8_t out[VS_HASH_BYTES], const uint8_t left[VS_HASH_BYTES],
                          const uint8_t right[VS_HASH_BYTES]);

/** SHA-256(0x00 ‖ data), SHA-256(0x01 ‖ left ‖ right), SHA-256(""): [RFC6962, section 2.1]. */
void vs_log_leaf(uint8_t out[VS_HASH_BYTES], const void *data, size_t len);
vs_node_hash vs_log_node;
void vs_log_empty(uint8_t out[VS_HASH_BYTES]);

/* Where the nodes of a tree come from. */
typedef struct vs_tree {
    vs_node_hash *hash;
    void *context;
    /** The node (level, index), which lies wholly inside the tree. What it fails with, the caller gets. */
    vs_status (*node)(void *context, uint8_t out[VS_HASH_BYTES], unsigned level, uint64_t index);
} vs_tree;

/** The root over the first `size` ≥ 1 leaves. Returns: VS_OK; the callback's. */
VS_MUST_CHECK vs_status vs_tree_root(const vs_tree *tree, uint8_t root[VS_HASH_BYTES], uint64_t size);
/** The path from leaf `index` < size to the root over `size` leaves. Returns: VS_OK; the callback's. */
VS_MUST_CHECK vs_status vs_tree_path(const vs_tree *tree, vs_tree_proof *proof, uint64_t index, uint64_t size);
/** Proof that the tree over `size` leaves begins with the one over `old` ≤ size; empty where old is 0 or size.
 *  Returns: VS_OK; the callback's. */
VS_MUST_CHECK vs_status vs_tree_growth(const vs_tree *tree, vs_tree_proof *proof, uint64_t old, uint64_t size);

/** Is `leaf` the hash of leaf `index` of the tree with this root? `proof` is hostile. */
bool vs_tree_path_check(vs_node_hash *hash, const vs_tree_proof *proof, const uint8_t leaf[VS_HASH_BYTES],
                        uint64_t index, uint64_t size, const uint8_t root[VS_HASH_BYTES]);
/** Does the tree over `size` leaves begin with the one over `old`, by their roots? True of old = 0, of which the root
 * is not looked at. `proof` is hostile. */
bool vs_tree_growth_check(vs_node_hash *hash, const vs_tree_proof *proof, uint64_t old,
                          const uint8_t old_root[VS_HASH_BYTES], uint64_t size, const uint8_t root[VS_HASH_BYTES]);

#endif
