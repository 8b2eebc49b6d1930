/* Sealing with chosen costs, for suites that seal often. vs_seal is this with the costs that keys get. */
#ifndef VEILSUM_CRYPTO_SEAL_INTERNAL_H
#define VEILSUM_CRYPTO_SEAL_INTERNAL_H

#include "crypto/seal.h"

/** passes 1 .. VS_SEAL_MAX_PASSES, memory_kib 8 .. VS_SEAL_MAX_MEMORY_KIB. */
VS_MUST_CHECK vs_status vs__seal_with(uint32_t passes, uint32_t memory_kib, uint8_t *out, const uint8_t *plain,
                                      size_t plain_len, const char *passphrase, size_t passphrase_len);

#endif
