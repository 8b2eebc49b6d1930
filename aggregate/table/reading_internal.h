/* What the readers of tables and vectors share: fields that are missing, and why a text is not a number. */
#ifndef VEILSUM_AGGREGATE_READING_INTERNAL_H
#define VEILSUM_AGGREGATE_READING_INTERNAL_H

#include "aggregate/table/cells.h"
#include "aggregate/table/decimal.h"

/** The name that the table's header has for a column of the plan. */
const char *vs__table_name(const vs_reading *reading, const char *plan_name);

/** The one field of a header with this name, into `*index`; missing or doubled is VS_ERR_FORMAT with a hint.
 * `plan_name` is what the plan calls it. The message stands without "row 1". */
VS_MUST_CHECK vs_status vs__find_in_header(size_t *index, const vs_reading *reading, const char *plan_name,
                                           const vs_field *header, size_t count, vs_error *error);

/** Empty, or one of the texts that stand for a missing value; the whole field must match. */
bool vs__field_is_missing(const vs_reading *reading, const vs_field *field);

/** "not a number", with the hint that fits what stands there; nothing of the field is printed. Returns VS_ERR_FORMAT.
 */
vs_status vs__fail_not_a_number(const vs_reading *reading, const vs_field *field, vs_error *error);

/** Why a text was not taken as a number of this scale, within these bounds. */
vs_status vs__fail_decimal(vs_decimal_result result, const vs_reading *reading, const vs_field *field, unsigned scale,
                           int64_t min, int64_t max, vs_error *error);

/** Is a scaled value within the plan's bounds? The bounds are public and printed, the value is not. VS_ERR_RANGE if
 * not. */
vs_status vs__check_bounds(int64_t value, unsigned scale, int64_t min, int64_t max, vs_error *error);

#endif
