#include "aggregate/receipt/receipt_internal.h"
#include "crypto/armour.h"
#include "cast.h"

static vs_secret_key *secret;
static const vs_public_key *key;
static cast people;
static vs_plan *plan;

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
    cast_free(&people);
    vs_secret_key_free(secret);
    return 0;
}

/* A receipt about the first `count` owners' contributions, with two refused ones. */
static vs_receipt make_receipt(size_t count) {
    vs_receipt r = {.time = 1795539600, .contribution_count = count, .refusal_count = 2, .total_bytes = 4711};
    memcpy(r.plan_id, plan->id, VS_HASH_BYTES);
    strcpy(r.period, "2026-11");
    memset(r.total_digest, 0x77, VS_HASH_BYTES);
    r.contributions = calloc(count, sizeof *r.contributions);
    r.refusals = calloc(2, sizeof *r.refusals);
    for (size_t i = 0; i < count; i++) {
        memset(r.contributions[i].digest, (int)i + 1, VS_HASH_BYTES);
        r.contributions[i].bytes = 1000 + i;
        strcpy(r.contributions[i].name, owner_names[i]);
    }
    r.refusals[0].has_digest = true;
    memset(r.refusals[0].digest, 0xee, VS_HASH_BYTES);
    strcpy(r.refusals[0].name, "STRANGER");
    strcpy(r.refusals[0].reason, "not listed");
    strcpy(r.refusals[1].reason, "damaged");
    return r;
}

static blob write_receipt(vs_receipt *r, const vs_identity *signer) {
    char *text = NULL;
    size_t len = 0;
    assert_int_equal(vs_receipt_write(&text, &len, r, signer, NULL), VS_OK);
    return (blob){(uint8_t *)text, len};
}

static blob signed_by(const vs_identity *signer) {
    vs_receipt r = make_receipt(4);
    blob b = write_receipt(&r, signer);
    vs_receipt_clear(&r);
    return b;
}

/* Parse, then check against the plan. */
static vs_status check_by(const blob *b, const char *by, const vs_party **who) {
    vs_receipt r;
    vs_error error = {.message = ""};
    vs_status status = vs_receipt_parse(&r, "r.receipt", (const char *)b->data, b->len, &error);
    if (status == VS_OK) {
        status = vs_receipt_check(&r, plan, "r.receipt", by, who, &error);
    } else {
        assert_null(r.contributions);
        assert_null(r.note_text);
    }
    if (status != VS_OK) {
        assert_memory_equal(error.message, "r.receipt: ", 11);
    }
    vs_receipt_clear(&r);
    return status;
}

static vs_status check(const blob *b) {
    return check_by(b, NULL, NULL);
}

/* ---- what is written ---- */

static void a_receipt_reads_back_as_written(void **state) {
    (void)state;
    vs_receipt made = make_receipt(5), read;
    blob b = write_receipt(&made, people.hub);
    const vs_party *who = NULL;
    assert_int_equal(vs_receipt_parse(&read, "r", (const char *)b.data, b.len, NULL), VS_OK);
    assert_memory_equal(read.plan_id, plan->id, VS_HASH_BYTES);
    assert_string_equal(read.period, "2026-11");
    assert_int_equal(read.attempt, 0);
    assert_int_equal(read.time, made.time);
    assert_int_equal(read.contribution_count, 5);
    assert_int_equal(read.refusal_count, 2);
    assert_memory_equal(read.contributions, made.contributions, 5 * sizeof *made.contributions);
    assert_memory_equal(read.refusals, made.refusals, 2 * sizeof *made.refusals);
    assert_memory_equal(read.total_digest, made.total_digest, VS_HASH_BYTES);
    assert_int_equal(read.total_bytes, 4711);
    assert_int_equal(vs_receipt_check(&read, plan, "r", NULL, &who, NULL), VS_OK);
    assert_string_equal(who->identity.name, "HUB");
    for (size_t i = 0; i < 5; i++) {
        assert_true(vs_receipt_find(&read, read.contributions[i].name) == i);
        assert_true(vs_receipt_holds(&read, read.contributions[i].name, read.contributions[i].digest));
        assert_false(vs_receipt_holds(&read, read.contributions[i].name, read.total_digest));
    }
    assert_true(vs_receipt_find(&read, "STRANGER") == VS_NONE);
    vs_receipt_clear(&made);
    vs_receipt_clear(&read);
    free(b.data);
}

