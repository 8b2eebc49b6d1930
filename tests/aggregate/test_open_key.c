#include "pipeline.h"

static vs_secret_key *secret;
static const vs_public_key *key;

#define CIPHERTEXT 512u

static int set_up(void **state) {
    (void)state;
    assert_int_equal(vs_secret_setup(), VS_OK);
    secret = fixture_key("k2048");
    key = vs_secret_key_public(secret);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    vs_secret_key_free(secret);
    return 0;
}

static vs_plan *plan_with(const char *rest) {
    return table_plan(key, rest);
}

static vs_plan *plain_plan(unsigned min) {
    char rest[64];
    snprintf(rest, sizeof rest, "\"contributors\":{\"min\":%u,\"max\":50}", min);
    return plan_with(rest);
}

/* The total of these tables, by owners "a", "b", …; the sums of their cells. */
static blob total_of(const vs_plan *plan, const char *const *tables, unsigned count, vs_int128 *sums) {
    test_inputs inputs = {.count = 0};
    blob total;
    for (unsigned i = 0; i < count; i++) {
        char name[2] = {(char)('a' + i), 0};
        add_input(&inputs, name, contribute(plan, key, tables[i], name, "2026-11", sums), false);
    }
    assert_int_equal(combine(plan, &inputs, &total, NULL), VS_OK);
    for (unsigned i = 0; i < count; i++) {
        free(inputs.list[i].data.data);
    }
    return total;
}

static const char *const tables[] = {"D,X,Y\na,1.25,1\na,2,2\nb,-3,3\n", "D,X,Y\na,-500,9\nb,1000,0\nb,,5\n",
                                     "D,X,Y\na,0.01,4\na,7,7\nc,5,5\n"};

/* A total made by hand: these plaintexts encrypted, in the name of `owners` owners. */
static blob made_total(const vs_plan *plan, const uint8_t *plaintexts, unsigned owners) {
    vs_contributor who[8] = {{.name = ""}};
    vs_layout layout;
    vs_encryptor *encryptor;
    vs_container_writer *writer;
    vs_memory_sink memory = {0};
    vs_sink sink = vs_memory_sink_open(&memory, "memory");
    assert_int_equal(vs_layout_make(&layout, plan, 2048, 1, NULL), VS_OK);
    vs_header header = {.kind = VS_TOTAL,
                        .pk = key,
                        .cell_count = plan->cell_count,
                        .ciphertext_count = layout.plaintext_count,
                        .contributors_min = plan->contributors_min,
                        .contributors_max = plan->contributors_max,
                        .bound = owners,
                        .contributors = who,
                        .contributor_count = owners};
    memcpy(header.plan_id, plan->id, VS_HASH_BYTES);
    vs_session_id(header.sid, plan->id, "", 0);
    for (unsigned i = 0; i < owners; i++) {
        who[i].name[0] = (char)('a' + i);
        vs_contributor_id(who[i].id, header.sid, who[i].name);
        for (unsigned k = i; k > 0 && memcmp(who[k - 1].id, who[k].id, VS_ID_BYTES) > 0; k--) {
            vs_contributor spare = who[k];
            who[k] = who[k - 1];
            who[k - 1] = spare;
        }
    }
    size_t count = (size_t)layout.plaintext_count;
    uint8_t *ciphertexts = malloc(count * CIPHERTEXT);
    assert_int_equal(vs_encryptor_new(&encryptor, key, count), VS_OK);
    assert_int_equal(vs_encrypt(encryptor, ciphertexts, plaintexts, count), VS_OK);
    assert_int_equal(vs_container_writer_new(&writer, &header, &sink, NULL), VS_OK);
    assert_int_equal(vs_container_write(writer, ciphertexts, count, NULL), VS_OK);
    assert_int_equal(vs_container_finish(writer, NULL), VS_OK);
    vs_container_writer_free(writer);
    vs_encryptor_free(encryptor);
    vs_layout_free(&layout);
    free(ciphertexts);
    return (blob){memory.data, memory.len};
}

/* What one contribution with these cells is as plaintexts. */
static uint8_t *packed(const vs_plan *plan, const vs_int128 *cells, uint64_t *count) {
    vs_layout layout;
    vs_pack_cursor cursor = {0};
    assert_int_equal(vs_layout_make(&layout, plan, 2048, 1, NULL), VS_OK);
    uint8_t *out = malloc((size_t)layout.plaintext_count * 256);
    vs_pack(&layout, &cursor, out, cells, layout.plaintext_count);
    *count = layout.plaintext_count;
    vs_layout_free(&layout);
    return out;
}

