/* Memory for public numbers that kernels work on: it begins on a cache line, since a vector that lies across two costs
 * two loads. Secrets go to secret.h. */
#ifndef VEILSUM_CRYPTO_MEMORY_H
#define VEILSUM_CRYPTO_MEMORY_H

#include <stddef.h>

/* Of a cache; and of what a thread may write without disturbing another. */
#define VS_CACHE_LINE 64

/** `len` bytes on a cache line, of undefined content, or NULL. Freed with free(). */
void *vs_lines_alloc(size_t len);

/** For programs: what a batch frees stays with the process and serves the next one. The C library would otherwise give
 * every large block back to the system, which then clears its pages anew, one fault for each. */
void vs_memory_keep(void);

#endif
