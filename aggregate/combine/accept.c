/* Is a container one that may be folded into the total? */
#include <stdlib.h>
#include <string.h>

#include "aggregate/combine/combine_internal.h"
#include "aggregate/combine/match_internal.h"
#include "aggregate/container/container_internal.h"
#include "crypto/guard.h"

/* The first container says which key and period this total is of; its key is the plan's. */
static vs_status begin(vs__combiner *c, vs__lane *l, vs_error *error) {
    const vs_header *header = vs_container_header(l->reader);
    const vs_key_info *info = vs_public_key_info(header->pk);
    vs_status status = vs_layout_make(&c->layout, c->plan, info->bits, info->degree, error);
    if (status == VS_OK) {
        status = vs__header_fits_layout(header, &c->layout, l->source->name, error);
    }
    if (status != VS_OK) {
        return status;
    }
    c->header = (vs_header){.kind = VS_TOTAL,
                            .attempt = header->attempt,
                            .cell_count = header->cell_count,
                            .ciphertext_count = header->ciphertext_count,
                            .contributors_min = header->contributors_min,
                            .contributors_max = header->contributors_max};
    memcpy(c->header.plan_id, header->plan_id, VS_HASH_BYTES);
    memcpy(c->header.sid, header->sid, VS_HASH_BYTES);
    memcpy(c->header.period, header->period, sizeof header->period);
    c->pk = vs__container_take_key(l->reader);
    c->header.pk = c->pk;
    c->first_input = l->input;
    status = vs_accumulator_new(&c->total, c->pk, (size_t)header->ciphertext_count);
    return status == VS_OK ? VS_OK : vs_fail_plain(error, status);
}

vs_status vs__refuse_session(const vs_header *header, const char *name, const char *period, const char *first,
                             vs_error *error) {
    char here[VS_MAX_NAME_BYTES + 16], there[VS_MAX_NAME_BYTES + 16];
    (void)vs__period_text(here, header->period);
    (void)vs__period_text(there, period);
    if (strcmp(header->period, period) == 0) {
        vs_fail(error, VS_ERR_MISMATCH, "%s: made in another attempt than %s", name, first);
        vs_hint(error, "combine what was contributed in one attempt");
    } else if (first == NULL) {
        vs_fail(error, VS_ERR_MISMATCH, "%s has %s, and %s was asked for", name, here, there);
        vs_hint(error, "combine what was contributed for that period");
    } else {
        vs_fail(error, VS_ERR_MISMATCH, "%s has %s, but %s has %s", name, here, first, there);
        vs_hint(error, "combine what was contributed for one period");
    }
    return VS_ERR_MISMATCH;
}

/* The session's id says plan, period and attempt; the plan is known to be the same. */
static vs_status check_session(const vs__combiner *c, const vs__lane *l, vs_error *error) {
    const vs_header *header = vs_container_header(l->reader);
    const char *wanted = c->options->period;
    if (!VS_GUARD(contribution_period, wanted == NULL || strcmp(wanted, header->period) == 0)) {
        return vs__refuse_session(header, l->source->name, wanted, NULL, error);
    }
    if (!VS_GUARD(contribution_session, vs_equal(header->sid, c->header.sid, VS_HASH_BYTES))) {
        return vs__refuse_session(header, l->source->name, c->header.period, c->names[c->first_input], error);
    }
    return VS_OK;
}

static vs_status refuse_twice(const vs__combiner *c, const vs__lane *l, const vs_contributor *who, size_t before,
                              vs_error *error) {
    if (before == l->input) {
        vs_fail(error, VS_ERR_POLICY, "%s contributed twice: both in %s", who->name, l->source->name);
    } else {
        vs_fail(error, VS_ERR_POLICY, "%s contributed twice: in %s and in %s", who->name, c->names[before],
                l->source->name);
    }
    vs_hint(error, "leave one of them out; a contributor counts once in a period");
    return VS_ERR_POLICY;
}

/* Every contributor counts for one contribution, so the set's size is also the bound of the slots: its limit keeps them
 * from overflowing. */
