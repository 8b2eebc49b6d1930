/* Combining and verifying under a plan with a roster: who is let in, and how all others are named. */
#include "cast.h"

static vs_secret_key *secret;
static const vs_public_key *key;
static cast people;
static vs_plan *plan, *open_plan; /* with the roster; the same without */

static int set_up(void **state) {
    (void)state;
    assert_int_equal(vs_secret_setup(), VS_OK);
    secret = fixture_key("k2048");
    key = vs_secret_key_public(secret);
    cast_make(&people);
    plan = roster_plan(key, &people, "");
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    vs_plan_free(plan);
    vs_plan_free(open_plan);
    cast_free(&people);
    vs_secret_key_free(secret);
    return 0;
}

static void free_inputs(test_inputs *inputs) {
    for (size_t i = 0; i < inputs->count; i++) {
        free(inputs->list[i].data.data);
    }
    inputs->count = 0;
}

static vs_inputs interface_of(test_inputs *inputs) {
    return (vs_inputs){.context = inputs, .open = open_input, .close = close_input, .can_reopen = can_reopen_input};
}

/* A contribution as `signer` would make it if nobody asked the roster: for the plan, and with no regard to it. */
static blob forced(const vs_identity *signer, const char *name, const char *period) {
    vs_plan without = *plan;
    vs_cells *cells = read_table(plan, "D,X,Y\na,5,6\n");
    vs_memory_sink memory = {0};
    vs_sink sink = vs_memory_sink_open(&memory, "memory");
    const vs_contribution_request request = {.name = name, .period = period, .signer = signer};
    without.party_count = 0;
    assert_int_equal(vs_contribute_from(&without, key, cells, &request, &sink, NULL, NULL), VS_OK);
    vs_cells_free(cells);
    return (blob){memory.data, memory.len};
}

/* `forced` under a listed name with whatever key. */
static blob forced_name(const vs_identity *signer, const char *name) {
    blob b = forced(NULL, name, "2026-11");
    uint8_t *trailer = b.data + b.len - VS_TRAILER_BYTES, hash[VS_HASH_BYTES];
    vs__signed_hash(hash, b.data + get_number(b.data + 12, 4) - VS_HASH_BYTES, trailer + VS_TRAILER_ROOT);
    memcpy(trailer + VS_TRAILER_SIGNER, vs_identity_public(signer)->key, VS_IDENTITY_KEY_BYTES);
    vs_sign(signer, trailer + VS_TRAILER_SIGNATURE, hash, sizeof hash);
    rehash(&b, get_number(b.data + 96, 8), 512);
    return b;
}

/* Contributions "0.vs", "1.vs", … of the owners first .. first + count − 1. */
static void add_owners(test_inputs *inputs, size_t first, size_t count) {
    for (size_t i = first; i < first + count; i++) {
        char name[32];
        snprintf(name, sizeof name, "%zu.vs", i);
        add_input(inputs, name, contribute_signed(plan, key, people.owners[i], "2026-11"), false);
    }
}

static vs_status combine_report(test_inputs *inputs, const vs_combine_options *options, vs_combine_report *report,
                                blob *total, vs_error *error) {
    const vs_inputs interface = interface_of(inputs);
    vs_memory_sink memory = {0};
    vs_sink sink = vs_memory_sink_open(&memory, "memory");
    *report = (vs_combine_report){.refused = NULL};
    *error = (vs_error){.message = ""};
    vs_status status = vs_combine_checked(plan, &interface, options, report, &sink, NULL, error);
    assert_int_equal(inputs->open_now, 0);
    if (status != VS_OK) {
        assert_int_equal(memory.len, 0);
    }
    *total = (blob){memory.data, memory.len};
    return status;
}

/* ---- what is let in ---- */

