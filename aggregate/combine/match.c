#include <stdio.h>

#include "aggregate/combine/match_internal.h"
#include "crypto/guard.h"

vs_status vs__header_matches_plan(const vs_header *header, const vs_plan *plan, const char *name, vs_error *error) {
    if (!VS_GUARD(container_plan, vs_equal(header->plan_id, plan->id, VS_HASH_BYTES))) {
        bool before = vs_plan_replaces(plan, header->plan_id);
        vs_fail(error, VS_ERR_MISMATCH, "%s: made for %s", name,
                before ? "the plan that this one replaces" : "another plan");
        vs_hint(error,
                "use the plan that it was made for ('veilsum inspect' shows the id), or make it again for this one");
        return VS_ERR_MISMATCH;
    }
    if (!vs_equal(vs_public_key_info(header->pk)->fingerprint, plan->key_fingerprint, VS_HASH_BYTES)) {
        vs_fail(error, VS_ERR_MISMATCH, "%s: carries another key than the plan pins", name);
        vs_hint(error, "make it again with the key of the plan's opening");
        return VS_ERR_MISMATCH;
    }
    if (header->contributors_min != plan->contributors_min || header->contributors_max != plan->contributors_max) {
        return vs_fail(error, VS_ERR_RANGE, "%s: its header cannot be true: other limits than the plan's", name);
    }
    return VS_OK;
}

vs_status vs__header_fits_layout(const vs_header *header, const vs_layout *layout, const char *name, vs_error *error) {
    if (header->cell_count != layout->plan->cell_count || header->ciphertext_count != layout->plaintext_count) {
        return vs_fail(error, VS_ERR_RANGE, "%s: its header cannot be true: other counts than the plan's", name);
    }
    return VS_OK;
}

const char *vs__period_text(char *out, const char *period) {
    snprintf(out, VS_MAX_NAME_BYTES + 16, period[0] == 0 ? "no period" : "period '%s'", period);
    return out;
}
