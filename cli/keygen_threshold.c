/* keygen --threshold: a key that is dealt to holders. NAME.pub, NAME.holders and NAME.HOLDER.share for each of them;
 * all appear, or none. */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/interrupt.h"
#include "cli/load.h"
#include "cli/output.h"
#include "cli/ui.h"
#include "cli/verbs.h"
#include "crypto/paillier/threshold.h"
#include "crypto/secret.h"

#define MAX_FILES (VS_MAX_HOLDERS + 2)
#define PUBLIC_FILE 0
#define HOLDERS_FILE 1
#define FIRST_SHARE 2

typedef struct dealt_files {
    vs_output file[MAX_FILES];
    char *path[MAX_FILES];
    size_t count; /* opened so far */
    bool force;
} dealt_files;

/* What is asked for. */
typedef struct request {
    vs_threshold_options options;
    vs_public_identity holder[VS_MAX_HOLDERS];
} request;

/* ---- arguments ---- */

static vs_status fail_usage(vs_error *error, const char *what) {
    (void)vs_fail(error, VS_ERR_USAGE, "keygen: %s", what);
    vs_hint(error, "'veilsum keygen --threshold 2/3 --holder a.id.pub --holder b.id.pub --holder c.id.pub NAME'");
    return VS_ERR_USAGE;
}

/* "3/5". */
static vs_status choose_threshold(vs_threshold_options *options, const vs_arguments *arguments, vs_error *error) {
    const char *text = vs__argument(arguments, "threshold"), *slash = text == NULL ? NULL : strchr(text, '/');
    uint64_t needed, holders;
    if (text == NULL) {
        return fail_usage(error, "--holder without --threshold");
    }
    if (slash == NULL || !vs__parse_number(text, (size_t)(slash - text), 2, VS_MAX_HOLDERS, &needed) ||
        !vs__parse_number(slash + 1, strlen(slash + 1), needed, VS_MAX_HOLDERS, &holders)) {
        return fail_usage(error, "--threshold is T/N, how many of how many holders: 2 or more of at most 32");
    }
    options->needed = (unsigned)needed;
    options->holders = (unsigned)holders;
    return VS_OK;
}

static vs_status choose_key(vs_threshold_options *options, const vs_arguments *arguments, vs_error *error) {
    uint64_t bits = 3072, degree = 1;
    const char *type = vs__argument(arguments, "type");
    if (type != NULL && strcmp(type, vs_key_type_name(VS_KEY_STANDARD)) != 0) {
        return fail_usage(error, "a threshold key is of type standard");
    }
    if (vs__argument_given(arguments, "passphrase-file") || vs__argument_given(arguments, "no-passphrase")) {
        return fail_usage(error, "the shares are sealed to the holders' identities, not with a passphrase");
    }
    vs_status status = vs__argument_number(arguments, "bits", VS_MIN_BITS, VS_MAX_BITS, &bits, error);
    if (status == VS_OK) {
        status = vs__argument_number(arguments, "degree", 1, VS_MAX_DEGREE, &degree, error);
    }
    options->bits = (unsigned)bits;
    options->degree = (unsigned)degree;
    return status;
}

/* Holders' names become parts of files' names, and must differ from each other. */
static vs_status check_holder(const request *asked, unsigned i, const char *path, vs_error *error) {
    const vs_public_identity *holder = &asked->holder[i];
    if (strchr(holder->name, '/') != NULL) {
        return vs_fail(error, VS_ERR_USAGE, "%s: a holder whose name has a '/' cannot have a file of its name", path);
    }
    for (unsigned k = 0; k < i; k++) {
        if (strcmp(asked->holder[k].name, holder->name) == 0 ||
            memcmp(asked->holder[k].key, holder->key, sizeof holder->key) == 0) {
            (void)vs_fail(error, VS_ERR_USAGE, "%s has the name or the key of another holder", path);
            vs_hint(error, "a holder counts once: each has an identity of its own");
            return VS_ERR_USAGE;
        }
    }
    return VS_OK;
}

