/* Masks: what hides a vector of slots (crypto/sharing/slots.h) until it is taken off again.
 *
 * A key's mask is its stream (crypto/sharing/stream.h): word i of the mask is word i of the stream, little-endian, so
 * that a slot's mask is just the bits of the stream that lie where the slot lies. It is added to every slot modulo
 * 2^width, without carries between slots.
 *
 * Two protocols are made of it. Under pairwise masks one of a pair adds what the other subtracts. Additive shares need
 * nothing else: the shares of servers 2 .. k are the masks of random keys, so a key of 32 bytes stands for a whole
 * share; the first server's share is the vector with all those masks subtracted; and all shares add up to it.
 */
#ifndef VEILSUM_CRYPTO_SHARING_MASK_H
#define VEILSUM_CRYPTO_SHARING_MASK_H

#include <stdbool.h>

#include "crypto/sharing/slots.h"
#include "crypto/sharing/stream.h"
#include "crypto/status.h"

typedef struct vs_mask {
    uint8_t key[VS_STREAM_KEY_BYTES];
    bool subtract;
} vs_mask;

/** Add or subtract the masks of `count` keys, on all threads.
 *
 *  Shape:   slots and tops have `words` words; no slot is wider than VS_SLOT_MAX_BITS.
 *  Secret:  slots and keys; which masks are subtracted is public. Time depends on words, count and tops only.
 *  Owns:    nothing.
 *  Returns: VS_OK, VS_ERR_MEMORY (slots as they were). */
VS_MUST_CHECK vs_status vs_mask_apply(uint64_t *slots, const uint64_t *tops, size_t words, const vs_mask *masks,
                                      size_t count);

#endif
