/* Warnings: what is allowed in a plan and still worth a second look by a person. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aggregate/plan/plan_internal.h"

/* The first failure of the sink is kept, so that the checks below stay plain. */
typedef struct report {
    const vs_sink *sink;
    size_t count;
    vs_status status;
    vs_error *error;
} report;

static void warn(report *to, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void warn(report *to, const char *format, ...) {
    char line[1024];
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(line, sizeof line - 1, format, arguments);
    va_end(arguments);
    size_t used = len < 0 ? 0 : (size_t)len < sizeof line - 1 ? (size_t)len : sizeof line - 2;
    line[used++] = '\n';
    if (to->status == VS_OK) {
        to->status = to->sink->write(to->sink->context, line, used, to->error);
        to->count++;
    }
}

static void check_contributors(report *to, const vs_plan *plan) {
    if (plan->contributors_min == 1) {
        warn(to, "contributors.min is 1: the holder of the key may open a single owner's numbers");
    } else if (plan->contributors_min == 2) {
        warn(to, "contributors.min is 2: of a total of two, each owner learns the other's numbers from the result by "
                 "subtraction");
    }
    if (plan->min_contributors == 1) {
        warn(to, "groups.min_contributors is 1: a group that one owner alone has is shown, with that owner's numbers");
    }
    if (plan->min_rows == 1) {
        warn(to, "groups.min_rows is 1: groups of a single row are shown");
    }
}

bool vs_begins_like_formula(const char *text) {
    static const char *const wide[] = {"\xEF\xBC\x9D", "\xEF\xBC\x8B", "\xEF\xBC\x8D", "\xEF\xBC\xA0"};
    text += strspn(text, " ");
    if (*text != '\0' && strchr("=+-@\t\r\n", *text) != NULL) {
        return true;
    }
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++) {
        if (strncmp(text, wide[i], 3) == 0) {
            return true;
        }
    }
    return false;
}

static void check_formulas(report *to, const vs_column *column) {
    char name[80], value[80];
    size_t count = 0, first = 0;
    if (vs_begins_like_formula(column->name)) {
        warn(to, "columns: the name %s begins like a formula: a spreadsheet would run it",
             vs__printable(name, column->name));
    }
    for (size_t i = column->value_count; i-- > 0;) {
        if (vs_begins_like_formula(column->values[i])) {
            count++;
            first = i;
        }
    }
    if (count > 0) {
        warn(to, "column %s: %zu of its values, %s first, begin like a formula: a spreadsheet would run them",
             vs__printable(name, column->name), count, vs__printable(value, column->values[first]));
    }
}

/* Lower case (ASCII), without spaces: what a person would take for the same value. */
static char *folded(const char *text) {
    char *fold = malloc(strlen(text) + 1), *out = fold;
    if (fold == NULL) {
        return NULL;
    }
    for (; *text != '\0'; text++) {
        if (*text != ' ' && *text != '\t') {
            *out++ = *text >= 'A' && *text <= 'Z' ? (char)(*text - 'A' + 'a') : *text;
        }
    }
    *out = '\0';
    return fold;
}

typedef struct twin {
    char *fold;
    size_t level;
} twin;

static int compare_twins(const void *a, const void *b) {
    const twin *x = a, *y = b;
    int order = strcmp(x->fold, y->fold);
    return order != 0 ? order : (x->level > y->level) - (x->level < y->level);
}

/* `values` are distinct. */
static void check_twins(report *to, const char *where, const char *const *values, size_t value_count) {
    char a[80], b[80];
    size_t made = 0, count = 0, first = 0;
    twin *twins = calloc(value_count + 1, sizeof *twins);
    for (; twins != NULL && made < value_count; made++) {
        twins[made] = (twin){folded(values[made]), made};
        if (twins[made].fold == NULL) {
            break;
        }
    }
    if (twins == NULL || made < value_count) {
        to->status = vs_fail_plain(to->error, VS_ERR_MEMORY);
        goto done;
    }
    qsort(twins, made, sizeof *twins, compare_twins);
    for (size_t i = made; i-- > 1;) {
        if (strcmp(twins[i - 1].fold, twins[i].fold) == 0) {
            count++;
            first = i;
        }
    }
    if (count > 0) {
        warn(to, "%s %s and %s differ by case or spaces only%s", where,
             vs__printable(a, values[twins[first - 1].level]), vs__printable(b, values[twins[first].level]),
             count > 1 ? ", and others do" : "");
    }
done:
    for (size_t i = 0; twins != NULL && i < made; i++) {
        free(twins[i].fold);
    }
    free(twins);
}

static void check_column_twins(report *to, const vs_column *column) {
    char where[160], name[80];
    (void)snprintf(where, sizeof where, "column %s: the values", vs__printable(name, column->name));
    check_twins(to, where, (const char *const *)column->values, column->value_count);
}

