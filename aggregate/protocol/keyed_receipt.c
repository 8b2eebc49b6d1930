/* Receipts as messages, and what else the machines of the openings key and threshold have in common. */
#include <stdlib.h>
#include <string.h>

#include "aggregate/protocol/keyed_internal.h"
#include "crypto/guard.h"

/* ---- steps ---- */

const char *const vs__keyed_steps[] = {"contribute", "combine", "open", NULL};

void vs__keyed_look(vs_session_view *view, const vs_plan *plan) {
    static const char *const with_parts[] = {"contribute", "combine", "part", "open"};
    static const char *const with_rounds[] = {"contribute", "combine", "part", "second part", "open"};
    if (plan->is_threshold) {
        view->steps = plan->has_minimums ? with_rounds : with_parts;
        view->step_count = plan->has_minimums ? 5 : 4;
    }
}

/* ---- parties ---- */

vs_status vs__parties_that(size_t **list, size_t *count, const vs_plan *plan, unsigned may, vs_error *error) {
    *list = malloc((plan->party_count + 1) * sizeof **list);
    *count = 0;
    if (*list == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    for (size_t i = 0; i < plan->party_count; i++) {
        if (plan->parties[i].may & may) {
            (*list)[(*count)++] = i;
        }
    }
    return VS_OK;
}

vs_status vs__keyed_organisations(uint64_t *count, const vs_plan *plan, const uint32_t *parties, size_t party_count,
                                  vs_error *error) {
    uint8_t *seen = calloc(plan->organisation_count + 1, 1);
    *count = 0;
    if (seen == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    for (size_t i = 0; i < party_count; i++) {
        uint8_t *one = &seen[plan->parties[parties[i]].organisation_index];
        *count += !*one;
        *one = 1;
    }
    free(seen);
    return VS_OK;
}

/* ---- receipts ---- */

vs_status vs__receipt_read(vs_receipt *receipt, const vs__session_facts *facts, const vs_message *message,
                           vs_error *error) {
    const vs_session_setup *setup = &facts->setup;
    const char *sender = setup->plan->parties[message->from].identity.name;
    vs_status status = vs_receipt_parse(receipt, sender, (const char *)message->body, message->body_len, error);
    if (status == VS_OK) {
        status = vs_receipt_check(receipt, setup->plan, sender, sender, NULL, error);
    }
    if (status == VS_OK && !VS_GUARD(keyed_receipt_session, strcmp(receipt->period, setup->period) == 0 &&
                                                                receipt->attempt == setup->attempt)) {
        status = vs_fail(error, VS_ERR_MISMATCH, "%s: its receipt is for another period or attempt", sender);
    }
    return status;
}
