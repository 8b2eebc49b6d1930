/* The rules of opening: what is asked of a total before anything of it is decrypted, or a part of it is made.
 *
 * Some rules need the total and the plan alone (vs_opening_rules); others what this opener has opened before, which its
 * book knows (book.h). A message of VS_ERR_POLICY begins with the rule's name, as the plan writes it: "rule
 * contributors.min: …".
 */
#ifndef VEILSUM_AGGREGATE_OPENING_RULES_H
#define VEILSUM_AGGREGATE_OPENING_RULES_H

#include "aggregate/container/container.h"
#include "aggregate/opening/record.h"

/* What is to be opened. All of it is borrowed. */
typedef struct vs_opening_request {
    const vs_plan *plan;
    const char *name;       /* of the total, for messages */
    const vs_header *total; /* of a total whose bytes have been checked */
    uint8_t digest[VS_HASH_BYTES];
    uint64_t bytes;
    int64_t now;
    const vs_public_identity *opener; /* NULL: nobody who holds anything: parts are put together */
    bool plan_signed;                 /* as many as the plan asks for have signed it: vs_plan_signatures_check */
    bool verified; /* the total holds exactly the signed contributions of those it names: recomputed, or on the word of
                      somebody whom the opener trusts */
} vs_opening_request;

/** The names in a header, sorted. Returns: VS_OK, VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs_opening_names(vs_names *names, const vs_header *total, vs_error *error);

/** The rules that need no memory of earlier openings: validity, signatures, the opener, the roster, contributors.min
 *  (distinct organisations), and that the total is verified. A plan without a roster has validity and contributors.min
 *  alone. Returns: VS_OK, VS_ERR_POLICY. */
VS_MUST_CHECK vs_status vs_opening_rules(const vs_opening_request *request, vs_error *error);

/** May both sets be opened in one period? They are disjoint, or both listed in the plan's `sets` and different. */
bool vs_opening_sets_go_together(const vs_plan *plan, const vs_names *a, const vs_names *b);

#endif
