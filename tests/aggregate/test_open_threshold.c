#include "parts.h"

#include "aggregate/result/result.h"
#include "crypto/parallel.h"

static dealt two_of_three;

static int set_up(void **state) {
    (void)state;
    assert_int_equal(vs_secret_setup(), VS_OK);
    deal(&two_of_three, 2048, 1, 2, 3);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    undeal(&two_of_three);
    return 0;
}

static const char *const tables[] = {"D,X,Y\na,1.25,1\na,2,2\nb,-3,3\n", "D,X,Y\na,-500,9\nb,1000,0\nb,,5\n",
                                     "D,X,Y\na,0.01,4\na,7,7\nc,5,5\n"};

/* Everything a case about one total needs. Group a has five rows of three owners; b three of two; c one of one. */
typedef struct scene {
    const dealt *d;
    vs_plan *plan;
    blob bytes;
    vs_total *total;
} scene;

static scene scene_new(const dealt *d, const char *rest) {
    scene s = {.d = d, .plan = dealt_plan(d, rest, true)};
    s.bytes = dealt_total(d, s.plan, tables, 3, "2026-11");
    s.total = read_total(d, s.plan, &s.bytes);
    return s;
}

static void scene_free(scene *s) {
    vs_total_free(s->total);
    free(s->bytes.data);
    vs_plan_free(s->plan);
}

/* The parts of round 1 of the holders whose bit is set. */
static void give_first(given_parts *given, const scene *s, unsigned set) {
    for (unsigned i = 0; i < VS_MAX_HOLDERS; i++) {
        if (set >> i & 1) {
            blob part = part_of(s->d, s->total, i + 1, NULL);
            give(given, &part);
            free(part.data);
        }
    }
}

/* Those of round 2, made of what is given; given behind it. */
static void give_second(given_parts *given, const scene *s, unsigned set) {
    given_parts first = *given;
    for (unsigned i = 0; i < VS_MAX_HOLDERS; i++) {
        if (set >> i & 1) {
            blob part = part_of(s->d, s->total, i + 1, &first);
            give(given, &part);
            free(part.data);
        }
    }
}

/* The CSV of a total; frees the opened. */
static char *csv_of(const vs_plan *plan, vs_opened *opened) {
    const vs_result_options csv = {.format = VS_RESULT_CSV};
    vs_memory_sink memory = {0};
    vs_sink sink = vs_memory_sink_open(&memory, "memory");
    assert_int_equal(vs_result_write(plan, opened, &csv, &sink, NULL), VS_OK);
    assert_int_equal(sink.write(sink.context, "", 1, NULL), VS_OK);
    vs_opened_clear(opened);
    return (char *)memory.data;
}

static void opens(const scene *s, given_parts *given, const char *csv) {
    vs_opened opened;
    vs_error error = {.message = ""};
    vs_status status = open_given(&opened, s->d, s->total, given, &error);
    if (status != VS_OK) {
        print_message("%s\n", error.message);
    }
    assert_int_equal(status, VS_OK);
    char *got = csv_of(s->plan, &opened);
    assert_string_equal(got, csv);
    free(got);
}

/* It does not open, and the message says this. */
static void refuses(const scene *s, given_parts *given, vs_status expected, const char *word) {
    vs_opened opened;
    vs_error error = {.message = ""};
    vs_status status = open_given(&opened, s->d, s->total, given, &error);
    if (status != expected || strstr(error.message, word) == NULL) {
        print_message("%d instead of %d: %s\n", status, expected, error.message);
    }
    assert_int_equal(status, expected);
    assert_non_null(strstr(error.message, word));
}

/* What the dealer's key makes of the same tables, under the plan that differs in its opening alone. */
static char *key_csv(const dealt *d, const char *rest, const char *const *some_tables, unsigned count) {
    vs_plan *plan = dealt_plan(d, rest, false);
    blob bytes = dealt_total(d, plan, some_tables, count, "2026-11");
    vs_opened opened;
    assert_int_equal(open_total(&opened, plan, d->sk, &bytes, NULL), VS_OK);
    char *csv = csv_of(plan, &opened);
    free(bytes.data);
    vs_plan_free(plan);
    return csv;
}

/* ---- what opening gives ---- */