static void signed_contributions_of_listed_owners_combine(void **state) {
    (void)state;
    test_inputs inputs = {.count = 0};
    vs_combine_report report;
    vs_error error;
    blob total, again;
    add_owners(&inputs, 0, 5);
    assert_int_equal(combine_report(&inputs, NULL, &report, &total, &error), VS_OK);
    assert_int_equal(report.refused_count, 0);
    assert_int_equal(report.receipt.contribution_count, 5);
    assert_int_equal(report.receipt.total_bytes, total.len);
    assert_memory_equal(report.receipt.total_digest, total.data + total.len - VS_HASH_BYTES, VS_HASH_BYTES);
    for (size_t i = 0; i < 5; i++) {
        const vs_receipt_contribution *c = &report.receipt.contributions[i];
        assert_string_equal(c->name, owner_names[i]);
        assert_int_equal(c->bytes, inputs.list[i].data.len);
        assert_memory_equal(c->digest, inputs.list[i].data.data + c->bytes - VS_HASH_BYTES, VS_HASH_BYTES);
    }
    assert_int_equal(combine(plan, &inputs, &again, NULL), VS_OK);
    assert_int_equal(again.len, total.len);
    assert_memory_equal(again.data, total.data, total.len);
    vs_combine_report_clear(&report);
    free(total.data);
    free(again.data);
    free_inputs(&inputs);
}

/* ---- what is refused ---- */

typedef struct refusal_case {
    const char *words;  /* of the message */
    const char *reason; /* in the receipt */
    vs_status status;
    blob (*make)(void);
} refusal_case;

static blob by_a_stranger(void) {
    return forced(people.stranger, NULL, "2026-11");
}
static blob by_one_who_only_combines(void) {
    return forced(people.hub, NULL, "2026-11");
}
static blob by_nobody(void) {
    return forced(NULL, "NANTES", "2026-11");
}
static blob with_another_key(void) {
    return forced_name(people.impostor, "NANTES");
}
static blob by_a_namesake(void) {
    return forced(people.impostor, NULL, "2026-11");
}
static blob twice(void) {
    return contribute_signed(plan, key, people.owners[1], "2026-11");
}
static blob of_december(void) {
    return contribute_signed(plan, key, people.owners[4], "2026-12");
}
static blob without_period(void) {
    return contribute_signed(plan, key, people.owners[4], "");
}
static blob for_the_plan_before(void) {
    vs_plan *later = plan;
    plan = roster_plan(key, &people, ",\"purpose\":\"before\"");
    blob b = contribute_signed(plan, key, people.owners[4], "2026-11");
    vs_plan_free(plan);
    plan = later;
    return b;
}
static blob altered(void) {
    blob b = contribute_signed(plan, key, people.owners[4], "2026-11");
    b.data[b.len - VS_TRAILER_BYTES - VS_HASH_BYTES - 700] ^= 1;
    return b;
}
static blob altered_with_its_hashes_right(void) {
    blob b = contribute_signed(plan, key, people.owners[4], "2026-11");
    first_ciphertext(&b)[3] ^= 1;
    rehash(&b, get_number(b.data + 96, 8), 512);
    return b;
}
static blob cut(void) {
    blob b = contribute_signed(plan, key, people.owners[4], "2026-11");
    b.len -= 10;
    return b;
}
static blob no_container(void) {
    return (blob){(uint8_t *)strdup("D,X,Y\n1,2,3\n"), 12};
}
static blob nothing(void) {
    return (blob){NULL, 0};
}
static blob no_unit(void) {
    blob b = forced(NULL, "NANTES", "2026-11");
    memset(first_ciphertext(&b), 0, 256);
    rehash(&b, get_number(b.data + 96, 8), 512);
    uint8_t *trailer = b.data + b.len - VS_TRAILER_BYTES, hash[VS_HASH_BYTES];
    vs__signed_hash(hash, b.data + get_number(b.data + 12, 4) - VS_HASH_BYTES, trailer + VS_TRAILER_ROOT);
    memcpy(trailer + VS_TRAILER_SIGNER, vs_identity_public(people.owners[4])->key, VS_IDENTITY_KEY_BYTES);
    vs_sign(people.owners[4], trailer + VS_TRAILER_SIGNATURE, hash, sizeof hash);
    rehash(&b, get_number(b.data + 96, 8), 512);
    return b;
}
static blob total_of_two(void) {
    test_inputs inputs = {.count = 0};
    blob total;
    add_input(&inputs, "a", contribute_signed(plan, key, people.owners[3], "2026-11"), false);
    add_input(&inputs, "b", contribute_signed(plan, key, people.owners[4], "2026-11"), false);
    assert_int_equal(combine(plan, &inputs, &total, NULL), VS_OK);
    free_inputs(&inputs);
    return total;
}

