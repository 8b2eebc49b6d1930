/* A plan in words, for a person who has to agree to it: who learns what, from how many, and at which size. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aggregate/container/pack.h"
#include "aggregate/plan/plan_internal.h"
#include "aggregate/plan/plan_page.h"
#include "aggregate/plan/plan_text.h"
#include "aggregate/table/decimal.h"

/* ---- the agreement ---- */

/* Who gets to read totals, in the middle of a sentence. */
static const char *opener(const vs_plan *plan) {
    static const char *const openers[] = {
        [VS_OPENING_KEY] = "the holder of the key",
        [VS_OPENING_THRESHOLD] = "the holders of the key",
        [VS_OPENING_SHARES] = "those who may open",
        [VS_OPENING_MASKS] = "everybody who takes part",
    };
    return openers[plan->opening];
}

static void say_servers(vs__page *to, const vs_plan *plan) {
    char names[VS_MAX_SERVERS * (VS_MAX_IDENTITY_NAME + 2) + 1] = "";
    for (size_t i = 0; i < plan->server_count; i++) {
        size_t at = strlen(names);
        snprintf(names + at, sizeof names - at, "%s%s", i > 0 ? ", " : "",
                 plan->parties[plan->servers[i]].identity.name);
    }
    vs__say(to, "  opened by      ",
            "the servers %s together, each of which has a share that is worth nothing alone; those who may open get "
            "the sum. All of them together could read everything",
            names);
}

static void say_masks(vs__page *to, const vs_plan *plan) {
    vs__say(to, "  opened by      ",
            "the contributors together, without a key: their masks cancel in the sum and nowhere else. Up to %u%% of "
            "them may be absent after the start and %u%% work together against the others",
            plan->absent_percent, plan->corrupt_percent);
}

static void say_opening(vs__page *to, const vs_plan *plan) {
    char key[2 * VS_HASH_BYTES + 1], holders[2 * VS_HASH_BYTES + 1];
    vs_to_hex(key, plan->key_fingerprint, VS_HASH_BYTES);
    vs_to_hex(holders, plan->holders_fingerprint, VS_HASH_BYTES);
    if (plan->opening == VS_OPENING_SHARES) {
        say_servers(to, plan);
    } else if (plan->opening == VS_OPENING_MASKS) {
        say_masks(to, plan);
    } else if (plan->is_threshold) {
        vs__say(to, "  opened by      ",
                "several holders together, none of them alone, of the secret key to the public key with the "
                "fingerprint %s: who they are and how many of them it takes stands in the holders' file with the "
                "fingerprint %s",
                key, holders);
    } else {
        vs__say(to, "  opened by      ",
                "whoever holds the secret key to the public key with the fingerprint %s, and nobody else", key);
    }
}

static void say_contributors(vs__page *to, const vs_plan *plan) {
    if (plan->party_count > 0) {
        vs__say(to, "  contributors   ",
                "those of the roster only, of at least %" PRIu64 " organisations and at most %" PRIu64
                " in a total, each of them once in a period",
                plan->contributors_min, plan->contributors_max);
    } else {
        vs__say(to, "  contributors   ",
                "at least %" PRIu64 " and at most %" PRIu64 " in a total, each of them once in a period",
                plan->contributors_min, plan->contributors_max);
    }
}

static void say_agreement(vs__page *to, const vs_plan *plan) {
    char hex[2 * VS_HASH_BYTES + 1];
    vs__say(to, "", "%s", plan->title != NULL ? plan->title : "A plan without a title");
    vs_to_hex(hex, plan->id, VS_HASH_BYTES);
    vs__say(to, "  plan id        ", "%s", hex);
    vs__say_terms(to, plan);
    say_opening(to, plan);
    say_contributors(to, plan);
    if (!plan->is_vector) {
        vs__say(to, "  rows           ", "at most %" PRIu64 " from one contributor", plan->rows_max);
    }
}

static void say_groups(vs__page *to, const vs_plan *plan) {
    if (plan->by_count == 0) {
        vs__say(to, "  groups         ", "one: all rows together");
        return;
    }
    char *list = NULL;
    for (size_t i = 0; i < plan->by_count; i++) {
        const vs_column *column = &plan->columns[plan->by[i]];
        char shown[80], *longer = NULL;
        if (asprintf(&longer, "%s%s%s (%zu)", list != NULL ? list : "", list != NULL ? " × " : "",
                     vs__printable(shown, column->name), column->level_count) < 0) {
            to->status = vs_fail_plain(to->error, VS_ERR_MEMORY);
            free(list);
            return;
        }
        free(list);
        list = longer;
        if (i == 15 && plan->by_count > 16) {
            break;
        }
    }
    vs__say(to, "  groups         ", "%" PRIu64 ": %s%s", plan->group_count, list, plan->by_count > 16 ? " × …" : "");
    free(list);
}

