/* Sets of contributors whose common totals may be opened though they overlap: districts within provinces within the
 * country. They form a tree, and whoever subtracts totals of it from each other is left with enough organisations. */
#include <stdlib.h>
#include <string.h>

#include "aggregate/plan/plan_internal.h"
#include "crypto/guard.h"

typedef enum progress { UNREAD, BEING_READ, READ } progress;

typedef struct reader {
    vs_plan *plan;
    const vs__node *sets;
    progress *progress;  /* of each set */
    size_t *taken_by;    /* of each party: the last set that took it, or VS_NONE */
    size_t member_count; /* of all sets read so far */
} reader;

static int compare_sets(const void *a, const void *b) {
    return strcmp(((const vs_set *)a)->name, ((const vs_set *)b)->name);
}

static size_t find_set(const vs_plan *plan, const char *name) {
    vs_set wanted = {.name = (char *)(uintptr_t)name};
    const vs_set *found = bsearch(&wanted, plan->sets, plan->set_count, sizeof *plan->sets, compare_sets);
    return found == NULL ? VS_NONE : (size_t)(found - plan->sets);
}

static vs_status read_names(vs_plan *plan, const vs__node *sets, vs_error *error) {
    const char *name;
    json_t *value;
    plan->sets = calloc(json_object_size(sets->value), sizeof *plan->sets);
    if (plan->sets == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    json_object_foreach((json_t *)(uintptr_t)sets->value, name, value) {
        vs__place place = {.up = &sets->place, .key = name};
        if (!vs_identity_name_is_valid(name, strlen(name))) {
            (void)vs__plan_fail(&place, error, VS_ERR_RANGE, "is no name for a set");
            vs_hint(error, "names are of at most %u bytes, without spaces and '+'", VS_MAX_IDENTITY_NAME);
            return VS_ERR_RANGE;
        }
        if (vs_plan_party(plan, name) != NULL) {
            return vs__plan_fail(&place, error, VS_ERR_RANGE, "is the name of a party, too");
        }
        plan->sets[plan->set_count].name = strdup(name);
        if (plan->sets[plan->set_count].name == NULL) {
            return vs_fail_plain(error, VS_ERR_MEMORY);
        }
        plan->set_count++;
    }
    qsort(plan->sets, plan->set_count, sizeof *plan->sets, compare_sets);
    return VS_OK;
}

/* ---- members ---- */

/* What one entry of a list stands for: a party, or a set. */
static vs_status read_member(const vs_plan *plan, const vs__node *entry, const vs_party **party, size_t *set,
                             vs_error *error) {
    const char *name;
    char shown[80];
    vs_status status = vs__read_text(entry, &name, error);
    if (status != VS_OK) {
        return status;
    }
    *party = vs_plan_party(plan, name);
    *set = *party == NULL ? find_set(plan, name) : VS_NONE;
    if (*party == NULL && *set == VS_NONE) {
        return vs__plan_fail(&entry->place, error, VS_ERR_RANGE, "neither a party nor a set is called %s",
                             vs__printable(shown, name));
    }
    if (*party != NULL && ((*party)->may & VS_MAY_CONTRIBUTE) == 0) {
        return vs__plan_fail(&entry->place, error, VS_ERR_RANGE, "%s may not contribute", vs__printable(shown, name));
    }
    return VS_OK;
}

static vs_status read_set(reader *r, size_t index, vs_error *error);

/* Reads the sets that this one names, and counts members. */
static vs_status read_inner(reader *r, const vs__node *list, size_t *count, vs_error *error) {
    *count = 0;
    for (size_t i = 0; i < json_array_size(list->value); i++) {
        vs__node entry = vs__entry(list, i);
        const vs_party *party;
        size_t inner;
        vs_status status = read_member(r->plan, &entry, &party, &inner, error);
        if (status == VS_OK && party == NULL && r->progress[inner] == BEING_READ) {
            status = vs__plan_fail(&entry.place, error, VS_ERR_RANGE, "is this set itself, or holds it");
        } else if (status == VS_OK && party == NULL && r->progress[inner] == UNREAD) {
            status = read_set(r, inner, error);
        }
        if (status != VS_OK) {
            return status;
        }
        *count += party != NULL ? 1 : r->plan->sets[inner].member_count;
        if (*count > VS_MAX_SET_MEMBERS - r->member_count) {
            return vs__plan_fail(&r->sets->place, error, VS_ERR_LIMIT, "have more than %u members together",
                                 VS_MAX_SET_MEMBERS);
        }
    }
    return VS_OK;
}

static bool take(reader *r, size_t index, size_t party) {
    vs_set *set = &r->plan->sets[index];
    bool first = r->taken_by[party] != index;
    r->taken_by[party] = index;
    if (first) {
        set->members[set->member_count++] = party;
    }
    return first;
}

static vs_status collect(reader *r, size_t index, const vs__node *list, vs_error *error) {
    for (size_t i = 0; i < json_array_size(list->value); i++) {
        vs__node entry = vs__entry(list, i);
        const vs_party *party;
        size_t inner;
        bool first = true;
        vs_status status = read_member(r->plan, &entry, &party, &inner, error);
        if (status != VS_OK) {
            return status;
        }
        if (party != NULL) {
            first = take(r, index, (size_t)(party - r->plan->parties));
        } else {
            const vs_set *from = &r->plan->sets[inner];
            for (size_t j = 0; first && j < from->member_count; j++) {
                first = take(r, index, from->members[j]);
            }
        }
        if (!first) {
            return vs__plan_fail(&entry.place, error, VS_ERR_RANGE, "adds a member that is in the set already");
        }
    }
    return VS_OK;
}

static int compare_members(const void *a, const void *b) {
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return (x > y) - (x < y);
}

/* Recursion is bounded by the number of sets. */
static vs_status read_set(reader *r, size_t index, vs_error *error) {
    vs_set *set = &r->plan->sets[index];
    vs__node list = vs__member(r->sets, set->name);
    size_t count = 0;
    r->progress[index] = BEING_READ;
    vs_status status = vs__expect_array(&list, 1, VS_MAX_PARTIES, error);
    if (status == VS_OK) {
        status = read_inner(r, &list, &count, error);
    }
    if (status != VS_OK) {
        return status;
    }
    set->members = calloc(count, sizeof *set->members);
    if (set->members == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    status = collect(r, index, &list, error);
    if (status == VS_OK) {
        qsort(set->members, set->member_count, sizeof *set->members, compare_members);
        r->member_count += set->member_count;
        r->progress[index] = READ;
    }
    return status;
}

/* ---- the tree ---- */

typedef struct tree {
    const vs_plan *plan;
    const vs__node *sets;
    size_t *outermost; /* of each party: the largest set so far that holds it, or VS_NONE */
    size_t *held;      /* of each set: how many of its members the set at hand has; 0 in between */
    size_t *rest;      /* room for the members that no inner set holds */
    bool *seen;        /* of each organisation */
} tree;

static vs_status check_remainder(tree *t, size_t index, size_t rest_count, const vs__place *place, vs_error *error) {
    size_t distinct = vs__organisations(t->plan, t->rest, rest_count, t->seen);
    const char *what = rest_count == t->plan->sets[index].member_count ? "has" : "without the sets inside it leaves";
    if (!VS_GUARD(set_remainder, rest_count == 0 || distinct >= t->plan->contributors_min)) {
        (void)vs__plan_fail(place, error, VS_ERR_RANGE, "%s %zu organisation%s, fewer than contributors.min (%llu)",
                            what, distinct, distinct == 1 ? "" : "s", (unsigned long long)t->plan->contributors_min);
        vs_hint(error, "totals of sets are subtracted from each other: nothing, or enough of them, may be left");
        return VS_ERR_RANGE;
    }
    return VS_OK;
}

/* Sets arrive by size, so that every set met inside this one is no larger. */
static vs_status add_to_tree(tree *t, size_t index, vs_error *error) {
    const vs_set *set = &t->plan->sets[index];
    vs__place place = {.up = &t->sets->place, .key = set->name};
    size_t rest_count = 0;
    char shown[80];
    vs_status status = VS_OK;
    for (size_t i = 0; i < set->member_count; i++) {
        size_t inner = t->outermost[set->members[i]];
        if (inner == VS_NONE) {
            t->rest[rest_count++] = set->members[i];
        } else {
            t->held[inner]++;
        }
    }
    for (size_t i = 0; i < set->member_count; i++) {
        size_t inner = t->outermost[set->members[i]];
        const vs_set *other = inner == VS_NONE ? NULL : &t->plan->sets[inner];
        bool nested = other == NULL || t->held[inner] == 0 || t->held[inner] == other->member_count;
        if (status == VS_OK && !VS_GUARD(sets_nest, nested)) {
            status = vs__plan_fail(&place, error, VS_ERR_RANGE, "overlaps with %s: one must hold the other whole",
                                   vs__printable(shown, other->name));
        } else if (status == VS_OK && other != NULL && other->member_count == set->member_count) {
            status = vs__plan_fail(&place, error, VS_ERR_RANGE, "has the same members as %s",
                                   vs__printable(shown, other->name));
        }
        if (inner != VS_NONE) {
            t->held[inner] = 0;
        }
        t->outermost[set->members[i]] = index;
    }
    return status == VS_OK ? check_remainder(t, index, rest_count, &place, error) : status;
}

typedef struct ranked {
    size_t member_count, set;
} ranked;

static int compare_ranked(const void *a, const void *b) {
    const ranked *x = a, *y = b;
    int order = (x->member_count > y->member_count) - (x->member_count < y->member_count);
    return order != 0 ? order : (x->set > y->set) - (x->set < y->set);
}

static vs_status check_tree(const vs_plan *plan, const vs__node *sets, vs_error *error) {
    tree t = {.plan = plan,
              .sets = sets,
              .outermost = malloc(plan->party_count * sizeof *t.outermost),
              .held = calloc(plan->set_count, sizeof *t.held),
              .rest = calloc(plan->party_count, sizeof *t.rest),
              .seen = calloc(plan->organisation_count, sizeof *t.seen)};
    ranked *order = calloc(plan->set_count, sizeof *order);
    vs_status status = VS_OK;
    if (t.outermost == NULL || t.held == NULL || t.rest == NULL || t.seen == NULL || order == NULL) {
        status = vs_fail_plain(error, VS_ERR_MEMORY);
        goto done;
    }
    for (size_t i = 0; i < plan->party_count; i++) {
        t.outermost[i] = VS_NONE;
    }
    for (size_t i = 0; i < plan->set_count; i++) {
        order[i] = (ranked){plan->sets[i].member_count, i};
    }
    qsort(order, plan->set_count, sizeof *order, compare_ranked);
    for (size_t i = 0; status == VS_OK && i < plan->set_count; i++) {
        status = add_to_tree(&t, order[i].set, error);
    }
done:
    free(order);
    free(t.seen);
    free(t.rest);
    free(t.held);
    free(t.outermost);
    return status;
}

static vs_status read_members(vs_plan *plan, const vs__node *sets, vs_error *error) {
    reader r = {.plan = plan,
                .sets = sets,
                .progress = calloc(plan->set_count, sizeof *r.progress),
                .taken_by = malloc(plan->party_count * sizeof *r.taken_by)};
    vs_status status = VS_OK;
    if (r.progress == NULL || r.taken_by == NULL) {
        status = vs_fail_plain(error, VS_ERR_MEMORY);
        goto done;
    }
    for (size_t i = 0; i < plan->party_count; i++) {
        r.taken_by[i] = VS_NONE;
    }
    for (size_t i = 0; status == VS_OK && i < plan->set_count; i++) {
        status = r.progress[i] == UNREAD ? read_set(&r, i, error) : VS_OK;
    }
done:
    free(r.taken_by);
    free(r.progress);
    return status;
}

vs_status vs__plan_read_sets(vs_plan *plan, const vs__node *root, vs_error *error) {
    vs__node sets = vs__member(root, "sets");
    if (sets.value == NULL) {
        return VS_OK;
    }
    if (plan->party_count == 0) {
        return vs__plan_fail(&sets.place, error, VS_ERR_FORMAT, "does not go without a roster");
    }
    if (!json_is_object(sets.value) || json_object_size(sets.value) == 0) {
        return vs__plan_fail(&sets.place, error, VS_ERR_FORMAT,
                             "must be an object of at least one set, {\"NAME\": […]}");
    }
    if (json_object_size(sets.value) > VS_MAX_SETS) {
        return vs__plan_fail(&sets.place, error, VS_ERR_LIMIT, "has more than %u sets", VS_MAX_SETS);
    }
    vs_status status = read_names(plan, &sets, error);
    if (status == VS_OK) {
        status = read_members(plan, &sets, error);
    }
    return status == VS_OK ? check_tree(plan, &sets, error) : status;
}
