/* The terms of a plan: what it is for, when it is valid, how often it may be used, and which plan it replaces. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "aggregate/note/note.h"
#include "aggregate/plan/plan_internal.h"
#include "crypto/guard.h"

#define DAY INT64_C(86400)
#define MAX_REPLACES 256
#define MAX_USES INT64_C(1000000)

static vs_status read_purpose(vs_plan *plan, const vs__node *purpose, vs_error *error) {
    const char *text;
    if (purpose->value == NULL) {
        return VS_OK;
    }
    vs_status status = vs__read_label(purpose, VS_MAX_PURPOSE_BYTES, &text, error);
    if (status == VS_OK && (plan->purpose = strdup(text)) == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    return status;
}

/* A day; where the node is absent, `*time` stays. The years stop early enough that the end of every day can be written.
 */
static vs_status read_day(const vs__node *node, int64_t *time, vs_error *error) {
    const char *text;
    if (node->value == NULL) {
        return VS_OK;
    }
    vs_status status = vs__read_text(node, &text, error);
    if (status == VS_OK && (!vs_day_from_text(time, text, strlen(text)) || memcmp(text, "9999", 4) == 0)) {
        (void)vs__plan_fail(&node->place, error, VS_ERR_FORMAT, "must be a day from 1970 to 9998, as in 2026-11-24");
        vs_hint(error, "days begin and end in UTC");
        return VS_ERR_FORMAT;
    }
    return status;
}

static vs_status read_valid(vs_plan *plan, const vs__node *valid, vs_error *error) {
    static const char *const keys[] = {"from", "until", "uses", NULL};
    if (valid->value == NULL) {
        return VS_OK;
    }
    vs__node from = vs__member(valid, "from"), until = vs__member(valid, "until"), uses = vs__member(valid, "uses");
    vs_status status = vs__expect_object(valid, keys, error);
    if (status == VS_OK && json_object_size(valid->value) == 0) {
        return vs__plan_fail(&valid->place, error, VS_ERR_FORMAT, "needs from, until or uses");
    }
    if (status == VS_OK) {
        status = read_day(&from, &plan->valid_from, error);
    }
    if (status == VS_OK) {
        status = read_day(&until, &plan->valid_until, error);
    }
    if (status == VS_OK && until.value != NULL) {
        if (plan->valid_until < plan->valid_from) {
            return vs__plan_fail(&valid->place, error, VS_ERR_RANGE, "until is before from");
        }
        plan->valid_until += DAY; /* the last day is one of them */
    }
    if (status == VS_OK) {
        status = vs__read_integer(&uses, 1, MAX_USES, &plan->uses, error);
    }
    return status;
}

/* All plans before this one, not the last alone: what was opened under any of them in a period is counted with it. */
static vs_status read_replaces(vs_plan *plan, const vs__node *replaces, vs_error *error) {
    if (replaces->value == NULL) {
        return VS_OK;
    }
    vs_status status = vs__expect_array(replaces, 1, MAX_REPLACES, error);
    if (status != VS_OK) {
        return status;
    }
    size_t count = json_array_size(replaces->value);
    plan->replaces = calloc(count, sizeof *plan->replaces);
    if (plan->replaces == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    while (status == VS_OK && plan->replaces_count < count) {
        vs__node entry = vs__entry(replaces, plan->replaces_count);
        status =
            vs__read_hash(&entry, plan->replaces[plan->replaces_count], "veilsum plan show prints a plan's id", error);
        if (status == VS_OK && vs_plan_replaces(plan, plan->replaces[plan->replaces_count])) {
            status = vs__plan_fail(&entry.place, error, VS_ERR_RANGE, "is there twice");
        }
        plan->replaces_count++;
    }
    return status;
}

bool vs_plan_replaces(const vs_plan *plan, const uint8_t id[VS_HASH_BYTES]) {
    for (size_t i = 0; i < plan->replaces_count; i++) {
        if (memcmp(plan->replaces[i], id, VS_HASH_BYTES) == 0) {
            return true;
        }
    }
    return false;
}

vs_status vs__plan_read_terms(vs_plan *plan, const vs__node *root, vs_error *error) {
    vs__node purpose = vs__member(root, "purpose"), valid = vs__member(root, "valid");
    vs__node replaces = vs__member(root, "replaces");
    vs_status status = read_purpose(plan, &purpose, error);
    if (status == VS_OK) {
        status = read_valid(plan, &valid, error);
    }
    return status == VS_OK ? read_replaces(plan, &replaces, error) : status;
}

vs_status vs_plan_valid_at(const vs_plan *plan, int64_t now, vs_error *error) {
    char day[VS_TIME_BYTES];
    if (!VS_GUARD(plan_not_before, now >= plan->valid_from)) {
        vs_time_to_text(day, plan->valid_from);
        (void)vs_fail(error, VS_ERR_POLICY, "rule valid.from: the plan is not valid yet: it begins on %.10s", day);
        vs_hint(error, "days are those of UTC; is this machine's clock right?");
        return VS_ERR_POLICY;
    }
    if (!VS_GUARD(plan_validity, plan->valid_until == 0 || now < plan->valid_until)) {
        vs_time_to_text(day, plan->valid_until - 1);
        (void)vs_fail(error, VS_ERR_POLICY, "rule valid.until: the plan is not valid any more: its last day was %.10s",
                      day);
        vs_hint(error, "agree on a plan that replaces it; days are those of UTC");
        return VS_ERR_POLICY;
    }
    return VS_OK;
}
