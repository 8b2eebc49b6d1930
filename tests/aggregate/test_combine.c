#include "aggregate/combine/contributor_set.h"
#include "crypto/paillier/key_internal.h"
#include "pipeline.h"

static vs_secret_key *secret;
static const vs_public_key *key;
static vs_plan *plan;

#define CIPHERTEXT 512u
#define LIMITS "\"contributors\":{\"min\":1,\"max\":50}"

/* Each owner's contribution to `plan`, made when it is first asked for. */
#define OWNERS 48u
static blob pool[OWNERS];
static vs_int128 *pool_cells[OWNERS];

/* A copy of what owner `index` contributes; the cells are added to `sums` if that is not NULL. */
static blob contribution_of(unsigned index, vs_int128 *sums) {
    if (pool[index].data == NULL) {
        pool_cells[index] = calloc((size_t)plan->cell_count, sizeof **pool_cells);
        pool[index] = contribute_random(plan, key, index, pool_cells[index]);
    }
    for (uint64_t i = 0; sums != NULL && i < plan->cell_count; i++) {
        sums[i] += pool_cells[index][i];
    }
    return blob_copy(&pool[index]);
}

static int set_up(void **state) {
    (void)state;
    assert_int_equal(vs_secret_setup(), VS_OK);
    secret = fixture_key("k2048");
    key = vs_secret_key_public(secret);
    plan = table_plan(key, LIMITS);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    for (size_t i = 0; i < OWNERS; i++) {
        free(pool[i].data);
        free(pool_cells[i]);
    }
    vs_plan_free(plan);
    vs_secret_key_free(secret);
    return 0;
}

static void free_inputs(test_inputs *inputs) {
    for (size_t i = 0; i < inputs->count; i++) {
        free(inputs->list[i].data.data);
    }
}

/* Contributions of `count` owners as inputs "0.vs", "1.vs", …; their cells' sums. */
static void make_inputs(test_inputs *inputs, unsigned count, vs_int128 *sums) {
    *inputs = (test_inputs){.count = 0};
    for (unsigned i = 0; i < count; i++) {
        char name[32];
        snprintf(name, sizeof name, "%u.vs", i);
        add_input(inputs, name, contribution_of(i, sums), false);
    }
}

static void assert_opens_to(const blob *total, const vs_int128 *sums, uint64_t contributions) {
    vs_opened opened;
    vs_error error = {.message = ""};
    vs_status status = open_total(&opened, plan, secret, total, &error);
    assert_string_equal(error.message, "");
    assert_int_equal(status, VS_OK);
    assert_int_equal(opened.contributions, contributions);
    assert_string_equal(opened.period, "2026-11");
    assert_memory_equal(opened.cells, sums, (size_t)plan->cell_count * sizeof *sums);
    vs_opened_clear(&opened);
}

static void assert_same(const blob *a, const blob *b) {
    assert_int_equal(a->len, b->len);
    assert_memory_equal(a->data, b->data, a->len);
}

/* ---- what combining gives ---- */

static void a_total_opens_to_the_sum_of_all_cells(void **state) {
    (void)state;
    static const unsigned counts[] = {1, 2, 5, 16, 17, 37};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        test_inputs inputs;
        blob total;
        vs_int128 *sums = calloc((size_t)plan->cell_count, sizeof *sums);
        make_inputs(&inputs, counts[i], sums);
        assert_int_equal(combine(plan, &inputs, &total, NULL), VS_OK);
        assert_opens_to(&total, sums, counts[i]);
        assert_true(inputs.open_most <= 16);
        free_inputs(&inputs);
        free(total.data);
        free(sums);
    }
}

static void totals_combine_to_the_same_bytes_as_everything_at_once(void **state) {
    (void)state;
    test_inputs all, some, rest = {.count = 0};
    blob at_once, part, in_steps;
    make_inputs(&all, 9, NULL);
    assert_int_equal(combine(plan, &all, &at_once, NULL), VS_OK);
    some = all; /* 0 .. 3 into a total; then that total and the others, last first */
    some.count = 4;
    assert_int_equal(combine(plan, &some, &part, NULL), VS_OK);
    for (size_t i = 9; i-- > 4;) {
        add_input(&rest, all.list[i].name, all.list[i].data, false);
    }
    add_input(&rest, "part", part, false);
    assert_int_equal(combine(plan, &rest, &in_steps, NULL), VS_OK);
    assert_same(&at_once, &in_steps);
    free_inputs(&all);
    free(part.data);
    free(at_once.data);
    free(in_steps.data);
}