/* ---- columns ---- */

static const char *other_words(const vs_column *column) {
    switch (column->other) {
    case VS_OTHERWISE_DROP:
        return column->numeric ? "beyond these an error; a row whose value is outside all bins is left out"
                               : "a row with another value is left out";
    case VS_OTHERWISE_GROUP:
        return column->numeric ? "beyond these an error; a value outside all bins counts as (other)"
                               : "any other value counts as (other)";
    default:
        return column->numeric ? "beyond these an error" : "any other value is an error";
    }
}

static const char *empty_words(const vs_column *column, bool in_by) {
    switch (column->empty) {
    case VS_OTHERWISE_DROP:
        return "a row where it is empty is left out";
    case VS_OTHERWISE_GROUP:
        return "an empty field counts as (empty)";
    default:
        return in_by ? "an empty field is an error" : "an empty field is a missing value";
    }
}

static void say_column(vs__page *to, const vs_plan *plan, size_t index) {
    const vs_column *column = &plan->columns[index];
    const char *empty = empty_words(column, vs__plan_in_by(plan, index));
    char name[80], min[64], max[64];
    if (!column->numeric) {
        vs__say(to, "  - ", "%s: one of %zu listed value%s; %s; %s", vs__printable(name, column->name),
                column->value_count, column->value_count == 1 ? "" : "s", other_words(column), empty);
        return;
    }
    vs__say(to, "  - ", "%s: a number from %s to %s with %s%u decimal%s; %s; %s; %s", vs__printable(name, column->name),
            vs_scaled_text(min, column->min, column->scale), vs_scaled_text(max, column->max, column->scale),
            column->scale > 0 ? "at most " : "", column->scale, column->scale == 1 ? "" : "s",
            column->round_half_even ? "more are rounded, half to even" : "more are an error", other_words(column),
            empty);
}

static void say_columns(vs__page *to, const vs_plan *plan) {
    if (plan->column_count == 0) {
        return;
    }
    vs__heading(to, "How each contributor's table is read");
    for (size_t i = 0; to->status == VS_OK && i < plan->column_count; i++) {
        say_column(to, plan, i);
    }
}

/* ---- what is learned ---- */

static void say_measure(vs__page *to, const vs_plan *plan, const vs_measure *measure) {
    char x[80] = "", y[80] = "";
    if (measure->x != VS_NONE) {
        vs__printable(x, plan->columns[measure->x].name);
    }
    if (measure->y != VS_NONE) {
        vs__printable(y, plan->columns[measure->y].name);
    }
    switch (measure->kind) {
    case VS_MEASURE_COUNT:
        vs__say(to, "  - ", "count(rows): how many rows there are");
        break;
    case VS_MEASURE_SUM:
        vs__say(to, "  - ", "sum(%s): the exact sum", x);
        break;
    case VS_MEASURE_MEAN:
        vs__say(to, "  - ", "mean(%s): the mean, and with it the exact sum and how many values there are", x);
        break;
    case VS_MEASURE_WEIGHTED_MEAN:
        vs__say(to, "  - ", "mean(%s;weight=%s): the weighted mean, and with it the exact sums of %s and of %s × %s", x,
                y, y, x, y);
        break;
    case VS_MEASURE_VARIANCE:
        vs__say(
            to, "  - ",
            "variance(%s): the variance, and with it the exact sum, the sum of squares and how many values there are",
            x);
        break;
    case VS_MEASURE_HISTOGRAM:
        vs__say(to, "  - ", "histogram(%s): how many rows fall into each of %zu bin%s", x, measure->bin_count,
                measure->bin_count == 1 ? "" : "s");
        break;
    case VS_MEASURE_COVARIANCE:
        vs__say(to, "  - ",
                "covariance(%s,%s): the covariance over rows that have both, and with it both exact sums, the sum of "
                "products and how many such rows there are",
                x, y);
        break;
    case VS_MEASURE_REGRESSION:
        vs__say(to, "  - ",
                "slope(%s~%s), intercept(%s~%s): the line through rows that have both, and with it both exact sums, "
                "the sums of products and of squares of %s, and how many such rows there are",
                y, x, y, x, x);
        break;
    }
}

