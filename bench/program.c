#include "bench/program.h"

#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "aggregate/combine/batch_internal.h"
#include "bench/subject.h"
#include "crypto/paillier/key_proof.h"
#include "crypto/secret.h"

#define SLOT_BITS 40u

extern char **environ;

static char folder[PATH_MAX], name[PATH_MAX + 32];

static const char *path_of(const char *file) {
    snprintf(name, sizeof name, "%s/%s", folder, file);
    return name;
}

/* The path of `veilsum` in the folder of this program. */
static bool find_program(char path[PATH_MAX]) {
    ssize_t len = readlink("/proc/self/exe", path, PATH_MAX - 1);
    path[len > 0 ? len : 0] = 0;
    char *slash = strrchr(path, '/');
    if (slash == NULL || (size_t)(slash - path) + sizeof "/veilsum" > PATH_MAX) {
        return false;
    }
    strcpy(slash, "/veilsum");
    return access(path, X_OK) == 0;
}

bool program_available(void) {
    char path[PATH_MAX];
    return find_program(path);
}

/* ---- its files ---- */

static FILE *create(const char *file) {
    FILE *out = fopen(path_of(file), "w");
    VS_CHECK(out != NULL);
    return out;
}

/* A vector of numbers below 2^30, of which a thousand owners' sums take 40 bits. */
static void write_plan(const subject *s) {
    char hex[2 * VS_HASH_BYTES + 1];
    vs_to_hex(hex, vs_public_key_info(s->pk)->fingerprint, VS_HASH_BYTES);
    FILE *out = create("plan.json");
    fprintf(out,
            "{\"veilsum\":1,\"vector\":{\"length\":%u,\"scale\":0,\"min\":0,\"max\":1073741823},"
            "\"contributors\":{\"min\":3,\"max\":1000},\"opening\":{\"key\":\"%s\"}}",
            PROGRAM_CELLS, hex);
    VS_CHECK(fclose(out) == 0);
}

static void write_key(const subject *s) {
    VS_CHECK(vs_secret_key_prove(s->sk) == VS_OK);
    char *text = vs_public_key_to_text(s->pk);
    FILE *out = create("key.pub");
    VS_CHECK(text != NULL && fputs(text, out) >= 0 && fclose(out) == 0);
    free(text);
}

static void write_cells(void) {
    FILE *out = create("cells.csv");
    for (unsigned i = 0; i < PROGRAM_CELLS; i++) {
        uint32_t value;
        vs_random(&value, sizeof value);
        fprintf(out, "%u\n", (unsigned)(value >> 2));
    }
    VS_CHECK(fclose(out) == 0);
}

static void make_files(const subject *s) {
    const char *base = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/veilsum-bench-XXXXXX", base == NULL || *base == 0 ? "/tmp" : base);
    VS_CHECK(mkdtemp(folder) != NULL);
    write_plan(s);
    write_key(s);
    write_cells();
}

void program_end(void) {
    static const char *const files[] = {"plan.json", "key.pub", "cells.csv", "out.vs"};
    for (size_t i = 0; folder[0] != 0 && i < sizeof files / sizeof *files; i++) {
        (void)unlink(path_of(files[i]));
    }
    if (folder[0] != 0) {
        (void)rmdir(folder);
        folder[0] = 0;
    }
}

/* ---- the two that are timed ---- */

static void encrypt_once(void) {
    char program[PATH_MAX], plan[PATH_MAX + 32], key[PATH_MAX + 32], cells[PATH_MAX + 32], out[PATH_MAX + 32];
    char threads[16], *argv[] = {program, "encrypt", "-p", plan, "-r",    key,   "--as", "one",
                                 "-f",    "-o",      out,  "-t", threads, cells, NULL};
    pid_t child;
    int status;
    VS_CHECK(find_program(program));
    strcpy(plan, path_of("plan.json"));
    strcpy(key, path_of("key.pub"));
    strcpy(cells, path_of("cells.csv"));
    strcpy(out, path_of("out.vs"));
    snprintf(threads, sizeof threads, "%u", PROGRAM_THREADS);
    VS_CHECK(posix_spawn(&child, program, NULL, NULL, argv, environ) == 0);
    VS_CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

void run_program(void *context, size_t count) {
    if (folder[0] == 0) {
        make_files(context);
    }
    for (size_t i = 0; i < count; i++) {
        encrypt_once();
    }
}

/* What of it is arithmetic: the table, and as many plaintexts in the program's batches. */
static void run_kernels(const vs_public_key *pk) {
    const vs_key_info *info = vs_public_key_info(pk);
    size_t slots = (info->bits - 1) / SLOT_BITS * info->degree, plaintexts = (PROGRAM_CELLS + slots) / slots;
    size_t batch = vs__batch_size(info, plaintexts);
    uint8_t *m = vs_secret_alloc(batch * info->plaintext_bytes), *c = vs_secret_alloc(batch * info->ciphertext_bytes);
    vs_encryptor *encryptor = NULL;
    VS_CHECK(m != NULL && c != NULL && vs_encryptor_new(&encryptor, pk, plaintexts) == VS_OK);
    for (size_t done = 0; done < plaintexts; done += batch) {
        size_t now = plaintexts - done < batch ? plaintexts - done : batch;
        VS_CHECK(vs_encrypt(encryptor, c, m, now) == VS_OK);
    }
    vs_encryptor_free(encryptor);
    vs_secret_free(m);
    vs_secret_free(c);
}

void run_program_kernels(void *context, size_t count) {
    const subject *s = context;
    for (size_t i = 0; i < count; i++) {
        run_kernels(s->pk);
    }
}
