/* Keys that serve once: a stream of bytes out of a key, and a tag that shows whether a message was altered.
 *
 * Whoever keeps many secrets under one short key uses the stream's beginning as the next key and the rest as pads; once
 * the old key is overwritten, what it opened cannot be opened any more (fast key erasure). aggregate/pool does.
 */
#ifndef VEILSUM_CRYPTO_ONETIME_H
#define VEILSUM_CRYPTO_ONETIME_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/status.h"

#define VS_ONETIME_KEY_BYTES 32
#define VS_ONETIME_TAG_BYTES 16

/** The first `len` bytes of the stream of `key`: ChaCha20 with a nonce of zeros, so a key must be used for one stream.
 *
 *  Secret:  key and stream. Source: [RFC8439, section 2.4]. */
void vs_onetime_stream(uint8_t *out, size_t len, const uint8_t key[VS_ONETIME_KEY_BYTES]);

/** The tag of a message of fixed length: NH of 64-bit words, plus a pad, modulo 2^128. Whoever alters a message guesses
 * its tag with probability 2^-64. A few instructions a word, where a hash would cost more than an encryption from a
 * pool.
 *
 *  Shape:   data and key have `len` bytes, a multiple of 16. Messages may share a key, each needs a pad of its own.
 *  Secret:  key and pad; constant-time.
 *  Source:  [BHKKR99, section 4]. */
void vs_onetime_tag(uint8_t tag[VS_ONETIME_TAG_BYTES], const uint8_t *data, const uint8_t *key, size_t len,
                    const uint8_t pad[VS_ONETIME_TAG_BYTES]);
/** Is `tag` the tag? 1 if so; compared in constant time. */
int vs_onetime_tag_is(const uint8_t tag[VS_ONETIME_TAG_BYTES], const uint8_t *data, const uint8_t *key, size_t len,
                      const uint8_t pad[VS_ONETIME_TAG_BYTES]);

#endif
