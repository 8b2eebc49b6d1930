#include "aggregate/result/policy.h"

#include <string.h>

const char *vs_reason_name(vs_reason reason) {
    switch (reason) {
    case VS_BELOW_MIN_ROWS:
        return "min_rows";
    case VS_BELOW_MIN_CONTRIBUTORS:
        return "min_contributors";
    case VS_COMPLEMENTARY:
        return "complementary";
    case VS_SHOWN:
        break;
    }
    return "shown";
}

unsigned vs_measure_class(const vs_plan *plan, const vs_measure *measure) {
    for (size_t i = 0; i < measure->component_count; i++) {
        unsigned block_class = plan->components[measure->components[i]].block_class;
        if (block_class > 0) {
            return block_class;
        }
    }
    return 0;
}

/* ---- classes ---- */

/* The columns whose presence decides which rows a measure is over; all components of one class agree on them. */
static const vs_component *class_component(const vs_plan *plan, const vs_measure *measure) {
    for (size_t i = 0; i < measure->component_count; i++) {
        const vs_component *component = &plan->components[measure->components[i]];
        if (component->block_class > 0) {
            return component;
        }
    }
    return NULL;
}

static bool has_column(const vs_component *component, size_t column) {
    for (unsigned i = 0; i < component->present_count; i++) {
        if (component->present[i] == column) {
            return true;
        }
    }
    return false;
}

static unsigned shared_columns(const vs_component *a, const vs_component *b) {
    unsigned shared = 0;
    for (unsigned i = 0; i < a->present_count; i++) {
        shared += has_column(b, a->present[i]);
    }
    return shared;
}

/* Would the sums of two shown classes with these counts give away those of fewer than min_rows rows? */
static bool conflict(const vs_plan *plan, const vs_component *a, const vs_component *b, vs_int128 count_a,
                     vs_int128 count_b, vs_int128 rows) {
    unsigned shared = shared_columns(a, b);
    if (shared == 0) {
        return false;
    }
    bool nested = shared == a->present_count || shared == b->present_count || count_a == rows || count_b == rows;
    vs_int128 difference = count_a > count_b ? count_a - count_b : count_b - count_a;
    return difference < (vs_int128)plan->min_rows && !(nested && difference == 0);
}

/* Of two measures in conflict, should the first give way? `first` stands later in the plan. */
static bool gives_way(const vs_component *first, const vs_component *second, vs_int128 count_first,
                      vs_int128 count_second) {
    if (count_first != count_second) {
        return count_first < count_second;
    }
    return first->present_count >= second->present_count;
}

static void decide_pair(const vs_plan *plan, const vs_int128 *cells, uint8_t *reasons, const vs_measure *later,
                        const vs_measure *earlier) {
    const vs_component *a = class_component(plan, later), *b = class_component(plan, earlier);
    if (a == NULL || b == NULL || a->block_class == b->block_class || reasons[a->block_class] != VS_SHOWN ||
        reasons[b->block_class] != VS_SHOWN) {
        return;
    }
    vs_int128 count_a = cells[later->own_count], count_b = cells[earlier->own_count];
    if (conflict(plan, a, b, count_a, count_b, cells[plan->rows_component])) {
        reasons[gives_way(a, b, count_a, count_b) ? a->block_class : b->block_class] = VS_COMPLEMENTARY;
    }
}

void vs_policy_decide(const vs_plan *plan, const vs_int128 *group_cells, uint8_t *reasons) {
    VS_CHECK(plan->has_minimums);
    vs_int128 rows = group_cells[plan->rows_component];
    uint8_t whole = VS_SHOWN;
    if (group_cells[plan->contributors_component] < (vs_int128)plan->min_contributors) {
        whole = VS_BELOW_MIN_CONTRIBUTORS;
    } else if (rows < (vs_int128)plan->min_rows) {
        whole = VS_BELOW_MIN_ROWS;
    }
    memset(reasons, whole, plan->class_count);
    if (whole != VS_SHOWN) {
        return;
    }
    bool all_complete = true; /* every class counts every row: then no two differ */
    for (size_t i = 0; i < plan->measure_count; i++) {
        unsigned block_class = vs_measure_class(plan, &plan->measures[i]);
        if (block_class > 0) {
            vs_int128 count = group_cells[plan->measures[i].own_count];
            all_complete = all_complete && count == rows;
            if (count < (vs_int128)plan->min_rows) {
                reasons[block_class] = VS_BELOW_MIN_ROWS;
            }
        }
    }
    for (size_t i = 1; i < plan->measure_count && !all_complete; i++) {
        for (size_t j = 0; j < i; j++) {
            decide_pair(plan, group_cells, reasons, &plan->measures[i], &plan->measures[j]);
        }
    }
}

