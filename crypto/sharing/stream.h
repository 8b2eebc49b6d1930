/* The stream of bytes that a key stands for: ChaCha20 with a nonce of zeros and a block counter of 64 bits, so a key
 * must be used for one stream. It may be entered at every block.
 *
 * On processors with AVX-512 a kernel of our own computes it, after it has been seen to give what libsodium gives;
 * elsewhere, and where VEILSUM_BACKEND names another backend than ifma, libsodium does. The bytes are the same. */
#ifndef VEILSUM_CRYPTO_SHARING_STREAM_H
#define VEILSUM_CRYPTO_SHARING_STREAM_H

#include <stddef.h>
#include <stdint.h>

#define VS_STREAM_KEY_BYTES 32
#define VS_STREAM_BLOCK_BYTES 64

/** `len` bytes of the stream of `key`, from byte 64·block on.
 *
 *  Range:   the counter does not pass 2^64.
 *  Secret:  key and stream; time depends on len only.
 *  Source:  [B08]; [RFC8439, section 2.3] but for the sizes of counter and nonce. */
void vs_stream(uint8_t *out, size_t len, const uint8_t key[VS_STREAM_KEY_BYTES], uint64_t block);

/** What computes it on this machine: "avx512", or "portable", which is libsodium. */
const char *vs_stream_backend_name(void);

#endif
