/* Keys that serve once: a stream of bytes out of a key, and a tag that a key gives to one message.
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

/** The tag of one message: Poly1305. A key that has given the tags of two messages gives itself away.
 *
 *  Secret:  key; constant-time. Source: [RFC8439, section 2.5]. */
void vs_onetime_tag(uint8_t tag[VS_ONETIME_TAG_BYTES], const void *data, size_t len,
                    const uint8_t key[VS_ONETIME_KEY_BYTES]);
/** Is it? Compared in constant time. */
int vs_onetime_tag_is(const uint8_t tag[VS_ONETIME_TAG_BYTES], const void *data, size_t len,
                      const uint8_t key[VS_ONETIME_KEY_BYTES]);

#endif