/* ---- bins ---- */

static vs_int128 bin_rows(const vs_measure *histogram, const vs_int128 *cells, size_t bin) {
    return cells[histogram->components[bin]];
}

/* What the bins at or below a threshold are together, and the smallest above it. */
typedef struct withheld {
    size_t count;
    vs_int128 rows, least, most, next;
    bool has_next;
} withheld;

static withheld at_most(const vs_measure *histogram, const vs_int128 *cells, vs_int128 threshold) {
    withheld w = {0};
    for (size_t i = 0; i < histogram->component_count; i++) {
        vs_int128 rows = bin_rows(histogram, cells, i);
        if (rows <= threshold) {
            w.least = w.count == 0 || rows < w.least ? rows : w.least;
            w.most = w.count == 0 || rows > w.most ? rows : w.most;
            w.rows += rows;
            w.count++;
        } else if (!w.has_next || rows < w.next) {
            w.next = rows;
            w.has_next = true;
        }
    }
    return w;
}

/* Bins at or below the threshold are withheld. It ends without boundary ties, so the rule does not tell bins of the
 * withheld set apart: exchanging two counts leaves everything printed as it is. Were all of them equal, below min_rows
 * − 1, one row could move from one to another; and where no bin is left to show, all rows could be in any one bin. */
static vs_int128 bin_threshold(const vs_plan *plan, const vs_measure *histogram, const vs_int128 *cells) {
    vs_int128 least_shown = (vs_int128)plan->min_rows, threshold = least_shown - 1;
    for (;;) {
        withheld w = at_most(histogram, cells, threshold);
        bool saturated = w.least == least_shown - 1 && w.most == least_shown - 1;
        if (w.count == 0 || !w.has_next || (w.count >= 2 && w.rows >= least_shown && !saturated)) {
            return threshold;
        }
        threshold = w.next; /* at most three times: one bin of min_rows or more settles all but the number of bins */
    }
}

/* ---- bins beside moments of the same rows ---- */

/* Least and greatest of x^power over the scaled values that a bin may hold. */
typedef struct span {
    vs_int128 low, high;
} span;

static span bin_values(const vs_column *column, const vs_bin *bin) {
    span s = {column->min, column->max};
    if (!bin->other && !bin->low_open && bin->low > s.low) {
        s.low = bin->low;
    }
    if (!bin->other && !bin->high_open && (vs_int128)bin->high - 1 < s.high) {
        s.high = (vs_int128)bin->high - 1;
    }
    return s;
}

static span bin_powers(const vs_column *column, const vs_bin *bin, unsigned power) {
    span s = bin_values(column, bin);
    if (power == 1) {
        return s;
    }
    vs_int128 low = s.low * s.low, high = s.high * s.high;
    span squares = {low < high ? low : high, low < high ? high : low};
    if (s.low < 0 && s.high > 0) {
        squares.low = 0;
    }
    return squares;
}

/* An opened Σ x^power over exactly the histogram's rows, and what the bins' counts allow it to be. */
typedef struct moment {
    unsigned power;
    vs_int128 value, low, high;
} moment;

/* With rows like these, can one row move from bin `from` to bin `to` without contradicting the moments? */
static bool can_move(const vs_plan *plan, const vs_measure *histogram, const vs_int128 *cells, const moment *moments,
                     size_t moment_count, size_t from, size_t to) {
    const vs_column *column = &plan->columns[histogram->x];
    if (bin_rows(histogram, cells, from) == 0) {
        return false;
    }
    for (size_t i = 0; i < moment_count; i++) {
        span out = bin_powers(column, &histogram->bins[from], moments[i].power);
        span in = bin_powers(column, &histogram->bins[to], moments[i].power);
        if (moments[i].low - out.low + in.low > moments[i].value ||
            moments[i].high - out.high + in.high < moments[i].value) {
            return false;
        }
    }
    return true;
}