static void key_and_threshold_give_the_same_result(void **state) {
    (void)state;
    for (int round = 0; round < 6; round++) {
        char rest[160], random[4][4096];
        const char *list[4];
        unsigned owners = 2 + (unsigned)test_below(3);
        size_t len = (size_t)snprintf(rest, sizeof rest, "\"contributors\":{\"min\":2,\"max\":%u}",
                                      4 + (unsigned)test_below(1000));
        if (round % 3 != 0) {
            snprintf(rest + len, sizeof rest - len, ",\"groups\":{\"min_rows\":%u,\"min_contributors\":%u}",
                     2 + (unsigned)test_below(30), 1 + (unsigned)test_below(4));
        }
        for (unsigned i = 0; i < owners; i++) {
            random_table(random[i], (unsigned)test_below(40), 1 + (unsigned)test_below(3));
            list[i] = random[i];
        }
        scene s = {.d = &two_of_three, .plan = dealt_plan(&two_of_three, rest, true)};
        s.bytes = dealt_total(s.d, s.plan, list, owners, "2026-11");
        s.total = read_total(s.d, s.plan, &s.bytes);
        given_parts given = {.count = 0};
        give_first(&given, &s, 5);
        if (s.plan->has_minimums) {
            give_second(&given, &s, 6);
        }
        char *csv = key_csv(s.d, rest, list, owners);
        opens(&s, &given, csv);
        free(csv);
        take_back(&given);
        scene_free(&s);
    }
}

static void every_subset_of_three_of_five_opens_and_no_smaller_one(void **state) {
    (void)state;
    dealt d;
    deal(&d, 2048, 1, 3, 5);
    scene s = scene_new(&d, PARTS_PLAIN);
    char *csv = key_csv(&d, PARTS_PLAIN, tables, 3);
    blob parts[5];
    for (unsigned i = 0; i < 5; i++) {
        parts[i] = part_of(&d, s.total, i + 1, NULL);
    }
    for (unsigned set = 0; set < 32; set++) {
        given_parts given = {.count = 0};
        for (unsigned k = 0; k < 5; k++) { /* in either order */
            unsigned i = set % 2 == 0 ? k : 4 - k;
            if (set >> i & 1) {
                give(&given, &parts[i]);
            }
        }
        if (given.count >= 3) {
            opens(&s, &given, csv);
        } else {
            refuses(&s, &given, VS_ERR_NOT_READY, "of the 3 parts");
        }
        take_back(&given);
    }
    for (unsigned i = 0; i < 5; i++) {
        free(parts[i].data);
    }
    free(csv);
    scene_free(&s);
    undeal(&d);
}

static void degree_two_opens(void **state) {
    (void)state;
    dealt d;
    deal(&d, 2048, 2, 2, 2);
    scene s = scene_new(&d, PARTS_GROUPS);
    char *csv = key_csv(&d, PARTS_GROUPS, tables, 3);
    given_parts given = {.count = 0};
    give_first(&given, &s, 3);
    give_second(&given, &s, 3);
    opens(&s, &given, csv);
    take_back(&given);
    free(csv);
    scene_free(&s);
    undeal(&d);
}

static void who_is_missing_is_named(void **state) {
    (void)state;
    scene s = scene_new(&two_of_three, PARTS_GROUPS);
    given_parts given = {.count = 0};
    refuses(&s, &given, VS_ERR_NOT_READY, "0 of the 2 parts of round 1");
    give_first(&given, &s, 2);
    refuses(&s, &given, VS_ERR_NOT_READY, "none by HOLDER-1, HOLDER-3");
    give_first(&given, &s, 1);
    refuses(&s, &given, VS_ERR_NOT_READY, "0 of the 2 parts of round 2");
    give_second(&given, &s, 4);
    refuses(&s, &given, VS_ERR_NOT_READY, "1 of the 2 parts of round 2");
    take_back(&given);
    scene_free(&s);
}