static void say_learned(vs__page *to, const vs_plan *plan) {
    char min[64], max[64];
    vs__heading(to, "What %s will learn%s", opener(plan),
                plan->is_vector ? "" : ", for each group over all contributors together");
    if (plan->is_vector) {
        vs__say(to, "  - ",
                "the exact sum, over all contributors together, of each of %" PRIu64
                " elements; an element is a number from "
                "%s to %s, rounded to %u decimal%s",
                plan->vector_length, vs_scaled_text(min, plan->vector_min, plan->vector_scale),
                vs_scaled_text(max, plan->vector_max, plan->vector_scale), plan->vector_scale,
                plan->vector_scale == 1 ? "" : "s");
    }
    for (size_t i = 0; to->status == VS_OK && i < plan->measure_count; i++) {
        say_measure(to, plan, &plan->measures[i]);
    }
    if (plan->has_minimums) {
        vs__say(to, "  - ",
                "how many rows and contributors each group has, and how many of its rows have what each measure needs: "
                "these counts are opened for all groups, since they decide what else is");
    }
    vs__say(to, "  - ", "the names of the contributors, and how many they are");
}

static void say_minimums(vs__page *to, const vs_plan *plan) {
    if (!plan->has_minimums) {
        if (!plan->is_vector) {
            vs__say(to, "  - ",
                    "note that the plan has no minimums (groups): a group of one row shows that row's numbers");
        }
        return;
    }
    if (plan->min_contributors > 0) {
        vs__say(to, "  - ", "any measure in a group to which fewer than %" PRIu64 " contributors have rows",
                plan->min_contributors);
    }
    if (plan->min_rows > 0) {
        vs__say(to, "  - ",
                "any measure in a group of fewer than %" PRIu64 " rows, any measure over fewer than %" PRIu64
                " rows that have what it needs, and what would give one of these away by subtraction",
                plan->min_rows, plan->min_rows);
    }
    vs__say(to, "  - ", "note that veilsum never decrypts what is withheld; %s could, with another program",
            opener(plan));
}

static void say_not_learned(vs__page *to, const vs_plan *plan) {
    vs__heading(to, "What %s will not learn", opener(plan));
    vs__say(to, "  - ",
            plan->is_vector ? "any single contributor's vector, as long as only totals reach the holder"
                            : "any row, or any single contributor's numbers, as long as only totals reach the holder");
    say_minimums(to, plan);
    if (plan->contributors_min == 1) {
        vs__say(to, "  - ", "note that contributors.min is 1: a total may be a single contributor's numbers");
    } else if (plan->contributors_min == 2) {
        vs__say(to, "  - ",
                "note that contributors.min is 2: in a total of two, each one who sees the result learns the other's "
                "numbers by subtracting its own");
    }
}

static void say_limits(vs__page *to, const vs_plan *plan) {
    vs__heading(to, "What nobody can promise");
    vs__say(
        to, "  - ",
        "whoever combines the contributions learns nothing from them without the key; together with %s, it can open "
        "each one",
        plan->is_threshold ? "enough holders of the key" : "the holder of the key");
    vs__say(to, "  - ", "a contributor can lie within the bounds, and no one will see it");
    vs__say(to, "  - ",
            plan->is_vector ? "this plan is public, with its length and bounds"
                            : "this plan is public, with the names, values and bounds of its columns");
}

/* ---- sizes ---- */

/* Who needs this component: the first measure's title; counts that only minimums need have none. malloc'd. */
static char *component_user(const vs_plan *plan, size_t component) {
    for (size_t i = 0; i < plan->measure_count; i++) {
        const vs_measure *measure = &plan->measures[i];
        for (size_t j = 0; j < measure->component_count; j++) {
            if (measure->components[j] == component) {
                return vs_measure_column_title(plan, measure, measure->kind == VS_MEASURE_HISTOGRAM ? j : 0);
            }
        }
    }
    return strdup(plan->is_vector ? "every element" : "the counts behind the minimums");
}

static void say_widths(vs__page *to, const vs_plan *plan) {
    size_t narrow = 0, wide = 0;
    char a[80], b[80];
    for (size_t i = 1; i < plan->component_count; i++) {
        narrow = plan->components[i].width < plan->components[narrow].width ? i : narrow;
        wide = plan->components[i].width > plan->components[wide].width ? i : wide;
    }
    char *narrow_user = component_user(plan, narrow), *wide_user = component_user(plan, wide);
    if (narrow_user == NULL || wide_user == NULL) {
        to->status = vs_fail_plain(to->error, VS_ERR_MEMORY);
    } else if (plan->components[narrow].width == plan->components[wide].width) {
        vs__say(to, "  slots          ", "%u bits each", plan->components[wide].width);
    } else {
        vs__say(to, "  slots          ", "from %u bits (%s) to %u bits (%s)", plan->components[narrow].width,
                vs__printable(a, narrow_user), plan->components[wide].width, vs__printable(b, wide_user));
    }
    free(narrow_user);
    free(wide_user);
}