/* ---- the roster ---- */

/* One name of each organisation, and how many of its parties may contribute. */
typedef struct organisation {
    const char *name;
    size_t contributing;
} organisation;

static void check_organisations(report *to, const vs_plan *plan) {
    char name[80];
    organisation *list = calloc(plan->organisation_count + 1, sizeof *list);
    const char **names = calloc(plan->organisation_count + 1, sizeof *names);
    size_t several = 0, first = 0, contributing = 0;
    if (list == NULL || names == NULL) {
        to->status = vs_fail_plain(to->error, VS_ERR_MEMORY);
        goto done;
    }
    for (size_t i = 0; i < plan->party_count; i++) {
        const vs_party *party = &plan->parties[i];
        names[party->organisation_index] = list[party->organisation_index].name = party->organisation;
        list[party->organisation_index].contributing += (party->may & VS_MAY_CONTRIBUTE) != 0;
    }
    for (size_t i = plan->organisation_count; i-- > 0;) {
        contributing += list[i].contributing > 0;
        several += list[i].contributing > 1;
        first = list[i].contributing > 1 ? i : first;
    }
    if (several > 0) {
        warn(to, "roster: %zu parties of %s%s may contribute: contributors.min counts an organisation once",
             list[first].contributing, vs__printable(name, list[first].name),
             several > 1 ? ", and several of others," : "");
    }
    if (contributing > 1 && contributing == plan->contributors_min) {
        warn(to, "contributors.min is %zu, as many as there are organisations: one that is absent stops every total",
             contributing);
    }
    check_twins(to, "roster: the organisations", names, plan->organisation_count);
done:
    free(names);
    free(list);
}

static void check_roster(report *to, const vs_plan *plan) {
    char name[80];
    unsigned any = 0;
    for (size_t i = 0; i < plan->party_count; i++) {
        const vs_party *party = &plan->parties[i];
        any |= party->may;
        if (!plan->is_threshold && (party->may & VS_MAY_OPEN) != 0 && (party->may & VS_MAY_AGGREGATE) != 0) {
            warn(to,
                 "roster: %s may both combine and open%s: whoever holds the key and sees single contributions can open "
                 "them",
                 vs__printable(name, party->identity.name),
                 (party->may & VS_MAY_CONTRIBUTE) != 0 ? ", and contributes besides" : "");
        }
    }
    if (plan->party_count > 0 && (any & VS_MAY_OPEN) == 0) {
        warn(to, "roster: nobody may open a total");
    }
    if (plan->party_count > 0) {
        check_organisations(to, plan);
    }
}

/* Without "other", a value between the bounds that no bin takes stops an owner's encrypt. */
static void check_edges(report *to, const vs_plan *plan, const vs_measure *measure) {
    const vs_column *column = &plan->columns[measure->x];
    char name[80];
    if (measure->bins == NULL || column->other != VS_OTHERWISE_ERROR) {
        return;
    }
    const vs_bin *lowest = &measure->bins[0], *highest = &measure->bins[measure->bin_count - 1];
    if ((!lowest->low_open && lowest->low > column->min) || (!highest->high_open && highest->high <= column->max)) {
        warn(to,
             "histogram(%s): the edges leave out values that min and max allow (the last edge is not in its bin): such "
             "a value will be an error; open the ends with null, or say \"other\"",
             vs__printable(name, column->name));
    }
}

static void check_widths(report *to, const vs_plan *plan) {
    for (size_t i = 0; i < plan->measure_count; i++) {
        const vs_measure *measure = &plan->measures[i];
        unsigned widest = 0;
        for (size_t j = 0; j < measure->component_count; j++) {
            unsigned width = plan->components[measure->components[j]].width;
            widest = width > widest ? width : widest;
        }
        if (widest > 100) {
            char shown[80], *title = vs_measure_column_title(plan, measure, 0);
            warn(to,
                 "%s needs slots of %u bits: a smaller scale, closer bounds or a smaller rows.max make contributions "
                 "smaller",
                 title != NULL ? vs__printable(shown, title) : "a measure", widest);
            free(title);
        }
    }
}

vs_status vs_plan_warnings(const vs_plan *plan, const vs_sink *sink, size_t *count, vs_error *error) {
    report to = {.sink = sink, .status = VS_OK, .error = error};
    check_contributors(&to, plan);
    check_roster(&to, plan);
    for (size_t i = 0; to.status == VS_OK && i < plan->column_count; i++) {
        check_formulas(&to, &plan->columns[i]);
        check_column_twins(&to, &plan->columns[i]);
    }
    for (size_t i = 0; to.status == VS_OK && i < plan->measure_count; i++) {
        if (plan->measures[i].kind == VS_MEASURE_HISTOGRAM) {
            check_edges(&to, plan, &plan->measures[i]);
        }
    }
    check_widths(&to, plan);
    *count = to.count;
    return to.status;
}