static vs_status open_status(const vs_plan *plan, const vs_secret_key *sk, const blob *total, const char *word) {
    vs_opened opened;
    vs_error error = {.message = ""};
    vs_status status = open_total(&opened, plan, sk, total, &error);
    if (strstr(error.message, word) == NULL) {
        print_message("%s\n", error.message);
    }
    assert_non_null(strstr(error.message, word));
    vs_opened_clear(&opened);
    return status;
}

/* ---- what opening gives ---- */

static void a_total_opens_to_the_sums(void **state) {
    (void)state;
    vs_plan *plan = plain_plan(3);
    vs_int128 *sums = calloc((size_t)plan->cell_count, sizeof *sums);
    blob total = total_of(plan, tables, 3, sums);
    vs_opened opened;
    assert_int_equal(open_total(&opened, plan, secret, &total, NULL), VS_OK);
    assert_int_equal(opened.contributions, 3);
    assert_int_equal(opened.cell_count, plan->cell_count);
    assert_string_equal(opened.period, "2026-11");
    assert_null(opened.reasons);
    assert_memory_equal(opened.cells, sums, (size_t)plan->cell_count * sizeof *sums);
    vs_opened_clear(&opened);
    assert_null(opened.cells);
    free(total.data);
    free(sums);
    vs_plan_free(plan);
}

#define GROUPS "\"contributors\":{\"min\":2,\"max\":50},\"groups\":{\"min_rows\":3,\"min_contributors\":3}"

static bool in_block(const vs_plan *plan, uint64_t cell, uint64_t group, unsigned block_class) {
    return cell > 0 && (cell - 1) / plan->component_count == group &&
           plan->components[(cell - 1) % plan->component_count].block_class == block_class;
}

/* Group a has five rows of three owners; b three of two; c one of one. */
static void withheld_groups_are_not_opened(void **state) {
    (void)state;
    vs_plan *plan = plan_with(GROUPS);
    vs_int128 *sums = calloc((size_t)plan->cell_count, sizeof *sums);
    blob total = total_of(plan, tables, 3, sums);
    vs_opened opened;
    assert_int_equal(open_total(&opened, plan, secret, &total, NULL), VS_OK);
    assert_true(plan->class_count > 1);
    unsigned shown = 0, withheld = 0;
    for (uint64_t g = 0; g < plan->group_count; g++) {
        for (unsigned k = 0; k < plan->class_count; k++) {
            bool open = k == 0 || opened.reasons[g * plan->class_count + k] == VS_SHOWN;
            shown += open && k > 0;
            withheld += !open;
            assert_true(k == 0 || open == (g == 0));
            for (uint64_t cell = 0; cell < plan->cell_count; cell++) {
                if (in_block(plan, cell, g, k)) {
                    assert_true(opened.cells[cell] == (open ? sums[cell] : 0));
                }
            }
        }
    }
    assert_true(shown > 0 && withheld > 0);
    vs_opened_clear(&opened);
    free(total.data);
    free(sums);
    vs_plan_free(plan);
}

/* A plaintext that no opening accepts, in a block that must stay closed: opening does not notice. */
static void a_withheld_block_is_not_even_decrypted(void **state) {
    (void)state;
    vs_plan *plan = plan_with(GROUPS);
    vs_layout layout;
    uint64_t count, first, length;
    vs_int128 *cells = calloc((size_t)plan->cell_count, sizeof *cells);
    assert_int_equal(vs_layout_make(&layout, plan, 2048, 1, NULL), VS_OK);
    cells[0] = 1;
    uint8_t *plaintexts = packed(plan, cells, &count);
    plaintexts[0] = (uint8_t)(plaintexts[0] & ~1u) | 2; /* the counter, in the lowest bits: two owners */
    vs_layout_block(&layout, 1, 1, &first, &length);
    assert_true(length > 0);
    memset(plaintexts + first * 256, 0x7f, 255);
    blob total = made_total(plan, plaintexts, 2);
    assert_int_equal(open_status(plan, secret, &total, ""), VS_OK);
    free(total.data);
    free(plaintexts);
    free(cells);
    vs_layout_free(&layout);
    vs_plan_free(plan);
}