/* More ciphertexts than are decrypted at a time, some of them withheld. */
static void many_blocks_open_over_several_batches(void **state) {
    (void)state;
    enum { groups = 640 };
    const dealt *d = &two_of_three;
    char *json = malloc(64 * groups), *table = malloc(64 * groups), *at = json, key[65], holders[65];
    vs_plan *plan;
    vs_opened opened;
    vs_to_hex(key, vs_public_key_info(d->key->pk)->fingerprint, VS_HASH_BYTES);
    vs_to_hex(holders, vs_threshold_key_info(d->key)->fingerprint, VS_HASH_BYTES);
    at += sprintf(at, "{\"veilsum\":1,\"columns\":{\"D\":{\"values\":[");
    for (unsigned g = 0; g < groups; g++) {
        at += sprintf(at, "%s\"g%u\"", g == 0 ? "" : ",", g);
    }
    at +=
        sprintf(at,
                "]},\"X\":{\"scale\":0,\"min\":0,\"max\":99},\"Y\":{\"scale\":0,\"min\":0,\"max\":99}},\"by\":[\"D\"],"
                "\"measures\":[{\"sum\":\"X\"},{\"sum\":\"Y\"}],\"groups\":{\"min_rows\":2},"
                "\"contributors\":{\"min\":1,\"max\":9},\"opening\":{\"threshold\":\"%s\",\"holders\":\"%s\"}}",
                key, holders);
    assert_int_equal(vs_plan_parse(&plan, json, strlen(json), NULL), VS_OK);
    at = table + sprintf(table, "D,X,Y\n");
    for (unsigned g = 0; g < groups; g++) { /* every tenth group has one row only */
        for (unsigned row = 0; row < (g % 10 == 0 ? 1u : 2u); row++) {
            at += sprintf(at, "g%u,%u,%u\n", g, (unsigned)test_below(100), (unsigned)test_below(100));
        }
    }
    vs_int128 *sums = calloc((size_t)plan->cell_count, sizeof *sums);
    scene s = {.d = d, .plan = plan, .bytes = contribute(plan, d->key->pk, table, "a", "", sums)};
    s.total = read_total(d, plan, &s.bytes);
    given_parts given = {.count = 0};
    size_t threads = vs_parallel_threads();
    give_first(&given, &s, 3);
    give_second(&given, &s, 3);
    assert_true(given.list[2].part->header.count == 2 * groups / 10 * 9);
    vs_parallel_set_threads(1); /* 1024 at a time */
    assert_int_equal(open_given(&opened, d, s.total, &given, NULL), VS_OK);
    vs_parallel_set_threads(threads);
    for (uint64_t cell = 1; cell < plan->cell_count; cell++) {
        bool counts = plan->components[(cell - 1) % plan->component_count].block_class == 0;
        bool shown = counts || (cell - 1) / plan->component_count % 10 != 0;
        assert_true(opened.cells[cell] == (shown ? sums[cell] : 0));
    }
    vs_opened_clear(&opened);
    take_back(&given);
    free(sums);
    free(json);
    free(table);
    scene_free(&s);
}

/* ---- minimums ---- */

static bool holds_bytes(const blob *where, const uint8_t *what, size_t len) {
    return memmem(where->data, where->len, what, len) != NULL;
}

/* The holder's part of each ciphertext of the total is in its files exactly if its block is open. */
static void no_part_of_a_withheld_block_is_made(void **state) {
    (void)state;
    scene s = scene_new(&two_of_three, PARTS_GROUPS);
    const vs_plan *plan = s.plan;
    given_parts given = {.count = 0};
    vs_opened opened;
    size_t bytes = s.d->element, count = (size_t)s.total->layout.plaintext_count, open = 0, closed = 0;
    give_first(&given, &s, 3);
    blob first = part_of(s.d, s.total, 1, NULL), second = part_of(s.d, s.total, 1, &given);
    give_second(&given, &s, 3);
    assert_int_equal(open_given(&opened, s.d, s.total, &given, NULL), VS_OK);
    uint8_t *parts = malloc(count * bytes);
    assert_int_equal(vs_threshold_part(s.d->share[0], parts, s.total->ciphertexts, count), VS_OK);
    for (uint64_t g = 0; g < plan->group_count; g++) {
        for (unsigned k = 1; k < plan->class_count; k++) {
            uint64_t from, len;
            vs_layout_block(&s.total->layout, g, k, &from, &len);
            bool shown = opened.reasons[g * plan->class_count + k] == VS_SHOWN;
            assert_true(shown == (g == 0));
            open += shown;
            closed += !shown;
            for (uint64_t i = from; i < from + len; i++) {
                assert_true(holds_bytes(&second, parts + i * bytes, bytes) == shown);
                assert_false(holds_bytes(&first, parts + i * bytes, bytes));
            }
        }
    }
    assert_true(open > 0 && closed > 0);
    vs_opened_clear(&opened);
    take_back(&given);
    free(parts);
    free(first.data);
    free(second.data);
    scene_free(&s);
}

