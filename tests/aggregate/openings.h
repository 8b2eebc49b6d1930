/* A plan with a roster, and totals that ask to be opened under it. */
#ifndef VEILSUM_TESTS_OPENINGS_H
#define VEILSUM_TESTS_OPENINGS_H

#include "aggregate/opening/rules.h"
#include "rosters.h"

/* Six contributors of four organisations, one opener, sets as a tree. */
#define PLAN                                                                                                           \
    "{\"veilsum\":1,\"columns\":{\"X\":{\"scale\":0,\"min\":0,\"max\":9}},\"by\":[],\"measures\":[{\"sum\":\"X\"}],"   \
    "\"valid\":{\"from\":\"2026-11-01\",\"until\":\"2026-11-30\"},"                                                    \
    "\"roster\":["                                                                                                     \
    "{\"identity\":\"@A\",\"organisation\":\"1\",\"may\":[\"contribute\"]},"                                           \
    "{\"identity\":\"@B\",\"organisation\":\"2\",\"may\":[\"contribute\"]},"                                           \
    "{\"identity\":\"@C\",\"organisation\":\"3\",\"may\":[\"contribute\"]},"                                           \
    "{\"identity\":\"@D\",\"organisation\":\"4\",\"may\":[\"contribute\"]},"                                           \
    "{\"identity\":\"@E\",\"organisation\":\"4\",\"may\":[\"contribute\"]},"                                           \
    "{\"identity\":\"@F\",\"organisation\":\"1\",\"may\":[\"contribute\"]},"                                           \
    "{\"identity\":\"@G\",\"organisation\":\"5\",\"may\":[\"open\"]},"                                                 \
    "{\"identity\":\"@H\",\"organisation\":\"5\",\"may\":[\"aggregate\"]}],"                                           \
    "\"sets\":{\"two\":[\"A\",\"B\"],\"four\":[\"two\",\"C\",\"D\"]},"                                                 \
    "\"contributors\":{\"min\":2},\"opening\":{\"key\":\"" KEY "\"}}"
#define KEY "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define NOVEMBER 1794268800 /* 2026-11-10 */

static roster people;
static vs_plan *plan;

static inline int opening_world_new(void **state) {
    (void)state;
    vs_error error = {.message = ""};
    roster_new(&people);
    char *text = roster_text(&people, PLAN);
    vs_status status = vs_plan_parse(&plan, text, strlen(text), &error);
    if (status != VS_OK) {
        print_message("%s\n", error.message);
    }
    free(text);
    return status == VS_OK ? 0 : -1;
}

static inline int opening_world_free(void **state) {
    (void)state;
    vs_plan_free(plan);
    roster_free(&people);
    return 0;
}

/* A total of the named, opened by G with everything in order. `contributors` has room for 16. */
static inline vs_opening_request request_for(vs_header *header, vs_contributor *contributors, const char *who) {
    *header = (vs_header){.kind = VS_TOTAL, .contributors = contributors, .contributor_count = strlen(who)};
    memset(contributors, 0, 16 * sizeof *contributors);
    for (size_t i = 0; who[i] != 0; i++) {
        contributors[i].name[0] = who[i];
    }
    return (vs_opening_request){.plan = plan,
                                .name = "total.vs",
                                .total = header,
                                .now = NOVEMBER,
                                .opener = vs_identity_public(people.identities['G' - 'A']),
                                .plan_signed = true,
                                .verified = true};
}

static inline void names_of(vs_names *names, const char *who) {
    vs_header header;
    vs_contributor contributors[16];
    vs_opening_request request = request_for(&header, contributors, who);
    assert_int_equal(vs_opening_names(names, request.total, NULL), VS_OK);
}

#endif
