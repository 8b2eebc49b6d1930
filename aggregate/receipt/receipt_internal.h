/* What writing and reading of receipts share. */
#ifndef VEILSUM_AGGREGATE_RECEIPT_INTERNAL_H
#define VEILSUM_AGGREGATE_RECEIPT_INTERNAL_H

#include "aggregate/receipt/receipt.h"

#define VS_RECEIPT_LINE_BYTES 384u /* more than any line of the list, or of the text, has */

/** A refused input's line, without its end; returns its length. */
size_t vs__refusal_line(char out[VS_RECEIPT_LINE_BYTES], const vs_receipt_refusal *refusal);

/** The root over the contributions as they stand, and the hash over the refusals' lines. */
void vs__receipt_root(uint8_t root[VS_HASH_BYTES], const vs_receipt_contribution *contributions, uint64_t count);
void vs__refused_hash(uint8_t hash[VS_HASH_BYTES], const vs_receipt_refusal *refusals, uint64_t count);

/** The contributor's id in a receipt's session. */
void vs__receipt_id(uint8_t id[VS_ID_BYTES], const vs_receipt *receipt, const char *name);

#endif
