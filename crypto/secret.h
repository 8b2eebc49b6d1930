/* Memory for secrets: locked where the system allows it, kept out of core dumps, guarded against overruns, wiped when
 * freed (libsodium's guarded heap).
 *
 * What is freed is wiped at once; its pages may be kept, locked, for blocks of the same length.
 *
 * vs_secret_setup also makes every block that GMP frees inside this process be wiped first, since GMP's own
 * temporaries would otherwise stay readable.
 */
#ifndef VEILSUM_CRYPTO_SECRET_H
#define VEILSUM_CRYPTO_SECRET_H

#include <stddef.h>

#include "crypto/status.h"

/** Prepare libsodium and GMP. Idempotent; call it once at start-up before any other thread runs.
 *  Returns: VS_OK, VS_ERR_RANDOM.
 */
VS_MUST_CHECK vs_status vs_secret_setup(void);

/** `len` zeroed bytes aligned to 64, or NULL. Freed by vs_secret_free. vs_secret_setup comes first. */
void *vs_secret_alloc(size_t len);

/** Wipe and free what vs_secret_alloc gave; NULL is allowed. */
void vs_secret_free(void *secret);

/** Wipe memory in a way that the compiler cannot leave out. */
void vs_wipe(void *memory, size_t len);

/** Fill with bytes of the system's generator. vs_secret_setup comes first. */
void vs_random(void *out, size_t len);

#endif
