/* Where threads belong on a machine: the only place that knows hwloc.
 *
 * Arithmetic saturates a core's multipliers, and combining on many cores saturates memory. So threads are spread over
 * the memory nodes in turn, one a core as long as there are cores; a core's second processing unit is used only when
 * all cores have their thread. Threads are then numbered along the machine: neighbours in number, who work on
 * neighbouring parts of a batch, share caches and memory.
 *
 * What a thread is bound to is never narrower than it has to be, since a thread that is bound to a core waits when
 * another program runs there. Where every core has a thread, each gets its core, unless all cores are alike to the
 * system's own scheduler anyway: one memory node, one unit a core. With fewer threads than cores each gets its memory
 * node and no more: two programs that each run four threads must not meet on the same four cores of a hundred.
 */
#ifndef VEILSUM_CRYPTO_PLACEMENT_H
#define VEILSUM_CRYPTO_PLACEMENT_H

#include <stddef.h>

#include "crypto/processors.h"
#include "crypto/status.h"

/** Fill in the places of threads 0 … threads − 1.
 *
 *  Shape:   places are `threads` sets of allowed->bytes bytes each, one behind the other.
 *  Range:   each place is a part of `allowed`, and not empty.
 *  Machine: this one if NULL, else one described in hwloc's synthetic language, as "package:2 numa:1 core:32 pu:2".
 *  Returns: VS_OK; VS_ERR_USAGE (the description is not understood, or the machine has nothing that is allowed);
 *           VS_ERR_MEMORY.
 */
VS_MUST_CHECK vs_status vs__place(cpu_set_t *places, size_t threads, const vs__processor_set *allowed,
                                  const char *machine);

#endif