static const refusal_case refusals[] = {
    {"STRANGER is not listed", "not listed as one that may contribute", VS_ERR_POLICY, by_a_stranger},
    {"HUB is not listed", "not listed as one that may contribute", VS_ERR_POLICY, by_one_who_only_combines},
    {"NANTES is not signed", "not signed", VS_ERR_POLICY, by_nobody},
    {"by NANTES, and is signed with another key", "signed with another key than the roster's", VS_ERR_AUTH,
     with_another_key},
    {"ORANGE", "signed with another key than the roster's", VS_ERR_AUTH, by_a_namesake},
    {"ROUEN", "contributed already", VS_ERR_POLICY, twice},
    {"has period '2026-12'", "for another period", VS_ERR_MISMATCH, of_december},
    {"has no period", "for another period", VS_ERR_MISMATCH, without_period},
    {"another plan", "made for another plan or key", VS_ERR_MISMATCH, for_the_plan_before},
    {"damaged", "damaged or altered", VS_ERR_AUTH, altered},
    {"signature is not right", "damaged or altered", VS_ERR_AUTH, altered_with_its_hashes_right},
    {"ends early", "damaged or altered", VS_ERR_AUTH, cut},
    {"not a contribution", "not a contribution", VS_ERR_FORMAT, no_container},
    {"is empty", "not a contribution", VS_ERR_FORMAT, nothing},
    {"no ciphertext", "holds a number that is no ciphertext", VS_ERR_RANGE, no_unit},
    {"none of the receipts is for it", "a total without a receipt", VS_ERR_POLICY, total_of_two},
};
#define CASES (sizeof refusals / sizeof *refusals)

/* Alone behind three good ones: refused by its name, and by default nothing is written; left out, the total is that of
 * the others, to the byte. */
static void each_kind_is_refused_and_left_out(void **state) {
    (void)state;
    test_inputs good = {.count = 0};
    blob expected;
    add_owners(&good, 0, 3);
    assert_int_equal(combine(plan, &good, &expected, NULL), VS_OK);
    for (size_t i = 0; i < CASES; i++) {
        for (int leave_out = 0; leave_out < 2; leave_out++) {
            test_inputs inputs = good;
            const vs_combine_options options = {.leave_out_refused = leave_out};
            vs_combine_report report;
            vs_error error;
            blob total, bad = refusals[i].make();
            add_input(&inputs, "bad.vs", bad, false);
            vs_status status = combine_report(&inputs, &options, &report, &total, &error);
            if (status != (leave_out ? VS_OK : refusals[i].status) || report.refused_count != 1) {
                print_message("%s: %d, %s\n", refusals[i].words, status, error.message);
            }
            assert_int_equal(status, leave_out ? VS_OK : refusals[i].status);
            assert_int_equal(report.refused_count, 1);
            if (strstr(report.refused[0], refusals[i].words) == NULL) {
                print_message("%s: %s\n", refusals[i].words, report.refused[0]);
            }
            assert_non_null(strstr(report.refused[0], refusals[i].words));
            assert_non_null(strstr(report.refused[0], "bad.vs"));
            assert_string_equal(report.receipt.refusals[0].reason, refusals[i].reason);
            if (leave_out) {
                assert_int_equal(report.receipt.contribution_count, 3);
                assert_int_equal(total.len, expected.len);
                assert_memory_equal(total.data, expected.data, expected.len);
            } else {
                assert_non_null(strstr(error.message, refusals[i].words));
            }
            vs_combine_report_clear(&report);
            free(total.data);
            free(bad.data);
        }
    }
    free(expected.data);
    free_inputs(&good);
}

