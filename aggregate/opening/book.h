/* An opener's book: what it has opened, or made parts of, durably and before anything was decrypted.
 *
 * It is a ledger (aggregate/ledger) of opening records, which the opener itself keeps and signs, in a folder of its
 * own; beside it lie the lists of names that the records mean, as names/HEX, and what each plan replaces (line.h). A
 * total is entered before its first ciphertext is touched: after a crash it counts as opened, and may be opened again,
 * since the same total tells nothing new.
 *
 * What one opener's book cannot know is what others have opened. Under `threshold` the rules bind as long as more than
 * the needed number of holders keep theirs (papers/threat-model.md).
 */
#ifndef VEILSUM_AGGREGATE_OPENING_BOOK_H
#define VEILSUM_AGGREGATE_OPENING_BOOK_H

#include "aggregate/folder.h"
#include "aggregate/opening/rules.h"

#define VS_BOOK_LABEL "openings"

/** May this total be opened, after all that the book holds? If so it is entered, durably, and `*note` is the signed
 *  record (malloc'd, a zero byte behind it), for the common ledger. The rules that need no book have been asked before
 *  (vs_opening_rules).
 *
 *  "valid.uses": no more different totals than the plan allows. "one set a period": no set of contributors that
 *  overlaps with another one opened in the same period, under this plan or one of its line (line.h), unless the plan's
 *  sets list both. The same total again is allowed, and entered again.
 *
 *  Returns: VS_OK; VS_ERR_POLICY; VS_ERR_AUTH (the book has been altered), VS_ERR_MISMATCH (somebody else's book); the
 *  folder's; VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs_opening_enter(char **note, size_t *note_len, const vs_folder *folder,
                                         const vs_identity *opener, const vs_opening_request *request, bool threshold,
                                         vs_error *error);

#endif
