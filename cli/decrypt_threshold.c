/* decrypt by threshold: a holder's part of a total, and opening a total with parts. */
#include <string.h>

#include "cli/decrypt_internal.h"
#include "cli/load.h"
#include "cli/ui.h"

/* What both ways have. */
typedef struct threshold_call {
    const vs_arguments *arguments;
    const vs_plan *plan;
    vs_threshold_key *key;
    vs__decrypt_inputs inputs;
    vs_total *total;
} threshold_call;

/* The threshold key, and that it is the plan's: before anybody is asked for a passphrase. */
static vs_status load_key(threshold_call *call, vs_error *error) {
    vs_status status = vs__load_threshold_key(&call->key, vs__argument(call->arguments, "holders"), error);
    return status == VS_OK ? vs_threshold_key_check_plan(call->key, call->plan, error) : status;
}

/* Total and parts, and whether anything may be done with them. */
static vs_status read_inputs(threshold_call *call, const vs_identity *opener, vs_error *error) {
    const vs_public_key *pk = vs_threshold_key_public(call->key);
    vs_status status = vs__decrypt_inputs_open(&call->inputs, call->arguments, error);
    if (status == VS_OK) {
        status = vs__decrypt_read_total(&call->total, &call->inputs, call->plan, pk, error);
    }
    if (status == VS_OK) {
        const vs__permit_request request = {.arguments = call->arguments,
                                            .total = call->total,
                                            .name = call->inputs.inputs[call->inputs.total].source.name,
                                            .opener = opener,
                                            .secret_path = vs__argument(call->arguments, "share"),
                                            .threshold = true};
        status = vs__decrypt_permit(&request, error);
    }
    if (status == VS_OK) {
        status =
            vs__decrypt_read_parts(&call->inputs, call->total, vs_threshold_key_info(call->key)->proof_bytes, error);
    }
    return status;
}

static void close_call(threshold_call *call) {
    vs_total_free(call->total);
    vs__decrypt_inputs_close(&call->inputs);
    vs_threshold_key_free(call->key);
}

/* ---- a part ---- */

/* What comes next. */
static void note_next(const threshold_call *call, const vs_part *part) {
    unsigned needed = vs_threshold_key_info(call->key)->needed;
    if (part->header.round == 2 && part->header.count == 0) {
        vs__ui_note("the counts allow no values to be opened: the part is empty, and the parts of round 1 are enough");
    } else if (part->header.round == 2) {
        vs__ui_note(
            "a part of round 2, the values that the counts allow; %u of these and %u of round 1 open the total: "
            "veilsum decrypt --parts",
            needed, needed);
    } else if (call->plan->has_minimums) {
        vs__ui_note("a part of round 1, the counts; with %u such parts each holder makes one of round 2: --part again, "
                    "with --parts and those parts behind the total",
                    needed);
    } else {
        vs__ui_note("%u such parts open the total: veilsum decrypt --parts", needed);
    }
}

static vs_status write_part(const threshold_call *call, const vs_key_share *share, const vs_identity *holder,
                            const vs_sink *sink, vs_error *error) {
    vs_part *part = NULL;
    vs_progress_line line;
    vs__progress_begin(&line, "decrypting", "ciphertexts");
    vs_status status = vs_total_make_part(&part, call->total, share, call->key, holder, call->inputs.given,
                                          call->inputs.given_count, &line.progress, error);
    vs__progress_end(&line);
    if (status == VS_OK) {
        status = sink->write(sink->context, part->bytes, part->len, error);
    }
    if (status == VS_OK) {
        note_next(call, part);
    }
    vs_part_free(part);
    return status;
}

vs_status vs__decrypt_make_part(const vs_arguments *arguments, const vs_plan *plan, const vs_sink *sink,
                                vs_error *error) {
    threshold_call call = {.arguments = arguments, .plan = plan};
    vs_identity *holder = NULL;
    vs_key_share *share = NULL;
    vs_status status = load_key(&call, error);
    if (status == VS_OK) {
        status = vs__load_identity(&holder, vs__argument(arguments, "identity"),
                                   vs__argument(arguments, "identity-passphrase-file"), error);
    }
    if (status == VS_OK) {
        status = vs__load_key_share(&share, call.key, holder, vs__argument(arguments, "share"), error);
    }
    if (status == VS_OK) {
        status = read_inputs(&call, holder, error);
    }
    if (status == VS_OK) {
        status = write_part(&call, share, holder, sink, error);
    }
    vs__decrypt_warn_refused(&call.inputs, status, error);
    vs_key_share_free(share);
    vs_identity_free(holder);
    close_call(&call);
    return status;
}

/* ---- opening ---- */

vs_status vs__decrypt_open_parts(vs_opened *opened, const vs_arguments *arguments, const vs_plan *plan,
                                 vs_error *error) {
    threshold_call call = {.arguments = arguments, .plan = plan};
    vs_progress_line line;
    vs_status status = load_key(&call, error);
    if (status == VS_OK) {
        status = read_inputs(&call, NULL, error);
    }
    if (status == VS_OK) {
        vs__progress_begin(&line, "decrypting", "ciphertexts");
        status = vs_total_open_with_parts(opened, call.total, call.key, call.inputs.given, call.inputs.given_count,
                                          &line.progress, error);
        vs__progress_end(&line);
    }
    vs__decrypt_warn_refused(&call.inputs, status, error);
    close_call(&call);
    return status;
}
