/* What a plan with a roster asks of each container: by somebody who is listed for it, signed with the key that the
 * roster has for them; and of a total a receipt that says whose contributions it holds. */
#include <string.h>

#include "aggregate/combine/combine_internal.h"
#include "crypto/guard.h"

vs_status vs__admit_contributors(const vs_plan *plan, const vs_header *header, const char *name, const char **reason,
                                 vs_error *error) {
    for (size_t i = 0; plan->party_count > 0 && i < header->contributor_count; i++) {
        const char *who = header->contributors[i].name;
        const vs_party *party = vs_plan_party(plan, who);
        if (!VS_GUARD(contribution_listed, party != NULL && (party->may & VS_MAY_CONTRIBUTE) != 0)) {
            *reason = "not listed as one that may contribute";
            vs_fail(error, VS_ERR_POLICY, "%s: %s is not listed as one that may contribute", name, who);
            vs_hint(error, "the plan's roster says who may; a late contributor needs a plan that all sign");
            return VS_ERR_POLICY;
        }
    }
    return VS_OK;
}

vs_status vs__admit_signer(const vs_plan *plan, const vs_container_reader *reader, const char *name,
                           const char **reason, vs_error *error) {
    if (plan->party_count == 0) {
        return VS_OK;
    }
    const char *who = vs_container_header(reader)->contributors[0].name;
    const uint8_t *signer = vs_container_signer(reader);
    const vs_party *party = vs_plan_party(plan, who); /* listed: that has been asked before */
    if (!VS_GUARD(contribution_signed, signer != NULL)) {
        *reason = "not signed";
        vs_fail(error, VS_ERR_POLICY, "%s: the contribution of %s is not signed", name, who);
        vs_hint(error, "its owner signs it with 'veilsum encrypt -i NAME.id'");
        return VS_ERR_POLICY;
    }
    if (!VS_GUARD(contribution_signer,
                  signer == NULL || party == NULL || vs_equal(signer, party->identity.key, VS_IDENTITY_KEY_BYTES))) {
        *reason = "signed with another key than the roster's";
        vs_fail(error, VS_ERR_AUTH, "%s: says it is by %s, and is signed with another key than the roster has for them",
                name, who);
        vs_hint(error, "ask %s whether it is theirs; it may be somebody else's work", who);
        return VS_ERR_AUTH;
    }
    return VS_OK;
}

/* ---- totals ---- */

vs_status vs__check_receipts(const vs_plan *plan, const vs_combine_options *options, vs_error *error) {
    vs_status status = VS_OK;
    for (size_t i = 0; i < options->receipt_count && status == VS_OK; i++) {
        status = vs_receipt_check(&options->receipts[i], plan, options->receipt_names[i], NULL, NULL, error);
    }
    return status;
}

vs_status vs__admit_total(const vs_plan *plan, const vs_combine_options *options, const vs_container_reader *reader,
                          const char *name, const vs_receipt **receipt, const char **reason, vs_error *error) {
    uint8_t digest[VS_HASH_BYTES];
    *receipt = NULL;
    if (plan->party_count == 0) {
        return VS_OK;
    }
    vs_container_digest(reader, digest);
    for (size_t i = 0; i < options->receipt_count && *receipt == NULL; i++) {
        if (vs_equal(options->receipts[i].total_digest, digest, VS_HASH_BYTES)) {
            *receipt = &options->receipts[i];
            *reason = "a total with a receipt that lists others";
            return vs_receipt_check_total(*receipt, options->receipt_names[i], vs_container_header(reader), digest,
                                          name, error);
        }
    }
    if (!VS_GUARD(total_receipt, *receipt != NULL)) {
        *reason = "a total without a receipt";
        vs_fail(error, VS_ERR_POLICY, "%s: a total, and none of the receipts is for it", name);
        vs_hint(error, "give its receipt with --receipt-for, or combine the contributions themselves");
        return VS_ERR_POLICY;
    }
    return VS_OK;
}