static void random_totals_open_to_the_sums(void **state) {
    (void)state;
    vs_plan *plan = plain_plan(1);
    for (int round = 0; round < 5; round++) {
        vs_int128 *sums = calloc((size_t)plan->cell_count, sizeof *sums);
        test_inputs inputs = {.count = 0};
        unsigned owners = 1 + (unsigned)test_below(6);
        blob total;
        vs_opened opened;
        for (unsigned i = 0; i < owners; i++) {
            add_input(&inputs, "x.vs", contribute_random(plan, key, i, sums), false);
        }
        assert_int_equal(combine(plan, &inputs, &total, NULL), VS_OK);
        assert_int_equal(open_total(&opened, plan, secret, &total, NULL), VS_OK);
        assert_memory_equal(opened.cells, sums, (size_t)plan->cell_count * sizeof *sums);
        vs_opened_clear(&opened);
        for (unsigned i = 0; i < owners; i++) {
            free(inputs.list[i].data.data);
        }
        free(total.data);
        free(sums);
    }
    vs_plan_free(plan);
}

/* More plaintexts than are decrypted at a time, in blocks of one group and class each, some of them withheld. */
static void many_blocks_open_over_several_batches(void **state) {
    (void)state;
    enum { groups = 400 };
    char *json = malloc(64 * groups), *table = malloc(64 * groups), *at = json, hex[2 * VS_HASH_BYTES + 1];
    vs_plan *plan;
    vs_opened opened;
    vs_to_hex(hex, vs_public_key_info(key)->fingerprint, VS_HASH_BYTES);
    at += sprintf(at, "{\"veilsum\":1,\"columns\":{\"D\":{\"values\":[");
    for (unsigned g = 0; g < groups; g++) {
        at += sprintf(at, "%s\"g%u\"", g == 0 ? "" : ",", g);
    }
    at +=
        sprintf(at,
                "]},\"X\":{\"scale\":0,\"min\":0,\"max\":99},\"Y\":{\"scale\":0,\"min\":0,\"max\":99}},\"by\":[\"D\"],"
                "\"measures\":[{\"sum\":\"X\"},{\"sum\":\"Y\"}],\"groups\":{\"min_rows\":2},"
                "\"contributors\":{\"min\":1,\"max\":9},\"opening\":{\"key\":\"%s\"}}",
                hex);
    assert_int_equal(vs_plan_parse(&plan, json, strlen(json), NULL), VS_OK);
    at = table + sprintf(table, "D,X,Y\n");
    for (unsigned g = 0; g < groups; g++) { /* every fifth group has one row only */
        for (unsigned row = 0; row < (g % 5 == 0 ? 1u : 2u); row++) {
            at += sprintf(at, "g%u,%u,%u\n", g, (unsigned)test_below(100), (unsigned)test_below(100));
        }
    }
    vs_int128 *sums = calloc((size_t)plan->cell_count, sizeof *sums);
    blob one = contribute(plan, key, table, "a", "", sums);
    assert_true(get_number(one.data + 96, 8) > 512 + 128);
    assert_int_equal(open_total(&opened, plan, secret, &one, NULL), VS_OK);
    for (uint64_t cell = 1; cell < plan->cell_count; cell++) {
        bool counts = plan->components[(cell - 1) % plan->component_count].block_class == 0;
        bool shown = counts || (cell - 1) / plan->component_count % 5 != 0;
        assert_true(opened.cells[cell] == (shown ? sums[cell] : 0));
    }
    vs_opened_clear(&opened);
    free(one.data);
    free(sums);
    free(json);
    free(table);
    vs_plan_free(plan);
}

/* ---- what it refuses ---- */

static void another_key_is_refused(void **state) {
    (void)state;
    vs_secret_key *other = fixture_key("k2048-other"), *degree2 = fixture_key("k2048-degree2");
    vs_plan *plan = plain_plan(3);
    blob total = total_of(plan, tables, 3, NULL);
    assert_int_equal(open_status(plan, other, &total, "another key"), VS_ERR_MISMATCH);
    assert_int_equal(open_status(plan, degree2, &total, "another key"), VS_ERR_MISMATCH);
    /* A total that claims the other key, which the plan does not pin. */
    vs_public_key_encode(vs_secret_key_public(other), total.data + 144);
    rehash(&total, get_number(total.data + 96, 8), CIPHERTEXT);
    assert_int_equal(open_status(plan, other, &total, "another key"), VS_ERR_MISMATCH);
    assert_int_equal(open_status(plan, secret, &total, "another key"), VS_ERR_MISMATCH);
    free(total.data);
    vs_plan_free(plan);
    vs_secret_key_free(other);
    vs_secret_key_free(degree2);
}

static void another_plan_is_refused(void **state) {
    (void)state;
    vs_plan *plan = plain_plan(3), *other = plain_plan(2);
    blob total = total_of(plan, tables, 3, NULL);
    assert_int_equal(open_status(other, secret, &total, "another plan"), VS_ERR_MISMATCH);
    free(total.data);
    vs_plan_free(plan);
    vs_plan_free(other);
}