/* Is this component an opened moment of the histogram's column alone, over the same rows? A class over more columns
 * counts where no row of it lacks the others. */
static bool is_moment_of(const vs_plan *plan, const vs_component *component, const vs_measure *histogram,
                         const vs_int128 *cells, const uint8_t *class_reasons) {
    if (component->kind != VS_COMPONENT_MOMENT || component->factor_count == 0 ||
        class_reasons[component->block_class] != VS_SHOWN) {
        return false;
    }
    for (unsigned i = 0; i < component->factor_count; i++) {
        if (component->factor[i] != histogram->x) {
            return false;
        }
    }
    for (size_t i = 0; i < plan->measure_count; i++) {
        const vs_measure *measure = &plan->measures[i];
        if (vs_measure_class(plan, measure) == component->block_class) {
            return cells[measure->own_count] == cells[histogram->own_count];
        }
    }
    return false;
}

static size_t find_moments(const vs_plan *plan, const vs_measure *histogram, const vs_int128 *cells,
                           const uint8_t *class_reasons, moment moments[2]) {
    size_t count = 0;
    const vs_column *column = &plan->columns[histogram->x];
    for (size_t i = 0; i < plan->component_count; i++) {
        const vs_component *component = &plan->components[i];
        bool known = count > 0 && moments[0].power == component->factor_count;
        if (count == 2 || known || !is_moment_of(plan, component, histogram, cells, class_reasons)) {
            continue;
        }
        moment *m = &moments[count++];
        *m = (moment){.power = component->factor_count, .value = cells[i]};
        for (size_t bin = 0; bin < histogram->bin_count; bin++) {
            /* No overflow: the counts add up to the own count, and own count × extreme power fits the moment's slot. */
            span s = bin_powers(column, &histogram->bins[bin], m->power);
            m->low += bin_rows(histogram, cells, bin) * s.low;
            m->high += bin_rows(histogram, cells, bin) * s.high;
        }
    }
    return count;
}

/* Do the opened moments leave every withheld bin undetermined? Rows move between neighbours among the withheld bins:
 * those are the moves that change the moments least. */
static bool moments_leave_open(const vs_plan *plan, const vs_measure *histogram, const vs_int128 *cells,
                               const uint8_t *class_reasons, vs_int128 threshold) {
    moment moments[2];
    size_t count = find_moments(plan, histogram, cells, class_reasons, moments);
    size_t before = VS_NONE; /* the withheld bin before this one, and whether that one is settled */
    bool before_open = true;
    for (size_t bin = 0; bin < histogram->bin_count && count > 0; bin++) {
        if (bin_rows(histogram, cells, bin) > threshold) {
            continue;
        }
        bool open = before != VS_NONE && (can_move(plan, histogram, cells, moments, count, before, bin) ||
                                          can_move(plan, histogram, cells, moments, count, bin, before));
        if (!open && !before_open) {
            return false;
        }
        before_open = open;
        before = bin;
    }
    return before_open;
}

void vs_policy_decide_bins(const vs_plan *plan, const vs_measure *histogram, const vs_int128 *group_cells,
                           const uint8_t *class_reasons, uint8_t *bin_reasons) {
    VS_CHECK(plan->has_minimums && histogram->kind == VS_MEASURE_HISTOGRAM);
    memset(bin_reasons, VS_SHOWN, histogram->component_count);
    if (plan->min_rows == 0) {
        return;
    }
    vs_int128 threshold = bin_threshold(plan, histogram, group_cells), sum = 0;
    size_t withheld_count = 0;
    for (size_t i = 0; i < histogram->component_count; i++) {
        vs_int128 rows = bin_rows(histogram, group_cells, i);
        bool shown = rows > threshold;
        bin_reasons[i] = shown ? VS_SHOWN : VS_BELOW_MIN_ROWS;
        withheld_count += !shown;
        sum += rows;
    }
    /* Counts that do not add up are a lie of some contribution's; nothing is concluded from them. */
    if (withheld_count > 0 &&
        (sum != group_cells[histogram->own_count] ||
         (histogram->bins != NULL && !moments_leave_open(plan, histogram, group_cells, class_reasons, threshold)))) {
        memset(bin_reasons, VS_BELOW_MIN_ROWS, histogram->component_count);
    }
}