static void note_and_list_are_read_apart(void **state) {
    (void)state;
    blob b = signed_by(people.hub);
    const char *data = (const char *)b.data;
    size_t note_len = 0;
    vs_receipt r;
    assert_int_equal(vs_receipt_split(&note_len, "r", data, b.len, NULL), VS_OK);
    assert_int_equal(vs_receipt_parse_note(&r, "r", data, note_len, NULL), VS_OK);
    assert_null(r.contributions);
    assert_int_equal(r.contribution_count, 4);
    assert_int_equal(r.note_len, note_len);
    assert_memory_equal(r.note_text, data, note_len);
    assert_int_equal(vs_receipt_check(&r, plan, "r", NULL, NULL, NULL), VS_OK);
    assert_int_equal(vs_receipt_parse_list(&r, "r", data + note_len + 1, b.len - note_len - 1, NULL), VS_OK);
    assert_int_equal(vs_receipt_check(&r, plan, "r", NULL, NULL, NULL), VS_OK);
    vs_receipt_clear(&r);
    free(b.data);
}

/* The value of `name` in the vectors, decoded. */
static blob vector(const char *name) {
    static char line[65536];
    char path[512], prefix[32];
    blob b = {NULL, 0};
    snprintf(path, sizeof path, "%s/vectors/receipt.txt", VEILSUM_TESTS_DIR);
    snprintf(prefix, sizeof prefix, "%s = ", name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    while (b.data == NULL && fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, prefix, strlen(prefix)) == 0) {
            const char *hex = line + strlen(prefix);
            b.len = strcspn(hex, "\n") / 2;
            b.data = malloc(b.len);
            assert_int_equal(vs_from_hex(b.data, b.len, hex, 2 * b.len), VS_OK);
        }
    }
    fclose(file);
    assert_non_null(b.data);
    return b;
}

static vs_identity *identity_of_seed(const uint8_t seed[32], const char *name) {
    uint8_t plain[128] = "VSID\1";
    char *text;
    const char *reason;
    vs_identity *identity;
    memcpy(plain + 5, seed, 32);
    memcpy(plain + 37, name, strlen(name));
    assert_int_equal(vs__armour_seal(&text, "veilsum identity ", plain, 37 + strlen(name), NULL, 0), VS_OK);
    assert_int_equal(vs_identity_from_text(&identity, text, strlen(text), NULL, 0, &reason), VS_OK);
    vs_secret_free(text);
    return identity;
}

static void an_independent_script_makes_the_same_bytes(void **state) {
    (void)state;
    blob seed = vector("seed"), theirs = vector("receipt");
    vs_identity *hub = identity_of_seed(seed.data, "HUB");
    vs_receipt r = make_receipt(3);
    for (size_t i = 0; i < VS_HASH_BYTES; i++) {
        r.plan_id[i] = (uint8_t)i;
    }
    for (size_t i = 0; i < 3; i++) {
        memset(r.contributions[i].digest, (int)i, VS_HASH_BYTES);
    }
    r.total_bytes = 2056;
    blob ours = write_receipt(&r, hub);
    assert_int_equal(ours.len, theirs.len);
    assert_memory_equal(ours.data, theirs.data, ours.len);
    vs_receipt_clear(&r);
    vs_identity_free(hub);
    free(ours.data);
    free(theirs.data);
    free(seed.data);
}

/* ---- alterations ---- */