static void a_total_combines_to_itself(void **state) {
    (void)state;
    test_inputs all, one = {.count = 0};
    blob total, again;
    make_inputs(&all, 3, NULL);
    assert_int_equal(combine(plan, &all, &total, NULL), VS_OK);
    add_input(&one, "total.vs", total, false);
    assert_int_equal(combine(plan, &one, &again, NULL), VS_OK);
    assert_same(&total, &again);
    free_inputs(&all);
    free(total.data);
    free(again.data);
}

static void pipes_with_containers_in_a_row_mix_with_files(void **state) {
    (void)state;
    test_inputs all, mixed = {.count = 0};
    blob at_once, total, joined = {NULL, 0};
    make_inputs(&all, 40, NULL);
    assert_int_equal(combine(plan, &all, &at_once, NULL), VS_OK);
    for (unsigned i = 0; i < 40;) {
        unsigned run = 1 + (unsigned)test_below(4);
        joined = (blob){NULL, 0};
        for (; run > 0 && i < 40; run--, i++) {
            blob longer = blob_join(&joined, &all.list[i].data);
            free(joined.data);
            joined = longer;
        }
        char name[32];
        snprintf(name, sizeof name, "up to %u", i);
        add_input(&mixed, name, joined, test_below(3) == 0);
    }
    assert_int_equal(combine(plan, &mixed, &total, NULL), VS_OK);
    assert_same(&at_once, &total);
    assert_true(mixed.open_most <= 16);
    free_inputs(&all);
    free_inputs(&mixed);
    free(at_once.data);
    free(total.data);
}

/* More ciphertexts than a chunk holds, in step over several inputs; degree 2. */
static void vectors_of_several_chunks_combine(void **state) {
    (void)state;
    enum { length = 100000 };
    char json[512], hex[2 * VS_HASH_BYTES + 1];
    vs_secret_key *degree2 = fixture_key("k2048-degree2");
    const vs_public_key *pk = vs_secret_key_public(degree2);
    const vs_key_info *info = vs_public_key_info(pk);
    vs_plan *vector;
    vs_layout layout;
    vs_to_hex(hex, info->fingerprint, VS_HASH_BYTES);
    int len = snprintf(json, sizeof json,
                       "{\"veilsum\":1,\"vector\":{\"length\":%u,\"scale\":18,\"min\":-1,\"max\":1},"
                       "\"contributors\":{\"min\":1,\"max\":1000},\"opening\":{\"key\":\"%s\"}}",
                       (unsigned)length, hex);
    assert_int_equal(vs_plan_parse(&vector, json, (size_t)len, NULL), VS_OK);
    assert_int_equal(vs_layout_make(&layout, vector, info->bits, info->degree, NULL), VS_OK);
    assert_true(layout.plaintext_count > vs_chunk_ciphertexts(info->ciphertext_bytes));
    /* Ciphertexts without randomness, 1 + 0·n + 0·n², but for one in each chunk: encrypting so many takes long. */
    size_t bytes = info->ciphertext_bytes, count = (size_t)layout.plaintext_count;
    uint8_t *ciphertexts[2], *product = malloc(count * bytes), *sum = calloc(count, bytes);
    test_inputs inputs = {.count = 0};
    for (unsigned i = 0; i < 2; i++) {
        vs_memory_sink memory = {0};
        vs_sink sink = vs_memory_sink_open(&memory, "memory");
        vs_container_writer *writer;
        vs_contributor who = {.name = "?"};
        vs_header header = {.kind = VS_CONTRIBUTION,
                            .pk = pk,
                            .cell_count = vector->cell_count,
                            .ciphertext_count = count,
                            .contributors_min = 1,
                            .contributors_max = 1000,
                            .bound = 1,
                            .contributors = &who,
                            .contributor_count = 1};
        who.name[0] = (char)('a' + i);
        memcpy(header.plan_id, vector->id, VS_HASH_BYTES);
        vs_session_id(header.sid, vector->id, "", 0);
        vs_contributor_id(who.id, header.sid, who.name);
        ciphertexts[i] = calloc(count, bytes);
        for (size_t k = 0; k < count; k++) {
            ciphertexts[i][k * bytes] = 1;
            test_fill(ciphertexts[i] + k * bytes + 1, 200); /* below n in every digit */
            test_fill(ciphertexts[i] + k * bytes + 2 * info->digit_bytes, 200);
        }
        assert_int_equal(vs_container_writer_new(&writer, &header, &sink, NULL), VS_OK);
        assert_int_equal(vs_container_write(writer, ciphertexts[i], count, NULL), VS_OK);
        assert_int_equal(vs_container_finish(writer, NULL), VS_OK);
        vs_container_writer_free(writer);
        add_input(&inputs, i == 0 ? "a.vs" : "b.vs", (blob){memory.data, memory.len}, i == 1);
    }
    blob total;
    vs_error error = {.message = ""};
    vs_status status = combine(vector, &inputs, &total, &error);
    assert_string_equal(error.message, "");
    assert_int_equal(status, VS_OK);
    vs_accumulator *all_at_once;
    size_t bad;
    assert_int_equal(vs_accumulator_new(&all_at_once, pk, count), VS_OK);
    assert_int_equal(vs_accumulator_fold(all_at_once, 0, (const uint8_t *const *)ciphertexts, 2, count, &bad), VS_OK);
    assert_int_equal(vs_accumulator_finish(all_at_once, product, 0, count), VS_OK);
    size_t chunk = vs_chunk_ciphertexts(bytes), at = (size_t)get_number(total.data + 12, 4);
    for (size_t done = 0; done < count; done += chunk) {
        size_t here = count - done < chunk ? count - done : chunk;
        assert_memory_equal(total.data + at, product + done * bytes, here * bytes);
        at += here * bytes + VS_HASH_BYTES;
    }
    vs_accumulator_free(all_at_once);
    free_inputs(&inputs);
    free(ciphertexts[0]);
    free(ciphertexts[1]);
    free(product);
    free(sum);
    free(total.data);
    vs_layout_free(&layout);
    vs_plan_free(vector);
    vs_secret_key_free(degree2);
}