/* Without a report the first is named, and nothing is written either. */
static void each_kind_is_refused_without_a_report(void **state) {
    (void)state;
    test_inputs good = {.count = 0};
    add_owners(&good, 0, 3);
    for (size_t i = 0; i < CASES; i++) {
        for (int pipe = 0; pipe < 2; pipe++) {
            test_inputs inputs = good;
            blob total, bad = refusals[i].make();
            add_input(&inputs, "bad.vs", bad, pipe);
            vs_status expected = refusals[i].make == by_a_namesake ? VS_ERR_POLICY : refusals[i].status;
            assert_int_equal(combine(plan, &inputs, &total, NULL), expected); /* a name twice is seen first */
            free(bad.data);
        }
    }
    free_inputs(&good);
}

static void all_that_is_refused_is_named(void **state) {
    (void)state;
    test_inputs inputs = {.count = 0};
    vs_combine_report report;
    vs_error error;
    blob total;
    add_owners(&inputs, 0, 3);
    for (size_t i = 0; i < CASES; i++) {
        char name[32];
        snprintf(name, sizeof name, "bad%zu.vs", i);
        add_input(&inputs, name, refusals[i].make(), false);
    }
    assert_int_equal(combine_report(&inputs, NULL, &report, &total, &error), VS_ERR_POLICY);
    assert_int_equal(report.refused_count, CASES);
    for (size_t i = 0; i < CASES; i++) {
        char name[32];
        snprintf(name, sizeof name, "bad%zu.vs", i);
        assert_non_null(strstr(report.refused[i], name));
    }
    assert_non_null(strstr(error.message, "16 of 19"));
    vs_combine_report_clear(&report);
    free_inputs(&inputs);
}

static void refusals_in_a_row_of_containers_are_left_out_one_by_one(void **state) {
    (void)state;
    test_inputs inputs = {.count = 0}, good = {.count = 0};
    const vs_combine_options options = {.leave_out_refused = true};
    vs_combine_report report;
    vs_error error;
    blob total, expected, row = {NULL, 0};
    add_owners(&good, 0, 3);
    assert_int_equal(combine(plan, &good, &expected, NULL), VS_OK);
    const blob parts[] = {by_a_stranger(), good.list[0].data, by_nobody(), good.list[1].data, of_december()};
    for (size_t i = 0; i < 5; i++) {
        blob longer = blob_join(&row, &parts[i]);
        free(row.data);
        row = longer;
    }
    add_input(&inputs, "row.vs", row, false);
    add_input(&inputs, "2.vs", blob_copy(&good.list[2].data), false);
    assert_int_equal(combine_report(&inputs, &options, &report, &total, &error), VS_OK);
    assert_int_equal(report.refused_count, 3);
    assert_int_equal(total.len, expected.len);
    assert_memory_equal(total.data, expected.data, total.len);
    vs_combine_report_clear(&report);
    free(parts[0].data);
    free(parts[2].data);
    free(parts[4].data);
    free(total.data);
    free(expected.data);
    free_inputs(&inputs);
    free_inputs(&good);
}

