/* pool: random factors made ahead, for `encrypt --pool`. */
#include <string.h>

#include "aggregate/pool/pool.h"
#include "cli/load.h"
#include "cli/output.h"
#include "cli/pool_file.h"
#include "cli/ui.h"
#include "cli/verbs.h"
#include "crypto/secret.h"

/* Factors that are made and written at a time: what an interruption of --add costs at most. */
#define STEP 1024u

/* Where factors go: a new pool that stays open, or a file that is locked for each step only, so that others can use it
 * in between. */
typedef struct destination {
    const vs_public_key *pk;
    const char *path;
    vs_pool *fresh; /* or NULL */
} destination;

static vs_status add_to_file(const destination *to, const uint8_t *factors, size_t count, uint64_t *left,
                             vs_error *error) {
    vs_pool_file file;
    vs_pool *pool = NULL;
    vs_pool_info info;
    vs_status status = vs__pool_file_open(&file, to->path, error);
    if (status == VS_OK) {
        status = vs_pool_open(&pool, &file.storage, to->pk, error);
    }
    if (status == VS_OK && count > 0) {
        status = vs_pool_add(pool, factors, count, error);
    }
    if (status == VS_OK) {
        vs_pool_describe(pool, &info);
        *left = info.left;
    }
    vs_status closed = vs_pool_close(pool, status == VS_OK ? error : NULL);
    vs__pool_file_close(&file);
    return status == VS_OK ? closed : status;
}

static vs_status put(const destination *to, const uint8_t *factors, size_t count, uint64_t *left, vs_error *error) {
    if (to->fresh == NULL) {
        return add_to_file(to, factors, count, left, error);
    }
    *left += count;
    return vs_pool_add(to->fresh, factors, count, error);
}

static vs_status fill(const destination *to, uint64_t count, uint64_t *left, vs_error *error) {
    vs_encryptor *encryptor = NULL;
    vs_progress_line line;
    size_t len = STEP * vs_public_key_info(to->pk)->ciphertext_bytes;
    uint8_t *factors = vs_secret_alloc(len);
    vs_status status = factors == NULL ? VS_ERR_MEMORY : vs_encryptor_new(&encryptor, to->pk, (size_t)count);
    if (status != VS_OK) {
        (void)vs_fail_plain(error, status);
    }
    vs__progress_begin(&line, "making factors", "factors");
    for (uint64_t done = 0; done < count && status == VS_OK;) {
        size_t step = count - done < STEP ? (size_t)(count - done) : STEP;
        status = vs_factors_make(encryptor, factors, step);
        status = status == VS_OK ? put(to, factors, step, left, error) : vs_fail_plain(error, status);
        done += step;
        line.progress.step(line.progress.context, done, count);
    }
    vs__progress_end(&line);
    vs_encryptor_free(encryptor);
    vs_secret_free(factors);
    return status;
}

/* A pool of its own under a temporary name, named when it is full. */
static vs_status make_pool(destination *to, uint64_t count, uint64_t *left, vs_output *output, vs_error *error) {
    vs_pool_file file;
    vs_status status = vs__pool_file_of(&file, output->fd, to->path, true, error);
    if (status == VS_OK) {
        status = vs_pool_create(&to->fresh, &file.storage, to->pk, error);
    }
    if (status == VS_OK) {
        status = fill(to, count, left, error);
    }
    vs_status closed = vs_pool_close(to->fresh, status == VS_OK ? error : NULL);
    vs__pool_file_close(&file);
    status = status == VS_OK ? closed : status;
    return status == VS_OK ? vs__output_commit(output, error) : status;
}

static vs_status check_arguments(const vs_arguments *arguments, vs_error *error) {
    bool made = vs__argument_given(arguments, "output"), added = vs__argument_given(arguments, "add");
    if (made != added && !(added && vs__argument_given(arguments, "force"))) {
        return VS_OK;
    }
    if (made == added) {
        (void)vs_fail(error, VS_ERR_USAGE, "pool: which file? either -o or --add names it");
        vs_hint(error, "-o NAME.pool makes a pool, --add NAME.pool fills one up");
    } else {
        (void)vs_fail(error, VS_ERR_USAGE, "pool: --add and --force exclude each other");
        vs_hint(error, "--add keeps what the pool has; --force with -o replaces it");
    }
    return VS_ERR_USAGE;
}

