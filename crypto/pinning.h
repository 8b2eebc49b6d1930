/* Binding a team's threads to where they belong, while a batch runs. */
#ifndef VEILSUM_CRYPTO_PINNING_H
#define VEILSUM_CRYPTO_PINNING_H

#include <stdbool.h>
#include <stddef.h>

/** Teams that the calling thread leads are bound from now on, unless the user's environment binds OpenMP's threads. */
void vs__pin_from_now_on(void);

typedef struct vs__pinning vs__pinning;

/** Where a team of `threads` that the calling thread leads belongs; NULL where it is not to be bound. Valid until the
 * calling thread's next call. Cheap unless `threads` or the thread's affinity mask has changed. */
const vs__pinning *vs__pinning_for(size_t threads);
/** Bind the calling thread, the `index`th of the team; once bound to a place, this costs nothing. */
void vs__pin_self(const vs__pinning *pinning, size_t index);
/** Give the leading thread back the mask that it had. */
void vs__unpin_self(const vs__pinning *pinning);

#endif
