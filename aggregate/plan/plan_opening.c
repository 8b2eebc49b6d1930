/* The plan's opening: how a total becomes readable, and by whom. */
#include <string.h>

#include "aggregate/plan/plan_internal.h"

static const char *const names[] = {
    [VS_OPENING_KEY] = "key",
    [VS_OPENING_THRESHOLD] = "threshold",
    [VS_OPENING_SHARES] = "shares",
    [VS_OPENING_MASKS] = "masks",
};
#define OPENINGS (sizeof names / sizeof *names)

/* What tolerates nothing said otherwise: the percents for which [BBGLR20] gives its figures. */
#define TOLERATED_PERCENT 5

const char *vs_opening_name(vs_opening opening) {
    return names[opening];
}

bool vs_plan_is_server(const vs_plan *plan, size_t party) {
    for (size_t i = 0; i < plan->server_count; i++) {
        if (plan->servers[i] == party) {
            return true;
        }
    }
    return false;
}

/* ---- each of them ---- */

static vs_status read_key(vs_plan *plan, const vs__node *opening, vs_error *error) {
    static const char *const one[] = {"key", NULL}, *const several[] = {"threshold", "holders", NULL};
    vs__node key = vs__member(opening, vs_opening_name(plan->opening)), holders = vs__member(opening, "holders");
    plan->is_threshold = plan->opening == VS_OPENING_THRESHOLD;
    vs_status status = vs__expect_object(opening, plan->is_threshold ? several : one, error);
    if (status == VS_OK) {
        status = vs__read_hash(&key, plan->key_fingerprint, "veilsum inspect NAME.pub prints it", error);
    }
    if (status == VS_OK && plan->is_threshold) {
        status = vs__read_hash(&holders, plan->holders_fingerprint, "veilsum inspect NAME.holders prints it", error);
    }
    return status;
}

static vs_status read_server(vs_plan *plan, const vs__node *entry, vs_error *error) {
    const char *name;
    vs_status status = vs__read_text(entry, &name, error);
    if (status != VS_OK) {
        return status;
    }
    const vs_party *party = vs_plan_party(plan, name);
    if (party == NULL) {
        (void)vs__plan_fail(&entry->place, error, VS_ERR_RANGE, "is nobody on the roster");
        vs_hint(error, "the servers are parties of the plan: their shares are boxed to the identities there");
        return VS_ERR_RANGE;
    }
    size_t server = (size_t)(party - plan->parties);
    if (vs_plan_is_server(plan, server)) {
        return vs__plan_fail(&entry->place, error, VS_ERR_RANGE, "is there twice");
    }
    for (size_t i = 0; i < plan->server_count; i++) {
        if (plan->parties[plan->servers[i]].organisation_index == party->organisation_index) {
            (void)vs__plan_fail(&entry->place, error, VS_ERR_RANGE, "is of the same organisation as another server");
            vs_hint(error, "whoever runs all servers reads everything: they should be independent of each other");
            return VS_ERR_RANGE;
        }
    }
    plan->servers[plan->server_count++] = server;
    return VS_OK;
}

static vs_status read_shares(vs_plan *plan, const vs__node *opening, vs_error *error) {
    static const char *const keys[] = {"shares", NULL};
    vs__node servers = vs__member(opening, "shares");
    vs_status status = vs__expect_object(opening, keys, error);
    if (status == VS_OK) {
        status = vs__expect_array(&servers, VS_MIN_SERVERS, VS_MAX_SERVERS, error);
    }
    for (size_t i = 0; status == VS_OK && i < json_array_size(servers.value); i++) {
        vs__node entry = vs__entry(&servers, i);
        status = read_server(plan, &entry, error);
    }
    return status;
}

static vs_status read_percent(const vs__node *masks, const char *key, unsigned *percent, vs_error *error) {
    vs__node node = vs__member(masks, key);
    uint64_t value = TOLERATED_PERCENT;
    vs_status status = node.value == NULL ? VS_OK : vs__read_integer(&node, 0, VS_MAX_TOLERATED_PERCENT, &value, error);
    *percent = (unsigned)value;
    return status;
}