static void too_few_contributions_are_refused(void **state) {
    (void)state;
    vs_plan *plan = plain_plan(3);
    blob total = total_of(plan, tables, 2, NULL);
    assert_int_equal(open_status(plan, secret, &total, "2 contributions; the plan asks for at least 3"), VS_ERR_POLICY);
    free(total.data);
    total = total_of(plan, tables, 1, NULL);
    assert_int_equal(open_status(plan, secret, &total, "1 contribution;"), VS_ERR_POLICY);
    free(total.data);
    vs_plan_free(plan);
}

static void a_single_contribution_is_refused_unless_the_plan_allows_it(void **state) {
    (void)state;
    vs_plan *three = plain_plan(3), *one = plain_plan(1);
    blob a = contribute(three, key, tables[0], "a", "", NULL), b = contribute(one, key, tables[0], "a", "", NULL);
    assert_int_equal(open_status(three, secret, &a, "a single contribution"), VS_ERR_POLICY);
    assert_int_equal(open_status(one, secret, &b, ""), VS_OK);
    free(a.data);
    free(b.data);
    vs_plan_free(three);
    vs_plan_free(one);
}

static void a_counter_that_differs_from_the_header_is_refused(void **state) {
    (void)state;
    vs_plan *plan = plain_plan(1);
    uint64_t count;
    vs_int128 *cells = calloc((size_t)plan->cell_count, sizeof *cells);
    cells[0] = 1;
    uint8_t *plaintexts = packed(plan, cells, &count);
    blob one = made_total(plan, plaintexts, 1), two = made_total(plan, plaintexts, 2);
    assert_int_equal(open_status(plan, secret, &one, ""), VS_OK);
    assert_int_equal(open_status(plan, secret, &two, "as many contributions as its header says"), VS_ERR_RANGE);
    free(one.data);
    free(two.data);
    free(plaintexts);
    free(cells);
    vs_plan_free(plan);
}

static void a_slot_out_of_its_range_is_refused(void **state) {
    (void)state;
    vs_plan *plan = plain_plan(1);
    uint64_t count;
    vs_int128 *cells = calloc((size_t)plan->cell_count, sizeof *cells);
    cells[0] = 1;
    uint8_t *plaintexts = packed(plan, cells, &count);
    plaintexts[255] = 0x40; /* bit 2046: what one contribution of this plan cannot reach */
    blob total = made_total(plan, plaintexts, 1);
    vs_status status = open_status(plan, secret, &total, "");
    assert_int_equal(status, VS_ERR_RANGE);
    free(total.data);
    free(plaintexts);
    free(cells);
    vs_plan_free(plan);
}

static void ciphertexts_that_are_none_are_refused(void **state) {
    (void)state;
    vs_plan *plan = plain_plan(1);
    blob total = total_of(plan, tables, 3, NULL);
    uint8_t digit[520];
    for (int zero = 0; zero < 2; zero++) {
        blob b = blob_copy(&total);
        vs_public_key_encode(key, digit);
        memcpy(first_ciphertext(&b), digit + 8, 256); /* n itself */
        if (zero) {
            memset(first_ciphertext(&b), 0, 256);
        }
        rehash(&b, get_number(b.data + 96, 8), CIPHERTEXT);
        assert_int_equal(open_status(plan, secret, &b, "no ciphertext"), VS_ERR_RANGE);
        free(b.data);
    }
    free(total.data);
    vs_plan_free(plan);
}

/* A unit that is no power of h, among ciphertexts of a subgroup key: one sentence for all places. */
static void ciphertexts_of_no_subgroup_are_refused_without_saying_which(void **state) {
    (void)state;
    vs_secret_key *sk = fixture_key("k2048-subgroup");
    const vs_public_key *pk = vs_secret_key_public(sk);
    static const char *const rests[] = {
        "\"contributors\":{\"min\":1,\"max\":50}",
        "\"contributors\":{\"min\":1,\"max\":50},\"groups\":{\"min_rows\":1,\"min_contributors\":1}"};
    char messages[2][sizeof(((vs_error *)0)->message)] = {""};
    for (unsigned i = 0; i < 2; i++) {
        vs_plan *plan = table_plan(pk, rests[i]);
        blob total = contribute(plan, pk, "D,X,Y\na,1,1\nb,2,2\nc,3,3\n", "a", "", NULL);
        uint64_t count = get_number(total.data + 96, 8);
        assert_true(i == 0 || count > 1);
        for (unsigned last = 0; last < 2; last++) {
            uint64_t place = last ? count - 1 : 0;
            blob b = blob_copy(&total);
            vs_opened opened;
            vs_error error = {.message = ""};
            memset(first_ciphertext(&b) + place * CIPHERTEXT, 0, CIPHERTEXT);
            first_ciphertext(&b)[place * CIPHERTEXT] = 2;
            rehash(&b, count, CIPHERTEXT);
            assert_int_equal(open_total(&opened, plan, sk, &b, &error), VS_ERR_RANGE);
            assert_non_null(strstr(error.message, "not made with this key"));
            snprintf(messages[last], sizeof messages[0], "%s", error.message);
            free(b.data);
        }
        assert_string_equal(messages[0], messages[1]);
        assert_int_equal(open_status(plan, sk, &total, ""), VS_OK);
        free(total.data);
        vs_plan_free(plan);
    }
    vs_secret_key_free(sk);
}

