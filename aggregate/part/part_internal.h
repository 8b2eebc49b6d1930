/* Where a part's fields stand; for the codec and for those who test it. */
#ifndef VEILSUM_AGGREGATE_PART_INTERNAL_H
#define VEILSUM_AGGREGATE_PART_INTERNAL_H

#include "aggregate/part/part.h"

#define VS_PART_MAGIC "\xf5vsd\r\n\x1a\n"
#define VS_PART_MAGIC_BYTES 8u
#define VS_PART_VERSION 1u

#define VS_PART_ROUND 10u
#define VS_PART_HOLDER 11u
#define VS_PART_CIPHERTEXT_BYTES 12u
#define VS_PART_PROOF_BYTES 14u
#define VS_PART_PLAN 16u
#define VS_PART_SID 48u
#define VS_PART_ATTEMPT 80u
#define VS_PART_COUNT 88u
#define VS_PART_TOTAL 96u
#define VS_PART_THRESHOLD_KEY 128u
#define VS_PART_BLOCKS 160u
#define VS_PART_PERIOD_LEN 192u
#define VS_PART_PERIOD 193u

#define VS_PART_END_BYTES (VS_SIGNATURE_BYTES + VS_HASH_BYTES)

/** The hash at the end, over all that stands before it. */
void vs__part_hash(uint8_t hash[VS_HASH_BYTES], const uint8_t *data, size_t len);

#endif
