/* Who has signed a receipt, and which total it is about. */
#include <string.h>

#include "aggregate/receipt/receipt_internal.h"
#include "crypto/guard.h"

#define MAY_SIGN (VS_MAY_AGGREGATE | VS_MAY_OPEN)

static vs_status refuse_signature(const char *name, const char *who, vs_error *error) {
    (void)vs_fail(error, VS_ERR_AUTH, "%s: the signature of %s is not right; the receipt is altered", name, who);
    vs_hint(error, "get it again from who made it");
    return VS_ERR_AUTH;
}

/* A party that may say what a total holds, and has signed. VS_ERR_NOT_READY where `party` has not. */
static vs_status check_party(const vs_receipt *receipt, const vs_party *party, const char *name, vs_error *error) {
    vs_status status = vs_note_check(&receipt->note, &party->identity);
    if (status == VS_ERR_NOT_READY || VS_GUARD(receipt_signature, status == VS_OK)) {
        return status == VS_ERR_NOT_READY ? status : VS_OK;
    }
    return refuse_signature(name, party->identity.name, error);
}

static vs_status find_signer(const vs_receipt *receipt, const vs_plan *plan, const char *name, const char *by,
                             const vs_party **who, vs_error *error) {
    for (size_t i = 0; i < receipt->note.signature_count && *who == NULL; i++) {
        const vs_note_signature *signature = &receipt->note.signatures[i];
        const vs_party *party = vs_plan_party_of(plan, signature->name, signature->name_len);
        bool wanted = party != NULL && (by == NULL || strcmp(by, party->identity.name) == 0);
        if (!wanted || !VS_GUARD(receipt_signer_may, (party->may & MAY_SIGN) != 0)) {
            continue;
        }
        vs_status status = check_party(receipt, party, name, error);
        if (status == VS_OK) {
            *who = party;
        } else if (status != VS_ERR_NOT_READY) { /* another key of the same name is a stranger's */
            return status;
        }
    }
    return VS_OK;
}

static vs_status refuse_signer(const char *name, const char *by, vs_error *error) {
    if (by != NULL) {
        (void)vs_fail(error, VS_ERR_POLICY, "%s: not signed by %s as one that may combine or open", name, by);
    } else {
        (void)vs_fail(error, VS_ERR_POLICY, "%s: not signed by a party of the plan that may combine or open", name);
    }
    vs_hint(error, "the roster says who may: \"may\": [\"aggregate\"] or [\"open\"]");
    return VS_ERR_POLICY;
}

static vs_status check_contributors(const vs_receipt *receipt, const vs_plan *plan, const char *name, vs_error *error) {
    if (!VS_GUARD(receipt_contributor_count, receipt->contribution_count <= plan->contributors_max)) {
        return vs_fail(error, VS_ERR_POLICY, "%s: lists more contributions than the plan allows", name);
    }
    for (uint64_t i = 0; receipt->contributions != NULL && i < receipt->contribution_count; i++) {
        const vs_party *party = vs_plan_party(plan, receipt->contributions[i].name);
        if (!VS_GUARD(receipt_contributor_listed, party != NULL && (party->may & VS_MAY_CONTRIBUTE) != 0)) {
            return vs_fail(error, VS_ERR_POLICY, "%s: lists a contribution by %s, whom the plan does not list for it",
                           name, receipt->contributions[i].name);
        }
    }
    return VS_OK;
}

vs_status vs_receipt_check(const vs_receipt *receipt, const vs_plan *plan, const char *name, const char *by,
                           const vs_party **who, vs_error *error) {
    const vs_party *signer = NULL;
    if (!VS_GUARD(receipt_plan, vs_equal(receipt->plan_id, plan->id, VS_HASH_BYTES))) {
        (void)vs_fail(error, VS_ERR_MISMATCH, "%s: a receipt under another plan", name);
        vs_hint(error, "use the plan that the receipt's line \"plan\" names");
        return VS_ERR_MISMATCH;
    }
    if (plan->party_count == 0) {
        (void)vs_fail(error, VS_ERR_POLICY, "%s: the plan has no roster, so nobody's receipt means anything", name);
        vs_hint(error, "combine or verify the contributions themselves");
        return VS_ERR_POLICY;
    }
    vs_status status = find_signer(receipt, plan, name, by, &signer, error);
    if (status == VS_OK && signer == NULL) {
        status = refuse_signer(name, by, error);
    }
    if (status == VS_OK) {
        status = check_contributors(receipt, plan, name, error);
    }
    if (who != NULL) {
        *who = status == VS_OK ? signer : NULL;
    }
    return status;
}

