/* What went into a total and what did not, for persons and for receipts. */
#include <stdlib.h>
#include <string.h>

#include "aggregate/combine/combine_internal.h"

void vs_combine_report_clear(vs_combine_report *report) {
    for (size_t i = 0; i < report->refused_count; i++) {
        free(report->refused[i]);
    }
    free(report->refused);
    vs_receipt_clear(&report->receipt);
    *report = (vs_combine_report){.refused = NULL};
}

/* A name that no identity can have is none in a receipt: it could not be told from what follows it. */
static void to_refusal(vs_receipt_refusal *out, const vs__vetted *v) {
    out->has_digest = v->has_digest;
    memcpy(out->digest, v->digest, VS_HASH_BYTES);
    if (v->contributor_count == 1 &&
        vs_identity_name_is_valid(v->contributors[0].name, strlen(v->contributors[0].name))) {
        memcpy(out->name, v->contributors[0].name, sizeof out->name);
    }
    size_t len = strlen(v->reason);
    VS_CHECK(len <= VS_MAX_REASON_BYTES);
    memcpy(out->reason, v->reason, len + 1);
}

vs_status vs__report_refusals(vs_combine_report *report, const vs__vetting *vetting, vs_error *error) {
    report->refused = calloc(vetting->refused_count, sizeof *report->refused);
    report->receipt.refusals = calloc(vetting->refused_count, sizeof *report->receipt.refusals);
    if (report->refused == NULL || report->receipt.refusals == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    for (size_t i = 0; i < vetting->count; i++) {
        const vs__vetted *v = &vetting->list[i];
        if (v->status == VS_OK) {
            continue;
        }
        report->refused[report->refused_count] = strdup(v->message != NULL ? v->message : v->reason);
        if (report->refused[report->refused_count] == NULL) {
            return vs_fail_plain(error, VS_ERR_MEMORY);
        }
        to_refusal(&report->receipt.refusals[report->refused_count++], v);
    }
    report->receipt.refusal_count = report->refused_count;
    return VS_OK;
}

/* Several refusals have one exit status: what is not allowed comes before what is not authentic, since it is there to
 * be decided by somebody. */
static vs_status common_status(const vs__vetting *vetting) {
    static const vs_status order[] = {VS_ERR_POLICY, VS_ERR_AUTH, VS_ERR_MISMATCH};
    vs_status first = VS_OK;
    for (size_t k = 0; k < sizeof order / sizeof *order; k++) {
        for (size_t i = 0; i < vetting->count; i++) {
            if (vetting->list[i].status == order[k]) {
                return order[k];
            }
        }
    }
    for (size_t i = 0; i < vetting->count && first == VS_OK; i++) {
        first = vetting->list[i].status;
    }
    return first;
}

vs_status vs__refuse_vetted(const vs__vetting *vetting, vs_error *error) {
    vs_status status = common_status(vetting);
    const vs__vetted *first = vetting->list;
    while (first->status == VS_OK) {
        first++;
    }
    if (vetting->refused_count == 1) {
        (void)vs_fail(error, status, "%s", first->message);
        vs_hint(error, "%s", first->hint == NULL ? "" : first->hint);
    } else {
        (void)vs_fail(error, status, "%zu of %zu contributions are refused", vetting->refused_count, vetting->count);
    }
    if (vetting->refused_count < vetting->count) {
        vs_hint(error, "have them made again, or leave them out ('veilsum combine --leave-out-refused' does)");
    }
    return status;
}
