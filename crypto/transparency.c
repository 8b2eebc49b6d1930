#include "crypto/transparency.h"

#include <sodium.h>
#include <string.h>

/* ---- hashes of logs ---- */

void vs_log_leaf(uint8_t out[VS_HASH_BYTES], const void *data, size_t len) {
    crypto_hash_sha256_state state;
    const uint8_t tag = 0;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, &tag, 1);
    crypto_hash_sha256_update(&state, data, len);
    crypto_hash_sha256_final(&state, out);
}

void vs_log_node(uint8_t out[VS_HASH_BYTES], const uint8_t left[VS_HASH_BYTES], const uint8_t right[VS_HASH_BYTES]) {
    uint8_t bytes[1 + 2 * VS_HASH_BYTES] = {1};
    memcpy(bytes + 1, left, VS_HASH_BYTES);
    memcpy(bytes + 1 + VS_HASH_BYTES, right, VS_HASH_BYTES);
    crypto_hash_sha256(out, bytes, sizeof bytes);
}

void vs_log_empty(uint8_t out[VS_HASH_BYTES]) {
    crypto_hash_sha256(out, NULL, 0);
}

/* ---- making ---- */

/* The exponent of the largest power of two below n ≥ 2: where RFC 6962 splits n leaves. */
static unsigned split_level(uint64_t n) {
    return 63u - (unsigned)__builtin_clzll(n - 1);
}

/* The root over leaves [begin, end): begin is a multiple of a power of two ≥ end − begin. From the right, the perfect
 * trees that the range falls into are joined in ascending size, as split by split would do. */
static vs_status range_root(const vs_tree *tree, uint8_t out[VS_HASH_BYTES], uint64_t begin, uint64_t end) {
    uint8_t left[VS_HASH_BYTES];
    bool started = false;
    for (unsigned level = 0; (end - begin) >> level != 0; level++) {
        if ((end - begin) >> level & 1) {
            uint64_t index = (begin >> level) + ((end - begin) >> (level + 1) << 1);
            vs_status status = tree->node(tree->context, started ? left : out, level, index);
            if (status != VS_OK) {
                return status;
            }
            if (started) {
                tree->hash(out, left, out);
            }
            started = true;
        }
    }
    return VS_OK;
}

vs_status vs_tree_root(const vs_tree *tree, uint8_t root[VS_HASH_BYTES], uint64_t size) {
    VS_CHECK(size > 0 && size <= VS_MAX_TREE_SIZE);
    return range_root(tree, root, 0, size);
}

/* Paths are made from the root down, and read from the leaf up. */
static void reverse(vs_tree_proof *proof) {
    uint8_t hash[VS_HASH_BYTES];
    for (size_t i = 0, j = proof->count; i + 1 < j; i++) {
        j--;
        memcpy(hash, proof->hashes[i], sizeof hash);
        memcpy(proof->hashes[i], proof->hashes[j], sizeof hash);
        memcpy(proof->hashes[j], hash, sizeof hash);
    }
}

static vs_status push(const vs_tree *tree, vs_tree_proof *proof, uint64_t begin, uint64_t end) {
    VS_CHECK(proof->count < VS_MAX_TREE_PROOF);
    return range_root(tree, proof->hashes[proof->count++], begin, end);
}

/* One step towards leaf `index`: the other side's root goes into the proof, and [begin, end) becomes this side. */
static vs_status descend(const vs_tree *tree, vs_tree_proof *proof, uint64_t *begin, uint64_t *end, uint64_t index) {
    uint64_t middle = *begin + ((uint64_t)1 << split_level(*end - *begin));
    vs_status status;
    if (index < middle) {
        status = push(tree, proof, middle, *end);
        *end = middle;
    } else {
        status = push(tree, proof, *begin, middle);
        *begin = middle;
    }
    return status;
}

vs_status vs_tree_path(const vs_tree *tree, vs_tree_proof *proof, uint64_t index, uint64_t size) {
    VS_CHECK(index < size && size <= VS_MAX_TREE_SIZE);
    uint64_t begin = 0, end = size;
    vs_status status = VS_OK;
    proof->count = 0;
    while (status == VS_OK && end - begin > 1) {
        status = descend(tree, proof, &begin, &end, index);
    }
    reverse(proof);
    return status;
}

