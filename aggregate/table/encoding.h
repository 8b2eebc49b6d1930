/* Text from outside as UTF-8: a source decoded block by block, and the check that bytes are well-formed.
 *
 * The CSV reader alone uses this. UTF-8 passes through (its byte order mark skipped) and is checked by the caller field
 * by field, where the row is known; every other encoding goes through iconv, whose output is well-formed. Memory is two
 * blocks, whatever the length of the source.
 */
#ifndef VEILSUM_AGGREGATE_ENCODING_H
#define VEILSUM_AGGREGATE_ENCODING_H

#include <stdbool.h>

#include "aggregate/stream.h"

typedef struct vs__decoder vs__decoder;

/** Read `source` as text in `encoding`, an iconv name; NULL stands for UTF-8.
 *  Returns: VS_OK; VS_ERR_USAGE (an encoding that iconv does not know), VS_ERR_MEMORY. `*decoder` is NULL on error.
 */
VS_MUST_CHECK vs_status vs__decoder_new(vs__decoder **decoder, const vs_source *source, const char *encoding,
                                        vs_error *error);
void vs__decoder_free(vs__decoder *decoder); /* wipes */

/** The next block, borrowed until the next call; `*len` = 0 at the end. Everything before a fault is handed out before
 * the fault is reported, so that the caller knows the row. Returns: VS_OK; VS_ERR_FORMAT (bytes that the encoding does
 * not have; UTF-16 where UTF-8 was meant); the source's own.
 */
VS_MUST_CHECK vs_status vs__decoder_read(vs__decoder *decoder, const char **text, size_t *len, vs_error *error);

#endif