static void nothing_is_made_where_all_is_refused(void **state) {
    (void)state;
    test_inputs inputs = {.count = 0};
    const vs_combine_options options = {.leave_out_refused = true};
    vs_combine_report report;
    vs_error error;
    blob total;
    add_input(&inputs, "a.vs", by_a_stranger(), false);
    add_input(&inputs, "b.vs", by_nobody(), false);
    assert_int_equal(combine_report(&inputs, &options, &report, &total, &error), VS_ERR_POLICY);
    assert_int_equal(report.refused_count, 2);
    vs_combine_report_clear(&report);
    free_inputs(&inputs);
}

static void what_cannot_be_read_twice_cannot_be_left_out(void **state) {
    (void)state;
    for (int leave_out = 0; leave_out < 2; leave_out++) {
        test_inputs inputs = {.count = 0};
        const vs_combine_options options = {.leave_out_refused = leave_out};
        vs_combine_report report;
        vs_error error;
        blob total;
        add_owners(&inputs, 0, 2);
        add_input(&inputs, "standard input", by_a_stranger(), true);
        assert_int_equal(combine_report(&inputs, &options, &report, &total, &error),
                         leave_out ? VS_ERR_USAGE : VS_ERR_POLICY);
        assert_int_equal(report.refused_count, 0);
        vs_combine_report_clear(&report);
        free_inputs(&inputs);
    }
}

static void the_period_that_is_asked_for_counts(void **state) {
    (void)state;
    const vs_combine_options november = {.period = "2026-11", .leave_out_refused = true};
    const vs_combine_options december = {.period = "2026-12"};
    test_inputs inputs = {.count = 0};
    vs_combine_report report;
    vs_error error;
    blob total;
    add_input(&inputs, "december.vs", of_december(), false); /* the first, and refused */
    add_owners(&inputs, 0, 3);
    assert_int_equal(combine_report(&inputs, &november, &report, &total, &error), VS_OK);
    assert_int_equal(report.refused_count, 1);
    assert_non_null(strstr(report.refused[0], "'2026-11' was asked for"));
    assert_string_equal(report.receipt.period, "2026-11");
    free(total.data);
    vs_combine_report_clear(&report);
    assert_int_equal(combine_report(&inputs, &december, &report, &total, &error), VS_ERR_MISMATCH);
    assert_int_equal(report.refused_count, 3);
    vs_combine_report_clear(&report);
    free_inputs(&inputs);
}

static void a_contribution_for_the_plan_before_is_called_so(void **state) {
    (void)state;
    vs_plan *before = plan;
    char more[128], hex[2 * VS_HASH_BYTES + 1];
    vs_to_hex(hex, before->id, VS_HASH_BYTES);
    snprintf(more, sizeof more, ",\"replaces\":[\"%s\"]", hex);
    blob old = contribute_signed(before, key, people.owners[4], "2026-11");
    plan = roster_plan(key, &people, more);
    test_inputs inputs = {.count = 0};
    vs_combine_report report;
    vs_error error;
    blob total;
    add_owners(&inputs, 0, 2);
    add_input(&inputs, "old.vs", old, false);
    assert_int_equal(combine_report(&inputs, NULL, &report, &total, &error), VS_ERR_MISMATCH);
    assert_non_null(strstr(error.message, "the plan that this one replaces"));
    assert_string_equal(report.receipt.refusals[0].reason, "made for the plan that this one replaces");
    vs_combine_report_clear(&report);
    free_inputs(&inputs);
    vs_plan_free(plan);
    plan = before;
}

/* ---- totals with receipts ---- */

static vs_receipt receipt_of(vs_combine_report *report, const vs_identity *signer) {
    char *text;
    size_t len;
    vs_receipt receipt;
    report->receipt.time = 1795539600;
    assert_int_equal(vs_receipt_write(&text, &len, &report->receipt, signer, NULL), VS_OK);
    assert_int_equal(vs_receipt_parse(&receipt, "part.receipt", text, len, NULL), VS_OK);
    free(text);
    return receipt;
}