/* SUBPROOF of [RFC9162, section 2.1.4.1]: down to the largest tree that ends where the old one does. Its root is left
 * out where it is the old root itself, which the checker has. */
vs_status vs_tree_growth(const vs_tree *tree, vs_tree_proof *proof, uint64_t old, uint64_t size) {
    VS_CHECK(old <= size && size <= VS_MAX_TREE_SIZE);
    uint64_t begin = 0, end = size;
    vs_status status = VS_OK;
    proof->count = 0;
    if (old == 0) {
        return VS_OK;
    }
    while (status == VS_OK && end != old) {
        status = descend(tree, proof, &begin, &end, old - 1);
    }
    if (status == VS_OK && begin > 0) {
        status = push(tree, proof, begin, end);
    }
    reverse(proof);
    return status;
}

/* ---- checking ---- */

/* A place on the way up: a node's index and that of the last node of its level. */
typedef struct climb {
    uint64_t at, last;
} climb;

/* Is the next hash of a proof on the left? Where the node has no right neighbour, levels at which it is only carried
 * up are skipped. */
static bool is_on_left(climb *c) {
    bool left = (c->at & 1) != 0 || c->at == c->last;
    while (left && (c->at & 1) == 0 && c->at != 0) {
        c->at >>= 1;
        c->last >>= 1;
    }
    return left;
}

static void up(climb *c) {
    c->at >>= 1;
    c->last >>= 1;
}

bool vs_tree_path_check(vs_node_hash *hash, const vs_tree_proof *proof, const uint8_t leaf[VS_HASH_BYTES],
                        uint64_t index, uint64_t size, const uint8_t root[VS_HASH_BYTES]) {
    if (index >= size || size > VS_MAX_TREE_SIZE || proof->count > VS_MAX_TREE_PROOF) {
        return false;
    }
    climb c = {index, size - 1};
    uint8_t node[VS_HASH_BYTES];
    memcpy(node, leaf, sizeof node);
    for (size_t i = 0; i < proof->count; i++) {
        if (c.last == 0) {
            return false;
        }
        if (is_on_left(&c)) {
            hash(node, proof->hashes[i], node);
        } else {
            hash(node, node, proof->hashes[i]);
        }
        up(&c);
    }
    return c.last == 0 && vs_equal(node, root, sizeof node);
}

/* Both roots are rebuilt on one way up, from the largest tree that ends where the old one does. */
static bool climb_both(vs_node_hash *hash, const vs_tree_proof *proof, size_t from, climb c, const uint8_t *start,
                       const uint8_t *old_root, const uint8_t *root) {
    uint8_t was[VS_HASH_BYTES], is[VS_HASH_BYTES];
    memcpy(was, start, sizeof was);
    memcpy(is, start, sizeof is);
    for (size_t i = from; i < proof->count; i++) {
        if (c.last == 0) {
            return false;
        }
        if (is_on_left(&c)) {
            hash(was, proof->hashes[i], was);
            hash(is, proof->hashes[i], is);
        } else {
            hash(is, is, proof->hashes[i]);
        }
        up(&c);
    }
    return c.last == 0 && vs_equal(was, old_root, sizeof was) && vs_equal(is, root, sizeof is);
}

bool vs_tree_growth_check(vs_node_hash *hash, const vs_tree_proof *proof, uint64_t old,
                          const uint8_t old_root[VS_HASH_BYTES], uint64_t size, const uint8_t root[VS_HASH_BYTES]) {
    if (old > size || size > VS_MAX_TREE_SIZE || proof->count > VS_MAX_TREE_PROOF) {
        return false;
    }
    if (old == 0 || old == size) {
        return proof->count == 0 && (old == 0 || vs_equal(old_root, root, VS_HASH_BYTES));
    }
    bool is_perfect = (old & (old - 1)) == 0; /* then the old root is where the way begins */
    if (!is_perfect && proof->count == 0) {
        return false;
    }
    climb c = {old - 1, size - 1};
    while (c.at & 1) {
        up(&c);
    }
    return climb_both(hash, proof, is_perfect ? 0 : 1, c, is_perfect ? old_root : proof->hashes[0], old_root, root);
}
