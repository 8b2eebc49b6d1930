/* What the ledger's entries say: the signed notes of receipts (aggregate/receipt) and of openings (aggregate/opening).
 * A receipt's list stands beside the log, as list/HEX, where HEX is the entry's hash in the log. */
#ifndef VEILSUM_AGGREGATE_LEDGER_ENTRY_H
#define VEILSUM_AGGREGATE_LEDGER_ENTRY_H

#include "aggregate/folder.h"
#include "aggregate/opening/record.h"
#include "aggregate/plan/plan.h"
#include "aggregate/receipt/receipt.h"

typedef struct vs_entry {
    bool is_receipt;    /* else the record of an opening */
    vs_receipt receipt; /* where it is one: the note, and the list once it has been read */
    vs_opening_record opening;
    vs_note note; /* of an opening; borrows what was parsed */
    const uint8_t *plan_id;
    const char *period;
    int64_t time;
} vs_entry;
void vs_entry_clear(vs_entry *entry);

/** Read an entry: a note, as it stands in the log. `data` must outlive it. Messages begin with `name`.
 *  Returns: VS_OK; VS_ERR_FORMAT, VS_ERR_LIMIT, VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs_entry_parse(vs_entry *entry, const char *name, const char *data, size_t len,
                                       vs_error *error);

/* The plans that signatures are checked by; borrowed. */
typedef struct vs_plans {
    const vs_plan *const *plans;
    size_t count;
} vs_plans;
/** The plan that an entry is under, or NULL. */
const vs_plan *vs_entry_plan(const vs_entry *entry, const vs_plans *plans);

/** Has a party of its plan that may do so signed it? `*who` (may be NULL) is that party.
 *  Returns: VS_OK; VS_ERR_MISMATCH (under none of the plans); VS_ERR_AUTH, VS_ERR_POLICY as vs_receipt_check. */
VS_MUST_CHECK vs_status vs_entry_check(const vs_entry *entry, const vs_plans *plans, const char *name,
                                       const vs_party **who, vs_error *error);

/** The list of a receipt: its blob's name, by the entry as it stands in the log; and read from the folder, as signed.
 *  Returns: VS_OK; as vs_receipt_parse_list; VS_ERR_AUTH where it is missing; the folder's. */
void vs_entry_list_name(char out[VS_MAX_BLOB_NAME], const void *data, size_t len);
VS_MUST_CHECK vs_status vs_entry_read_list(vs_entry *entry, const vs_folder *folder, const void *data, size_t len,
                                           vs_error *error);

/** Who says to have signed it: the first signature's name, not checked; copied and ended. */
void vs_entry_signer(char out[VS_MAX_IDENTITY_NAME + 1], const vs_entry *entry);

#endif