static void a_total_with_its_receipt_is_as_its_contributions(void **state) {
    (void)state;
    test_inputs some = {.count = 0}, mixed = {.count = 0}, all = {.count = 0};
    vs_combine_report report, whole;
    vs_error error;
    blob part, total, expected;
    const char *name = "part.receipt";
    add_owners(&some, 0, 3);
    add_owners(&all, 0, 0);
    assert_int_equal(combine_report(&some, NULL, &report, &part, &error), VS_OK);
    vs_receipt receipt = receipt_of(&report, people.hub);
    const vs_combine_options options = {.receipts = &receipt, .receipt_names = &name, .receipt_count = 1};
    add_input(&mixed, "part.vs", part, false);
    add_owners(&mixed, 3, 2);
    assert_int_equal(combine_report(&mixed, &options, &whole, &total, &error), VS_OK);
    assert_int_equal(whole.receipt.contribution_count, 5);
    all = some;
    add_input(&all, "3.vs", blob_copy(&mixed.list[1].data), false);
    add_input(&all, "4.vs", blob_copy(&mixed.list[2].data), false);
    assert_int_equal(combine(plan, &all, &expected, NULL), VS_OK);
    assert_int_equal(total.len, expected.len);
    assert_memory_equal(total.data, expected.data, total.len);
    vs_receipt both = receipt_of(&whole, people.opener);
    for (size_t i = 0; i < 5; i++) {
        assert_true(vs_receipt_holds(&both, owner_names[i], all.list[i].data.data + all.list[i].data.len - 32));
    }
    vs_receipt_clear(&both);
    vs_receipt_clear(&receipt);
    vs_combine_report_clear(&report);
    vs_combine_report_clear(&whole);
    free(total.data);
    free(expected.data);
    free_inputs(&all);
    free_inputs(&mixed);
}

static void receipts_by_others_or_for_others_do_not_help(void **state) {
    (void)state;
    test_inputs some = {.count = 0}, other = {.count = 0};
    vs_combine_report report;
    vs_error error;
    blob part, total;
    const char *name = "part.receipt";
    add_owners(&some, 0, 3);
    assert_int_equal(combine_report(&some, NULL, &report, &part, &error), VS_OK);
    const vs_identity *const signers[] = {people.stranger, people.owners[0], people.auditor, people.hub};
    add_input(&other, "other.vs", total_of_two(), false);
    for (size_t i = 0; i < 4; i++) {
        vs_receipt receipt = receipt_of(&report, signers[i]);
        const vs_combine_options options = {.receipts = &receipt, .receipt_names = &name, .receipt_count = 1};
        vs_combine_report ignored;
        assert_int_equal(combine_report(&other, &options, &ignored, &total, &error), VS_ERR_POLICY);
        assert_non_null(strstr(error.message, i < 3 ? "part.receipt" : "none of the receipts"));
        vs_combine_report_clear(&ignored);
        vs_receipt_clear(&receipt);
    }
    vs_combine_report_clear(&report);
    free(part.data);
    free_inputs(&some);
    free_inputs(&other);
}

/* ---- verifying ---- */

static vs_status verify(const blob *total, test_inputs *inputs, vs_verification *v, vs_error *error) {
    const vs_inputs interface = interface_of(inputs);
    vs_memory_source memory;
    vs_source source = vs_memory_source_open(&memory, "total.vs", total->data, total->len);
    *error = (vs_error){.message = ""};
    vs_status status = vs_verify_total(v, plan, &source, &interface, NULL, NULL, error);
    assert_int_equal(inputs->open_now, 0);
    assert_int_equal(v->holds, status == VS_OK);
    return status;
}

static void a_total_holds_what_it_was_made_of(void **state) {
    (void)state;
    test_inputs inputs = {.count = 0};
    vs_verification v;
    vs_error error;
    blob total;
    add_owners(&inputs, 0, 4);
    assert_int_equal(combine(plan, &inputs, &total, NULL), VS_OK);
    assert_int_equal(verify(&total, &inputs, &v, &error), VS_OK);
    assert_int_equal(v.report.receipt.contribution_count, 4);
    assert_memory_equal(v.report.receipt.total_digest, total.data + total.len - VS_HASH_BYTES, VS_HASH_BYTES);
    assert_int_equal(v.report.receipt.total_bytes, total.len);
    vs_verification_clear(&v);
    free(total.data);
    free_inputs(&inputs);
}

