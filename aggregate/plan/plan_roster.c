/* The roster of a plan: who takes part, for which organisation, and what each may do. */
#include <stdlib.h>
#include <string.h>

#include "aggregate/plan/plan_internal.h"
#include "aggregate/plan/plan_text.h"
#include "crypto/guard.h"

const char *const vs__may_names[VS__MAY_COUNT] = {"contribute", "open", "aggregate", "audit"};

unsigned vs_may_from_name(const char *name, size_t len) {
    for (unsigned bit = 0; bit < VS__MAY_COUNT; bit++) {
        if (len == strlen(vs__may_names[bit]) && memcmp(name, vs__may_names[bit], len) == 0) {
            return 1u << bit;
        }
    }
    return 0;
}

static vs_status read_identity(vs_party *party, const vs__node *node, vs_error *error) {
    const char *text, *reason;
    vs_status status = vs__read_label(node, VS_MAX_IDENTITY_TEXT, &text, error);
    if (status != VS_OK) {
        return status;
    }
    status = vs_public_identity_from_text(&party->identity, text, strlen(text), &reason);
    if (status != VS_OK) {
        (void)vs__plan_fail(&node->place, error, status, "%s", reason);
        vs_hint(error, "it is the line in NAME.id.pub, as veilsum identity writes it");
    }
    return status;
}

/* One organisation is written in one way, or it would count as two: no space at the ends or twice in a row. */
static vs_status read_organisation(vs_party *party, const vs__node *node, vs_error *error) {
    const char *text;
    vs_status status = vs__read_label(node, VS_MAX_TITLE_BYTES, &text, error);
    if (status != VS_OK) {
        return status;
    }
    size_t len = strlen(text);
    if (text[0] == ' ' || text[len - 1] == ' ' || strstr(text, "  ") != NULL || vs__has_hidden_marks(text, len)) {
        return vs__plan_fail(&node->place, error, VS_ERR_RANGE,
                             "has a space at an end, two in a row, or a mark that is not seen");
    }
    party->organisation = strdup(text);
    return party->organisation == NULL ? vs_fail_plain(error, VS_ERR_MEMORY) : VS_OK;
}

static vs_status read_may(vs_party *party, const vs__node *may, vs_error *error) {
    vs_status status = vs__expect_array(may, 1, VS__MAY_COUNT, error);
    for (size_t i = 0; status == VS_OK && i < json_array_size(may->value); i++) {
        vs__node entry = vs__entry(may, i);
        const char *text = NULL;
        status = vs__read_text(&entry, &text, error);
        if (status != VS_OK) {
            return status;
        }
        unsigned bit = vs_may_from_name(text, strlen(text));
        if (bit == 0) {
            (void)vs__plan_fail(&entry.place, error, VS_ERR_FORMAT, "is nothing that a party may do");
            vs_hint(error, "contribute, open, aggregate, or audit");
            return VS_ERR_FORMAT;
        }
        if ((party->may & bit) != 0) {
            return vs__plan_fail(&entry.place, error, VS_ERR_RANGE, "is there twice");
        }
        party->may |= bit;
    }
    return status;
}

static vs_status read_party(vs_party *party, const vs__node *node, vs_error *error) {
    static const char *const keys[] = {"identity", "organisation", "may", NULL};
    vs__node identity = vs__member(node, "identity"), organisation = vs__member(node, "organisation");
    vs__node may = vs__member(node, "may");
    vs_status status = vs__expect_object(node, keys, error);
    if (status == VS_OK) {
        status = read_identity(party, &identity, error);
    }
    if (status == VS_OK) {
        status = read_organisation(party, &organisation, error);
    }
    return status == VS_OK ? read_may(party, &may, error) : status;
}

/* ---- names, keys, organisations ---- */

/* A party by one of its texts, for sorting. */
typedef struct keyed {
    const void *key;
    size_t key_len, party;
} keyed;

static int compare_keyed(const void *a, const void *b) {
    const keyed *x = a, *y = b;
    int order = memcmp(x->key, y->key, x->key_len < y->key_len ? x->key_len : y->key_len);
    if (order == 0) {
        order = (x->key_len > y->key_len) - (x->key_len < y->key_len);
    }
    return order != 0 ? order : (x->party > y->party) - (x->party < y->party);
}