static vs_status add_contributors(vs__combiner *c, const vs__lane *l, vs_error *error) {
    const vs_header *header = vs_container_header(l->reader);
    for (size_t i = 0; i < header->contributor_count; i++) {
        const vs_contributor *who = &header->contributors[i];
        size_t before = VS_NONE;
        vs_status status = vs__contributor_set_add(&c->contributors, who, l->input, &before);
        if (status != VS_OK) {
            return vs_fail_plain(error, status);
        }
        if (!VS_GUARD(contribution_once, before == VS_NONE)) {
            return refuse_twice(c, l, who, before, error);
        }
        if (c->contributors.count > c->plan->contributors_max) {
            vs_fail(error, VS_ERR_POLICY, "%s: one contribution too many: the plan allows at most %llu",
                    l->source->name, (unsigned long long)c->plan->contributors_max);
            vs_hint(error, "more contributors need a plan with a larger contributors.max");
            return VS_ERR_POLICY;
        }
    }
    return VS_OK;
}

vs_status vs__accept(vs__combiner *c, vs__lane *l, vs_error *error) {
    const vs_header *header = vs_container_header(l->reader);
    const char *reason;
    vs_status status = vs__header_matches_plan(header, c->plan, l->source->name, error);
    if (status == VS_OK && c->total == NULL) {
        status = begin(c, l, error);
    } else if (status == VS_OK) {
        status = vs__header_fits_layout(header, &c->layout, l->source->name, error);
    }
    if (status == VS_OK) {
        status = vs__admit_contributors(c->plan, header, l->source->name, &reason, error);
    }
    if (status == VS_OK) {
        status = check_session(c, l, error);
    }
    if (status == VS_OK) {
        status = add_contributors(c, l, error);
    }
    return status;
}

/* ---- what it holds, once it has been read ---- */

static vs_status make_room(vs__combiner *c, size_t more, vs_error *error) {
    if (c->held_count + more > c->held_cap) {
        size_t cap = 2 * c->held_cap > c->held_count + more ? 2 * c->held_cap : c->held_count + more;
        vs_receipt_contribution *held = realloc(c->held, cap * sizeof *held);
        if (held == NULL) {
            return vs_fail_plain(error, VS_ERR_MEMORY);
        }
        c->held = held;
        c->held_cap = cap;
    }
    return VS_OK;
}

static vs_status hold_contribution(vs__combiner *c, const vs__lane *l, vs_error *error) {
    const vs_header *header = vs_container_header(l->reader);
    vs_receipt_contribution entry = {.bytes = vs_container_len(header)};
    memcpy(entry.name, header->contributors[0].name, sizeof entry.name);
    vs_container_digest(l->reader, entry.digest);
    vs_status status = make_room(c, 1, error);
    if (status == VS_OK) {
        c->held[c->held_count++] = entry;
    }
    return status;
}

static vs_status hold_total(vs__combiner *c, const vs_receipt *receipt, vs_error *error) {
    size_t count = receipt == NULL ? 0 : (size_t)receipt->contribution_count;
    vs_status status = make_room(c, count, error);
    c->held_known = c->held_known && receipt != NULL;
    if (status == VS_OK && count > 0) {
        memcpy(c->held + c->held_count, receipt->contributions, count * sizeof *c->held);
        c->held_count += count;
    }
    return status;
}

vs_status vs__accept_whole(vs__combiner *c, const vs__lane *l, vs_error *error) {
    const char *reason;
    const vs_receipt *receipt = NULL;
    if (vs_container_header(l->reader)->kind == VS_CONTRIBUTION) {
        vs_status status = vs__admit_signer(c->plan, l->reader, l->source->name, &reason, error);
        return status == VS_OK ? hold_contribution(c, l, error) : status;
    }
    vs_status status = vs__admit_total(c->plan, c->options, l->reader, l->source->name, &receipt, &reason, error);
    return status == VS_OK ? hold_total(c, receipt, error) : status;
}
