/* Names that follow from a plan: levels, near misses, result columns, sessions and contributors. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aggregate/plan/plan_internal.h"
#include "aggregate/table/decimal.h"
#include "aggregate/table/encoding.h"

/* ---- levels ---- */

const char *vs_column_level_name(const vs_column *column, size_t level) {
    if (level < column->value_count) {
        return column->values[level];
    }
    return column->other == VS_OTHERWISE_GROUP && level == column->value_count ? "(other)" : "(empty)";
}

/* How far a listed value is from what was found: the lower, the better the hint. */
enum { SAME_BUT_CASE = 1, SAME_BUT_ZEROS, ONE_OFF, TWO_OFF, FAR };

#define NEAREST_CAP 65536u /* values looked at: a hint is not worth more time */
#define NEAREST_LEN 32u    /* longer values are compared for case and spaces only */

typedef struct piece {
    const char *text;
    size_t len;
} piece;

static piece trim(const char *text, size_t len) {
    while (len > 0 && (text[0] == ' ' || text[0] == '\t')) {
        text++;
        len--;
    }
    while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t')) {
        len--;
    }
    return (piece){text, len};
}

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool same_but_case(piece a, piece b) {
    if (a.len != b.len) {
        return false;
    }
    for (size_t i = 0; i < a.len; i++) {
        if (lower(a.text[i]) != lower(b.text[i])) {
            return false;
        }
    }
    return true;
}

static bool all_digits(piece a) {
    for (size_t i = 0; i < a.len; i++) {
        if (a.text[i] < '0' || a.text[i] > '9') {
            return false;
        }
    }
    return a.len > 0;
}

static piece without_zeros(piece a) {
    while (a.len > 1 && a.text[0] == '0') {
        a.text++;
        a.len--;
    }
    return a;
}

/* Levenshtein's distance of two short texts, case ignored. */
static unsigned edit_distance(piece a, piece b) {
    unsigned row[NEAREST_LEN + 1];
    for (size_t j = 0; j <= b.len; j++) {
        row[j] = (unsigned)j;
    }
    for (size_t i = 0; i < a.len; i++) {
        unsigned diagonal = row[0];
        row[0] = (unsigned)i + 1;
        for (size_t j = 0; j < b.len; j++) {
            unsigned best = diagonal + (lower(a.text[i]) != lower(b.text[j]));
            best = row[j] + 1 < best ? row[j] + 1 : best;
            diagonal = row[j + 1];
            row[j + 1] = diagonal + 1 < best ? diagonal + 1 : best;
        }
    }
    return row[b.len];
}

/* One letter off means something from three letters on, two from five on; codes of digits are never near each other. */
static int nearness(piece found, piece listed) {
    if (same_but_case(found, listed)) {
        return SAME_BUT_CASE;
    }
    if (all_digits(found) && all_digits(listed)) {
        return same_but_case(without_zeros(found), without_zeros(listed)) ? SAME_BUT_ZEROS : FAR;
    }
    size_t shorter = found.len < listed.len ? found.len : listed.len, longer = found.len + listed.len - shorter;
    if (shorter < 3 || longer > NEAREST_LEN || longer - shorter > 2) {
        return FAR;
    }
    unsigned distance = edit_distance(found, listed);
    if (distance <= 1) {
        return ONE_OFF;
    }
    return distance == 2 && shorter >= 5 ? TWO_OFF : FAR;
}

const char *vs_column_nearest(const vs_column *column, const char *value, size_t len) {
    const char *best = NULL;
    int best_nearness = FAR;
    piece found = trim(value, len);
    for (size_t i = 0; i < column->value_count && i < NEAREST_CAP && best_nearness > SAME_BUT_CASE; i++) {
        int near = nearness(found, trim(column->values[i], strlen(column->values[i])));
        if (near < best_nearness) {
            best_nearness = near;
            best = column->values[i];
        }
    }
    return best;
}

/* ---- result columns ---- */

const char *vs__measure_verb(vs_measure_kind kind) {
    static const char *const verbs[] = {"count",    "sum",       "mean",       "mean",
                                        "variance", "histogram", "covariance", "regression"};
    return verbs[kind];
}

size_t vs_measure_column_count(const vs_measure *measure) {
    switch (measure->kind) {
    case VS_MEASURE_HISTOGRAM:
        return measure->bin_count;
    case VS_MEASURE_REGRESSION:
        return 2;
    default:
        return 1;
    }
}

/* Does another histogram of the column mean other values by "(other)"? */
static bool other_is_ambiguous(const vs_plan *plan, const vs_measure *measure) {
    for (size_t i = 0; i < plan->measure_count; i++) {
        const vs_measure *rival = &plan->measures[i];
        if (rival->kind == VS_MEASURE_HISTOGRAM && rival->x == measure->x && rival->bins != NULL &&
            !vs__same_bin(&rival->bins[rival->bin_count - 1], &measure->bins[measure->bin_count - 1])) {
            return true;
        }
    }
    return false;
}

static char *number_bin_title(const vs_plan *plan, const vs_measure *measure, const vs_bin *bin) {
    const vs_column *column = &plan->columns[measure->x];
    char low[64], high[64], *title = NULL;
    int len;
    if (bin->other && !other_is_ambiguous(plan, measure)) {
        len = asprintf(&title, "histogram(%s)=(other)", column->name);
    } else {
        len = asprintf(&title, "histogram(%s)=%s%s%s,%s)%s", column->name, bin->other ? "(outside " : "",
                       bin->low_open ? "(" : "[", bin->low_open ? "-inf" : vs_scaled_text(low, bin->low, column->scale),
                       bin->high_open ? "inf" : vs_scaled_text(high, bin->high, column->scale), bin->other ? ")" : "");
    }
    return len < 0 ? NULL : title;
}

