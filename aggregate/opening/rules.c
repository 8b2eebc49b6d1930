#include "aggregate/opening/rules.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/guard.h"

vs_status vs_opening_names(vs_names *names, const vs_header *total, vs_error *error) {
    vs_status status = vs_names_new(names, total->contributor_count, error);
    if (status == VS_OK) {
        for (size_t i = 0; i < names->count; i++) {
            memcpy(names->names[i], total->contributors[i].name, sizeof names->names[i]);
        }
        vs_names_sort(names);
    }
    return status;
}

/* ---- one rule a function ---- */

static vs_status check_signatures(const vs_opening_request *r, vs_error *error) {
    if (VS_GUARD(opening_plan_signatures, r->plan_signed)) {
        return VS_OK;
    }
    vs_fail(error, VS_ERR_POLICY, "rule signatures: nobody has shown that the plan is signed");
    vs_hint(error, "give the plan's signatures: they stand in PLAN.sig, which 'veilsum plan sign' writes");
    return VS_ERR_POLICY;
}

static vs_status check_opener(const vs_opening_request *r, vs_error *error) {
    if (r->opener == NULL) {
        return VS_OK;
    }
    const vs_party *party = vs_plan_party(r->plan, r->opener->name);
    bool listed = party != NULL && vs_public_identity_equal(&party->identity, r->opener) && (party->may & VS_MAY_OPEN);
    if (VS_GUARD(opening_opener, listed)) {
        return VS_OK;
    }
    vs_fail(error, VS_ERR_POLICY, "rule roster: the plan does not let %s open", r->opener->name);
    vs_hint(error, "those whose \"may\" has \"open\" in the plan's roster open totals, with the identity that it lists");
    return VS_ERR_POLICY;
}

static vs_status check_contributors(const vs_opening_request *r, vs_error *error) {
    for (size_t i = 0; i < r->total->contributor_count; i++) {
        const char *name = r->total->contributors[i].name;
        const vs_party *party = vs_plan_party(r->plan, name);
        if (!VS_GUARD(opening_roster, party != NULL && (party->may & VS_MAY_CONTRIBUTE))) {
            return vs_fail(error, VS_ERR_POLICY, "rule roster: %s holds a contribution of %s, who may not contribute",
                           r->name, name);
        }
    }
    return VS_OK;
}

/* Organisations that contributed: with a roster each counts once, however many of its parties did. */
static vs_status count_organisations(uint64_t *count, const vs_opening_request *r, vs_error *error) {
    *count = 0;
    uint8_t *seen = calloc(r->plan->organisation_count + 1, 1);
    if (seen == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    for (size_t i = 0; i < r->total->contributor_count; i++) {
        const vs_party *party = vs_plan_party(r->plan, r->total->contributors[i].name);
        if (party != NULL && !seen[party->organisation_index]) {
            seen[party->organisation_index] = 1;
            ++*count;
        }
    }
    free(seen);
    return VS_OK;
}

static vs_status check_minimum(const vs_opening_request *r, vs_error *error) {
    uint64_t count = r->total->contributor_count;
    bool roster = r->plan->party_count > 0;
    vs_status status = roster ? count_organisations(&count, r, error) : VS_OK;
    if (status != VS_OK || VS_GUARD(opening_minimum, count >= r->plan->contributors_min)) {
        return status;
    }
    vs_fail(error, VS_ERR_POLICY, "rule contributors.min: %s holds contributions of %llu %s; the plan asks for %llu",
            r->name, (unsigned long long)count,
            !roster      ? "contributors"
            : count == 1 ? "organisation"
                         : "organisations",
            (unsigned long long)r->plan->contributors_min);
    vs_hint(error, "combine more contributions first");
    return VS_ERR_POLICY;
}

static vs_status check_verified(const vs_opening_request *r, vs_error *error) {
    if (r->opener == NULL || VS_GUARD(opening_verified, r->verified)) {
        return VS_OK;
    }
    vs_fail(error, VS_ERR_POLICY, "rule verify first: %s is not shown to hold the signed contributions that it names",
            r->name);
    vs_hint(error, "give the contributions with --with, or a receipt of somebody whom you trust with --receipt and "
                   "--trust");
    return VS_ERR_POLICY;
}

vs_status vs_opening_rules(const vs_opening_request *r, vs_error *error) {
    static vs_status (*const roster_rules[])(const vs_opening_request *, vs_error *) = {
        check_signatures, check_opener, check_contributors, check_verified};
    vs_status status = vs_plan_valid_at(r->plan, r->now, error);
    for (size_t i = 0; status == VS_OK && r->plan->party_count > 0 && i < sizeof roster_rules / sizeof *roster_rules;
         i++) {
        status = roster_rules[i](r, error);
    }
    return status == VS_OK ? check_minimum(r, error) : status;
}

/* ---- sets ---- */

/* Do these names make up one of the plan's sets, no more and no less? Members are ascending roster indices, not names:
 * so each is looked up. */
static bool is_listed(const vs_plan *plan, const vs_names *names) {
    for (size_t i = 0; i < plan->set_count; i++) {
        const vs_set *set = &plan->sets[i];
        bool same = set->member_count == names->count;
        for (size_t j = 0; same && j < set->member_count; j++) {
            same = vs_names_have(names, plan->parties[set->members[j]].identity.name);
        }
        if (same) {
            return true;
        }
    }
    return false;
}

bool vs_opening_sets_go_together(const vs_plan *plan, const vs_names *a, const vs_names *b) {
    if (!vs_names_overlap(a, b)) {
        return true;
    }
    return !vs_names_equal(a, b) && is_listed(plan, a) && is_listed(plan, b);
}
