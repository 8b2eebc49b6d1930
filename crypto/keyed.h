/* Short hashes under a secret key, for tables that an opponent may fill: SipHash-2-4 [AB12]. */
#ifndef VEILSUM_CRYPTO_KEYED_H
#define VEILSUM_CRYPTO_KEYED_H

#include <stddef.h>
#include <stdint.h>

#define VS__KEYED_BYTES 16

uint64_t vs__keyed_hash(const uint8_t key[VS__KEYED_BYTES], const void *data, size_t len);

#endif
