#include "cli/session/keyed_files.h"

#include <stdlib.h>

#include "cli/load.h"
#include "cli/opening_book.h"
#include "cli/session/participant.h"

struct vs_keyed_files {
    vs_keyed_setup setup;
    vs_journal *journal; /* borrowed */
    vs_opening_book book;
    uint8_t *contribution;
    vs_secret_key *sk;
    vs_threshold_key *threshold_key;
    vs_key_share *share;
};

/* ---- hooks ---- */

static const char *kept_name(unsigned kind) {
    return kind == VS_MESSAGE_PART ? "part 1" : "part 2";
}

static vs_status recall(void *context, unsigned kind, uint8_t **bytes, size_t *len, vs_error *error) {
    const vs_keyed_files *f = context;
    bool is_new;
    *bytes = NULL;
    *len = 0;
    return vs_journal_keep(f->journal, kept_name(kind), NULL, 0, bytes, len, &is_new, error);
}

/* Durable before it is sent: what comes out of the system's generator comes once. */
static vs_status keep_under(vs_journal *journal, const char *name, const uint8_t *bytes, size_t len, vs_error *error) {
    uint8_t *kept = NULL;
    size_t kept_len = 0;
    bool is_new = false;
    vs_status status = vs_journal_keep(journal, name, bytes, len, &kept, &kept_len, &is_new, error);
    free(kept);
    return status == VS_OK ? vs_journal_commit(journal, error) : status;
}

static vs_status keep(void *context, unsigned kind, const uint8_t *bytes, size_t len, vs_error *error) {
    return keep_under(((vs_keyed_files *)context)->journal, kept_name(kind), bytes, len, error);
}

static vs_status enter(void *context, const vs_opening_request *request, char **record, size_t *len, vs_error *error) {
    const vs_keyed_files *f = context;
    return vs__opening_book_enter(record, len, &f->book, request, error);
}

/* ---- a contributor ---- */

static vs_status need(const vs_participant_request *request, const char *option, const char *hint, vs_error *error) {
    if (vs__argument_given(request->arguments, option)) {
        return VS_OK;
    }
    vs_fail(error, VS_ERR_USAGE, "%s: it is not said with --%s", request->arguments->verb->name, option);
    vs_hint(error, "%s", hint);
    return VS_ERR_USAGE;
}

static vs_status load_recipient(vs_public_key **pk, const vs_participant_request *request, vs_error *error) {
    const char *path = vs__argument(request->arguments, "recipient");
    vs_status status = vs__load_public_key(pk, path, error);
    if (status == VS_OK) {
        status = vs__check_key_of_plan(request->plan, vs_public_key_info(*pk)->fingerprint, path, error);
    }
    if (status == VS_OK) {
        status = vs__check_key_proof(*pk, path, vs__argument_given(request->arguments, "trust-key"), error);
    }
    return status;
}

static vs_status make_contribution(vs_keyed_files *f, const vs_participant_request *request, const vs_cells *cells,
                                   vs_error *error) {
    const vs_contribution_request contribution = {
        .period = request->period, .attempt = request->attempt, .signer = request->identity};
    vs_public_key *pk = NULL;
    vs_status status =
        need(request, "recipient", "a contributor encrypts for the plan's public key: -r NAME.pub", error);
    if (status == VS_OK) {
        status = load_recipient(&pk, request, error);
    }
    if (status == VS_OK) {
        status = vs_keyed_contribute(&f->contribution, &f->setup.contribution_len, request->plan, pk, cells,
                                     &contribution, NULL, error);
    }
    if (status == VS_OK) {
        status = keep_under(f->journal, "contribution", f->contribution, f->setup.contribution_len, error);
    }
    vs_public_key_free(pk);
    return status;
}

/* The one that was made before a crash, or a new one. */
static vs_status load_contribution(vs_keyed_files *f, const vs_participant_request *request, const vs_cells *cells,
                                   vs_error *error) {
    bool is_new;
    vs_status status = vs_journal_keep(f->journal, "contribution", NULL, 0, &f->contribution,
                                       &f->setup.contribution_len, &is_new, error);
    if (status == VS_OK && f->contribution == NULL) {
        status = make_contribution(f, request, cells, error);
    }
    f->setup.contribution = f->contribution;
    return status;
}

/* ---- an opener ---- */

static vs_status load_key(vs_keyed_files *f, const vs_participant_request *request, vs_error *error) {
    const char *path = vs__argument(request->arguments, "key");
    vs_status status = need(request, "key", "who opens a total of this plan has its secret key: -k NAME.key", error);
    if (status == VS_OK) {
        status = vs__load_secret_key(&f->sk, path, vs__argument(request->arguments, "passphrase-file"), error);
    }
    if (status == VS_OK) {
        status = vs__check_key_of_plan(request->plan, vs_public_key_info(vs_secret_key_public(f->sk))->fingerprint,
                                       path, error);
    }
    f->setup.sk = f->sk;
    f->book.secret_path = path;
    return status;
}

static vs_status load_share(vs_keyed_files *f, const vs_participant_request *request, vs_error *error) {
    const char *path = vs__argument(request->arguments, "share");
    vs_status status = need(request, "holders", "who opens a total of this plan has its holders' file", error);
    if (status == VS_OK) {
        status = vs__load_threshold_key(&f->threshold_key, vs__argument(request->arguments, "holders"), error);
    }
    if (status == VS_OK) {
        status = vs_threshold_key_check_plan(f->threshold_key, request->plan, error);
    }
    if (status == VS_OK && path != NULL) {
        status = vs__load_key_share(&f->share, f->threshold_key, request->identity, path, error);
    }
    f->setup.threshold_key = f->threshold_key;
    f->setup.share = f->share;
    f->book.secret_path = path;
    return status;
}

static vs_status load_opener(vs_keyed_files *f, const vs_participant_request *request, vs_error *error) {
    const vs_arguments *arguments = request->arguments;
    bool threshold = request->plan->is_threshold;
    f->setup.plan_signed = true; /* vs__load_signed_plan has seen to it */
    f->setup.trusted = vs__argument(arguments, "trust");
    f->setup.publish = vs__argument_given(arguments, "publish");
    f->setup.enter = enter;
    f->setup.recall = recall;
    f->setup.keep = keep;
    f->setup.enter_context = f->setup.keep_context = f;
    f->book = (vs_opening_book){
        .folder = vs__argument(arguments, "openings"), .opener = request->identity, .threshold = threshold};
    return threshold ? load_share(f, request, error) : load_key(f, request, error);
}

/* ---- */

vs_status vs_keyed_files_load(vs_keyed_files **files, const vs_participant_request *request, vs_journal *journal,
                              const vs_cells *cells, vs_error *error) {
    vs_keyed_files *f = *files = calloc(1, sizeof *f);
    if (f == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    f->journal = journal;
    vs_status status = VS_OK;
    if (request->roles & VS_ROLE_CONTRIBUTOR) {
        status = load_contribution(f, request, cells, error);
    }
    if (status == VS_OK && request->roles & VS_ROLE_OPENER) {
        status = load_opener(f, request, error);
    }
    if (status != VS_OK) {
        vs_keyed_files_free(f);
        *files = NULL;
    }
    return status;
}

const vs_keyed_setup *vs_keyed_files_setup(const vs_keyed_files *files) {
    return files == NULL ? NULL : &files->setup;
}

void vs_keyed_files_free(vs_keyed_files *files) {
    if (files != NULL) {
        vs_key_share_free(files->share);
        vs_threshold_key_free(files->threshold_key);
        vs_secret_key_free(files->sk);
        free(files->contribution);
        free(files);
    }
}
