/* Signatures under a plan. */
#include "aggregate/note/note.h"
#include "aggregate/plan/plan_signatures.h"
#include "tests/aggregate/rosters.h"
#include "tests/identities.h"

#define PARTY(letter) "{'identity':'@" letter "','organisation':'" letter "','may':['contribute']}"
#define PLAN(more)                                                                                                     \
    "{'veilsum':1,'vector':{'length':1,'scale':0,'min':0,'max':7},'opening':{'key':KEY},'roster':[" PARTY(             \
        "A") "," PARTY("B") "," PARTY("C") "]" more "}"

static roster people;
static vs_plan *all, *two, *none;

static vs_plan *plan_with(const char *text) {
    char *filled = roster_text(&people, text);
    vs_plan *plan = plan_of(filled);
    free(filled);
    return plan;
}

static int set_up(void **state) {
    (void)state;
    roster_new(&people);
    all = plan_with(PLAN(""));
    two = plan_with(PLAN(",'signatures':2"));
    none = plan_of("{'veilsum':1,'vector':{'length':1,'scale':0,'min':0,'max':7},'opening':{'key':KEY}}");
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    vs_plan_free(all);
    vs_plan_free(two);
    vs_plan_free(none);
    roster_free(&people);
    return 0;
}

/* The note that the people with these letters sign, in this order. malloc'd. */
static char *signed_by(const vs_plan *plan, const char *letters, size_t *len) {
    char *text = NULL;
    *len = 0;
    for (; *letters != '\0'; letters++) {
        char *longer;
        size_t longer_len;
        assert_int_equal(vs_plan_signatures_add(&longer, &longer_len, plan, "plan.sig", text, *len,
                                                people.identities[*letters - 'A'], NULL),
                         VS_OK);
        assert_non_null(longer);
        assert_int_equal(strlen(longer), longer_len);
        free(text);
        text = longer;
        *len = longer_len;
    }
    return text;
}

static vs_status check(const vs_plan *plan, const char *text, size_t len, vs_error *error) {
    size_t count;
    *error = (vs_error){{0}, {0}};
    vs_status status = vs_plan_signatures_check(plan, "plan.sig", text, len, &count, error);
    assert_int_equal(status == VS_OK, error->message[0] == '\0');
    return status;
}

static void enough_signatures_suffice(void **state) {
    (void)state;
    vs_error error;
    size_t len, count;
    char *text = signed_by(two, "CA", &len);
    assert_int_equal(vs_plan_signatures_check(two, "plan.sig", text, len, &count, &error), VS_OK);
    assert_int_equal(count, 2);
    bool marks[3];
    assert_int_equal(vs_plan_signatures_read(two, "plan.sig", text, len, marks, &count, &error), VS_OK);
    assert_true(marks[0] && !marks[1] && marks[2]);
    free(text);
    text = signed_by(all, "BCA", &len);
    assert_int_equal(check(all, text, len, &error), VS_OK);
    free(text);
}

static void who_is_missing_is_named(void **state) {
    (void)state;
    vs_error error;
    size_t len;
    char *text = signed_by(all, "B", &len);
    assert_int_equal(check(all, text, len, &error), VS_ERR_POLICY);
    assert_string_equal(error.message, "plan.sig: 1 of the 3 signatures that the plan needs: not signed by A, C");
    free(text);
    text = signed_by(two, "B", &len);
    assert_int_equal(check(two, text, len, &error), VS_ERR_POLICY);
    assert_string_equal(error.message, "plan.sig: 1 of the 2 signatures that the plan needs: not signed by A, C");
    free(text);
}

static void one_party_counts_once(void **state) {
    (void)state;
    vs_error error;
    size_t len;
    char *text = signed_by(two, "B", &len), twice[1024];
    const char *line = strstr(text, "\n\n") + 2;
    (void)snprintf(twice, sizeof twice, "%s%s", text, line);
    assert_int_equal(check(two, twice, strlen(twice), &error), VS_ERR_POLICY);
    free(text);
}

