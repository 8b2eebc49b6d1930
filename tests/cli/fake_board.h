/* The fake board (fake_board.py) as a process of the suite's own. */
#ifndef VEILSUM_TESTS_FAKE_BOARD_H
#define VEILSUM_TESTS_FAKE_BOARD_H

#include "tests/support.h"

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#define FAKE_LISTENERS 8

typedef struct fake_board {
    pid_t pid;
    int to; /* its standard input: it ends with it */
    char names[FAKE_LISTENERS][32];
    unsigned ports[FAKE_LISTENERS];
    size_t count;
} fake_board;

extern char **environ;

/* Start it on a folder that holds what it serves. 0: it listens. */
static inline int fake_board_start(fake_board *board, const char *folder) {
    int in[2], out[2];
    posix_spawn_file_actions_t actions;
    char *argv[] = {"python3", VEILSUM_TESTS_DIR "/cli/fake_board.py", (char *)folder, NULL};
    char line[64];
    memset(board, 0, sizeof *board);
    if (pipe(in) != 0 || pipe(out) != 0) {
        return 1;
    }
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, in[1]);
    posix_spawn_file_actions_addclose(&actions, out[0]);
    int failed = posix_spawnp(&board->pid, argv[0], &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    (void)close(in[0]);
    (void)close(out[1]);
    board->to = in[1];
    FILE *from = fdopen(out[0], "r");
    while (failed == 0 && from != NULL && fgets(line, sizeof line, from) != NULL && strcmp(line, "ready\n") != 0) {
        failed = board->count == FAKE_LISTENERS ||
                 sscanf(line, "%31s %u", board->names[board->count], &board->ports[board->count]) != 2;
        board->count++;
    }
    if (from != NULL) {
        (void)fclose(from);
    }
    return failed != 0 || board->count == 0;
}

static inline void fake_board_stop(fake_board *board) {
    (void)close(board->to);
    if (board->pid > 0) {
        (void)kill(board->pid, SIGTERM);
        (void)waitpid(board->pid, NULL, 0);
    }
}

static inline unsigned fake_board_port(const fake_board *board, const char *name) {
    for (size_t i = 0; i < board->count; i++) {
        if (strcmp(board->names[i], name) == 0) {
            return board->ports[i];
        }
    }
    fail_msg("there is no listener %s", name);
    return 0;
}

#endif