vs_status vs_receipt_may_sign(const vs_plan *plan, const vs_public_identity *who, vs_error *error) {
    const vs_party *party = vs_plan_party(plan, who->name);
    if (plan->party_count == 0) {
        (void)vs_fail(error, VS_ERR_POLICY, "the plan has no roster, so nobody's receipt means anything");
        vs_hint(error, "receipts go with plans that list their parties");
    } else if (party == NULL || !vs_public_identity_equal(&party->identity, who) || (party->may & MAY_SIGN) == 0) {
        (void)vs_fail(error, VS_ERR_POLICY, "%s is not listed as one that may combine or open", who->name);
        vs_hint(error, "the plan's roster says who may: 'veilsum plan show'");
    } else {
        return VS_OK;
    }
    return VS_ERR_POLICY;
}

/* ---- the total ---- */

size_t vs_receipt_find(const vs_receipt *receipt, const char *name) {
    uint8_t sid[VS_HASH_BYTES], wanted[VS_ID_BYTES], id[VS_ID_BYTES];
    size_t low = 0, high = receipt->contributions == NULL ? 0 : (size_t)receipt->contribution_count;
    vs_session_id(sid, receipt->plan_id, receipt->period, receipt->attempt);
    vs_contributor_id(wanted, sid, name);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        vs_contributor_id(id, sid, receipt->contributions[middle].name);
        int order = memcmp(id, wanted, VS_ID_BYTES);
        if (order == 0) {
            return middle;
        }
        low = order < 0 ? middle + 1 : low;
        high = order < 0 ? high : middle;
    }
    return VS_NONE;
}

bool vs_receipt_holds(const vs_receipt *receipt, const char *name, const uint8_t digest[VS_HASH_BYTES]) {
    size_t at = vs_receipt_find(receipt, name);
    return at != VS_NONE && vs_equal(receipt->contributions[at].digest, digest, VS_HASH_BYTES);
}

/* Both lists ascend by id. The first name that one has and the other has not; NULL: they are equal. */
static const char *first_difference(const vs_receipt *receipt, const vs_header *header, bool *missing) {
    size_t i = 0, count = (size_t)receipt->contribution_count;
    for (; i < count && i < header->contributor_count; i++) {
        const char *listed = receipt->contributions[i].name, *held = header->contributors[i].name;
        if (strcmp(listed, held) != 0) {
            *missing = vs_receipt_find(receipt, held) != VS_NONE;
            return *missing ? listed : held;
        }
    }
    *missing = i < count;
    return i < count                       ? receipt->contributions[i].name
           : i < header->contributor_count ? header->contributors[i].name
                                           : NULL;
}

vs_status vs_receipt_check_total(const vs_receipt *receipt, const char *name, const vs_header *header,
                                 const uint8_t digest[VS_HASH_BYTES], const char *total, vs_error *error) {
    bool missing = false;
    VS_CHECK(receipt->contributions != NULL);
    if (!VS_GUARD(receipt_total, vs_equal(receipt->total_digest, digest, VS_HASH_BYTES) &&
                                     receipt->total_bytes == vs_container_len(header))) {
        const char *who = first_difference(receipt, header, &missing);
        if (who == NULL) {
            (void)vs_fail(error, VS_ERR_MISMATCH, "%s: a receipt for another total than %s", name, total);
        } else {
            (void)vs_fail(error, VS_ERR_MISMATCH,
                          "%s: a receipt for another total than %s, which holds %s contribution by %s", name, total,
                          missing ? "no" : "a", who);
        }
        vs_hint(error, "use the receipt that was made with the total");
        return VS_ERR_MISMATCH;
    }
    if (!VS_GUARD(receipt_contributors, first_difference(receipt, header, &missing) == NULL)) {
        return vs_fail(error, VS_ERR_MISMATCH, "%s: lists other contributors than %s has", name, total);
    }
    return VS_OK;
}

vs_status vs_receipt_check_source(const vs_receipt *receipt, const char *name, const vs_plan *plan,
                                  const vs_source *total, vs_error *error) {
    vs_container_reader *reader = NULL;
    uint8_t digest[VS_HASH_BYTES];
    int at_end = 0;
    vs_status status = vs_container_reader_new(&reader, total, &at_end, error);
    if (status == VS_OK && at_end) {
        status = vs_fail(error, VS_ERR_FORMAT, "%s: is empty", total->name);
    }
    if (status == VS_OK && !vs_equal(vs_container_header(reader)->plan_id, plan->id, VS_HASH_BYTES)) {
        status = vs_fail(error, VS_ERR_MISMATCH, "%s: made for another plan", total->name);
    }
    if (status == VS_OK && vs_container_header(reader)->kind != VS_TOTAL) {
        status = vs_fail(error, VS_ERR_USAGE, "%s: a contribution, and no total", total->name);
    }
    if (status == VS_OK) {
        status = vs_container_read_to_end(reader, "the total", error);
    }
    if (status == VS_OK) {
        vs_container_digest(reader, digest);
        status = vs_receipt_check_total(receipt, name, vs_container_header(reader), digest, total->name, error);
    }
    vs_container_reader_free(reader);
    return status;
}