static bool same_key(const keyed *a, const keyed *b) {
    return a->key_len == b->key_len && memcmp(a->key, b->key, a->key_len) == 0;
}

/* The entry of a sorted list whose predecessor has the same key, lowest party first; VS_NONE where all are distinct. */
static size_t first_twin(const keyed *list, size_t count) {
    size_t twin = VS_NONE;
    for (size_t i = 1; i < count; i++) {
        if (same_key(&list[i - 1], &list[i]) && (twin == VS_NONE || list[i].party < twin)) {
            twin = list[i].party;
        }
    }
    return twin;
}

static vs_status check_twins(const keyed *list, const vs_plan *plan, const vs__node *roster, const char *what,
                             vs_error *error) {
    size_t twin = first_twin(list, plan->party_count);
    if (!VS_GUARD(roster_distinct, twin == VS_NONE)) {
        vs__node entry = vs__entry(roster, twin);
        vs__place place = {.up = &entry.place, .key = "identity"};
        return vs__plan_fail(&place, error, VS_ERR_RANGE, "its %s is that of another party above", what);
    }
    return VS_OK;
}

static vs_status index_names(vs_plan *plan, keyed *list, const vs__node *roster, vs_error *error) {
    for (size_t i = 0; i < plan->party_count; i++) {
        const char *name = plan->parties[i].identity.name;
        list[i] = (keyed){name, strlen(name), i};
    }
    qsort(list, plan->party_count, sizeof *list, compare_keyed);
    for (size_t i = 0; i < plan->party_count; i++) {
        plan->party_index[i] = list[i].party;
    }
    return check_twins(list, plan, roster, "name", error);
}

static vs_status check_keys(const vs_plan *plan, keyed *list, const vs__node *roster, vs_error *error) {
    for (size_t i = 0; i < plan->party_count; i++) {
        list[i] = (keyed){plan->parties[i].identity.key, VS_IDENTITY_KEY_BYTES, i};
    }
    qsort(list, plan->party_count, sizeof *list, compare_keyed);
    return check_twins(list, plan, roster, "key", error);
}

static void number_organisations(vs_plan *plan, keyed *list) {
    for (size_t i = 0; i < plan->party_count; i++) {
        list[i] = (keyed){plan->parties[i].organisation, strlen(plan->parties[i].organisation), i};
    }
    qsort(list, plan->party_count, sizeof *list, compare_keyed);
    for (size_t i = 0; i < plan->party_count; i++) {
        plan->organisation_count += i == 0 || !same_key(&list[i - 1], &list[i]);
        plan->parties[list[i].party].organisation_index = plan->organisation_count - 1;
    }
}

static vs_status index_parties(vs_plan *plan, const vs__node *roster, vs_error *error) {
    keyed *list = calloc(plan->party_count, sizeof *list);
    plan->party_index = calloc(plan->party_count, sizeof *plan->party_index);
    vs_status status = VS_ERR_MEMORY;
    if (list == NULL || plan->party_index == NULL) {
        (void)vs_fail_plain(error, status);
        goto done;
    }
    status = index_names(plan, list, roster, error);
    if (status == VS_OK) {
        status = check_keys(plan, list, roster, error);
    }
    if (status == VS_OK) {
        number_organisations(plan, list);
    }
done:
    free(list);
    return status;
}

const vs_party *vs_plan_party_of(const vs_plan *plan, const char *name, size_t len) {
    size_t low = 0, high = plan->party_count;
    keyed wanted = {name, len, 0};
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const vs_party *party = &plan->parties[plan->party_index[middle]];
        keyed here = {party->identity.name, strlen(party->identity.name), 0};
        int order = compare_keyed(&wanted, &here);
        if (order == 0) {
            return party;
        }
        low = order > 0 ? middle + 1 : low;
        high = order > 0 ? high : middle;
    }
    return NULL;
}

const vs_party *vs_plan_party(const vs_plan *plan, const char *name) {
    return vs_plan_party_of(plan, name, strlen(name));
}

/* ---- the whole ---- */

