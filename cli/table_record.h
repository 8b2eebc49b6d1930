/* An owner's record of the tables that it has encrypted (aggregate/opening/owner_record.h), beside its identity:
 * "me.id" has it in the folder "me.tables". It serves warnings only, so that trouble with it is a warning as well. */
#ifndef VEILSUM_CLI_TABLE_RECORD_H
#define VEILSUM_CLI_TABLE_RECORD_H

#include "aggregate/table/sketch.h"
#include "crypto/sign/identity.h"

/* Watch the rows that are read into these cells, under a key of this owner. */
void vs__table_watch(vs_sketch *sketch, vs_cells *cells, const vs_identity *owner);

/** `period` may be NULL: none. Warn if rows like these went into another plan, or into another period of this one, and
 * remember them. Nothing happens where no row was seen. */
void vs__table_remember(const vs_sketch *sketch, const char *identity_path, const vs_plan *plan, const char *period);

#endif
