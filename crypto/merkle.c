/* The tree of n leaves is a row of perfect trees, one for each bit of n, the largest first. The stack holds their
 * roots: level k is in use exactly if bit k of n is set. */
#include <string.h>

#include "crypto/hash.h"
#include "crypto/status.h"

void vs_merkle_node(uint8_t out[VS_HASH_BYTES], const uint8_t left[VS_HASH_BYTES], const uint8_t right[VS_HASH_BYTES]) {
    vs_hash hash;
    vs_hash_init(&hash, "veilsum merkle node");
    vs_hash_field(&hash, left, VS_HASH_BYTES);
    vs_hash_field(&hash, right, VS_HASH_BYTES);
    vs_hash_final(&hash, out);
}

void vs_merkle_leaf(uint8_t out[VS_HASH_BYTES], const uint8_t leaf[VS_HASH_BYTES]) {
    vs_hash hash;
    vs_hash_init(&hash, "veilsum merkle leaf");
    vs_hash_field(&hash, leaf, VS_HASH_BYTES);
    vs_hash_final(&hash, out);
}

void vs_merkle_init(vs_merkle *tree) {
    memset(tree, 0, sizeof *tree);
}

void vs_merkle_add(vs_merkle *tree, const uint8_t leaf[VS_HASH_BYTES]) {
    VS_CHECK(tree->leaves < UINT64_MAX);
    uint8_t node[VS_HASH_BYTES];
    vs_merkle_leaf(node, leaf);
    /* Like adding 1 to the count: every set bit from the bottom carries into the next. */
    unsigned level = 0;
    for (; tree->leaves >> level & 1; level++) {
        vs_merkle_node(node, tree->stack[level], node);
    }
    memcpy(tree->stack[level], node, sizeof node);
    tree->leaves++;
}

void vs_merkle_root(const vs_merkle *tree, uint8_t root[VS_HASH_BYTES]) {
    if (tree->leaves == 0) {
        vs_hash hash;
        vs_hash_init(&hash, "veilsum merkle empty");
        vs_hash_final(&hash, root);
        return;
    }
    /* RFC 6962 splits n leaves at the largest power of two below n: the smaller trees are joined among themselves
     * first. */
    int started = 0;
    for (unsigned level = 0; level < 64; level++) {
        if ((tree->leaves >> level & 1) == 0) {
            continue;
        }
        if (started) {
            vs_merkle_node(root, tree->stack[level], root);
        } else {
            memcpy(root, tree->stack[level], VS_HASH_BYTES);
            started = 1;
        }
    }
}
