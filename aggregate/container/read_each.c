/* Several containers a chunk at a time. Reading and hashing a ciphertext takes longer than multiplying it into a total,
 * so threads share that work too. */
#include <stdlib.h>

#include "aggregate/container/container.h"
#include "crypto/parallel.h"

typedef struct step {
    vs_container_reader *reader;
    const uint8_t *ciphertexts;
    size_t count;
    vs_status status;
    vs_error error;
} step;

static vs_status read_some(void *context, size_t first, size_t count) {
    step *steps = context;
    vs_status status = VS_OK;
    for (size_t i = first; i < first + count && status == VS_OK; i++) {
        status = vs_container_read(steps[i].reader, &steps[i].ciphertexts, &steps[i].count, &steps[i].error);
        steps[i].status = status;
    }
    return status;
}

/* The first reader that failed speaks: all before it have been read. */
static void first_error(const step *steps, vs_error *error) {
    while (steps->status == VS_OK) {
        steps++;
    }
    if (error != NULL) {
        *error = steps->error;
    }
}

vs_status vs_container_read_each(vs_container_reader *const *readers, size_t reader_count, const uint8_t **ciphertexts,
                                 size_t *count, vs_error *error) {
    step *steps = calloc(reader_count + 1, sizeof *steps);
    if (steps == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    for (size_t i = 0; i < reader_count; i++) {
        steps[i].reader = readers[i];
    }
    *count = 0;
    vs_status status = vs_parallel_for(reader_count, 1, read_some, steps);
    if (status != VS_OK) {
        first_error(steps, error);
    }
    for (size_t i = 0; i < reader_count && status == VS_OK; i++) {
        VS_CHECK(steps[i].count == steps[0].count);
        ciphertexts[i] = steps[i].ciphertexts;
        *count = steps[i].count;
    }
    free(steps);
    return status;
}