static vs_status open_output(vs_output *output, const vs_arguments *arguments, vs_error *error) {
    const vs_output_options options = {.force = vs__argument_given(arguments, "force"), .secret = true, .binary = true};
    vs_status status = vs__output_open(output, vs__argument(arguments, "output"), &options, error);
    if (status == VS_OK && output->fd < 0) {
        (void)vs_fail(error, VS_ERR_USAGE, "pool: %s is not a file", output->sink.name);
        vs_hint(error, "a pool is a file on a disk, which is read and written in place");
        status = VS_ERR_USAGE;
    }
    return status;
}

static vs_status run_pool(const vs_arguments *arguments, vs_error *error) {
    bool add = vs__argument_given(arguments, "add");
    uint64_t count = 0, left = 0;
    const char *key_path = vs__argument(arguments, "recipient");
    vs_public_key *pk = NULL;
    destination to = {.path = vs__argument(arguments, add ? "add" : "output")};
    vs_output output = {.slot = -1, .fd = -1};
    vs_status status = check_arguments(arguments, error);
    if (status == VS_OK) {
        status = vs__argument_number(arguments, "count", 1, VS_MAX_POOL_COUNT, &count, error);
    }
    if (status == VS_OK) {
        status = vs__apply_threads(arguments, error);
    }
    vs__protect_process();
    if (status == VS_OK && !add) {
        status = open_output(&output, arguments, error);
    }
    if (status == VS_OK) {
        status = vs__load_public_key(&pk, key_path, error);
    }
    if (status == VS_OK) {
        status = vs__check_key_proof(pk, key_path, vs__argument_given(arguments, "trust-key"), error);
    }
    to.pk = pk;
    if (status == VS_OK && add) { /* what is wrong with the pool is said before the work */
        status = add_to_file(&to, NULL, 0, &left, error);
    }
    if (status == VS_OK) {
        status = add ? fill(&to, count, &left, error) : make_pool(&to, count, &left, &output, error);
    }
    if (status == VS_OK) {
        vs__ui_note("%s holds %llu factors; keep it secret, and never use a copy of it", to.path,
                    (unsigned long long)left);
    }
    vs_public_key_free(pk);
    vs__output_close(&output);
    return status;
}

static const vs_option options[] = {
    {.letter = 'r',
     .name = "recipient",
     .argument = "NAME.pub",
     .help = "the public key that will be encrypted to",
     .required = true,
     .takes_file = true},
    {.letter = 'n',
     .name = "count",
     .argument = "N",
     .help = "how many factors to make: one for each ciphertext ('veilsum plan show -r' says how many)",
     .required = true},
    VS_OPTION_OUTPUT("the pool to make"),
    {.letter = 'a',
     .name = "add",
     .argument = "NAME.pool",
     .help = "add to this pool instead; others may use it meanwhile",
     .takes_file = true},
    VS_OPTION_TRUST_KEY,
    VS_OPTION_FORCE,
    VS_OPTION_THREADS,
    VS_OPTIONS_END,
};

static const char *const paragraphs[] = {
    "Makes random factors ahead of time, when the machine is idle: nearly all of the work of encryption. 'veilsum "
    "encrypt "
    "--pool' uses them up, one for each ciphertext, and is many times as fast.",
    "A factor is used once. The pool's mark of what is used reaches the disk before a ciphertext leaves, so that "
    "neither a "
    "crash nor a second process gets the same factor again, and with the mark the keys of what is used are "
    "overwritten. "
    "An interrupted --add keeps the factors that it has finished; whatever else is interrupted leaves no pool.",
    "Never use a copy of a pool. Two contributions under one factor show the difference of their sums to everybody. A "
    "copied file is refused, but a backup or a snapshot of a whole disk or virtual machine that is brought back is not "
    "noticed: delete pools in it.",
    "The public key must carry a proof of its form, as for 'veilsum encrypt'; --trust-key does without.",
    "A pool is secret (mode 0600): whoever reads it can open the contributions that will be made from it.",
    NULL,
};

static const vs_example examples[] = {
    {"Over night", "veilsum pool -r hub.pub --count 100000 -o hub.pool"},
    {"In the morning", "veilsum encrypt -p plan.json -r hub.pub --as NORTH --pool hub.pool north.csv -o north.vs"},
    {"How many are left?", "veilsum inspect hub.pool"},
    {"More of them", "veilsum pool -r hub.pub --count 50000 --add hub.pool"},
    {NULL, NULL},
};

const vs_verb vs__verb_pool = {
    .name = "pool",
    .summary = "Make random factors ahead, for faster encryption",
    .synopsis = "-r NAME.pub --count N (-o NAME.pool [--force] | --add NAME.pool) [OPTIONS]",
    .paragraphs = paragraphs,
    .examples = examples,
    .options = options,
    .run = run_pool,
};
