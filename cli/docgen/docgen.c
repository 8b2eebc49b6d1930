/* veilsum-docgen DIRECTORY: writes man/NAME.1.scd and completions/{bash,zsh,fish}/… below it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/docgen/docgen.h"

static FILE *open_file(const char *directory, const char *name) {
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/%s", directory, name);
    for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        if (mkdir(path, 0777) != 0 && errno != EEXIST) {
            break; /* opening says it better */
        }
        *slash = '/';
    }
    FILE *out = fopen(path, "w");
    if (out == NULL) {
        perror(path);
        exit(1);
    }
    return out;
}

static void close_file(FILE *out) {
    if (fclose(out) != 0) {
        perror("veilsum-docgen");
        exit(1);
    }
}

static void write_file(const char *directory, const char *name, void (*write)(FILE *)) {
    FILE *out = open_file(directory, name);
    write(out);
    close_file(out);
}

static void write_verb(const char *directory, const vs_verb *verb) {
    char name[128];
    (void)snprintf(name, sizeof name, "man/veilsum-%s.1.scd", verb->name);
    for (char *space = strchr(name, ' '); space != NULL; space = strchr(space, ' ')) {
        *space = '-';
    }
    FILE *out = open_file(directory, name);
    vs__man_verb(out, verb);
    close_file(out);
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: veilsum-docgen DIRECTORY\n");
        return 2;
    }
    write_file(argv[1], "man/veilsum.1.scd", vs__man_program);
    for (const vs_verb *const *verb = vs__verbs; *verb != NULL; verb++) {
        write_verb(argv[1], *verb);
    }
    write_file(argv[1], "completions/bash/veilsum", vs__complete_bash);
    write_file(argv[1], "completions/zsh/_veilsum", vs__complete_zsh);
    write_file(argv[1], "completions/fish/veilsum.fish", vs__complete_fish);
    return 0;
}
