/* Known answers are those of certificate transparency's reference implementation; tests/vectors/ledger.txt is made by
 * tests/vectors/make_ledger_vectors.py, which follows the recursive definitions. */
#include "tests/support.h"

#include <sodium.h>

#include "crypto/transparency.h"

#define MAX_LEAVES 600

static uint8_t leaves[MAX_LEAVES][VS_HASH_BYTES];

/* MTH of [RFC6962, section 2.1]. */
static void root_by_definition(uint8_t *out, uint64_t begin, uint64_t end) {
    if (end - begin == 1) {
        memcpy(out, leaves[begin], VS_HASH_BYTES);
        return;
    }
    uint64_t k = 1;
    while (2 * k < end - begin) {
        k *= 2;
    }
    uint8_t left[VS_HASH_BYTES], right[VS_HASH_BYTES];
    root_by_definition(left, begin, begin + k);
    root_by_definition(right, begin + k, end);
    vs_log_node(out, left, right);
}

static vs_status node(void *context, uint8_t out[VS_HASH_BYTES], unsigned level, uint64_t index) {
    (void)context;
    root_by_definition(out, index << level, (index + 1) << level);
    return VS_OK;
}

static const vs_tree tree = {.hash = vs_log_node, .node = node};

static void leaf_i(uint8_t *out, uint64_t i) {
    char text[32];
    int len = snprintf(text, sizeof text, "entry %llu", (unsigned long long)i);
    vs_log_leaf(out, text, (size_t)len);
}

