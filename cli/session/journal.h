/* A party's durable record of its sessions, one file each, in a folder beside the identity: NAME.sessions.
 *
 * A journal holds what makes a session what it is (aggregate/protocol/session.h): a nonce from which, with the
 * identity, its seed follows; what it was begun with; and each event, in order. So a session that ended anywhere,
 * whatever ended it, begins again where it was, and says nothing different from what it said. Nothing in it opens
 * anything without the identity. One process at a time has a journal open.
 *
 * What has been added counts once vs_journal_commit has returned. SQLite, WAL, synchronous=FULL.
 */
#ifndef VEILSUM_CLI_JOURNAL_H
#define VEILSUM_CLI_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "aggregate/error.h"
#include "crypto/hash.h"
#include "crypto/sign/identity.h"

typedef struct vs_journal vs_journal;

/** "me.id" has its journals in "me.sessions": malloc'd; NULL where memory ran out. */
char *vs__journal_folder(const char *identity_path);

/** Open or begin the journal of a session in `folder`, which is made where it is not there.
 *  Returns: VS_OK; VS_ERR_EXISTS (another process has it open); VS_ERR_FORMAT (no journal), VS_ERR_VERSION,
 * VS_ERR_MISMATCH (another identity's); VS_ERR_IO, VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs_journal_open(vs_journal **journal, const char *folder, const uint8_t sid[VS_HASH_BYTES],
                                        const vs_identity *identity, vs_error *error);
void vs_journal_close(vs_journal *journal);

/** The session's seed: 32 bytes of secret memory. */
const uint8_t *vs_journal_seed(const vs_journal *journal);
/** When the session began, UTC seconds. */
int64_t vs_journal_began(const vs_journal *journal);
/** Has it been closed for good? Then there is nothing to run any more. */
bool vs_journal_is_over(const vs_journal *journal);

/** Remember `bytes` under a name, or read what is there: `*kept` is malloc'd, and what counts from now on; `*is_new`
 * where it is what was given. Give NULL to look only: then `*kept` is NULL where there is nothing. */
VS_MUST_CHECK vs_status vs_journal_keep(vs_journal *journal, const char *name, const uint8_t *bytes, size_t len,
                                        uint8_t **kept, size_t *kept_len, bool *is_new, vs_error *error);

/** An event: a message that was taken, or with bytes NULL a wait that ended. */
VS_MUST_CHECK vs_status vs_journal_add(vs_journal *journal, const uint8_t *bytes, size_t len, vs_error *error);
/** Everything that was added is durable. Costs nothing where nothing was. */
VS_MUST_CHECK vs_status vs_journal_commit(vs_journal *journal, vs_error *error);
/** All events in order; bytes NULL: a wait that ended. */
VS_MUST_CHECK vs_status vs_journal_replay(vs_journal *journal,
                                          vs_status (*event)(void *context, const uint8_t *bytes, size_t len,
                                                             vs_error *error),
                                          void *context, vs_error *error);
/** A message that was added, by its id: malloc'd. As vs_session_setup.fetch wants it: `journal` is a vs_journal. */
VS_MUST_CHECK vs_status vs_journal_fetch(void *journal, const uint8_t id[VS_HASH_BYTES], uint8_t **bytes, size_t *len,
                                         vs_error *error);

/** Note durably that under this plan and period `what` is released, over all attempts. As vs_session_setup.release
 * wants it. Returns: VS_OK, also where the same was noted before; VS_ERR_POLICY (something else was). */
VS_MUST_CHECK vs_status vs_journal_release(vs_journal *journal, const uint8_t plan_id[VS_HASH_BYTES],
                                           const char *period, const uint8_t what[VS_HASH_BYTES], vs_error *error);

/** The session is over: nonce and events are destroyed. */
VS_MUST_CHECK vs_status vs_journal_end(vs_journal *journal, vs_error *error);

#endif