static vs_status read_signatures(vs_plan *plan, const vs__node *signatures, vs_error *error) {
    uint64_t needed = plan->party_count;
    if (signatures->value != NULL && plan->party_count == 0) {
        return vs__plan_fail(&signatures->place, error, VS_ERR_FORMAT, "does not go without a roster");
    }
    vs_status status = vs__read_integer(signatures, 1, (int64_t)plan->party_count, &needed, error);
    plan->signatures_needed = (size_t)needed;
    return status;
}

vs_status vs__plan_read_roster(vs_plan *plan, const vs__node *root, vs_error *error) {
    vs__node roster = vs__member(root, "roster"), signatures = vs__member(root, "signatures");
    if (roster.value == NULL) {
        return read_signatures(plan, &signatures, error);
    }
    vs_status status = vs__expect_array(&roster, 1, VS_MAX_PARTIES, error);
    if (status != VS_OK) {
        return status;
    }
    size_t count = json_array_size(roster.value);
    plan->parties = calloc(count, sizeof *plan->parties);
    if (plan->parties == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    while (status == VS_OK && plan->party_count < count) {
        vs__node entry = vs__entry(&roster, plan->party_count);
        vs_party *party = &plan->parties[plan->party_count++];
        status = read_party(party, &entry, error);
        plan->contributing_count += (party->may & VS_MAY_CONTRIBUTE) != 0;
    }
    if (status == VS_OK) {
        status = index_parties(plan, &roster, error);
    }
    return status == VS_OK ? read_signatures(plan, &signatures, error) : status;
}

size_t vs__organisations(const vs_plan *plan, const size_t *members, size_t count, bool *seen) {
    size_t distinct = 0;
    for (size_t i = 0; i < count; i++) {
        bool *mark = &seen[plan->parties[members[i]].organisation_index];
        distinct += !*mark;
        *mark = true;
    }
    for (size_t i = 0; i < count; i++) {
        seen[plan->parties[members[i]].organisation_index] = false;
    }
    return distinct;
}

/* Organisations with a party that may contribute. */
static vs_status contributing_organisations(const vs_plan *plan, size_t *distinct, vs_error *error) {
    bool *seen = calloc(plan->organisation_count, sizeof *seen);
    size_t *members = calloc(plan->party_count, sizeof *members), count = 0;
    vs_status status = VS_OK;
    if (seen == NULL || members == NULL) {
        status = vs_fail_plain(error, VS_ERR_MEMORY);
        goto done;
    }
    for (size_t i = 0; i < plan->party_count; i++) {
        if ((plan->parties[i].may & VS_MAY_CONTRIBUTE) != 0) {
            members[count++] = i;
        }
    }
    *distinct = vs__organisations(plan, members, count, seen);
done:
    free(members);
    free(seen);
    return status;
}

vs_status vs__plan_check_contributors(const vs_plan *plan, const vs__place *contributors, vs_error *error) {
    size_t distinct = 0;
    if (plan->party_count == 0) {
        return VS_OK;
    }
    if (plan->contributors_max > plan->contributing_count) {
        const vs__place max = {.up = contributors, .key = "max"};
        (void)vs__plan_fail(&max, error, VS_ERR_RANGE, "is more than the roster lets contribute (%zu)",
                            plan->contributing_count);
        vs_hint(error, "leave it out: it is then what the roster says");
        return VS_ERR_RANGE;
    }
    vs_status status = contributing_organisations(plan, &distinct, error);
    if (status == VS_OK && distinct < plan->contributors_min) {
        const vs__place min = {.up = contributors, .key = "min"};
        (void)vs__plan_fail(&min, error, VS_ERR_RANGE,
                            "%llu organisations are needed, and the roster lets %zu contribute",
                            (unsigned long long)plan->contributors_min, distinct);
        vs_hint(error, "where it is not written, min is 3; parties of one organisation count once");
        return VS_ERR_RANGE;
    }
    return status;
}

void vs__plan_clear_roster(vs_plan *plan) {
    for (size_t i = 0; i < plan->party_count; i++) {
        free(plan->parties[i].organisation);
    }
    for (size_t i = 0; i < plan->set_count; i++) {
        free(plan->sets[i].name);
        free(plan->sets[i].members);
    }
    free(plan->parties);
    free(plan->party_index);
    free(plan->sets);
}