static void a_difference_in_contributors_is_named(void **state) {
    (void)state;
    test_inputs inputs = {.count = 0}, fewer, more;
    vs_verification v;
    vs_error error;
    blob total;
    add_owners(&inputs, 0, 5);
    fewer = inputs;
    more = inputs;
    inputs.count = 3;
    assert_int_equal(combine(plan, &inputs, &total, NULL), VS_OK);
    fewer.count = 2;
    assert_int_equal(verify(&total, &fewer, &v, &error), VS_ERR_AUTH);
    assert_int_equal(v.missing_count, 1);
    assert_int_equal(v.extra_count, 0);
    assert_string_equal(v.missing[0], owner_names[2]);
    assert_non_null(strstr(error.message, owner_names[2]));
    vs_verification_clear(&v);
    assert_int_equal(verify(&total, &more, &v, &error), VS_ERR_AUTH);
    assert_int_equal(v.missing_count, 0);
    assert_int_equal(v.extra_count, 2);
    assert_non_null(strstr(error.message, "no contribution by"));
    vs_verification_clear(&v);
    more.list[0] = more.list[4];
    more.count = 3;
    assert_int_equal(verify(&total, &more, &v, &error), VS_ERR_AUTH);
    assert_int_equal(v.missing_count, 1);
    assert_int_equal(v.extra_count, 1);
    vs_verification_clear(&v);
    free(total.data);
    inputs.count = 5;
    free_inputs(&inputs);
}

static void a_total_of_other_numbers_is_told_from_its_contributions(void **state) {
    (void)state;
    test_inputs inputs = {.count = 0}, other = {.count = 0};
    vs_verification v;
    vs_error error;
    blob total;
    add_owners(&inputs, 0, 3);
    add_owners(&other, 0, 3); /* the same people, encrypted again */
    assert_int_equal(combine(plan, &inputs, &total, NULL), VS_OK);
    assert_int_equal(verify(&total, &other, &v, &error), VS_ERR_AUTH);
    assert_int_equal(v.first_difference, 0);
    assert_non_null(strstr(error.message, "from ciphertext 1 on"));
    vs_verification_clear(&v);
    size_t header = (size_t)get_number(total.data + 12, 4);
    total.data[header + 300] ^= 1;
    rehash(&total, get_number(total.data + 96, 8), 512);
    assert_int_equal(verify(&total, &inputs, &v, &error), VS_ERR_AUTH);
    assert_int_equal(v.first_difference, 0);
    vs_verification_clear(&v);
    free(total.data);
    free_inputs(&inputs);
    free_inputs(&other);
}

static void every_altered_byte_of_a_total_is_noticed(void **state) {
    (void)state;
    test_inputs inputs = {.count = 0};
    vs_verification v;
    vs_error error;
    blob total;
    add_owners(&inputs, 0, 2);
    assert_int_equal(combine(plan, &inputs, &total, NULL), VS_OK);
    for (size_t at = test_below(7); at < total.len; at += 1 + test_below(13)) {
        total.data[at] ^= 0x10;
        assert_int_not_equal(verify(&total, &inputs, &v, &error), VS_OK);
        vs_verification_clear(&v);
        total.data[at] ^= 0x10;
    }
    blob longer = blob_join(&total, &total), shorter = {total.data, total.len - 1};
    assert_int_equal(verify(&longer, &inputs, &v, &error), VS_ERR_AUTH);
    vs_verification_clear(&v);
    assert_int_equal(verify(&shorter, &inputs, &v, &error), VS_ERR_AUTH);
    vs_verification_clear(&v);
    free(longer.data);
    free(total.data);
    free_inputs(&inputs);
}

