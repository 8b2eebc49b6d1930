/* A page of text for people: paragraphs of at most 100 columns, and nothing in them that could mislead a reader of what
 * came from a plan. */
#ifndef VEILSUM_AGGREGATE_PLAN_PAGE_H
#define VEILSUM_AGGREGATE_PLAN_PAGE_H

#include "aggregate/plan/plan.h"

/* The first failure is kept, so that sentences stay plain. */
typedef struct vs__page {
    const vs_sink *sink;
    vs_status status;
    vs_error *error;
} vs__page;

/** One paragraph behind `lead`, which is ASCII; further lines are indented as far as it is wide. */
void vs__say(vs__page *to, const char *lead, const char *format, ...) __attribute__((format(printf, 3, 4)));
/** A paragraph behind an empty line. */
void vs__heading(vs__page *to, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** (plan_show_roster.c) Purpose, days, uses, and the plan before this one. */
void vs__say_terms(vs__page *to, const vs_plan *plan);
/** Who takes part and may do what, whose signatures are needed, and the sets. Nothing where there is no roster. */
void vs__say_roster(vs__page *to, const vs_plan *plan);

#endif
