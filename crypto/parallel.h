/* Spreading a batch over threads: the only place that knows OpenMP.
 *
 * Kernels are single-threaded; callers hand a batch of independent items and a function that works on a contiguous run
 * of them. Results do not depend on the number of threads; of several errors the one with the lowest index is returned.
 */
#ifndef VEILSUM_CRYPTO_PARALLEL_H
#define VEILSUM_CRYPTO_PARALLEL_H

#include <stddef.h>

#include "crypto/status.h"

/** Threads that a batch uses from now on; 0 stands for all that the process may use (affinity mask and cgroup quota).
 */
void vs_parallel_set_threads(size_t threads);

/** How many threads a batch uses; at least 1. */
size_t vs_parallel_threads(void);

/** Work on items first .. first + count − 1. */
typedef vs_status (*vs_task)(void *context, size_t first, size_t count);

/** Call `task` on runs of at most `grain` items that together cover 0 .. count − 1, on several threads.
 *
 *  Returns: VS_OK, or the status of the failing run with the lowest first index (every run before it has been done).
 */
VS_MUST_CHECK vs_status vs_parallel_for(size_t count, size_t grain, vs_task task, void *context);

#endif