static void every_flipped_bit_is_refused(void **state) {
    (void)state;
    blob b = signed_by(people.hub);
    assert_int_equal(check(&b), VS_OK);
    for (size_t bit = 0; bit < 8 * b.len; bit++) {
        b.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_not_equal(check(&b), VS_OK);
        b.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    for (size_t len = 0; len < b.len; len++) {
        blob cut = {b.data, len};
        assert_int_not_equal(check(&cut), VS_OK);
    }
    free(b.data);
}

/* One field changed, lists and hashes made to fit: only the signature can tell. */
static void change_plan(vs_receipt *r) {
    r->plan_id[0] ^= 1;
}
static void change_period(vs_receipt *r) {
    r->period[6] = '2';
}
static void change_attempt(vs_receipt *r) {
    r->attempt = 1;
}
static void change_time(vs_receipt *r) {
    r->time++;
}
static void change_digest(vs_receipt *r) {
    r->contributions[2].digest[31] ^= 0x80;
}
static void change_bytes(vs_receipt *r) {
    r->contributions[2].bytes++;
}
static void change_name(vs_receipt *r) {
    strcpy(r->contributions[3].name, owner_names[4]);
}
static void drop_contribution(vs_receipt *r) {
    r->contribution_count--;
}
static void change_refused_digest(vs_receipt *r) {
    r->refusals[0].digest[0] ^= 1;
}
static void change_refused_name(vs_receipt *r) {
    strcpy(r->refusals[0].name, "ROUEN");
}
static void change_reason(vs_receipt *r) {
    strcpy(r->refusals[1].reason, "unsigned");
}
static void drop_refusal(vs_receipt *r) {
    r->refusal_count--;
}
static void change_total(vs_receipt *r) {
    r->total_digest[5] ^= 4;
}
static void change_total_bytes(vs_receipt *r) {
    r->total_bytes++;
}

static void every_changed_field_is_refused(void **state) {
    (void)state;
    static void (*const changes[])(vs_receipt *) = {
        change_plan,   change_period, change_attempt,    change_time,           change_digest,
        change_bytes,  change_name,   drop_contribution, change_refused_digest, change_refused_name,
        change_reason, drop_refusal,  change_total,      change_total_bytes};
    blob truth = signed_by(people.hub);
    const char *old_signature = strstr((const char *)truth.data, "\n\n") + 2;
    size_t line = strcspn(old_signature, "\n");
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        vs_receipt r = make_receipt(4);
        changes[i](&r);
        blob b = write_receipt(&r, people.hub);
        if (changes[i] != change_plan) {
            assert_int_equal(check(&b), VS_OK);
        }
        memcpy(strstr((char *)b.data, "\n\n") + 2, old_signature, line);
        assert_int_equal(check(&b), changes[i] == change_plan ? VS_ERR_MISMATCH : VS_ERR_AUTH);
        free(b.data);
        vs_receipt_clear(&r);
    }
    free(truth.data);
}

/* `text` with its first `old` replaced; the result has its own memory. */
static blob replaced(const blob *text, const char *old, const char *new) {
    const char *at = strstr((const char *)text->data, old);
    assert_non_null(at);
    blob head = {text->data, (size_t)(at - (const char *)text->data)},
         middle = {(uint8_t *)(uintptr_t) new, strlen(new)};
    blob tail = {(uint8_t *)(uintptr_t)(at + strlen(old)), text->len - head.len - strlen(old)};
    blob start = blob_join(&head, &middle), whole = blob_join(&start, &tail);
    free(start.data);
    return whole;
}

static void a_list_that_is_not_the_signed_one_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *old, *new;
        vs_status status;
    } cases[] = {
        {" 1002 ", " 1003 ", VS_ERR_AUTH},
        {"03030303", "03030304", VS_ERR_AUTH},
        {" not listed\n", " listed\n", VS_ERR_AUTH},
        {" STRANGER ", " - ", VS_ERR_AUTH},
        {"refused - - damaged\n", "", VS_ERR_FORMAT},
        {"refused - - damaged\n", "refused - - damaged\nrefused - - damaged\n", VS_ERR_FORMAT},
        {"refused - - damaged\n", "refused - - damaged\n\n", VS_ERR_FORMAT},
        {"refused - - damaged\n", "refused - - damaged", VS_ERR_FORMAT},
        {"refused - - damaged\n", "refused - - \n", VS_ERR_FORMAT},
        {"refused - - damaged\n", "refused - -  damaged\n", VS_ERR_FORMAT},
        {"refused - - damaged\n", "refused - a+b damaged\n", VS_ERR_FORMAT},
        {"refused - - damaged\n", "refused 00 - damaged\n", VS_ERR_FORMAT},
        {"contribution ", "Contribution ", VS_ERR_FORMAT},
        {" 1002 ", " 01002 ", VS_ERR_FORMAT},
        {" 1002 ", " 1002  ", VS_ERR_FORMAT},
        {" 1002 ", " -1 ", VS_ERR_FORMAT},
        {" 1002 ", " 18446744073709551616 ", VS_ERR_FORMAT},
        {"contributions 4 ", "contributions 3 ", VS_ERR_FORMAT},
        {"contributions 4 ", "contributions 5 ", VS_ERR_FORMAT},
        {"contributions 4 ", "contributions 18446744073709551615 ", VS_ERR_FORMAT},
        {"contributions 4 ", "contributions 0 ", VS_ERR_FORMAT},
        {"refused 2 ", "refused 18446744073709551615 ", VS_ERR_FORMAT},
    };
    blob truth = signed_by(people.hub);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        blob b = replaced(&truth, cases[i].old, cases[i].new);
        vs_status status = check(&b);
        if (status != cases[i].status) {
            print_message("%s: %d\n", cases[i].new, status);
        }
        assert_int_equal(status, cases[i].status);
        free(b.data);
    }
    free(truth.data);
}

