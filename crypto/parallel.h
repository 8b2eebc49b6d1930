/* Spreading a batch over threads: the only place that knows OpenMP.
 *
 * Kernels are single-threaded; callers hand a batch of independent items and a function that works on a contiguous run
 * of them. Results do not depend on the number of threads; of several errors the one with the lowest index is returned.
 *
 * Scheduling: every thread begins with a contiguous part of the runs, the same part whenever a batch of that size comes
 * again, so that it finds its memory in its caches and on its node; whoever is done helps the others (crypto/runs.h).
 * That serves even work and uneven work alike, so there is nothing to choose.
 */
#ifndef VEILSUM_CRYPTO_PARALLEL_H
#define VEILSUM_CRYPTO_PARALLEL_H

#include <stddef.h>

#include "crypto/status.h"

/** Threads that a batch uses from now on; 0, the default, stands for all that the process may use (affinity mask and
 * cgroup quota). That counts a core's second processing unit: it adds little to arithmetic that saturates the core, but
 * it takes nothing away, and it hides the waiting of all that does not: look-ups, hashing, GMP. */
void vs_parallel_set_threads(size_t threads);

/** How many threads a batch uses; at least 1. */
size_t vs_parallel_threads(void);

/** Bind the threads of batches that the calling thread runs from now on to cores or memory nodes (crypto/placement.h
 * says which), within its affinity mask. For programs: a library does not do that unasked, since OpenMP's threads may
 * serve its host too. The calling thread itself is bound during a batch only. Nothing happens where the environment
 * says how OpenMP is to bind threads: OMP_PROC_BIND (false included), OMP_PLACES. */
void vs_parallel_pin(void);

/** Work on items first .. first + count − 1. */
typedef vs_status (*vs_task)(void *context, size_t first, size_t count);

/** Call `task` on runs of at most `grain` items that together cover 0 .. count − 1, on several threads.
 *
 *  Returns: VS_OK, or the status of the failing run with the lowest first index (every run before it has been done).
 */
VS_MUST_CHECK vs_status vs_parallel_for(size_t count, size_t grain, vs_task task, void *context);

/** How many of `count` items to give to a run: at most `most`, and so that every thread gets as many runs as the
 * others; at least 1. Depends on the number of threads: what is kept by run must not show in results. */
size_t vs_parallel_grain(size_t count, size_t most);

#endif