static vs_status choose_holders(request *asked, const vs_arguments *arguments, vs_error *error) {
    size_t cursor = 0;
    vs_status status = VS_OK;
    if (vs__argument_count(arguments, "holder") != asked->options.holders) {
        (void)vs_fail(error, VS_ERR_USAGE, "keygen: %zu holders are given, and --threshold says %u",
                      vs__argument_count(arguments, "holder"), asked->options.holders);
        vs_hint(error, "--holder names one identity, and is given once for each");
        return VS_ERR_USAGE;
    }
    for (unsigned i = 0; i < asked->options.holders && status == VS_OK; i++) {
        const char *path = vs__argument_next(arguments, "holder", &cursor);
        status = vs__load_public_identity(&asked->holder[i], path, error);
        if (status == VS_OK) {
            status = check_holder(asked, i, path, error);
        }
    }
    return status;
}

/* ---- files ---- */

static vs_status open_file(dealt_files *files, char *path, bool secret, vs_error *error) {
    const vs_output_options options = {.force = files->force, .secret = secret};
    if (path == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    files->path[files->count] = path;
    return vs__output_open(&files->file[files->count++], path, &options, error);
}

static char *joined(const char *name, const char *middle, const char *suffix) {
    char *path = NULL;
    return asprintf(&path, "%s.%s%s", name, middle, suffix) < 0 ? NULL : path;
}

static vs_status open_files(dealt_files *files, const char *name, const request *asked, vs_error *error) {
    size_t len = strlen(name);
    if (len == 0 || name[len - 1] == '/') { /* the files would be hidden */
        return fail_usage(error, "NAME is empty");
    }
    vs_status status = open_file(files, joined(name, "pub", ""), false, error);
    if (status == VS_OK) {
        status = open_file(files, joined(name, "holders", ""), false, error);
    }
    for (unsigned i = 0; i < asked->options.holders && status == VS_OK; i++) {
        status = open_file(files, joined(name, asked->holder[i].name, ".share"), true, error);
    }
    return status;
}

static vs_status write_text(dealt_files *files, size_t which, const char *text, vs_error *error) {
    if (text == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    vs_sink *sink = &files->file[which].sink;
    return sink->write(sink->context, text, strlen(text), error);
}

static vs_status write_share(dealt_files *files, const vs_key_share *share, const char *name, vs_error *error) {
    char *text = NULL;
    vs_status status = vs_key_share_to_text(share, &text);
    if (status == VS_OK) {
        status = write_text(files, FIRST_SHARE + vs_key_share_holder(share) - 1, text, error);
    } else if (status == VS_ERR_RANGE) {
        (void)vs_fail(error, status, "nothing can be sealed to the identity of %s", name);
        vs_hint(error, "its key is of small order, which no honest key is: ask for another");
    } else {
        status = vs_fail_plain(error, status);
    }
    vs_secret_free(text);
    return status;
}

/* All contents are on the disk before any gets its name, and no signal comes between the names. */
static vs_status commit_files(dealt_files *files, vs_error *error) {
    vs_status status = VS_OK;
    for (size_t i = 0; i < files->count && status == VS_OK; i++) {
        status = vs__output_sync(&files->file[i], error);
    }
    if (status != VS_OK) {
        return status;
    }
    size_t done = 0;
    vs__interrupt_hold();
    while (done < files->count && status == VS_OK) {
        status = vs__output_commit(&files->file[done], error);
        done += status == VS_OK;
    }
    while (status != VS_OK && !files->force && done > 0) {
        (void)remove(files->path[--done]); /* this very call made it: it is no older file */
    }
    vs__interrupt_resume();
    return status;
}

static void close_files(dealt_files *files) {
    for (size_t i = 0; i < files->count; i++) {
        vs__output_close(&files->file[i]);
        free(files->path[i]);
    }
}

/* ---- the search, on a terminal ---- */

#define STEP_MS 166

typedef struct search_line {
    struct timespec started, shown;
    bool terminal, visible;
} search_line;

static int64_t ms_since(const struct timespec *then, const struct timespec *now) {
    return (int64_t)(now->tv_sec - then->tv_sec) * 1000 + (now->tv_nsec - then->tv_nsec) / 1000000;
}

static void show(const char *text, int len) {
    ssize_t written = write(STDERR_FILENO, text, (size_t)len);
    (void)written;
}

/* The candidates to come take as long as those that were. */
static bool search_step(void *context, uint64_t tried, double expected_left) {
    search_line *line = context;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (!line->terminal || tried == 0 || ms_since(&line->shown, &now) < STEP_MS) {
        return true;
    }
    char text[160];
    double seconds = (double)ms_since(&line->started, &now) / 1000;
    int len =
        snprintf(text, sizeof text,
                 "\r\033[Kveilsum: looking for safe primes, %.0f s, %llu candidates; about %.0f s more on average",
                 seconds, (unsigned long long)tried, 1 + seconds * expected_left / (double)tried);
    show(text, len);
    line->shown = now;
    line->visible = true;
    return true;
}

static vs_status deal(vs_threshold_key **key, vs_key_share **shares, const request *asked, vs_error *error) {
    search_line line = {.terminal = isatty(STDERR_FILENO)};
    clock_gettime(CLOCK_MONOTONIC, &line.started);
    line.shown = line.started;
    vs_status status = vs_threshold_deal(key, shares, &asked->options, asked->holder, search_step, &line);
    if (line.visible) {
        show("\r\033[K", 4);
    }
    if (status == VS_ERR_FAULT) {
        (void)vs_fail(error, status, "the shares that were dealt do not open a test: this machine errs");
        vs_hint(error, "deal on another one");
        return status;
    }
    return status == VS_OK ? VS_OK : vs_fail_plain(error, status);
}

/* ---- the verb ---- */

static vs_status write_files(dealt_files *files, const vs_threshold_key *key, vs_key_share *const *shares,
                             vs_error *error) {
    char *public = vs_public_key_to_text(vs_threshold_key_public(key)), *holders = vs_threshold_key_to_text(key);
    vs_status status = write_text(files, PUBLIC_FILE, public, error);
    if (status == VS_OK) {
        status = write_text(files, HOLDERS_FILE, holders, error);
    }
    for (unsigned i = 0; i < vs_threshold_key_info(key)->holders && status == VS_OK; i++) {
        status = write_share(files, shares[i], vs_threshold_key_holder(key, i + 1)->name, error);
    }
    free(public);
    free(holders);
    return status;
}

/* What plans pin: "threshold HEX" and "holders HEX". */
static vs_status print_fingerprints(const vs_threshold_key *key, vs_error *error) {
    char of_key[2 * VS_HASH_BYTES + 1], of_holders[2 * VS_HASH_BYTES + 1], text[4 * VS_HASH_BYTES + 32];
    vs_to_hex(of_key, vs_public_key_info(vs_threshold_key_public(key))->fingerprint, VS_HASH_BYTES);
    vs_to_hex(of_holders, vs_threshold_key_info(key)->fingerprint, VS_HASH_BYTES);
    int len = snprintf(text, sizeof text, "threshold %s\nholders %s\n", of_key, of_holders);
    return vs__print(text, (size_t)len, error);
}

static void note_files(const dealt_files *files, const request *asked) {
    vs__ui_note("%s is for everybody who encrypts, %s for everybody who checks; each holder gets its %s",
                files->path[0], files->path[HOLDERS_FILE], "share, and nobody needs another's");
    vs__ui_note("this machine has seen the whole key: that any %u of %u holders open, and no fewer, holds once it has "
                "forgotten. Hand the shares over, delete them here, and switch it off",
                asked->options.needed, asked->options.holders);
}

vs_status vs__keygen_threshold(const vs_arguments *arguments, vs_error *error) {
    static dealt_files files;
    static request asked;
    vs_threshold_key *key = NULL;
    vs_key_share *shares[VS_MAX_HOLDERS] = {NULL};
    files.force = vs__argument_given(arguments, "force");
    vs_status status = choose_threshold(&asked.options, arguments, error);
    if (status == VS_OK) {
        status = choose_key(&asked.options, arguments, error);
    }
    if (status == VS_OK) {
        status = vs__apply_threads(arguments, error);
    }
    if (status == VS_OK) {
        status = choose_holders(&asked, arguments, error);
    }
    vs__protect_process();
    if (status == VS_OK) {
        status = open_files(&files, arguments->operands[0], &asked, error);
    }
    if (status == VS_OK) {
        status = deal(&key, shares, &asked, error);
    }
    if (status == VS_OK) {
        status = write_files(&files, key, shares, error);
    }
    if (status == VS_OK) {
        status = commit_files(&files, error);
    }
    if (status == VS_OK) {
        note_files(&files, &asked);
        status = print_fingerprints(key, error);
    }
    for (unsigned i = 0; i < VS_MAX_HOLDERS; i++) {
        vs_key_share_free(shares[i]);
    }
    vs_threshold_key_free(key);
    close_files(&files);
    return status;
}
