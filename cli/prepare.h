/* The table of encryption, made while the data is being read: both take about as long, and reading takes one thread. */
#ifndef VEILSUM_CLI_PREPARE_H
#define VEILSUM_CLI_PREPARE_H

#include <pthread.h>
#include <stdbool.h>

#include "aggregate/combine/combine.h"

typedef struct vs_preparation {
    const vs_public_key *pk;
    size_t expected;
    vs_encryptor *encryptor;
    vs_status status;
    pthread_t thread;
    bool running;
} vs_preparation;

/** Begin to prepare for a contribution to `plan`; `pk` is borrowed until vs__prepare_end. Where no thread can be had,
 * it is done at once. Zero-initialise `preparation` before. Returns: VS_OK; what vs_contribution_size and
 * vs_encryptor_new return. */
VS_MUST_CHECK vs_status vs__prepare_begin(vs_preparation *preparation, const vs_plan *plan, const vs_public_key *pk,
                                          vs_error *error);
/** Wait for it. Returns: VS_OK; what vs_encryptor_new returned. */
VS_MUST_CHECK vs_status vs__prepare_wait(vs_preparation *preparation, vs_error *error);
/** Wait for it and free it; one that was never begun is allowed. */
void vs__prepare_end(vs_preparation *preparation);

#endif