static void known_answers_of_certificate_transparency(void **state) {
    (void)state;
    static const struct {
        const char *bytes;
        size_t len;
    } inputs[8] = {{"", 0},
                   {"\x00", 1},
                   {"\x10", 1},
                   {"\x20\x21", 2},
                   {"\x30\x31", 2},
                   {"\x40\x41\x42\x43", 4},
                   {"\x50\x51\x52\x53\x54\x55\x56\x57", 8},
                   {"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f", 16}};
    static const char *const roots[9] = {"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                                         "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                                         "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                                         "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                                         "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                                         "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                                         "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                                         "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                                         "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
    for (size_t n = 0; n <= 8; n++) {
        uint8_t root[VS_HASH_BYTES];
        char text[2 * VS_HASH_BYTES + 1];
        if (n == 0) {
            vs_log_empty(root);
        } else {
            vs_log_leaf(leaves[n - 1], inputs[n - 1].bytes, inputs[n - 1].len);
            assert_int_equal(vs_tree_root(&tree, root, n), VS_OK);
        }
        vs_to_hex(text, root, sizeof root);
        assert_string_equal(text, roots[n]);
    }
}

static void set_leaves(void) {
    for (uint64_t i = 0; i < MAX_LEAVES; i++) {
        leaf_i(leaves[i], i);
    }
}

static void paths_are_accepted_and_nothing_else(void **state) {
    (void)state;
    set_leaves();
    for (uint64_t size = 1; size < 68; size++) {
        uint8_t root[VS_HASH_BYTES];
        assert_int_equal(vs_tree_root(&tree, root, size), VS_OK);
        for (uint64_t index = 0; index < size; index++) {
            vs_tree_proof proof;
            assert_int_equal(vs_tree_path(&tree, &proof, index, size), VS_OK);
            assert_true(vs_tree_path_check(vs_log_node, &proof, leaves[index], index, size, root));
            for (uint64_t other = 0; other <= size; other++) { /* another place, another size */
                assert_true(other == index ||
                            !vs_tree_path_check(vs_log_node, &proof, leaves[index], other, size, root));
            }
            assert_false(vs_tree_path_check(vs_log_node, &proof, leaves[(index + 1) % MAX_LEAVES], index, size, root));
            vs_tree_proof longer = proof;
            memset(longer.hashes[longer.count++], 7, VS_HASH_BYTES);
            assert_false(vs_tree_path_check(vs_log_node, &longer, leaves[index], index, size, root));
            for (size_t i = 0; i < proof.count; i++) {
                vs_tree_proof altered = proof;
                altered.hashes[i][test_below(VS_HASH_BYTES)] ^= (uint8_t)(1u << test_below(8));
                assert_false(vs_tree_path_check(vs_log_node, &altered, leaves[index], index, size, root));
            }
            if (proof.count > 0) {
                proof.count--;
                assert_false(vs_tree_path_check(vs_log_node, &proof, leaves[index], index, size, root));
            }
        }
    }
}

static void growth_is_accepted_and_nothing_else(void **state) {
    (void)state;
    set_leaves();
    for (uint64_t size = 1; size < 68; size++) {
        uint8_t root[VS_HASH_BYTES], old_root[VS_HASH_BYTES];
        assert_int_equal(vs_tree_root(&tree, root, size), VS_OK);
        for (uint64_t old = 1; old <= size; old++) {
            vs_tree_proof proof;
            assert_int_equal(vs_tree_root(&tree, old_root, old), VS_OK);
            assert_int_equal(vs_tree_growth(&tree, &proof, old, size), VS_OK);
            assert_true(vs_tree_growth_check(vs_log_node, &proof, old, old_root, size, root));
            assert_false(vs_tree_growth_check(vs_log_node, &proof, size + 1, old_root, size, root));
            for (size_t i = 0; i < proof.count; i++) {
                vs_tree_proof altered = proof;
                altered.hashes[i][test_below(VS_HASH_BYTES)] ^= (uint8_t)(1u << test_below(8));
                assert_false(vs_tree_growth_check(vs_log_node, &altered, old, old_root, size, root));
            }
            uint8_t wrong[VS_HASH_BYTES];
            memcpy(wrong, old_root, sizeof wrong);
            wrong[test_below(VS_HASH_BYTES)] ^= 1;
            assert_false(vs_tree_growth_check(vs_log_node, &proof, old, wrong, size, root));
            memcpy(wrong, root, sizeof wrong);
            wrong[test_below(VS_HASH_BYTES)] ^= 1;
            assert_false(vs_tree_growth_check(vs_log_node, &proof, old, old_root, size, wrong));
            vs_tree_proof longer = proof;
            memset(longer.hashes[longer.count++], 7, VS_HASH_BYTES);
            assert_false(vs_tree_growth_check(vs_log_node, &longer, old, old_root, size, root));
            if (proof.count > 0) {
                proof.count--;
                assert_false(vs_tree_growth_check(vs_log_node, &proof, old, old_root, size, root));
            }
        }
    }
}

static void an_empty_log_grows_into_any(void **state) {
    (void)state;
    uint8_t root[VS_HASH_BYTES], empty[VS_HASH_BYTES];
    vs_tree_proof proof;
    set_leaves();
    vs_log_empty(empty);
    assert_int_equal(vs_tree_root(&tree, root, 5), VS_OK);
    assert_int_equal(vs_tree_growth(&tree, &proof, 0, 5), VS_OK);
    assert_int_equal(proof.count, 0);
    assert_true(vs_tree_growth_check(vs_log_node, &proof, 0, empty, 5, root));
    proof.count = 1;
    assert_false(vs_tree_growth_check(vs_log_node, &proof, 0, empty, 5, root));
}

/* ---- vectors of another program ---- */

/* By the number of hashes and the beginning of SHA-256 over all of them. */
static void assert_same_proof(const vs_tree_proof *proof, unsigned long long count, const char *hex) {
    uint8_t digest[crypto_hash_sha256_BYTES];
    char text[2 * sizeof digest + 1];
    crypto_hash_sha256(digest, proof->hashes[0], proof->count * VS_HASH_BYTES);
    vs_to_hex(text, digest, sizeof digest);
    assert_int_equal(proof->count, count);
    assert_memory_equal(text, hex, 32);
}

static void proofs_are_those_of_another_program(void **state) {
    (void)state;
    char line[256], kind[16], hex[65];
    unsigned long long a = 0, size = 0, count = 0;
    size_t lines = 0;
    FILE *file = fopen(VEILSUM_TESTS_DIR "/vectors/ledger.txt", "r");
    set_leaves();
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        uint8_t root[VS_HASH_BYTES];
        char got[2 * VS_HASH_BYTES + 1];
        vs_tree_proof proof;
        if (line[0] == '#') {
            continue;
        }
        if (sscanf(line, "root %llu %64s", &size, hex) == 2) {
            assert_int_equal(vs_tree_root(&tree, root, size), VS_OK);
            vs_to_hex(got, root, sizeof root);
            assert_string_equal(got, hex);
        } else {
            assert_int_equal(sscanf(line, "%15s %llu %llu %llu %64s", kind, &a, &size, &count, hex), 5);
            assert_int_equal(strcmp(kind, "path") == 0 ? vs_tree_path(&tree, &proof, a, size)
                                                       : vs_tree_growth(&tree, &proof, a, size),
                             VS_OK);
            assert_same_proof(&proof, count, hex);
        }
        lines++;
    }
    (void)fclose(file);
    assert_true(lines > 1000);
}

int main(void) {
    test_seed();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_answers_of_certificate_transparency),
        cmocka_unit_test(paths_are_accepted_and_nothing_else),
        cmocka_unit_test(growth_is_accepted_and_nothing_else),
        cmocka_unit_test(an_empty_log_grows_into_any),
        cmocka_unit_test(proofs_are_those_of_another_program),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