static void header_lies_are_refused(void **state) {
    (void)state;
    static const struct {
        size_t at;
        uint64_t value;
    } cases[] = {{104, 2}, {112, 49}, {88, 1000}};
    vs_plan *plan = plain_plan(1);
    blob total = total_of(plan, tables, 3, NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        blob b = blob_copy(&total);
        set_number(b.data + cases[i].at, cases[i].value, 8);
        rehash(&b, get_number(b.data + 96, 8), CIPHERTEXT);
        assert_int_equal(open_status(plan, secret, &b, "cannot be true"), VS_ERR_RANGE);
        free(b.data);
    }
    free(total.data);
    vs_plan_free(plan);
}

static void what_follows_the_total_is_refused(void **state) {
    (void)state;
    vs_plan *plan = plain_plan(1);
    blob total = total_of(plan, tables, 3, NULL), byte = {(uint8_t *)"\n", 1}, nothing = {NULL, 0};
    blob longer = blob_join(&total, &byte), twice = blob_join(&total, &total);
    assert_int_equal(open_status(plan, secret, &longer, "follows"), VS_ERR_AUTH);
    assert_int_equal(open_status(plan, secret, &twice, "follows"), VS_ERR_AUTH);
    assert_int_equal(open_status(plan, secret, &nothing, "empty"), VS_ERR_FORMAT);
    free(longer.data);
    free(twice.data);
    free(total.data);
    vs_plan_free(plan);
}

static void every_prefix_is_refused(void **state) {
    (void)state;
    vs_plan *plan = plain_plan(3);
    blob total = total_of(plan, tables, 3, NULL);
    for (size_t len = 0; len < total.len; len++) {
        blob cut = {total.data, len};
        assert_int_equal(open_status(plan, secret, &cut, ""), len < 10 ? VS_ERR_FORMAT : VS_ERR_AUTH);
    }
    assert_int_equal(open_status(plan, secret, &total, ""), VS_OK);
    free(total.data);
    vs_plan_free(plan);
}

static void every_flipped_bit_is_refused(void **state) {
    (void)state;
    vs_plan *plan = plain_plan(3);
    blob total = total_of(plan, tables, 3, NULL);
    for (size_t bit = 0; bit < 8 * total.len; bit++) {
        total.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        vs_status expected = bit < 64 ? VS_ERR_FORMAT : bit < 80 ? VS_ERR_VERSION : VS_ERR_AUTH;
        assert_int_equal(open_status(plan, secret, &total, ""), expected);
        total.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    free(total.data);
    vs_plan_free(plan);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_total_opens_to_the_sums),
        cmocka_unit_test(withheld_groups_are_not_opened),
        cmocka_unit_test(a_withheld_block_is_not_even_decrypted),
        cmocka_unit_test(random_totals_open_to_the_sums),
        cmocka_unit_test(many_blocks_open_over_several_batches),
        cmocka_unit_test(another_key_is_refused),
        cmocka_unit_test(another_plan_is_refused),
        cmocka_unit_test(too_few_contributions_are_refused),
        cmocka_unit_test(a_single_contribution_is_refused_unless_the_plan_allows_it),
        cmocka_unit_test(a_counter_that_differs_from_the_header_is_refused),
        cmocka_unit_test(a_slot_out_of_its_range_is_refused),
        cmocka_unit_test(ciphertexts_that_are_none_are_refused),
        cmocka_unit_test(ciphertexts_of_no_subgroup_are_refused_without_saying_which),
        cmocka_unit_test(header_lies_are_refused),
        cmocka_unit_test(what_follows_the_total_is_refused),
        cmocka_unit_test(every_prefix_is_refused),
        cmocka_unit_test(every_flipped_bit_is_refused),
    };
    test_seed();
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
