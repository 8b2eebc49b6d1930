/* How many processors this process may use: its affinity mask, capped by the quota of its control group. */
#ifndef VEILSUM_CRYPTO_PROCESSORS_H
#define VEILSUM_CRYPTO_PROCESSORS_H

#include <sched.h>
#include <stdbool.h>
#include <stddef.h>

/* A set of processors as the system numbers them, as long as the machine needs it. */
typedef struct vs__processor_set {
    cpu_set_t *set;
    size_t bytes;
} vs__processor_set;

/** The calling thread's affinity mask; false where there is no memory. */
bool vs__processors_allowed(vs__processor_set *allowed);
void vs__processors_clear(vs__processor_set *allowed);

/** At least 1. Reads /proc and /sys once a call. */
size_t vs__processors(void);
/** The same where `count` takes the affinity mask's place. */
size_t vs__processors_capped(size_t count);

/** The quota in whole processors, rounded up, of the group that `membership` (the text of /proc/self/cgroup) names, its
 * parents included; `mount` is where control groups are mounted (/sys/fs/cgroup). 0 where there is no quota. */
size_t vs__processor_quota(const char *membership, const char *mount);

#endif