static void a_total_of_withheld_groups_opens_without_a_second_round(void **state) {
    (void)state;
    const char *rest = PARTS_PLAIN ",\"groups\":{\"min_rows\":100}";
    scene s = scene_new(&two_of_three, rest);
    char *csv = key_csv(s.d, rest, tables, 3);
    given_parts given = {.count = 0};
    give_first(&given, &s, 3);
    opens(&s, &given, csv);
    give_second(&given, &s, 3);
    assert_int_equal(given.list[3].part->header.count, 0);
    assert_int_equal(given.list[3].part->header.proof_bytes, 0);
    opens(&s, &given, csv);
    take_back(&given);
    free(csv);
    scene_free(&s);
}

/* A holder that lies about the counts, so that another one opens a withheld group. (1 + n)^x on its part adds to the
 * counts what it likes. */
static void a_holder_cannot_shift_the_counts(void **state) {
    (void)state;
    scene s = scene_new(&two_of_three, PARTS_GROUPS);
    blob lie = part_of(s.d, s.total, 1, NULL), out;
    given_parts given = {.count = 0};
    vs_part *part;
    vs_error error = {.message = ""};
    uint8_t shift[256] = {12}, context[VS_HASH_BYTES];
    assert_int_equal(vs_part_parse(&part, "part", lie.data, lie.len, NULL), VS_OK);
    assert_int_equal(vs_add_plain(s.d->key->pk, part->parts, shift, 1), VS_OK);
    vs_part_context(context, part);
    assert_int_equal(vs_threshold_prove(s.d->share[0], part->proof, s.total->ciphertexts, part->parts,
                                        (size_t)part->header.count, context),
                     VS_OK);
    vs_part_sign(part, s.d->identity[0]);
    memcpy(lie.data, part->bytes, lie.len);
    give(&given, &lie);
    give_first(&given, &s, 2);
    assert_int_equal(make_part(&out, s.d, s.total, 2, &given, &error), VS_ERR_AUTH);
    assert_non_null(strstr(error.message, "1.part: holder HOLDER-1: its proof does not hold"));
    refuses(&s, &given, VS_ERR_AUTH, "1.part: holder HOLDER-1");
    vs_part_free(part);
    take_back(&given);
    free(lie.data);
    scene_free(&s);
}

static void there_is_no_second_round_without_minimums(void **state) {
    (void)state;
    scene s = scene_new(&two_of_three, PARTS_PLAIN);
    given_parts given = {.count = 0};
    blob out;
    give_first(&given, &s, 3);
    assert_int_equal(make_part(&out, s.d, s.total, 3, &given, NULL), VS_ERR_USAGE);
    take_back(&given);
    scene_free(&s);
}

/* ---- what it refuses ---- */

static void a_bad_part_is_named_and_left_out(void **state) {
    (void)state;
    scene s = scene_new(&two_of_three, PARTS_PLAIN);
    char *csv = key_csv(s.d, PARTS_PLAIN, tables, 3);
    blob bad = part_of(s.d, s.total, 2, NULL);
    given_parts given = {.count = 0};
    bad.data[VS_PART_PERIOD + 7 + 5] ^= 1; /* in its parts */
    mend_part(&bad, s.d->identity[1]);
    give(&given, &bad);
    give_first(&given, &s, 1);
    refuses(&s, &given, VS_ERR_AUTH, "1.part: holder HOLDER-2");
    give_first(&given, &s, 4);
    opens(&s, &given, csv);
    assert_int_equal(given.list[0].status, VS_ERR_AUTH);
    assert_non_null(strstr(given.list[0].error.message, "1.part: holder HOLDER-2"));
    assert_int_equal(given.list[1].status, VS_OK);
    take_back(&given);
    free(bad.data);
    free(csv);
    scene_free(&s);
}

/* What comes of this part, given alone. */
static vs_status judged(const scene *s, const blob *part, vs_error *error) {
    given_parts given = {.count = 0};
    vs_opened opened;
    give(&given, part);
    assert_int_not_equal(open_given(&opened, s->d, s->total, &given, NULL), VS_OK);
    vs_status status = given.list[0].status;
    *error = given.list[0].error;
    take_back(&given);
    return status;
}

/* All of the header, the signature and the hash, byte by byte; parts and proof at every 61st. Each change once as it
 * is, once with the hash right, once signed by somebody else, and once by the holder itself. */
