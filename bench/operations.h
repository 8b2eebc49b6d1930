/* The operations that are timed, as data: a line each in operations.c. */
#ifndef VEILSUM_BENCH_OPERATIONS_H
#define VEILSUM_BENCH_OPERATIONS_H

#include "bench/density.h"
#include "bench/measure.h"
#include "bench/roof.h"
#include "bench/subject.h"

enum {
    USES_THREADS = 1,   /* spread over threads */
    USES_RING = 2,      /* depends on the backend */
    EVERY_DEGREE = 4,   /* without --degree: also of degree 2 and 3, on one thread */
    SLOW = 8,           /* not in a quick run */
    RANDOM_TIME = 16,   /* by chance, not by the machine's noise */
    WHOLE_PROGRAM = 32, /* 3072 bits, degree 1, two threads only; its baseline is the time within the kernels */
    RUNS = 64,          /* `batch` counts runs of bundles for each thread */
    ALL_ITEMS = 128,    /* `batch` counts rounds of all the subject's items */
    KEYLESS = 256       /* no key is at work: only with the first of the sizes and degrees */
};

typedef struct operation {
    const char *name, *unit, *text;
    vs_key_type key;
    unsigned flags;
    size_t batch;
    bench_fn before;       /* NULL, or what readies a sample, not timed; context: subject * */
    bench_fn run;          /* context: subject * */
    bench_fn baseline;     /* context: textbook *; WHOLE_PROGRAM: subject * */
    size_t baseline_batch; /* 0: 1 */
    roof_kind roof;
    unsigned plaintexts, ciphertexts; /* that an item reads or writes: its least traffic with memory */
    density_fn prepare;               /* NULL where nothing is secret; context: subject * */
    bench_fn run_dense;               /* on what `prepare` has made, `dense_batch` items at least */
    size_t dense_batch;
    const char *other_unit; /* the pipeline speaks of rows and cells: so many of the other to an item; or NULL */
    double others;
} operation;

extern const operation operations[];
extern const size_t operation_count;

/** Items that make sense at a time. */
size_t operation_batch(const operation *op, const subject *s, size_t threads);

/** By a name of `len` bytes; NULL where there is none. */
const operation *operation_named(const char *name, size_t len);

/* ---- scheme.c: the library's operations on ciphertexts ---- */
#define COMBINE_INPUTS 16u
void run_keygen(void *subject, size_t count);
void run_encrypt(void *subject, size_t count);
void run_combine(void *subject, size_t count);
void run_scalar(void *subject, size_t count);
void run_decrypt(void *subject, size_t count);
void prepare_encrypt(void *subject, unsigned level);
void run_encrypt_dense(void *subject, size_t count);
void prepare_decrypt(void *subject, unsigned level);
void run_decrypt_dense(void *subject, size_t count);

/* ---- factors.c: encryption from a pool ---- */
#define POOL_BATCH 10000u
void fill_pool(void *subject, size_t count);
void run_encrypt_pool(void *subject, size_t count);

/* ---- holder.c: decryption by several holders ---- */
void deal_key(void *subject, size_t count);
void run_part(void *subject, size_t count);
void run_long_power(void *subject, size_t count);

/* ---- kernels.c: the ring's ---- */
void run_product(void *subject, size_t count);
void run_square(void *subject, size_t count);
void run_power(void *subject, size_t count);
void prepare_element(void *subject, unsigned level);
void prepare_exponent(void *subject, unsigned level);

/* ---- sharing.c: what openings without a key are made of ---- */
#define STREAM_PIECE 8192u
#define MASK_CELLS 143744u
#define MASK_KEYS 100u
#define SHARE_BYTES 64u
#define SHARE_THRESHOLD 67u
#define SHARE_COUNT 99u
void ready_sharing(void *subject, size_t count);
void run_stream(void *subject, size_t count);
void run_masks(void *subject, size_t count);
void run_split(void *subject, size_t count);
void run_join(void *subject, size_t count);
void sodium_stream(void *unused, size_t count);
void sodium_masks(void *unused, size_t count);

/* ---- pipeline.c: the way of the data, through memory ---- */
void run_csv(void *subject, size_t count);
void run_pack(void *subject, size_t count);
void run_write(void *subject, size_t count);
void run_read(void *subject, size_t count);
void run_pipe_encrypt(void *subject, size_t count);
void run_pipe_combine(void *subject, size_t count);
void run_pipe_decrypt(void *subject, size_t count);
void prepare_pack(void *subject, unsigned level);

#endif
