/* Plans and people: `plan show` says a plan in words, `plan new` writes one from a sample. */
#ifndef VEILSUM_AGGREGATE_PLAN_TEXT_H
#define VEILSUM_AGGREGATE_PLAN_TEXT_H

#include "aggregate/plan/plan.h"
#include "aggregate/table/cells.h"

/** In words: what the key holder will and will not learn, from how many, slot widths, the size of a contribution at
 * this key size, and what `groups` costs. key_bits, degree: the key that will be used (3072, 1 where it is not at
 * hand). */
VS_MUST_CHECK vs_status vs_plan_show(const vs_plan *plan, unsigned key_bits, unsigned degree, const vs_sink *sink,
                                     vs_error *error);

/* What `plan new` was asked for, in the order of the command line. */
typedef struct vs_plan_wish {
    const char *verb;     /* "count", "sum", "mean", "variance", "histogram", "covariance", "regression" */
    const char *argument; /* "COL"; mean "COL" or "COL;weight=W"; covariance "X,Y"; regression "Y~X"; histogram "COL" or
                             "COL=0,20,50,null"; count: ignored */
} vs_plan_wish;

/* A party of the roster. */
typedef struct vs_party_wish {
    vs_public_identity identity;
    const char *organisation;
    unsigned may;
} vs_party_wish;

/** "contribute", "open", "aggregate" or "audit" as a bit of vs_may; 0 where it is none of them. */
unsigned vs_may_from_name(const char *name, size_t len);

typedef struct vs_plan_request {
    const char *title; /* may be NULL */
    const char *const *by;
    size_t by_count;
    const vs_plan_wish *wishes;
    size_t wish_count;
    uint64_t min_rows, min_contributors;         /* 0: not given; both 0: no `groups` */
    uint64_t contributors_min, contributors_max; /* 0: default */
    uint64_t rows_max;                           /* 0: default */
    vs_opening opening;
    const uint8_t *key_fingerprint;     /* key, threshold */
    const uint8_t *holders_fingerprint; /* threshold */
    const char *const *servers;         /* shares: names on the roster */
    size_t server_count;
    uint64_t corrupt_percent, absent_percent; /* masks */
    uint64_t vector_length;                   /* not 0: a vector plan; vector_* below are decimal strings */
    unsigned vector_scale;
    const char *vector_min, *vector_max;
    const char *purpose; /* may be NULL, as may the days, "2026-11-24" */
    const char *valid_from, *valid_until;
    uint64_t uses, signatures; /* 0: not given */
    const vs_party_wish *parties;
    size_t party_count; /* 0: no roster */
} vs_plan_request;

/** Write a plan, with domain, scale and bounds from a sample (NULL for a vector plan). Bounds are widened to 1, 2 or 5
 * · 10^k, at least twice the sample's. `*public_note` (malloc'd) says in one line what of the sample becomes public. */
VS_MUST_CHECK vs_status vs_plan_new(const vs_plan_request *request, const vs_reading *reading, const vs_source *sample,
                                    const vs_sink *sink, char **public_note, vs_error *error);

/** Write the plan that follows on one with a roster: the same, with parties added, and the old one's id under
 * "replaces". contributors.max grows by those that may contribute, where it is written; so does signatures, where it
 * was that all must sign. Returns: VS_OK; what vs_plan_parse does, for the old plan and the new; VS_ERR_POLICY (the old
 * plan has no roster). */
VS_MUST_CHECK vs_status vs_plan_succeed(const char *name, const void *json, size_t len, const vs_party_wish *added,
                                        size_t added_count, const vs_sink *sink, vs_error *error);

#endif