/* ---- what it refuses ---- */

/* Combine, free the inputs, and expect this failure with all of these words in its message. */
static void refuse(test_inputs *inputs, vs_status expected, const char *word, const char *other_word) {
    blob total;
    vs_error error = {.message = ""};
    vs_status status = combine(plan, inputs, &total, &error);
    if (status != expected || strstr(error.message, word) == NULL || strstr(error.message, other_word) == NULL) {
        print_message("%d: %s\n", status, error.message);
    }
    assert_int_equal(status, expected);
    assert_non_null(strstr(error.message, word));
    assert_non_null(strstr(error.message, other_word));
    free_inputs(inputs);
}

static void combine_refuses_nothing_at_all(void **state) {
    (void)state;
    test_inputs inputs = {.count = 0};
    refuse(&inputs, VS_ERR_USAGE, "nothing", "");
}

static void combine_refuses_an_empty_input(void **state) {
    (void)state;
    for (int pipe = 0; pipe < 2; pipe++) {
        test_inputs inputs;
        make_inputs(&inputs, 2, NULL);
        add_input(&inputs, "nothing.vs", (blob){NULL, 0}, pipe);
        refuse(&inputs, VS_ERR_FORMAT, "nothing.vs", "empty");
    }
}

static void combine_refuses_a_contributor_twice_and_names_both_inputs(void **state) {
    (void)state;
    test_inputs inputs;
    make_inputs(&inputs, 20, NULL);
    add_input(&inputs, "again.vs", contribute_random(plan, key, 3, NULL), false);
    refuse(&inputs, VS_ERR_POLICY, "owner 3", "in 3.vs and in again.vs");
}

static void combine_refuses_the_same_contribution_twice_in_a_pipe(void **state) {
    (void)state;
    test_inputs inputs = {.count = 0};
    blob one = contribution_of(0, NULL);
    add_input(&inputs, "standard input", blob_join(&one, &one), true);
    free(one.data);
    refuse(&inputs, VS_ERR_POLICY, "owner 0", "both in standard input");
}

