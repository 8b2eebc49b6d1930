/* The constants are printed by tests/vectors/make_hash_vectors.py; the second way is the recursive definition. */
#include "tests/support.h"

#include "crypto/hash.h"

#define MAX_LEAVES 70

static uint8_t leaves[MAX_LEAVES][VS_HASH_BYTES];

static void root_of(uint8_t *root, size_t count) {
    vs_merkle tree;
    vs_merkle_init(&tree);
    for (size_t i = 0; i < count; i++) {
        vs_merkle_add(&tree, leaves[i]);
    }
    vs_merkle_root(&tree, root);
}

static void roots_are_those_of_another_program(void **state) {
    (void)state;
    static const struct {
        size_t count;
        const char *root;
    } vectors[] = {
        {0, "611026472949fcf9dbc0b488b6c2d43bc6f9531e4f140430974a78e5484948cb"},
        {1, "9213a3e031f490291ca27618c5632085dea58d2b32dc5518772e8a1fa105da4e"},
        {2, "3ce6f5cd2d53d99bbbe92f79895b70fa614a36f2721880ca5b253e12c5a2a728"},
        {3, "db041205b1d38510e543c99bf3d85e1c482cf1914f01d239cd38efe6651443dc"},
        {5, "c0dbd30e156b16d5d6b6aa501c4ce60db45e521bb43e9e9ea637678dd485fe46"},
        {11, "250527894cd32efa71449c90d1a4c603f16694b87c0f3ccdbe9bac0aebc79c69"},
    };
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        uint8_t root[VS_HASH_BYTES];
        char text[2 * VS_HASH_BYTES + 1];
        root_of(root, vectors[i].count);
        vs_to_hex(text, root, sizeof root);
        assert_string_equal(text, vectors[i].root);
    }
}

static void recursive_root(uint8_t *root, size_t first, size_t count) {
    vs_hash hash;
    if (count == 1) {
        vs_hash_init(&hash, "veilsum merkle leaf");
        vs_hash_field(&hash, leaves[first], VS_HASH_BYTES);
    } else {
        uint8_t left[VS_HASH_BYTES], right[VS_HASH_BYTES];
        size_t k = 1;
        while (2 * k < count) {
            k *= 2;
        }
        recursive_root(left, first, k);
        recursive_root(right, first + k, count - k);
        vs_hash_init(&hash, "veilsum merkle node");
        vs_hash_field(&hash, left, sizeof left);
        vs_hash_field(&hash, right, sizeof right);
    }
    vs_hash_final(&hash, root);
}

static void every_size_has_the_root_of_the_definition(void **state) {
    (void)state;
    for (size_t count = 1; count <= MAX_LEAVES; count++) {
        uint8_t root[VS_HASH_BYTES], expected[VS_HASH_BYTES];
        root_of(root, count);
        recursive_root(expected, 0, count);
        assert_memory_equal(root, expected, sizeof root);
    }
}

static void asking_for_the_root_changes_nothing(void **state) {
    (void)state;
    vs_merkle tree;
    vs_merkle_init(&tree);
    for (size_t count = 0; count <= MAX_LEAVES; count++) {
        uint8_t root[VS_HASH_BYTES], expected[VS_HASH_BYTES];
        vs_merkle_root(&tree, root);
        root_of(expected, count);
        assert_memory_equal(root, expected, sizeof root);
        if (count < MAX_LEAVES) {
            vs_merkle_add(&tree, leaves[count]);
        }
    }
}

static void every_leaf_and_their_order_matter(void **state) {
    (void)state;
    uint8_t root[VS_HASH_BYTES], other[VS_HASH_BYTES];
    for (size_t count = 2; count < 20; count++) {
        root_of(root, count);
        for (size_t i = 0; i < count; i++) {
            leaves[i][i % VS_HASH_BYTES] ^= 1;
            root_of(other, count);
            leaves[i][i % VS_HASH_BYTES] ^= 1;
            assert_memory_not_equal(root, other, sizeof root);
        }
        uint8_t first[VS_HASH_BYTES];
        memcpy(first, leaves[0], sizeof first);
        memcpy(leaves[0], leaves[count - 1], sizeof first);
        memcpy(leaves[count - 1], first, sizeof first);
        root_of(other, count);
        memcpy(leaves[count - 1], leaves[0], sizeof first);
        memcpy(leaves[0], first, sizeof first);
        assert_memory_not_equal(root, other, sizeof root);
    }
}

int main(void) {
    for (size_t i = 0; i < MAX_LEAVES; i++) {
        memset(leaves[i], (int)i, VS_HASH_BYTES);
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roots_are_those_of_another_program),
        cmocka_unit_test(every_size_has_the_root_of_the_definition),
        cmocka_unit_test(asking_for_the_root_changes_nothing),
        cmocka_unit_test(every_leaf_and_their_order_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
