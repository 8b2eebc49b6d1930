/* The people of a plan in words: what it is for and how long, who may do what, and whose totals may overlap. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aggregate/note/note.h"
#include "aggregate/plan/plan_internal.h"
#include "aggregate/plan/plan_page.h"

static void say_days(vs__page *to, const vs_plan *plan) {
    char from[VS_TIME_BYTES], until[VS_TIME_BYTES];
    vs_time_to_text(from, plan->valid_from);
    vs_time_to_text(until, plan->valid_until > 0 ? plan->valid_until - 1 : 0);
    if (plan->valid_from > 0 && plan->valid_until > 0) {
        vs__say(to, "  valid          ", "from %.10s to %.10s, both days included, in UTC", from, until);
    } else if (plan->valid_from > 0) {
        vs__say(to, "  valid          ", "from %.10s on, in UTC", from);
    } else if (plan->valid_until > 0) {
        vs__say(to, "  valid          ", "to the end of %.10s, in UTC", until);
    }
}

void vs__say_terms(vs__page *to, const vs_plan *plan) {
    char hex[2 * VS_HASH_BYTES + 1];
    if (plan->purpose != NULL) {
        vs__say(to, "  purpose        ", "%s", plan->purpose);
    }
    say_days(to, plan);
    if (plan->uses > 0) {
        vs__say(to, "  uses           ", "at most %" PRIu64 " different total%s may be opened", plan->uses,
                plan->uses == 1 ? "" : "s");
    }
    if (plan->replaces_count > 0) {
        vs_to_hex(hex, plan->replaces[0], VS_HASH_BYTES);
        vs__say(to, "  replaces       ", "the plan %s; what was closed under that one stands", hex);
    }
}

static void say_party(vs__page *to, const vs_party *party) {
    static const char *const words[VS__MAY_COUNT] = {"contribute", "open totals",
                                                     "combine contributions and sign receipts", "audit"};
    char may[160] = "", hex[2 * VS_IDENTITY_ID_BYTES + 1];
    for (unsigned bit = 0; bit < VS__MAY_COUNT; bit++) {
        if ((party->may & 1u << bit) != 0) {
            size_t used = strlen(may);
            (void)snprintf(may + used, sizeof may - used, "%s%s", used > 0 ? ", " : "", words[bit]);
        }
    }
    vs_to_hex(hex, party->identity.id, VS_IDENTITY_ID_BYTES);
    vs__say(to, "  - ", "%s (%s) of %s: may %s", party->identity.name, hex, party->organisation, may);
}

static void say_set(vs__page *to, const vs_plan *plan, const vs_set *set) {
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    if (out == NULL) {
        to->status = to->status == VS_OK ? vs_fail_plain(to->error, VS_ERR_MEMORY) : to->status;
        return;
    }
    for (size_t i = 0; i < set->member_count; i++) {
        (void)fprintf(out, "%s%s", i == 0 ? "" : ", ", plan->parties[set->members[i]].identity.name);
    }
    if (fclose(out) != 0) {
        to->status = to->status == VS_OK ? vs_fail_plain(to->error, VS_ERR_MEMORY) : to->status;
    } else {
        vs__say(to, "  - ", "%s: %s", set->name, text);
    }
    free(text);
}

void vs__say_roster(vs__page *to, const vs_plan *plan) {
    if (plan->party_count == 0) {
        return;
    }
    vs__heading(to, "Who takes part");
    for (size_t i = 0; to->status == VS_OK && i < plan->party_count; i++) {
        say_party(to, &plan->parties[i]);
    }
    if (plan->signatures_needed == plan->party_count) {
        vs__say(to, "  - ", "the plan counts as agreed on once all of them have signed it");
    } else {
        vs__say(to, "  - ", "the plan counts as agreed on once %zu of these %zu have signed it",
                plan->signatures_needed, plan->party_count);
    }
    vs__say(to, "  - ", "a contribution counts with the signature of its party only");
    if (plan->set_count > 0) {
        vs__heading(to, "Whose totals may be opened though they overlap with each other; all others must not");
    }
    for (size_t i = 0; to->status == VS_OK && i < plan->set_count; i++) {
        say_set(to, plan, &plan->sets[i]);
    }
}