static void strangers_and_other_keys_count_for_nothing(void **state) {
    (void)state;
    vs_error error;
    vs_identity *impostor;
    char text[VS_PLAN_NOTE_BYTES], *line, *note, whole[2048];
    size_t len, text_len = vs_plan_note(text, two->id);
    assert_int_equal(vs_identity_new(&impostor, "A"), VS_OK);
    note = signed_by(two, "B", &len);
    assert_int_equal(vs_note_signature_line(&line, text, text_len, impostor, NULL), VS_OK);
    (void)snprintf(whole, sizeof whole, "%s%s", note, line);
    free(line);
    assert_int_equal(check(two, whole, strlen(whole), &error), VS_ERR_POLICY);
    assert_int_equal(vs_note_signature_line(&line, text, text_len, people.identities[5], NULL), VS_OK);
    (void)snprintf(whole, sizeof whole, "%s%s", note, line);
    free(line);
    assert_int_equal(check(two, whole, strlen(whole), &error), VS_ERR_POLICY);
    free(note);
    /* Nor can they add a line. */
    assert_int_equal(vs_plan_signatures_add(&note, &len, two, "plan.sig", NULL, 0, impostor, &error), VS_ERR_POLICY);
    assert_string_equal(error.message, "A is not on the plan's roster with this key: another identity of that name is");
    assert_null(note);
    assert_int_equal(vs_plan_signatures_add(&note, &len, two, "plan.sig", NULL, 0, people.identities[5], &error),
                     VS_ERR_POLICY);
    assert_string_equal(error.message, "F is not on the plan's roster");
    vs_identity_free(impostor);
}

static void signatures_under_another_plan_are_refused(void **state) {
    (void)state;
    vs_error error;
    size_t len;
    char *text = signed_by(all, "ABC", &len);
    assert_int_equal(check(two, text, len, &error), VS_ERR_MISMATCH);
    assert_string_equal(error.message, "plan.sig: signatures under another plan");
    assert_int_equal(check(none, text, len, &error), VS_ERR_POLICY);
    assert_string_equal(error.message, "the plan has no roster: nobody is listed who could sign it");
    /* With this plan's id written over the other's, the signatures are wrong. */
    vs_to_hex(text + strlen("veilsum plan\nid "), two->id, VS_HASH_BYTES);
    text[strlen("veilsum plan\nid ") + 2 * VS_HASH_BYTES] = '\n';
    assert_int_equal(check(two, text, len, &error), VS_ERR_AUTH);
    assert_string_equal(error.message, "plan.sig: the signature of A is not right");
    free(text);
}

/* Every bit of every byte. What remains acceptable: nothing, since all signatures are needed. */
static void every_change_is_refused(void **state) {
    (void)state;
    vs_error error;
    size_t len;
    char *text = signed_by(all, "ABC", &len);
    for (size_t i = 0; i < len; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            text[i] = (char)(text[i] ^ (1 << bit));
            assert_int_not_equal(check(all, text, len, &error), VS_OK);
            text[i] = (char)(text[i] ^ (1 << bit));
        }
    }
    for (size_t cut = 0; cut < len; cut++) {
        assert_int_not_equal(check(all, text, cut, &error), VS_OK);
    }
    free(text);
}

static void a_signature_for_another_purpose_is_none(void **state) {
    (void)state;
    vs_error error;
    static const char *const others[] = {"veilsum plan\nid %s\nmore\n", "veilsum plans\nid %s\n",
                                         "veilsum plan\nID %s\n", "veilsum receipt\nplan %s\n",
                                         "id %s\nveilsum plan\n"};
    char hex[2 * VS_HASH_BYTES + 1], text[256], *note;
    vs_to_hex(hex, two->id, VS_HASH_BYTES);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        size_t len;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        size_t text_len = (size_t)snprintf(text, sizeof text, others[i], hex);
#pragma GCC diagnostic pop
        assert_int_equal(vs_note_sign(&note, &len, text, text_len, people.identities[0], NULL), VS_OK);
        assert_int_equal(check(two, note, len, &error), VS_ERR_FORMAT);
        free(note);
    }
}

static void who_has_signed_does_not_sign_again(void **state) {
    (void)state;
    size_t len, more_len;
    char *text = signed_by(all, "AB", &len), *more = (char *)1;
    assert_int_equal(vs_plan_signatures_add(&more, &more_len, all, "plan.sig", text, len, people.identities[1], NULL),
                     VS_OK);
    assert_null(more);
    free(text);
}

