/* What the board accepts: an authentic message of its session, of a kind that its sender may send to its receiver.
 * Judged piece by piece, so that a large message is never in memory as a whole. */
#ifndef VEILSUM_CLI_BOARD_JUDGE_H
#define VEILSUM_CLI_BOARD_JUDGE_H

#include "aggregate/protocol/message.h"
#include "cli/board/board.h"

typedef struct vs_board_header {
    unsigned kind;
    uint32_t from, to;
    uint64_t len; /* of the whole message */
} vs_board_header;

/** Read the first VS_MESSAGE_HEADER_BYTES of a message, and see whether such a one may come. The signature is not seen
 *  yet: whatever this says of the sender is a claim.
 *  Returns: VS_OK; VS_ERR_FORMAT, VS_ERR_VERSION, VS_ERR_MISMATCH (another session), VS_ERR_LIMIT, VS_ERR_POLICY. */
VS_MUST_CHECK vs_status vs__board_read_header(vs_board_header *header, const vs_plan *plan,
                                              const uint8_t sid[VS_HASH_BYTES], uint64_t max_len,
                                              const uint8_t *message, size_t len, vs_error *error);

/* The hashes of a message that passes by. */
typedef struct vs_board_judgement {
    vs_board_header header;
    uint8_t head[VS_MESSAGE_HEADER_BYTES];
    uint8_t signature[VS_SIGNATURE_BYTES];
    vs_hash id, body;
    uint64_t seen;
} vs_board_judgement;

void vs__board_judge_begin(vs_board_judgement *judgement, const vs_board_header *header);
/** The next bytes, in any portions; header.len in all. */
void vs__board_judge_bytes(vs_board_judgement *judgement, const uint8_t *data, size_t len);
/** All bytes were there: the message's id. */
void vs__board_judge_id(vs_board_judgement *judgement, uint8_t id[VS_HASH_BYTES]);
/** … and is the signature its sender's? Returns: VS_OK, VS_ERR_AUTH. */
VS_MUST_CHECK vs_status vs__board_judge_end(vs_board_judgement *judgement, const vs_plan *plan, vs_error *error);

#endif
