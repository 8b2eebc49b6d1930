#include "cli/signed_plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aggregate/plan/plan_signatures.h"

/* Nobody has signed: the plan binds nobody yet. Some names say enough. */
static vs_status refuse_unsigned(const vs_plan *plan, const char *path, vs_error *error) {
    enum { shown = 3 };
    char names[shown * (VS_MAX_IDENTITY_NAME + 2) + 8] = "";
    for (size_t i = 0; i < plan->party_count && i < shown; i++) {
        strcat(names, i == 0 ? "" : ", ");
        strcat(names, plan->parties[i].identity.name);
    }
    strcat(names, plan->party_count > shown ? ", …" : "");
    (void)vs_fail(error, VS_ERR_POLICY, "rule signatures: the plan is not signed: there is no %s; its parties are %s",
                  path, names);
    vs_hint(error, "each signs with 'veilsum plan sign'; --plan-signatures says where the signatures are");
    return VS_ERR_POLICY;
}

static vs_status check_signatures(const vs_plan *plan, const char *path, bool given, vs_error *error) {
    char *text = NULL;
    size_t len = 0;
    if (!given && access(path, F_OK) != 0 && errno == ENOENT) {
        return refuse_unsigned(plan, path, error);
    }
    vs_status status = vs__load_note(&text, &len, path, error);
    if (status == VS_OK) {
        status = vs_plan_signatures_check(plan, path, text, len, NULL, error);
    }
    free(text);
    return status;
}

static vs_status check_roster(const vs_plan *plan, const char *plan_path, const char *given, vs_error *error) {
    if (plan->party_count == 0 && given != NULL) {
        (void)vs_fail(error, VS_ERR_USAGE, "%s: the plan has no roster, so nobody's signature under it counts", given);
        vs_hint(error, "leave --plan-signatures away");
        return VS_ERR_USAGE;
    }
    if (plan->party_count == 0) {
        return VS_OK;
    }
    char *beside = given == NULL ? vs__signatures_path(plan_path) : NULL;
    const char *path = given != NULL ? given : beside;
    vs_status status =
        path == NULL ? vs_fail_plain(error, VS_ERR_MEMORY) : check_signatures(plan, path, given != NULL, error);
    free(beside);
    return status;
}

static vs_status check_days(const vs_plan *plan, vs_error *error) {
    int64_t now = 0;
    if (plan->valid_from == 0 && plan->valid_until == 0) {
        return VS_OK;
    }
    vs_status status = vs__now(&now, error);
    return status == VS_OK ? vs_plan_valid_at(plan, now, error) : status;
}

vs_status vs__load_signed_plan_at(vs_plan **plan, const char *path, const char *signatures, vs_plan_need need,
                                  vs_error *error) {
    vs_status status = vs__load_plan(plan, path, error);
    if (status == VS_OK) {
        status = check_roster(*plan, path, signatures, error);
    }
    if (status == VS_OK && need == VS_PLAN_VALID_NOW) {
        status = check_days(*plan, error);
    }
    if (status != VS_OK) {
        vs_plan_free(*plan);
        *plan = NULL;
    }
    return status;
}

vs_status vs__load_signed_plan(vs_plan **plan, const vs_arguments *arguments, vs_plan_need need, vs_error *error) {
    return vs__load_signed_plan_at(plan, vs__argument(arguments, "plan"), vs__argument(arguments, "plan-signatures"),
                                   need, error);
}