static vs_status read_masks(vs_plan *plan, const vs__node *opening, vs_error *error) {
    static const char *const keys[] = {"masks", NULL}, *const inner[] = {"corrupt", "absent", NULL};
    vs__node masks = vs__member(opening, "masks");
    vs_status status = vs__expect_object(opening, keys, error);
    if (status == VS_OK) {
        status = vs__expect_object(&masks, inner, error);
    }
    if (status == VS_OK) {
        status = read_percent(&masks, "corrupt", &plan->corrupt_percent, error);
    }
    return status == VS_OK ? read_percent(&masks, "absent", &plan->absent_percent, error) : status;
}

/* ---- which ---- */

static vs_status need_roster(const vs_plan *plan, const vs__node *opening, vs_error *error) {
    if (plan->party_count > 0) {
        return VS_OK;
    }
    (void)vs__plan_fail(&opening->place, error, VS_ERR_FORMAT, "'%s' needs a roster", vs_opening_name(plan->opening));
    vs_hint(error, "every message is signed by, and boxed to, the identities of the roster: plan new --party");
    return VS_ERR_FORMAT;
}

vs_status vs__plan_read_opening(vs_plan *plan, const vs__node *opening, vs_error *error) {
    static const char *const known[] = {"key", "threshold", "shares", "masks", "holders", NULL};
    size_t ways = 0;
    vs_status status = vs__expect_object(opening, known, error);
    for (unsigned i = 0; status == VS_OK && i < OPENINGS; i++) {
        if (json_object_get(opening->value, names[i]) != NULL) {
            plan->opening = (vs_opening)i;
            ways++;
        }
    }
    if (status == VS_OK && ways != 1) {
        status = vs__plan_fail(&opening->place, error, VS_ERR_FORMAT, "must say exactly one way to open");
    }
    if (status != VS_OK) {
        return status;
    }
    if (plan->opening == VS_OPENING_KEY || plan->opening == VS_OPENING_THRESHOLD) {
        return read_key(plan, opening, error);
    }
    status = need_roster(plan, opening, error);
    if (status == VS_OK) {
        status =
            plan->opening == VS_OPENING_SHARES ? read_shares(plan, opening, error) : read_masks(plan, opening, error);
    }
    return status;
}

/* ---- with the rest of the plan ---- */

static size_t parties_that(const vs_plan *plan, vs_may may) {
    size_t count = 0;
    for (size_t i = 0; i < plan->party_count; i++) {
        count += (plan->parties[i].may & (unsigned)may) != 0;
    }
    return count;
}

static vs_status check_masks(const vs_plan *plan, vs_error *error) {
    if (plan->has_minimums) {
        vs_fail(error, VS_ERR_RANGE, "opening.masks: does not go with 'groups'");
        vs_hint(error,
                "masks open all cells of the sum at once, those below the minimums too: open by shares, a key or "
                "a threshold, which open the counts first");
        return VS_ERR_RANGE;
    }
    if (parties_that(plan, VS_MAY_AGGREGATE) == 0) {
        vs_fail(error, VS_ERR_RANGE, "opening.masks: no party of the roster may aggregate");
        vs_hint(error, "one of them carries the owners' messages and adds up: it need not be trusted");
        return VS_ERR_RANGE;
    }
    if (plan->contributing_count < 3) {
        vs_fail(error, VS_ERR_RANGE, "opening.masks: needs at least three contributors");
        vs_hint(error, "of two, each learns the other's values from the sum");
        return VS_ERR_RANGE;
    }
    return VS_OK;
}

vs_status vs__plan_check_opening(const vs_plan *plan, vs_error *error) {
    if (plan->opening == VS_OPENING_MASKS) {
        return check_masks(plan, error);
    }
    if (plan->opening == VS_OPENING_SHARES && parties_that(plan, VS_MAY_OPEN) == 0) {
        vs_fail(error, VS_ERR_RANGE, "opening.shares: no party of the roster may open");
        vs_hint(error, "the servers send their sums to those who may");
        return VS_ERR_RANGE;
    }
    return VS_OK;
}