static void verifying_refuses_contributions_as_combining_does(void **state) {
    (void)state;
    test_inputs inputs = {.count = 0};
    blob total;
    add_owners(&inputs, 0, 3);
    assert_int_equal(combine(plan, &inputs, &total, NULL), VS_OK);
    for (size_t i = 0; i < CASES; i++) {
        vs_verification v;
        vs_error error;
        test_inputs more = inputs;
        blob bad = refusals[i].make();
        add_input(&more, "bad.vs", bad, false);
        assert_int_equal(verify(&total, &more, &v, &error), refusals[i].status);
        assert_int_equal(v.report.refused_count, 1);
        vs_verification_clear(&v);
        free(bad.data);
    }
    vs_verification v;
    vs_error error;
    blob nothing_there = {NULL, 0};
    assert_int_equal(verify(&nothing_there, &inputs, &v, &error), VS_ERR_FORMAT);
    vs_verification_clear(&v);
    assert_int_equal(verify(&inputs.list[0].data, &inputs, &v, &error), VS_ERR_USAGE);
    vs_verification_clear(&v);
    free(total.data);
    free_inputs(&inputs);
}

/* ---- contributing ---- */

static void a_contribution_that_would_be_refused_is_not_made(void **state) {
    (void)state;
    vs_error error;
    const struct {
        vs_contribution_request request;
        vs_status status;
        const char *words;
    } cases[] = {
        {{.name = "ORANGE"}, VS_ERR_POLICY, "signed"},
        {{.signer = people.stranger}, VS_ERR_POLICY, "STRANGER is not listed"},
        {{.signer = people.hub}, VS_ERR_POLICY, "HUB is not listed"},
        {{.signer = people.impostor}, VS_ERR_POLICY, "another key"},
        {{.signer = people.owners[0], .name = "ROUEN"}, VS_ERR_USAGE, "not that of the identity"},
        {{.signer = people.owners[0], .period = " "}, VS_ERR_USAGE, "period"},
        {{.name = NULL}, VS_ERR_USAGE, "name"},
        {{.signer = people.owners[0], .name = "ORANGE"}, VS_OK, ""},
        {{.signer = people.owners[0]}, VS_OK, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        error = (vs_error){.message = ""};
        assert_int_equal(vs_contribution_check(plan, &cases[i].request, &error), cases[i].status);
        assert_non_null(strstr(error.message, cases[i].words));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signed_contributions_of_listed_owners_combine),
        cmocka_unit_test(each_kind_is_refused_and_left_out),
        cmocka_unit_test(each_kind_is_refused_without_a_report),
        cmocka_unit_test(all_that_is_refused_is_named),
        cmocka_unit_test(refusals_in_a_row_of_containers_are_left_out_one_by_one),
        cmocka_unit_test(nothing_is_made_where_all_is_refused),
        cmocka_unit_test(what_cannot_be_read_twice_cannot_be_left_out),
        cmocka_unit_test(the_period_that_is_asked_for_counts),
        cmocka_unit_test(a_contribution_for_the_plan_before_is_called_so),
        cmocka_unit_test(a_total_with_its_receipt_is_as_its_contributions),
        cmocka_unit_test(receipts_by_others_or_for_others_do_not_help),
        cmocka_unit_test(a_total_holds_what_it_was_made_of),
        cmocka_unit_test(a_difference_in_contributors_is_named),
        cmocka_unit_test(a_total_of_other_numbers_is_told_from_its_contributions),
        cmocka_unit_test(every_altered_byte_of_a_total_is_noticed),
        cmocka_unit_test(verifying_refuses_contributions_as_combining_does),
        cmocka_unit_test(a_contribution_that_would_be_refused_is_not_made),
    };
    test_seed();
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
