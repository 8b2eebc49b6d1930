/* Plans, and signatures under them, that must not pass. */
#include "tests/attacks/attacks.h"

#include "aggregate/note/note.h"
#include "aggregate/plan/plan_signatures.h"
#include "rosters.h"

#define TOP                                                                                                            \
    "{\"veilsum\":1,\"columns\":{\"X\":{\"scale\":0,\"min\":0,\"max\":9}},\"by\":[],\"measures\":[{\"sum\":\"X\"}],"   \
    "\"contributors\":{\"min\":2},\"opening\":{\"key\":\"" TEST_FINGERPRINT "\"},"
#define PARTY(letter, may) "{\"identity\":\"@" letter "\",\"organisation\":\"of " letter "\",\"may\":[\"" may "\"]}"
#define FOUR                                                                                                           \
    "\"roster\":[" PARTY("A", "contribute") "," PARTY("B", "contribute") "," PARTY("C", "contribute") "," PARTY(       \
        "D", "contribute") "]"
#define PLAN TOP FOUR ",\"valid\":{\"from\":\"2026-11-01\",\"until\":\"2026-11-30\"}}"
#define NOVEMBER 1794268800 /* 2026-11-10 */

static roster people;

static vs_status parse(vs_plan **plan, const char *text) {
    char *json = roster_text(&people, text);
    vs_status status = vs_plan_parse(plan, json, strlen(json), NULL);
    free(json);
    return status;
}

static vs_status parse_only(const char *text) {
    vs_plan *plan = NULL;
    vs_status status = parse(&plan, text);
    vs_plan_free(plan);
    return status;
}

/* ---- signatures ---- */

/* A note under `id`, signed by the first `count` of the roster; the last byte of what is signed altered after signing.
 */
static vs_status check_note(const vs_plan *plan, const uint8_t id[VS_HASH_BYTES], unsigned count, bool altered) {
    char note[VS_PLAN_NOTE_BYTES], *text = NULL, *grown = NULL;
    size_t len = 0;
    size_t note_len = vs_plan_note(note, id);
    assert_int_equal(vs_note_sign(&text, &len, note, note_len, people.identities[0], NULL), VS_OK);
    for (unsigned i = 1; i < count; i++) {
        char *line = NULL;
        assert_int_equal(vs_note_signature_line(&line, note, note_len, people.identities[i], NULL), VS_OK);
        grown = realloc(text, len + strlen(line) + 1);
        assert_non_null(grown);
        text = grown;
        memcpy(text + len, line, strlen(line) + 1);
        len += strlen(line);
        free(line);
    }
    if (altered) { /* a character in the middle of the last signature */
        text[len - 40] = text[len - 40] == 'A' ? 'B' : 'A';
    }
    vs_status status = vs_plan_signatures_check(plan, "plan.sig", text, len, NULL, NULL);
    free(text);
    return status;
}

static vs_status with_plan(bool other_id, unsigned signers, bool altered) {
    vs_plan *plan = NULL;
    uint8_t id[VS_HASH_BYTES];
    assert_int_equal(parse(&plan, PLAN), VS_OK);
    memcpy(id, plan->id, sizeof id);
    id[0] ^= other_id ? 1 : 0;
    vs_status status = check_note(plan, id, signers, altered);
    vs_plan_free(plan);
    return status;
}

static vs_status signatures_under_another_plan(void) {
    return with_plan(true, 4, false);
}

static vs_status a_forged_signature(void) {
    return with_plan(false, 4, true);
}

static vs_status one_signature_short(void) {
    return with_plan(false, 3, false);
}

/* ---- terms ---- */

static vs_status valid_at(int64_t now) {
    vs_plan *plan = NULL;
    assert_int_equal(parse(&plan, PLAN), VS_OK);
    vs_status status = vs_plan_valid_at(plan, now, NULL);
    vs_plan_free(plan);
    return status;
}

static vs_status before_its_first_day(void) {
    return valid_at(NOVEMBER - 30 * 86400);
}

static vs_status after_its_last_day(void) {
    return valid_at(NOVEMBER + 30 * 86400);
}

/* ---- rosters and sets ---- */

static vs_status one_party_twice(void) {
    return parse_only(
        TOP "\"roster\":[" PARTY("A", "contribute") "," PARTY("B", "contribute") "," PARTY("A", "contribute") "]}");
}

static vs_status all_but_one(void) {
    return parse_only(TOP FOUR ",\"sets\":{\"three\":[\"A\",\"B\",\"C\"],\"four\":[\"three\",\"D\"]}}");
}

static vs_status sets_that_cross(void) {
    return parse_only(
        TOP "\"roster\":[" PARTY("A", "contribute") "," PARTY("B", "contribute") "," PARTY("C", "contribute") "," PARTY(
            "D",
            "contribute") "," PARTY("E",
                                    "contribute") "," PARTY("F",
                                                            "contribute") "," PARTY("G",
                                                                                    "contribute") "],\"sets\":{"
                                                                                                  "\"first\":[\"A\","
                                                                                                  "\"B\",\"C\",\"D\"],"
                                                                                                  "\"second\":[\"C\","
                                                                                                  "\"D\",\"E\",\"F\","
                                                                                                  "\"G\"]}}");
}

static const attack attacks[] = {
    {"plan_signatures_for_plan", "signatures under another plan", signatures_under_another_plan},
    {"plan_signed_by_key", "a forged signature under a plan", a_forged_signature},
    {"plan_signatures", "a plan that one party has not signed", one_signature_short},
    {"plan_not_before", "a plan before its first day", before_its_first_day},
    {"plan_validity", "a plan after its last day", after_its_last_day},
    {"roster_distinct", "a party that counts twice", one_party_twice},
    {"set_remainder", "two sets that one owner's numbers are the difference of", all_but_one},
    {"sets_nest", "sets that cross", sets_that_cross},
};

int main(void) {
    test_seed();
    roster_new(&people);
    int wrong = attacks_run(attacks, sizeof attacks / sizeof *attacks);
    roster_free(&people);
    return wrong == 0 ? 0 : 1;
}