static void combine_refuses_totals_that_overlap(void **state) {
    (void)state;
    test_inputs all, some, totals = {.count = 0};
    blob a, b;
    make_inputs(&all, 5, NULL);
    some = all;
    some.count = 3;
    assert_int_equal(combine(plan, &some, &a, NULL), VS_OK);
    memmove(some.list, all.list + 2, 3 * sizeof *some.list);
    assert_int_equal(combine(plan, &some, &b, NULL), VS_OK);
    add_input(&totals, "a.vs", a, false);
    add_input(&totals, "b.vs", b, false);
    refuse(&totals, VS_ERR_POLICY, "owner 2", "in a.vs and in b.vs");
    free_inputs(&all);
}

static void combine_refuses_one_contributor_more_than_the_plan_allows(void **state) {
    (void)state;
    vs_plan *usual = plan;
    plan = table_plan(key, "\"contributors\":{\"min\":1,\"max\":4}");
    test_inputs inputs = {.count = 0};
    blob total;
    for (unsigned i = 0; i < 5; i++) {
        char name[32];
        snprintf(name, sizeof name, "%u.vs", i);
        add_input(&inputs, name, contribute_random(plan, key, i, NULL), false);
    }
    inputs.count = 4;
    assert_int_equal(combine(plan, &inputs, &total, NULL), VS_OK);
    free(total.data);
    inputs.count = 5;
    refuse(&inputs, VS_ERR_POLICY, "4.vs", "at most 4");
    vs_plan_free(plan);
    plan = usual;
}

static void combine_refuses_another_period_and_names_both(void **state) {
    (void)state;
    test_inputs inputs;
    make_inputs(&inputs, 1, NULL);
    add_input(&inputs, "b.vs", contribute(plan, key, "D,X,Y\n", "b", "2026-12", NULL), false);
    refuse(&inputs, VS_ERR_MISMATCH, "b.vs has period '2026-12'", "0.vs has period '2026-11'");
    make_inputs(&inputs, 1, NULL);
    add_input(&inputs, "b.vs", contribute(plan, key, "D,X,Y\n", "b", "", NULL), false);
    refuse(&inputs, VS_ERR_MISMATCH, "b.vs has no period", "'2026-11'");
}

static void combine_refuses_another_plan(void **state) {
    (void)state;
    vs_plan *other = table_plan(key, "\"contributors\":{\"min\":1,\"max\":51}");
    for (size_t first = 0; first < 2; first++) {
        test_inputs inputs;
        make_inputs(&inputs, first ? 0 : 1, NULL);
        add_input(&inputs, "b.vs", contribute(other, key, "D,X,Y\n", "b", "2026-11", NULL), false);
        refuse(&inputs, VS_ERR_MISMATCH, "b.vs", "another plan");
    }
    vs_plan_free(other);
}

/* The same bytes as `truth`, except that the header says `value` at `at`. */
static blob forge(blob truth, size_t at, uint64_t value, unsigned bytes) {
    set_number(truth.data + at, value, bytes);
    rehash(&truth, get_number(truth.data + 96, 8), CIPHERTEXT);
    return truth;
}

static void combine_refuses_another_key(void **state) {
    (void)state;
    vs_secret_key *other = fixture_key("k2048-other");
    for (size_t first = 0; first < 2; first++) {
        test_inputs inputs;
        make_inputs(&inputs, first ? 0 : 1, NULL);
        blob b = contribution_of(7, NULL);
        vs_public_key_encode(vs_secret_key_public(other), b.data + 144);
        rehash(&b, get_number(b.data + 96, 8), CIPHERTEXT);
        add_input(&inputs, "b.vs", b, false);
        refuse(&inputs, VS_ERR_MISMATCH, "b.vs", "another key");
    }
    vs_secret_key_free(other);
}

static void combine_refuses_another_degree(void **state) {
    (void)state;
    test_inputs inputs;
    make_inputs(&inputs, 0, NULL);
    /* The degree is in the key, and so in its fingerprint; chunks must fit it, or the container lies. */
    blob b = contribution_of(7, NULL);
    b.data[144 + 5] = 2;
    set_number(b.data + 128, vs_chunk_ciphertexts(768), 4);
    rehash(&b, get_number(b.data + 96, 8), CIPHERTEXT);
    add_input(&inputs, "b.vs", b, false);
    refuse(&inputs, VS_ERR_MISMATCH, "b.vs", "another key");
}

