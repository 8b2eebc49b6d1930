/* The program `veilsum` itself, run on a table of a million cells: how much of its time is arithmetic? */
#ifndef VEILSUM_BENCH_PROGRAM_H
#define VEILSUM_BENCH_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>

#define PROGRAM_CELLS 1000000u
#define PROGRAM_BITS 3072u
#define PROGRAM_THREADS 2u

/** Is the program beside this one? */
bool program_available(void);

/** `veilsum encrypt` of PROGRAM_CELLS cells of 40 bits, from CSV to a file, from start to end: a bench_fn whose context
 * is a subject. Makes its files at the first call. */
void run_program(void *subject, size_t count);

/** What of it is arithmetic: the same number of plaintexts of the same size through vs_encrypt, in the program's
 * batches, and the table for them. */
void run_program_kernels(void *subject, size_t count);

/** Remove the files. */
void program_end(void);

#endif
