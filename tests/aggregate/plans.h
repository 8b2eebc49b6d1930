/* Plans from short text, for suites that read plans: ' stands for " and KEY for a fingerprint. */
#ifndef VEILSUM_TESTS_PLANS_H
#define VEILSUM_TESTS_PLANS_H

#include "aggregate/plan/plan.h"
#include "tests/support.h"

#define TEST_FINGERPRINT "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

/* Malloc'd JSON. */
static inline char *plan_json(const char *text) {
    char *json = malloc(strlen(text) * (sizeof TEST_FINGERPRINT + 2) + 1), *out = json;
    assert_non_null(json);
    for (; *text != '\0'; text++) {
        if (strncmp(text, "KEY", 3) == 0) {
            out = stpcpy(out, "\"" TEST_FINGERPRINT "\"");
            text += 2;
        } else {
            *out++ = *text == '\'' ? '"' : *text;
        }
    }
    *out = '\0';
    return json;
}

static inline vs_status plan_try(vs_plan **plan, const char *text, vs_error *error) {
    char *json = plan_json(text);
    *error = (vs_error){{0}, {0}};
    vs_status status = vs_plan_parse(plan, json, strlen(json), error);
    free(json);
    return status;
}

static inline vs_plan *plan_of(const char *text) {
    vs_plan *plan;
    vs_error error;
    if (plan_try(&plan, text, &error) != VS_OK) {
        print_error("%s\nhint: %s\n", error.message, error.hint);
        fail();
    }
    return plan;
}

static inline void assert_refused(const char *text, vs_status status, const char *message) {
    vs_plan *plan = (vs_plan *)1;
    vs_error error;
    vs_status got = plan_try(&plan, text, &error);
    if (got != status || strcmp(error.message, message) != 0) {
        print_error("%s\n  wanted %d: %s\n  got    %d: %s\n", text, status, message, got, error.message);
        fail();
    }
    assert_null(plan);
}

#endif
