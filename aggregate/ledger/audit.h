/* A whole ledger checked: hashes, entries, lists, who has signed, nothing twice. */
#ifndef VEILSUM_AGGREGATE_LEDGER_AUDIT_H
#define VEILSUM_AGGREGATE_LEDGER_AUDIT_H

#include "aggregate/ledger/entry.h"
#include "aggregate/ledger/ledger.h"

typedef struct vs_audit vs_audit;
/* What happens to each entry, checked as far as it can be before the end of the log: `plan` and `who` are NULL where
 * its plan is not among those given. */
typedef vs_status vs_audit_visit(void *context, uint64_t index, const vs_entry *entry, const vs_plan *plan,
                                 const vs_party *who, vs_error *error);

struct vs_audit {
    const vs_plans *plans;
    vs_audit_visit *visit; /* NULL: nothing */
    void *context;
    bool without_lists; /* receipts come without their lists, which are not looked at */
    /* filled in */
    uint64_t receipts, openings, other_plans;
};

/** Returns: VS_OK; VS_ERR_FORMAT (an entry that is no note), VS_ERR_AUTH (the log, a list or a signature is not right;
 * an entry stands in it twice), VS_ERR_POLICY (signed by somebody who may not); visit's; the folder's. */
VS_MUST_CHECK vs_status vs_ledger_audit(vs_audit *audit, const vs_ledger *ledger, const vs_folder *folder,
                                        vs_error *error);

#endif
