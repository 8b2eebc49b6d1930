/* The header of an .npy file, versions 1.0, 2.0 and 3.0 [NPY]: element type, order and shape.
 *
 * The file says these as a Python dictionary literal; what is read here is the part of that language that such headers
 * use, and nothing else.
 */
#ifndef VEILSUM_AGGREGATE_NPY_HEADER_H
#define VEILSUM_AGGREGATE_NPY_HEADER_H

#include <stdbool.h>

#include "aggregate/stream.h"

#define VS__NPY_MAX_DIMENSIONS 64u
#define VS__NPY_MAX_HEADER 65536u

typedef struct vs__npy_header {
    bool is_float, big_endian;
    size_t element_bytes; /* 4 or 8 */
    bool fortran_order;
    unsigned dimension_count; /* 0: one number */
    uint64_t shape[VS__NPY_MAX_DIMENSIONS];
    uint64_t element_count; /* the product of the shape */
} vs__npy_header;

/** Read and check the header, up to the first byte of data.
 *  Returns: VS_OK; VS_ERR_FORMAT, VS_ERR_VERSION, VS_ERR_LIMIT; the source's own. Messages stand without the source's
 * name. */
VS_MUST_CHECK vs_status vs__npy_read_header(vs__npy_header *header, const vs_source *source, vs_error *error);

#endif
