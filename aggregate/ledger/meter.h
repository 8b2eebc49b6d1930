/* Who has contributed and opened how much, from a ledger: what anybody can count again who has the folder and the
 * plans.
 *
 * A contribution counts once, however many receipts list it, and so do its bytes; a total counts once for each who has
 * signed receipts of it; every record of an opening counts.
 */
#ifndef VEILSUM_AGGREGATE_LEDGER_METER_H
#define VEILSUM_AGGREGATE_LEDGER_METER_H

#include "aggregate/ledger/entry.h"

typedef struct vs_meter_row {
    const char *who; /* borrowed from a plan: an organisation, or a party's name */
    char period[VS_MAX_NAME_BYTES + 1];
    uint64_t contributions, bytes, totals, openings;
} vs_meter_row;

typedef struct vs_meter_event vs_meter_event; /* private */
typedef struct vs_meter {
    bool by_party; /* else by organisation */
    vs_meter_event *events;
    size_t count, cap;
} vs_meter;

vs_meter vs_meter_begin(bool by_party);
void vs_meter_clear(vs_meter *meter);
/** Count an entry that vs_entry_check has accepted under `plan` as signed by `who`; a receipt with its list. The plan
 * is borrowed as long as rows are used. Returns: VS_OK, VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs_meter_add(vs_meter *meter, const vs_entry *entry, const vs_plan *plan, const vs_party *who,
                                     vs_error *error);
/** The rows, by who and period, bytewise ascending; freed by the caller. Returns: VS_OK, VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs_meter_rows(vs_meter *meter, vs_meter_row **rows, size_t *count, vs_error *error);

#endif
