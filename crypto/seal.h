/* Sealing a short secret with a passphrase: Argon2id makes the key, libsodium's secretstream seals.
 *
 * The parameters stand in the sealed bytes, and are bounded when they are read, so that a hostile file costs neither
 * more memory nor more time than VS_SEAL_MAX_* allow.
 *
 *     sealed = "vs-seal1" ‖ passes u32 ‖ memory KiB u32 ‖ salt (16) ‖ stream header (24) ‖ ciphertext ‖ tag (17)
 */
#ifndef VEILSUM_CRYPTO_SEAL_H
#define VEILSUM_CRYPTO_SEAL_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/status.h"

#define VS_SEAL_OVERHEAD (8 + 4 + 4 + 16 + 24 + 17)
#define VS_SEAL_MAX_PASSES 16u
#define VS_SEAL_MAX_MEMORY_KIB (1024u * 1024u)
#define VS_SEAL_MAX_PASSPHRASE 4096u

/** Seal `plain_len` bytes; `out` has room for plain_len + VS_SEAL_OVERHEAD; on error it is as it was, or zero.
 *
 *  Secret:  plain, passphrase.
 *  Returns: VS_OK, VS_ERR_LIMIT (a passphrase above VS_SEAL_MAX_PASSPHRASE), VS_ERR_MEMORY (Argon2id wants 256 MiB).
 *  Source:  [RFC9106], second recommended option's memory raised to 256 MiB, 3 passes.
 */
VS_MUST_CHECK vs_status vs_seal(uint8_t *out, const uint8_t *plain, size_t plain_len, const char *passphrase,
                                size_t passphrase_len);

/** Open what vs_seal made; `out` has room for sealed_len − VS_SEAL_OVERHEAD and is all zero on error.
 *
 *  Returns: VS_OK; VS_ERR_FORMAT (not sealed bytes); VS_ERR_LIMIT (parameters out of bounds); VS_ERR_AUTH (wrong
 * passphrase or altered bytes); VS_ERR_MEMORY.
 */
VS_MUST_CHECK vs_status vs_unseal(uint8_t *out, const uint8_t *sealed, size_t sealed_len, const char *passphrase,
                                  size_t passphrase_len);

#endif
