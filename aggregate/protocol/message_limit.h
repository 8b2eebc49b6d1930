/* How long what owners, servers and openers send may be: no honest one is longer, and none is much longer than an
 * honest one could be. */
#ifndef VEILSUM_AGGREGATE_MESSAGE_LIMIT_H
#define VEILSUM_AGGREGATE_MESSAGE_LIMIT_H

#include "aggregate/plan/plan.h"

/** A contribution, a total or a part under the plan, whatever its key. */
uint64_t vs__container_limit(const vs_plan *plan);
/** A result as JSON. */
uint64_t vs__result_limit(const vs_plan *plan);

#endif
