/* The machine's peak, as the roof for everything that multiplies: 512-bit IFMA instructions (vpmadd52) a second that
 * one core carries out when nothing else holds it up. It is measured beside each row, since a processor's clock moves.
 */
#ifndef VEILSUM_BENCH_PEAK_H
#define VEILSUM_BENCH_PEAK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Was this program built for the instructions, and does this machine have them? */
bool peak_available(void);

/** Carry out `count` instructions on one thread: a bench_fn, without a context. Only where peak_available. */
void peak_run(void *unused, size_t count);

/** A multiple of 32 instructions, in many independent chains; the result says nothing (peak_ifma.c). */
uint64_t peak_ifma_run(uint64_t count);

#endif