static char *bin_title(const vs_plan *plan, const vs_measure *measure, size_t index) {
    const vs_column *column = &plan->columns[measure->x];
    char *title = NULL;
    if (measure->bins != NULL) {
        return number_bin_title(plan, measure, &measure->bins[index]);
    }
    return asprintf(&title, "histogram(%s)=%s", column->name, vs_column_level_name(column, index)) < 0 ? NULL : title;
}

char *vs_measure_column_title(const vs_plan *plan, const vs_measure *measure, size_t index) {
    const char *x = measure->x != VS_NONE ? plan->columns[measure->x].name : "rows";
    const char *y = measure->y != VS_NONE ? plan->columns[measure->y].name : "";
    const char *verb = vs__measure_verb(measure->kind);
    char *title = NULL;
    int len;
    switch (measure->kind) {
    case VS_MEASURE_HISTOGRAM:
        return bin_title(plan, measure, index);
    case VS_MEASURE_WEIGHTED_MEAN:
        len = asprintf(&title, "mean(%s;weight=%s)", x, y);
        break;
    case VS_MEASURE_COVARIANCE:
        len = asprintf(&title, "covariance(%s,%s)", x, y);
        break;
    case VS_MEASURE_REGRESSION:
        len = asprintf(&title, "%s(%s~%s)", index == 0 ? "slope" : "intercept", y, x);
        break;
    default:
        len = asprintf(&title, "%s(%s)", verb, x);
        break;
    }
    return len < 0 ? NULL : title;
}

/* ---- titles are distinct ---- */

typedef struct titled {
    char *title;
    size_t bin; /* the component of a histogram's bin, else VS_NONE */
    vs__place place;
} titled;

static int compare_titles(const void *a, const void *b) {
    return strcmp(((const titled *)a)->title, ((const titled *)b)->title);
}

static bool add_title(titled *list, size_t *count, char *title, size_t bin, vs__place place) {
    list[*count] = (titled){title, bin, place};
    *count += title != NULL;
    return title != NULL;
}

static bool collect_titles(const vs_plan *plan, titled *list, size_t *count, const vs__place *by,
                           const vs__place *measures) {
    bool ok = true;
    for (size_t i = 0; ok && i < plan->by_count; i++) {
        ok =
            add_title(list, count, strdup(plan->columns[plan->by[i]].name), VS_NONE, (vs__place){.up = by, .index = i});
    }
    for (size_t i = 0; ok && i < plan->measure_count; i++) {
        const vs_measure *measure = &plan->measures[i];
        bool is_histogram = measure->kind == VS_MEASURE_HISTOGRAM;
        for (size_t j = 0; ok && j < vs_measure_column_count(measure); j++) {
            ok = add_title(list, count, vs_measure_column_title(plan, measure, j),
                           is_histogram ? measure->components[j] : VS_NONE, (vs__place){.up = measures, .index = i});
        }
    }
    return ok;
}

/* Results are read by title, in JSON by nothing else. */
vs_status vs__plan_check_titles(const vs_plan *plan, vs_error *error) {
    const vs__place root = {.up = NULL}, by = {.up = &root, .key = "by"}, measures = {.up = &root, .key = "measures"};
    size_t total = plan->by_count, count = 0;
    for (size_t i = 0; i < plan->measure_count; i++) {
        total += vs_measure_column_count(&plan->measures[i]);
    }
    titled *list = calloc(total + 1, sizeof *list);
    if (list == NULL || !collect_titles(plan, list, &count, &by, &measures)) {
        vs_status failed = vs_fail_plain(error, VS_ERR_MEMORY);
        for (size_t i = 0; i < count; i++) {
            free(list[i].title);
        }
        free(list);
        return failed;
    }
    vs_status status = VS_OK;
    qsort(list, count, sizeof *list, compare_titles);
    for (size_t i = 1; status == VS_OK && i < count; i++) {
        bool shared = list[i].bin != VS_NONE && list[i].bin == list[i - 1].bin;
        if (!shared && strcmp(list[i].title, list[i - 1].title) == 0) {
            char shown[80];
            status = vs__plan_fail(&list[i].place, error, VS_ERR_RANGE, "two columns of the result would be called %s",
                                   vs__printable(shown, list[i].title));
            vs_hint(error, "rename the column in the plan, and read it with --column 'New name=name in the table'");
        }
    }
    for (size_t i = 0; i < count; i++) {
        free(list[i].title);
    }
    free(list);
    return status;
}

/* ---- identifiers ---- */

void vs_session_id(uint8_t sid[VS_HASH_BYTES], const uint8_t plan_id[VS_HASH_BYTES], const char *period,
                   uint64_t attempt) {
    vs_hash hash;
    vs_hash_init(&hash, "veilsum sid");
    vs_hash_field(&hash, plan_id, VS_HASH_BYTES);
    vs_hash_field(&hash, period, strlen(period));
    vs_hash_u64(&hash, attempt);
    vs_hash_final(&hash, sid);
}

void vs_contributor_id(uint8_t id[VS_ID_BYTES], const uint8_t sid[VS_HASH_BYTES], const char *name) {
    uint8_t full[VS_HASH_BYTES];
    vs_hash hash;
    vs_hash_init(&hash, "veilsum contributor name");
    vs_hash_field(&hash, sid, VS_HASH_BYTES);
    vs_hash_field(&hash, name, strlen(name));
    vs_hash_final(&hash, full);
    memcpy(id, full, VS_ID_BYTES);
}