/* Not by vs_receipt_write, which sorts. */
static void a_contributor_twice_or_out_of_order_is_refused(void **state) {
    (void)state;
    for (int twice = 0; twice < 2; twice++) {
        vs_receipt r = make_receipt(2), read;
        char *note;
        size_t note_len, refusals_at;
        if (twice) {
            r.contributions[1] = r.contributions[0];
        }
        blob b = write_receipt(&r, people.hub);
        if (!twice) { /* in the other order, and signed so */
            vs_receipt_contribution first = r.contributions[0];
            r.contributions[0] = r.contributions[1];
            r.contributions[1] = first;
            char root[2 * VS_HASH_BYTES + 1], hex[2][2 * VS_HASH_BYTES + 1], text[4096], old_root[sizeof root];
            vs_to_hex(old_root, r.root, VS_HASH_BYTES);
            vs__receipt_root(r.root, r.contributions, 2);
            vs_to_hex(root, r.root, VS_HASH_BYTES);
            blob altered = replaced(&b, old_root, root);
            size_t text_len = (size_t)(strstr((char *)altered.data, "\n\n") + 1 - (char *)altered.data);
            assert_int_equal(vs_note_sign(&note, &note_len, (char *)altered.data, text_len, people.hub, NULL), VS_OK);
            refusals_at = (size_t)(strstr((char *)altered.data, "\nrefused ee") + 1 - (char *)altered.data);
            for (int i = 0; i < 2; i++) {
                vs_to_hex(hex[i], r.contributions[i].digest, VS_HASH_BYTES);
            }
            int len = snprintf(text, sizeof text, "%s\ncontribution %s %llu %s\ncontribution %s %llu %s\n%.*s", note,
                               hex[0], (unsigned long long)r.contributions[0].bytes, r.contributions[0].name, hex[1],
                               (unsigned long long)r.contributions[1].bytes, r.contributions[1].name,
                               (int)(altered.len - refusals_at), (char *)altered.data + refusals_at);
            free(b.data);
            free(altered.data);
            free(note);
            b = (blob){(uint8_t *)strdup(text), (size_t)len};
        }
        assert_int_equal(vs_receipt_parse(&read, "r", (const char *)b.data, b.len, NULL), VS_ERR_FORMAT);
        vs_receipt_clear(&r);
        free(b.data);
    }
}

/* ---- who may say so ---- */

static void only_who_may_combine_or_open_signs(void **state) {
    (void)state;
    const struct {
        const vs_identity *signer;
        vs_status status;
    } cases[] = {{people.hub, VS_OK},
                 {people.opener, VS_OK},
                 {people.owners[0], VS_ERR_POLICY},
                 {people.auditor, VS_ERR_POLICY},
                 {people.stranger, VS_ERR_POLICY},
                 {people.impostor, VS_ERR_POLICY}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        blob b = signed_by(cases[i].signer);
        assert_int_equal(check(&b), cases[i].status);
        free(b.data);
    }
}

static void the_signer_that_is_trusted_by_name_must_have_signed(void **state) {
    (void)state;
    const vs_party *who;
    blob b = signed_by(people.opener);
    assert_int_equal(check_by(&b, "OPENER", &who), VS_OK);
    assert_string_equal(who->identity.name, "OPENER");
    assert_int_equal(check_by(&b, "HUB", &who), VS_ERR_POLICY);
    assert_null(who);
    assert_int_equal(check_by(&b, "NOBODY", &who), VS_ERR_POLICY);
    free(b.data);
}