static void combine_refuses_another_attempt(void **state) {
    (void)state;
    test_inputs inputs;
    make_inputs(&inputs, 1, NULL);
    blob b = contribution_of(7, NULL);
    uint8_t *sid = b.data + 48, *who = b.data + 144 + 520 + strlen("2026-11");
    set_number(b.data + 80, 1, 8);
    vs_session_id(sid, plan->id, "2026-11", 1);
    vs_contributor_id(who, sid, "owner 7");
    rehash(&b, get_number(b.data + 96, 8), CIPHERTEXT);
    add_input(&inputs, "b.vs", b, false);
    refuse(&inputs, VS_ERR_MISMATCH, "b.vs", "another attempt");
}

static void combine_refuses_limits_and_counts_that_are_not_the_plans(void **state) {
    (void)state;
    static const struct {
        size_t at;
        uint64_t value;
    } cases[] = {{104, 2}, {112, 49}, {88, 1000}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (size_t first = 0; first < 2; first++) {
            test_inputs inputs;
            make_inputs(&inputs, first ? 0 : 1, NULL);
            blob b = contribution_of(7, NULL);
            add_input(&inputs, "b.vs", forge(b, cases[i].at, cases[i].value, 8), false);
            refuse(&inputs, VS_ERR_RANGE, "b.vs", "cannot be true");
        }
    }
}

/* A contribution whose first digit at ciphertext `index` is `digit`, with all hashes right. */
static blob spoiled(unsigned owner, size_t index, const uint8_t digit[256]) {
    blob b = contribution_of(owner, NULL);
    memcpy(first_ciphertext(&b) + index * CIPHERTEXT, digit, 256);
    rehash(&b, get_number(b.data + 96, 8), CIPHERTEXT);
    return b;
}

static void combine_names_the_input_that_is_not_a_unit(void **state) {
    (void)state;
    static const uint8_t zero[256];
    uint8_t prime[256] = {0};
    memcpy(prime, secret->p, 128);
    for (int prime_too = 0; prime_too < 2; prime_too++) {
        for (int pipe = 0; pipe < 2; pipe++) {
            test_inputs inputs;
            make_inputs(&inputs, 18, NULL);
            add_input(&inputs, "spoiled.vs", spoiled(40, 0, prime_too ? prime : zero), pipe);
            add_input(&inputs, "good.vs", contribution_of(41, NULL), false);
            refuse(&inputs, VS_ERR_RANGE, "spoiled.vs", "no ciphertext");
        }
    }
}

static void combine_names_the_input_with_a_digit_not_below_n(void **state) {
    (void)state;
    uint8_t digit[256];
    memcpy(digit, key->n, sizeof digit);
    for (int pipe = 0; pipe < 2; pipe++) {
        test_inputs inputs;
        make_inputs(&inputs, 3, NULL);
        add_input(&inputs, "spoiled.vs", spoiled(40, 0, digit), pipe);
        add_input(&inputs, "good.vs", contribution_of(41, NULL), false);
        refuse(&inputs, VS_ERR_RANGE, "spoiled.vs", "");
    }
}