static void copies_are_merged(void **state) {
    (void)state;
    vs_error error;
    size_t a_len, bc_len, len, again_len, added;
    char *a = signed_by(all, "A", &a_len), *bc = signed_by(all, "BAC", &bc_len), *text, *again;
    assert_int_equal(
        vs_plan_signatures_merge(&text, &len, all, "a.sig", a, a_len, "bc.sig", bc, bc_len, &added, &error), VS_OK);
    assert_int_equal(added, 2);
    assert_int_equal(check(all, text, len, &error), VS_OK);
    assert_memory_equal(text, a, a_len);
    assert_int_equal(
        vs_plan_signatures_merge(&again, &again_len, all, "a.sig", text, len, "bc.sig", bc, bc_len, &added, &error),
        VS_OK);
    assert_int_equal(added, 0);
    assert_null(again);
    free(text);
    /* Into nothing, what is listed is taken. */
    assert_int_equal(vs_plan_signatures_merge(&text, &len, all, "a.sig", NULL, 0, "bc.sig", bc, bc_len, &added, &error),
                     VS_OK);
    assert_int_equal(added, 3);
    assert_int_equal(len, bc_len);
    free(text);
    bc[bc_len - 9] = (char)(bc[bc_len - 9] == 'x' ? 'y' : 'x');
    assert_int_equal(
        vs_plan_signatures_merge(&text, &len, all, "a.sig", a, a_len, "bc.sig", bc, bc_len, &added, &error),
        VS_ERR_AUTH);
    assert_null(text);
    assert_string_equal(error.message, "bc.sig: the signature of C is not right");
    free(a);
    free(bc);
}

/* The value of `name` in the vectors, decoded, with a zero byte behind it. malloc'd. */
static char *vector(const char *name, size_t *len) {
    static char line[65536];
    char path[512], prefix[32], *data = NULL;
    (void)snprintf(path, sizeof path, "%s/vectors/plan_signatures.txt", VEILSUM_TESTS_DIR);
    (void)snprintf(prefix, sizeof prefix, "%s = ", name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    while (data == NULL && fgets(line, sizeof line, file) != NULL) {
        const char *hex = line + strlen(prefix);
        if (strncmp(line, prefix, strlen(prefix)) == 0) {
            *len = strcspn(hex, "\n") / 2;
            data = calloc(*len + 1, 1);
            assert_int_equal(vs_from_hex((uint8_t *)data, *len, hex, 2 * *len), VS_OK);
        }
    }
    (void)fclose(file);
    assert_non_null(data);
    return data;
}

static void an_independent_script_makes_the_same_bytes(void **state) {
    (void)state;
    vs_error error = {{0}, {0}};
    size_t seed_len, line_len, plan_len, id_len, sig_len, count, len;
    char *seed = vector("seed", &seed_len), *line = vector("identity", &line_len), *json = vector("plan", &plan_len);
    char *id = vector("id", &id_len), *text = vector("signatures", &sig_len), *more, own[VS_MAX_IDENTITY_TEXT];
    vs_identity *orange = test_identity_of_seed((const uint8_t *)seed, "ORANGE");
    vs_public_identity_to_text(own, vs_identity_public(orange));
    assert_string_equal(own, line);
    vs_plan *plan;
    assert_int_equal(vs_plan_parse(&plan, json, plan_len, &error), VS_OK);
    assert_memory_equal(plan->id, id, VS_HASH_BYTES);
    assert_int_equal(vs_plan_signatures_check(plan, "plan.sig", text, sig_len, &count, &error), VS_OK);
    assert_int_equal(count, 3);
    /* The second signature is ORANGE's: made again, it is the same line. */
    char *second = strstr(text, "\xe2\x80\x94 ORANGE"), *third = strstr(text, "\xe2\x80\x94 ROUEN");
    assert_int_equal(
        vs_plan_signatures_add(&more, &len, plan, "plan.sig", text, (size_t)(second - text), orange, &error), VS_OK);
    assert_int_equal(len, third - text);
    assert_memory_equal(more, text, len);
    free(more);
    vs_plan_free(plan);
    vs_identity_free(orange);
    free(seed);
    free(line);
    free(json);
    free(id);
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(enough_signatures_suffice),
        cmocka_unit_test(who_is_missing_is_named),
        cmocka_unit_test(one_party_counts_once),
        cmocka_unit_test(strangers_and_other_keys_count_for_nothing),
        cmocka_unit_test(signatures_under_another_plan_are_refused),
        cmocka_unit_test(every_change_is_refused),
        cmocka_unit_test(a_signature_for_another_purpose_is_none),
        cmocka_unit_test(who_has_signed_does_not_sign_again),
        cmocka_unit_test(copies_are_merged),
        cmocka_unit_test(an_independent_script_makes_the_same_bytes),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
