/* The book of a simulated session's opener: the real one, in memory. */
#ifndef VEILSUM_BENCH_PROTOCOL_BOOK_H
#define VEILSUM_BENCH_PROTOCOL_BOOK_H

#include "aggregate/protocol/keyed.h"

/** A book for this opener, into the setup. Returns: VS_OK, VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status book_open(vs_keyed_setup *setup, const vs_identity *opener, vs_error *error);
void book_close(vs_keyed_setup *setup);

#endif