static void every_changed_field_is_refused(void **state) {
    (void)state;
    scene s = scene_new(&two_of_three, PARTS_PLAIN);
    blob part = part_of(s.d, s.total, 1, NULL);
    vs_error error;
    size_t header = VS_PART_PERIOD + strlen("2026-11"), end = part.len - VS_PART_END_BYTES;
    assert_int_equal(judged(&s, &part, &error), VS_OK);
    for (size_t at = 0; at < part.len; at += at < header || at >= end ? 1 : at + 61 < end ? 61 : end - at) {
        blob altered = blob_copy(&part);
        altered.data[at] ^= (uint8_t)(1u << test_below(8));
        vs_status expected = at < 8 ? VS_ERR_FORMAT : at < 10 ? VS_ERR_VERSION : VS_ERR_AUTH;
        assert_int_equal(judged(&s, &altered, &error), expected);
        if (at < part.len - VS_HASH_BYTES) {
            mend_part(&altered, NULL);
            assert_int_not_equal(judged(&s, &altered, &error), VS_OK);
        }
        for (unsigned signer = 0; at < end && signer < 3; signer += 2) {
            mend_part(&altered, s.d->identity[signer]);
            assert_int_not_equal(judged(&s, &altered, &error), VS_OK);
        }
        free(altered.data);
    }
    free(part.data);
    scene_free(&s);
}

