/* What an owner's tool remembers of the tables that it has encrypted, to warn before the same rows go into a second
 * plan: two results over the same rows can tell more than either. It lies with the owner's identity and goes nowhere.
 *
 *     veilsum owner record
 *     table 2026-11-24T17:00:00Z PLAN-ID 1000 16-hex-digit hashes, ascending, with commas PERIOD
 *
 * one line a contribution, the latest last; PERIOD is the rest of the line and may be empty.
 */
#ifndef VEILSUM_AGGREGATE_OWNER_RECORD_H
#define VEILSUM_AGGREGATE_OWNER_RECORD_H

#include "aggregate/plan/plan.h"
#include "aggregate/table/sketch.h"

#define VS_MAX_OWNER_RECORD_BYTES (16u << 20)

typedef struct vs_owner_line {
    int64_t time;
    uint8_t plan_id[VS_HASH_BYTES];
    char period[VS_MAX_NAME_BYTES + 1];
    const vs_sketch *sketch; /* its rows and hashes */
} vs_owner_line;

/* An earlier contribution that has rows of this one. */
typedef struct vs_owner_overlap {
    uint64_t count; /* of such contributions; the one with the most rows in common is described below */
    unsigned percent;
    int64_t time;
    bool other_plan;
    char period[VS_MAX_NAME_BYTES + 1];
    uint8_t plan_id[VS_HASH_BYTES];
} vs_owner_overlap;

/** Look through the record's text (`len` 0: none yet) for contributions of the same rows to another plan, or to another
 * period of this one. Returns: VS_OK, VS_ERR_FORMAT. */
VS_MUST_CHECK vs_status vs_owner_record_search(vs_owner_overlap *overlap, const char *name, const char *text,
                                               size_t len, const vs_owner_line *line, vs_error *error);

/** The text with one more line; malloc'd. The same plan and period with the same rows again: it stays as it is.
 * Returns: VS_OK, VS_ERR_LIMIT, VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs_owner_record_add(char **out, size_t *out_len, const char *text, size_t len,
                                            const vs_owner_line *line, vs_error *error);

#endif
