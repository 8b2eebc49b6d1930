/* A plan with a roster, a board for it in a temporary folder, and messages for it. */
#ifndef VEILSUM_TESTS_BOARDS_H
#define VEILSUM_TESTS_BOARDS_H

#include <unistd.h>

#include "aggregate/protocol/message.h"
#include "cli/board/board.h"
#include "tests/aggregate/rosters.h"

/* A to D contribute, E combines, F opens. */
#define BOARD_PLAN                                                                                                     \
    "{\"veilsum\": 1, \"title\": \"Board\", \"vector\": {\"length\": 2000, \"scale\": 0, \"min\": 0, \"max\": 9}, "    \
    "\"contributors\": {\"min\": 2}, \"roster\": ["                                                                    \
    "{\"identity\": \"@A\", \"organisation\": \"a\", \"may\": [\"contribute\"]},"                                      \
    "{\"identity\": \"@B\", \"organisation\": \"b\", \"may\": [\"contribute\"]},"                                      \
    "{\"identity\": \"@C\", \"organisation\": \"c\", \"may\": [\"contribute\"]},"                                      \
    "{\"identity\": \"@D\", \"organisation\": \"d\", \"may\": [\"contribute\"]},"                                      \
    "{\"identity\": \"@E\", \"organisation\": \"e\", \"may\": [\"aggregate\"]},"                                       \
    "{\"identity\": \"@F\", \"organisation\": \"f\", \"may\": [\"open\"]}], "                                          \
    "\"opening\": {\"key\": \"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\"}}"
#define BOARD_SERVER 4u
#define BOARD_OPENER 5u

typedef struct board_world {
    roster roster;
    char *plan_text;
    vs_plan *plan;
    uint8_t sid[VS_HASH_BYTES];
    char folder[64];
} board_world;

static inline void world_new(board_world *w) {
    vs_error error = {0};
    roster_new(&w->roster);
    w->plan_text = roster_text(&w->roster, BOARD_PLAN);
    if (vs_plan_parse(&w->plan, w->plan_text, strlen(w->plan_text), &error) != VS_OK) {
        fail_msg("%s", error.message);
    }
    vs_session_id(w->sid, w->plan->id, "2026-11", 0);
    strcpy(w->folder, "/tmp/veilsum-board-XXXXXX");
    assert_non_null(mkdtemp(w->folder));
}

static inline void world_free(board_world *w) {
    char command[128];
    (void)snprintf(command, sizeof command, "rm -rf '%s'", w->folder);
    assert_int_equal(system(command), 0);
    vs_plan_free(w->plan);
    free(w->plan_text);
    roster_free(&w->roster);
}

static inline vs_board_setup world_setup(const board_world *w) {
    return (vs_board_setup){.folder = w->folder,
                            .plan = w->plan,
                            .plan_bytes = w->plan_text,
                            .plan_len = strlen(w->plan_text),
                            .signatures = "no signatures\n",
                            .signatures_len = 14,
                            .period = "2026-11",
                            .version = "0.1.0"};
}

static inline vs_board *world_open(const board_world *w) {
    vs_board_setup setup = world_setup(w);
    vs_board *board = NULL;
    vs_error error = {0};
    if (vs_board_open(&board, &setup, &error) != VS_OK) {
        fail_msg("%s", error.message);
    }
    return board;
}

/* What `from` sends: a body of `body_len` bytes that follow from `fill`. malloc'd. */
static inline uint8_t *world_message(const board_world *w, vs_message_kind kind, uint32_t from, uint32_t to,
                                     size_t body_len, unsigned fill, size_t *len) {
    uint8_t *body = malloc(body_len + 1), *bytes = NULL;
    vs_message_header header = {.kind = kind, .from = from, .to = to, .sid = w->sid};
    assert_non_null(body);
    for (size_t i = 0; i < body_len; i++) {
        body[i] = (uint8_t)((i * 2654435761u >> 11) + fill);
    }
    assert_int_equal(vs_message_write(&bytes, len, &header, body, body_len, w->roster.identities[from], NULL), VS_OK);
    free(body);
    return bytes;
}

#endif