static void every_flipped_bit_and_every_prefix_is_refused(void **state) {
    (void)state;
    scene s = scene_new(&two_of_three, PARTS_PLAIN);
    blob part = part_of(s.d, s.total, 1, NULL);
    vs_part *parsed;
    for (size_t bit = 0; bit < 8 * part.len; bit++) {
        part.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        vs_status expected = bit < 64 ? VS_ERR_FORMAT : bit < 80 ? VS_ERR_VERSION : VS_ERR_AUTH;
        assert_int_equal(vs_part_parse(&parsed, "part", part.data, part.len, NULL), expected);
        part.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    for (size_t len = 0; len < part.len; len++) {
        vs_status expected = len < 10 ? VS_ERR_FORMAT : VS_ERR_AUTH;
        assert_int_equal(vs_part_parse(&parsed, "part", part.data, len, NULL), expected);
        assert_null(parsed);
    }
    blob byte = {(uint8_t *)"\n", 1}, longer = blob_join(&part, &byte);
    assert_int_equal(vs_part_parse(&parsed, "part", longer.data, longer.len, NULL), VS_ERR_AUTH);
    free(longer.data);
    free(part.data);
    scene_free(&s);
}

static void a_part_signed_by_another_is_refused(void **state) {
    (void)state;
    scene s = scene_new(&two_of_three, PARTS_PLAIN);
    blob part = part_of(s.d, s.total, 1, NULL);
    vs_error error;
    mend_part(&part, s.d->identity[2]);
    assert_int_equal(judged(&s, &part, &error), VS_ERR_AUTH);
    assert_non_null(strstr(error.message, "not signed by holder HOLDER-1"));
    free(part.data);
    scene_free(&s);
}

static void one_holder_counts_once(void **state) {
    (void)state;
    scene s = scene_new(&two_of_three, PARTS_PLAIN);
    char *csv = key_csv(s.d, PARTS_PLAIN, tables, 3);
    given_parts given = {.count = 0};
    give_first(&given, &s, 1);
    give_first(&given, &s, 1); /* another proof, as good */
    refuses(&s, &given, VS_ERR_NOT_READY, "1 of the 2 parts");
    assert_int_equal(given.list[1].status, VS_ERR_POLICY);
    give_first(&given, &s, 4);
    opens(&s, &given, csv);
    take_back(&given);
    free(csv);
    scene_free(&s);
}

/* A part of `from` given for `to`. */
static void is_refused_for(const scene *from, const scene *to, const char *word) {
    given_parts given = {.count = 0};
    give_first(&given, from, 1);
    give_first(&given, to, 2);
    refuses(to, &given, VS_ERR_MISMATCH, word);
    take_back(&given);
}

static void parts_of_something_else_are_refused(void **state) {
    (void)state;
    scene s = scene_new(&two_of_three, PARTS_PLAIN), again = scene_new(&two_of_three, PARTS_PLAIN),
          other_plan = scene_new(&two_of_three, "\"contributors\":{\"min\":2,\"max\":51}"), other_period = s;
    is_refused_for(&again, &s, "1.part: a part for another total");
    is_refused_for(&other_plan, &s, "1.part: a part for another plan");
    other_period.bytes = dealt_total(s.d, s.plan, tables, 3, "2026-12");
    other_period.total = read_total(s.d, s.plan, &other_period.bytes);
    is_refused_for(&other_period, &s, "1.part: a part for another period");
    vs_total_free(other_period.total);
    free(other_period.bytes.data);
    scene_free(&other_plan);
    scene_free(&again);
    scene_free(&s);
}

/* The same ciphertexts in the name of others: what the holders have seen is not what would be opened. */
static void a_total_in_the_name_of_others_is_another_total(void **state) {
    (void)state;
    scene s = scene_new(&two_of_three, PARTS_PLAIN), lie = s;
    given_parts given = {.count = 0};
    lie.bytes = renamed_total(&s.bytes, s.total, s.d->element);
    lie.total = read_total(s.d, s.plan, &lie.bytes);
    size_t bytes = (size_t)s.total->layout.plaintext_count * s.d->element;
    assert_memory_equal(lie.total->ciphertexts, s.total->ciphertexts, bytes);
    give_first(&given, &s, 3);
    refuses(&lie, &given, VS_ERR_MISMATCH, "for another total");
    take_back(&given);
    vs_total_free(lie.total);
    free(lie.bytes.data);
    scene_free(&s);
}

static void a_part_of_the_other_round_does_not_count(void **state) {
    (void)state;
    scene s = scene_new(&two_of_three, PARTS_GROUPS);
    given_parts given = {.count = 0}, swapped = {.count = 0};
    give_first(&given, &s, 3);
    give_second(&given, &s, 3);
    for (size_t i = 0; i < 4; i++) {
        blob part = {given.list[i].part->bytes, given.list[i].part->len}, copy = blob_copy(&part);
        copy.data[VS_PART_ROUND] = (uint8_t)(3 - copy.data[VS_PART_ROUND]);
        mend_part(&copy, s.d->identity[i % 2]);
        give(&swapped, &copy);
        free(copy.data);
    }
    refuses(&s, &swapped, VS_ERR_AUTH, "not of the ciphertexts that are to be opened");
    take_back(&swapped);
    take_back(&given);
    scene_free(&s);
}

static void the_wrong_way_to_open_is_refused(void **state) {
    (void)state;
    dealt other;
    deal(&other, 2048, 1, 2, 3);
    scene s = scene_new(&two_of_three, PARTS_PLAIN);
    vs_opened opened;
    vs_error error = {.message = ""};
    blob out;
    given_parts none = {.count = 0};
    assert_int_equal(open_total(&opened, s.plan, s.d->sk, &s.bytes, &error), VS_ERR_MISMATCH);
    assert_non_null(strstr(error.message, "no key opens its totals alone"));
    /* The same primes, dealt again: not whom the plan names. */
    assert_int_equal(open_given(&opened, &other, s.total, &none, &error), VS_ERR_MISMATCH);
    assert_non_null(strstr(error.message, "another threshold key"));
    assert_int_equal(make_part(&out, &other, s.total, 1, NULL, &error), VS_ERR_MISMATCH);
    vs_part *part;
    assert_int_equal(vs_total_make_part(&part, s.total, s.d->share[0], s.d->key, s.d->identity[1], NULL, 0, NULL, NULL),
                     VS_ERR_MISMATCH);
    vs_plan *key_plan = dealt_plan(s.d, PARTS_PLAIN, false);
    assert_int_equal(vs_threshold_key_check_plan(s.d->key, key_plan, &error), VS_ERR_MISMATCH);
    assert_non_null(strstr(error.message, "opens with a key"));
    vs_plan_free(key_plan);
    scene_free(&s);
    undeal(&other);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(key_and_threshold_give_the_same_result),
        cmocka_unit_test(every_subset_of_three_of_five_opens_and_no_smaller_one),
        cmocka_unit_test(degree_two_opens),
        cmocka_unit_test(who_is_missing_is_named),
        cmocka_unit_test(many_blocks_open_over_several_batches),
        cmocka_unit_test(no_part_of_a_withheld_block_is_made),
        cmocka_unit_test(a_total_of_withheld_groups_opens_without_a_second_round),
        cmocka_unit_test(a_holder_cannot_shift_the_counts),
        cmocka_unit_test(there_is_no_second_round_without_minimums),
        cmocka_unit_test(a_bad_part_is_named_and_left_out),
        cmocka_unit_test(every_changed_field_is_refused),
        cmocka_unit_test(every_flipped_bit_and_every_prefix_is_refused),
        cmocka_unit_test(a_part_signed_by_another_is_refused),
        cmocka_unit_test(one_holder_counts_once),
        cmocka_unit_test(parts_of_something_else_are_refused),
        cmocka_unit_test(a_total_in_the_name_of_others_is_another_total),
        cmocka_unit_test(a_part_of_the_other_round_does_not_count),
        cmocka_unit_test(the_wrong_way_to_open_is_refused),
    };
    test_seed();
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