/* The same plan without its minimums, compiled anew: columns and bins are borrowed from `plan`. */
static vs_status without_minimums(vs_plan *other, const vs_plan *plan, vs_error *error) {
    *other = *plan;
    other->has_minimums = false;
    other->components = NULL;
    other->measures = calloc(plan->measure_count, sizeof *other->measures);
    if (other->measures == NULL) {
        other->measure_count = 0;
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    for (size_t i = 0; i < plan->measure_count; i++) {
        other->measures[i] = plan->measures[i];
        other->measures[i].components = NULL;
        other->measures[i].own_count = VS_NONE;
    }
    return vs__plan_compile(other, error);
}

static void forget_without_minimums(vs_plan *other) {
    for (size_t i = 0; i < other->measure_count; i++) {
        free(other->measures[i].components);
    }
    free(other->measures);
    free(other->components);
}

static void say_cost(vs__page *to, const vs_plan *plan, uint64_t ciphertexts, unsigned key_bits, unsigned degree) {
    vs_plan other;
    vs_layout layout = {0};
    vs_status status = without_minimums(&other, plan, to->error);
    if (status == VS_OK) {
        status = vs_layout_make(&layout, &other, key_bits, degree, to->error);
    }
    if (status == VS_OK) {
        vs__say(to, "  minimums       ",
                "cost %" PRIu64 " ciphertexts instead of %" PRIu64 ", and %" PRIu64 " cells instead of %" PRIu64
                ": the counts are apart, and no ciphertext holds values of two groups",
                ciphertexts, layout.plaintext_count, plan->cell_count, other.cell_count);
    } else {
        to->status = to->status == VS_OK ? status : to->status;
    }
    vs_layout_free(&layout);
    forget_without_minimums(&other);
}

static const char *size_text(char out[32], uint64_t bytes) {
    if (bytes < 10000) {
        snprintf(out, 32, "%" PRIu64 " bytes", bytes);
    } else if (bytes < 10000000) {
        snprintf(out, 32, "%" PRIu64 " KiB", (bytes + 1023) / 1024);
    } else {
        snprintf(out, 32, "%.1f MiB", (double)bytes / (1024.0 * 1024.0));
    }
    return out;
}

static void say_sizes(vs__page *to, const vs_plan *plan, unsigned key_bits, unsigned degree) {
    vs_layout layout = {0};
    vs_status status = vs_layout_make(&layout, plan, key_bits, degree, to->error);
    if (status != VS_OK) {
        to->status = to->status == VS_OK ? status : to->status;
        return;
    }
    char size[32];
    uint64_t bytes = layout.plaintext_count * ((uint64_t)degree + 1) * (key_bits / 8);
    vs__heading(to, "Sizes, with a key of %u bits and degree %u", key_bits, degree);
    if (plan->is_vector) {
        vs__say(to, "  cells          ", "%" PRIu64 ": the elements and a counter", plan->cell_count);
    } else {
        vs__say(to, "  cells          ", "%" PRIu64 ": %zu in each of %" PRIu64 " group%s, and a counter",
                plan->cell_count, plan->component_count, plan->group_count, plan->group_count == 1 ? "" : "s");
    }
    say_widths(to, plan);
    vs__say(to, "  a contribution ",
            "%" PRIu64 " ciphertext%s, %s besides a header of 1 or 2 KiB; a total has the same size, and more names",
            layout.plaintext_count, layout.plaintext_count == 1 ? "" : "s", size_text(size, bytes));
    if (plan->has_minimums) {
        say_cost(to, plan, layout.plaintext_count, key_bits, degree);
    }
    vs_layout_free(&layout);
}

vs_status vs_plan_show(const vs_plan *plan, unsigned key_bits, unsigned degree, const vs_sink *sink, vs_error *error) {
    vs__page to = {.sink = sink, .status = VS_OK, .error = error};
    say_agreement(&to, plan);
    if (!plan->is_vector) {
        say_groups(&to, plan);
        say_columns(&to, plan);
    }
    vs__say_roster(&to, plan);
    say_learned(&to, plan);
    say_not_learned(&to, plan);
    say_limits(&to, plan);
    say_sizes(&to, plan, key_bits, degree);
    return to.status;
}