static void combine_refuses_damage_anywhere(void **state) {
    (void)state;
    test_inputs inputs;
    blob total;
    make_inputs(&inputs, 2, NULL);
    blob *b = &inputs.list[1].data;
    size_t len = b->len;
    for (size_t bit = test_below(331); bit < 8 * len; bit += 331) {
        b->data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        vs_status status = combine(plan, &inputs, &total, NULL);
        assert_int_equal(status, bit < 64 ? VS_ERR_FORMAT : bit < 80 ? VS_ERR_VERSION : VS_ERR_AUTH);
        b->data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    for (b->len = 1; b->len < len; b->len += 41) {
        assert_int_equal(combine(plan, &inputs, &total, NULL), b->len < 10 ? VS_ERR_FORMAT : VS_ERR_AUTH);
    }
    b->len = len;
    assert_int_equal(combine(plan, &inputs, &total, NULL), VS_OK);
    free(total.data);
    free_inputs(&inputs);
}

static void combine_refuses_what_follows_a_container_and_is_none(void **state) {
    (void)state;
    test_inputs inputs;
    make_inputs(&inputs, 2, NULL);
    blob tail = {(uint8_t *)"tail", 4}, longer = blob_join(&inputs.list[0].data, &tail);
    free(inputs.list[0].data.data);
    inputs.list[0].data = longer;
    refuse(&inputs, VS_ERR_FORMAT, "0.vs", "");
}

static vs_status failing_open(void *context, size_t index, const vs_source **source, vs_error *error) {
    if (index == 3) {
        *source = NULL;
        return vs_fail(error, VS_ERR_IO, "3.vs: no such file");
    }
    return open_input(context, index, source, error);
}

static void an_input_that_cannot_be_opened_is_reported(void **state) {
    (void)state;
    test_inputs inputs;
    make_inputs(&inputs, 5, NULL);
    const vs_inputs interface = {
        .context = &inputs, .open = failing_open, .close = close_input, .can_reopen = can_reopen_input};
    vs_memory_sink memory = {0};
    vs_sink sink = vs_memory_sink_open(&memory, "memory");
    assert_int_equal(vs_combine(plan, &interface, &sink, NULL, NULL), VS_ERR_IO);
    assert_int_equal(memory.len, 0);
    assert_int_equal(inputs.open_now, 0);
    free_inputs(&inputs);
}

/* ---- the set of contributors ---- */

static void the_set_finds_every_member_again(void **state) {
    (void)state;
    enum { members = 5000 };
    vs_contributor_set set;
    vs__contributor_set_init(&set);
    for (int again = 0; again < 2; again++) {
        for (size_t i = 0; i < members; i++) {
            vs_contributor who = {.name = "x"};
            size_t twice;
            memcpy(who.id, &(uint64_t){i * 0x9e3779b97f4a7c15u}, 8);
            assert_int_equal(vs__contributor_set_add(&set, &who, i + 1, &twice), VS_OK);
            assert_true(twice == (again ? i + 1 : VS_NONE));
        }
    }
    assert_int_equal(set.count, members);
    vs__contributor_set_sort(&set);
    for (size_t i = 1; i < members; i++) {
        assert_true(memcmp(set.members[i - 1].id, set.members[i].id, VS_ID_BYTES) < 0);
    }
    vs__contributor_set_clear(&set);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_total_opens_to_the_sum_of_all_cells),
        cmocka_unit_test(totals_combine_to_the_same_bytes_as_everything_at_once),
        cmocka_unit_test(a_total_combines_to_itself),
        cmocka_unit_test(pipes_with_containers_in_a_row_mix_with_files),
        cmocka_unit_test(vectors_of_several_chunks_combine),
        cmocka_unit_test(combine_refuses_nothing_at_all),
        cmocka_unit_test(combine_refuses_an_empty_input),
        cmocka_unit_test(combine_refuses_a_contributor_twice_and_names_both_inputs),
        cmocka_unit_test(combine_refuses_the_same_contribution_twice_in_a_pipe),
        cmocka_unit_test(combine_refuses_totals_that_overlap),
        cmocka_unit_test(combine_refuses_one_contributor_more_than_the_plan_allows),
        cmocka_unit_test(combine_refuses_another_period_and_names_both),
        cmocka_unit_test(combine_refuses_another_plan),
        cmocka_unit_test(combine_refuses_another_key),
        cmocka_unit_test(combine_refuses_another_degree),
        cmocka_unit_test(combine_refuses_another_attempt),
        cmocka_unit_test(combine_refuses_limits_and_counts_that_are_not_the_plans),
        cmocka_unit_test(combine_names_the_input_that_is_not_a_unit),
        cmocka_unit_test(combine_names_the_input_with_a_digit_not_below_n),
        cmocka_unit_test(combine_refuses_damage_anywhere),
        cmocka_unit_test(combine_refuses_what_follows_a_container_and_is_none),
        cmocka_unit_test(an_input_that_cannot_be_opened_is_reported),
        cmocka_unit_test(the_set_finds_every_member_again),
    };
    test_seed();
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