static void somebody_with_a_partys_name_and_another_key_has_not_signed(void **state) {
    (void)state;
    vs_identity *false_hub = make_identity("HUB");
    blob b = signed_by(false_hub);
    assert_int_equal(check(&b), VS_ERR_POLICY);
    free(b.data);
    vs_identity_free(false_hub);
}

static void contributors_must_be_listed_and_not_too_many(void **state) {
    (void)state;
    static const char *const others[] = {"STRANGER", "HUB", "AUDITOR", "orange"};
    for (size_t i = 0; i < 4; i++) {
        vs_receipt r = make_receipt(4);
        strcpy(r.contributions[2].name, others[i]);
        blob b = write_receipt(&r, people.hub);
        assert_int_equal(check(&b), VS_ERR_POLICY);
        free(b.data);
        vs_receipt_clear(&r);
    }
}

static void a_plan_without_a_roster_has_no_receipts(void **state) {
    (void)state;
    vs_plan *usual = plan;
    plan = table_plan(key, "\"contributors\":{\"min\":1,\"max\":50}");
    blob b = signed_by(people.hub);
    assert_int_equal(check(&b), VS_ERR_POLICY);
    free(b.data);
    vs_plan_free(plan);
    plan = usual;
}

/* ---- the total ---- */

static vs_header total_of(const vs_receipt *r) {
    vs_header header = {.kind = VS_TOTAL,
                        .pk = key,
                        .cell_count = 2,
                        .ciphertext_count = 1,
                        .contributor_count = (size_t)r->contribution_count};
    memcpy(header.period, r->period, sizeof header.period);
    header.contributors = calloc(header.contributor_count, sizeof *header.contributors);
    for (size_t i = 0; i < header.contributor_count; i++) {
        strcpy(header.contributors[i].name, r->contributions[i].name);
    }
    return header;
}

static void a_receipt_is_about_one_total(void **state) {
    (void)state;
    vs_receipt r = make_receipt(3);
    free(write_receipt(&r, people.hub).data); /* sorts */
    vs_header header = total_of(&r);
    vs_error error;
    uint8_t other[VS_HASH_BYTES] = {0};
    r.total_bytes = vs_container_len(&header);
    assert_int_equal(vs_receipt_check_total(&r, "r", &header, r.total_digest, "t.vs", &error), VS_OK);
    r.total_bytes++;
    assert_int_equal(vs_receipt_check_total(&r, "r", &header, r.total_digest, "t.vs", &error), VS_ERR_MISMATCH);
    r.total_bytes--;
    assert_int_equal(vs_receipt_check_total(&r, "r", &header, other, "t.vs", &error), VS_ERR_MISMATCH);
    assert_non_null(strstr(error.message, "another total than t.vs"));
    strcpy(header.contributors[1].name, "BREST");
    assert_int_equal(vs_receipt_check_total(&r, "r", &header, r.total_digest, "t.vs", &error), VS_ERR_MISMATCH);
    assert_int_equal(vs_receipt_check_total(&r, "r", &header, other, "t.vs", &error), VS_ERR_MISMATCH);
    assert_non_null(strstr(error.message, "a contribution by BREST"));
    header.contributor_count = 2;
    strcpy(header.contributors[1].name, r.contributions[1].name);
    assert_int_equal(vs_receipt_check_total(&r, "r", &header, other, "t.vs", &error), VS_ERR_MISMATCH);
    assert_non_null(strstr(error.message, "no contribution by"));
    free(header.contributors);
    vs_receipt_clear(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_receipt_reads_back_as_written),
        cmocka_unit_test(note_and_list_are_read_apart),
        cmocka_unit_test(an_independent_script_makes_the_same_bytes),
        cmocka_unit_test(every_flipped_bit_is_refused),
        cmocka_unit_test(every_changed_field_is_refused),
        cmocka_unit_test(a_list_that_is_not_the_signed_one_is_refused),
        cmocka_unit_test(a_contributor_twice_or_out_of_order_is_refused),
        cmocka_unit_test(only_who_may_combine_or_open_signs),
        cmocka_unit_test(the_signer_that_is_trusted_by_name_must_have_signed),
        cmocka_unit_test(somebody_with_a_partys_name_and_another_key_has_not_signed),
        cmocka_unit_test(contributors_must_be_listed_and_not_too_many),
        cmocka_unit_test(a_plan_without_a_roster_has_no_receipts),
        cmocka_unit_test(a_receipt_is_about_one_total),
    };
    test_seed();
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
