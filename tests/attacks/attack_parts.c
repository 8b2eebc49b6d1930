/* Parts of an opening, and openings, by those who lie. */
#include "tests/attacks/attacks.h"

#include "parts.h"

static dealt two_of_three;
static const char *const tables[] = {"D,X,Y\na,1.25,1\na,2,2\nb,-3,3\n", "D,X,Y\na,-500,9\nb,1000,0\nb,,5\n",
                                     "D,X,Y\na,0.01,4\na,7,7\nc,5,5\n"};

/* A total of the tables under a plan with these members. */
typedef struct scene {
    vs_plan *plan;
    blob bytes;
    vs_total *total;
} scene;

static scene scene_new(const char *rest, bool threshold) {
    scene s = {.plan = dealt_plan(&two_of_three, rest, threshold)};
    s.bytes = dealt_total(&two_of_three, s.plan, tables, 3, "2026-11");
    s.total = read_total(&two_of_three, s.plan, &s.bytes);
    return s;
}

static void scene_free(scene *s) {
    vs_total_free(s->total);
    free(s->bytes.data);
    vs_plan_free(s->plan);
}

static vs_status opened_with(const vs_total *total, const vs_threshold_key *key, given_parts *given) {
    vs_opened opened;
    vs_status status = vs_total_open_with_parts(&opened, total, key, given->list, given->count, NULL, NULL);
    vs_opened_clear(&opened);
    take_back(given);
    return status;
}

static void give_away(given_parts *given, blob part) {
    give(given, &part);
    free(part.data);
}

static vs_status a_total_in_another_name(void) {
    scene s = scene_new(PARTS_PLAIN, true), lie = s;
    given_parts given = {.count = 0};
    lie.bytes = renamed_total(&s.bytes, s.total, two_of_three.element);
    lie.total = read_total(&two_of_three, s.plan, &lie.bytes);
    give_away(&given, part_of(&two_of_three, s.total, 1, NULL));
    give_away(&given, part_of(&two_of_three, s.total, 2, NULL));
    /* What was permitted is the honest total: its parts, with their headers as they are, meet the other one. */
    vs_status status = opened_with(lie.total, two_of_three.key, &given);
    vs_total_free(lie.total);
    free(lie.bytes.data);
    scene_free(&s);
    return status;
}

static vs_status a_share_without_its_identity(void) {
    scene s = scene_new(PARTS_PLAIN, true);
    given_parts given = {.count = 0};
    blob part = part_of(&two_of_three, s.total, 1, NULL);
    mend_part(&part, two_of_three.identity[2]);
    give_away(&given, part);
    give_away(&given, part_of(&two_of_three, s.total, 2, NULL));
    vs_status status = opened_with(s.total, two_of_three.key, &given);
    scene_free(&s);
    return status;
}

/* (1 + n)^(4Δ) on a part of holder 1 adds a multiple of what the counter's neighbours hold: here to Σ of group a. */
static vs_status a_shifted_part(void) {
    scene s = scene_new(PARTS_PLAIN, true);
    given_parts given = {.count = 0};
    blob part = part_of(&two_of_three, s.total, 1, NULL);
    uint8_t shift[256] = {0};
    shift[2] = 6; /* Δ = 3!: the sum moves by a whole number of units */
    assert_int_equal(vs_add_plain(two_of_three.key->pk, part.data + VS_PART_PERIOD + strlen("2026-11"), shift, 1),
                     VS_OK);
    mend_part(&part, two_of_three.identity[0]);
    give_away(&given, part);
    give_away(&given, part_of(&two_of_three, s.total, 2, NULL));
    vs_status status = opened_with(s.total, two_of_three.key, &given);
    scene_free(&s);
    return status;
}

/* Does anything of a withheld group come out? */
static vs_status a_withheld_group(void) {
    scene s = scene_new(PARTS_GROUPS, false);
    vs_opened opened;
    vs_status status = vs_total_open_with_key(&opened, s.total, two_of_three.sk, NULL, NULL);
    assert_int_equal(status, VS_OK);
    status = VS_ERR_POLICY;
    for (uint64_t group = 1; group < s.plan->group_count; group++) {
        for (size_t c = 0; c < s.plan->component_count; c++) {
            bool secret = s.plan->components[c].block_class > 0;
            if (secret && opened.cells[1 + group * s.plan->component_count + c] != 0) {
                status = VS_OK;
            }
        }
    }
    vs_opened_clear(&opened);
    scene_free(&s);
    return status;
}

/* The dealer has dealt the plan's key once more, to friends; the plan names other holders. */
static vs_status the_key_dealt_again(void) {
    dealt friends;
    deal(&friends, 2048, 1, 2, 2);
    vs_plan *plan = dealt_plan(&friends, PARTS_PLAIN, true);
    memcpy(plan->holders_fingerprint, vs_threshold_key_info(two_of_three.key)->fingerprint, VS_HASH_BYTES);
    vs_status status = vs_threshold_key_check_plan(friends.key, plan, NULL);
    vs_plan_free(plan);
    undeal(&friends);
    return status;
}

static vs_status the_dealers_key(void) {
    scene s = scene_new(PARTS_PLAIN, true);
    vs_opened opened;
    vs_status status = vs_total_open_with_key(&opened, s.total, two_of_three.sk, NULL, NULL);
    vs_opened_clear(&opened);
    scene_free(&s);
    return status;
}

static const attack attacks[] = {
    {"part_total", "the parts of a total, for one with the same ciphertexts in another name", a_total_in_another_name},
    {"part_signature", "a part made with a stolen share", a_share_without_its_identity},
    {"part_proof", "a holder that shifts what comes out", a_shifted_part},
    {"group_minimums", "a group below the plan's minimums", a_withheld_group},
    {"holders_of_the_plan", "the plan's key, dealt to others than the plan's holders", the_key_dealt_again},
    {"no_key_for_threshold", "a dealer who has kept the secret key", the_dealers_key},
};

int main(void) {
    test_seed();
    if (vs_secret_setup() != VS_OK) {
        return 1;
    }
    deal(&two_of_three, 2048, 1, 2, 3);
    int wrong = attacks_run(attacks, sizeof attacks / sizeof *attacks);
    undeal(&two_of_three);
    return wrong == 0 ? 0 : 1;
}
