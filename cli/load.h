/* Plans and keys from files, for the verbs. Messages begin with the file's name. */
#ifndef VEILSUM_CLI_LOAD_H
#define VEILSUM_CLI_LOAD_H

#include "aggregate/plan/plan.h"
#include "aggregate/table/cells.h"
#include "cli/options.h"
#include "crypto/paillier/paillier.h"
#include "crypto/paillier/threshold.h"
#include "crypto/sign/identity.h"

#define VS_MAX_KEY_FILE_BYTES (128u << 10)

/** Read a plan. Returns: as vs_plan_parse, and VS_ERR_IO. */
VS_MUST_CHECK vs_status vs__load_plan(vs_plan **plan, const char *path, vs_error *error);

/** Read a public key. Returns: as vs_public_key_from_text, and VS_ERR_IO. */
VS_MUST_CHECK vs_status vs__load_public_key(vs_public_key **pk, const char *path, vs_error *error);

/** Check the proof that a public key carries (crypto/paillier/key_proof.h), before anything is encrypted under it. With
 * `trusted`, a wrong or missing one draws a warning only. Returns: VS_OK, VS_ERR_POLICY (none), VS_ERR_AUTH (wrong),
 * VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs__check_key_proof(const vs_public_key *pk, const char *path, bool trusted, vs_error *error);

/** Read a secret key; where it is sealed, the passphrase comes from the file (NULL: from the terminal). From here on
 * the process leaves no core dump. Returns: as vs_secret_key_from_text, VS_ERR_IO, VS_ERR_USAGE (no passphrase to be
 * had). */
VS_MUST_CHECK vs_status vs__load_secret_key(vs_secret_key **sk, const char *path, const char *passphrase_file,
                                            vs_error *error);

/** Read a secret identity, NAME.id, likewise. Returns: as vs_identity_from_text, VS_ERR_IO, VS_ERR_USAGE. */
VS_MUST_CHECK vs_status vs__load_identity(vs_identity **identity, const char *path, const char *passphrase_file,
                                          vs_error *error);

/** Read a public identity, NAME.id.pub. Returns: as vs_public_identity_from_text, and VS_ERR_IO. */
VS_MUST_CHECK vs_status vs__load_public_identity(vs_public_identity *identity, const char *path, vs_error *error);

/** Read NAME.holders. Returns: as vs_threshold_key_from_text, and VS_ERR_IO. */
VS_MUST_CHECK vs_status vs__load_threshold_key(vs_threshold_key **key, const char *path, vs_error *error);
/** Read a share of it with its holder's identity. Returns: as vs_key_share_from_text, and VS_ERR_IO. */
VS_MUST_CHECK vs_status vs__load_key_share(vs_key_share **share, const vs_threshold_key *key,
                                           const vs_identity *identity, const char *path, vs_error *error);

/** Where the signatures under a plan are by default: PLAN with ".sig" in place of ".json", or behind it. malloc'd; NULL
 * where memory ran out. */
char *vs__signatures_path(const char *plan_path);
/** The bytes of a signed note. malloc'd; NULL on error. Returns: VS_OK, VS_ERR_IO, VS_ERR_LIMIT, VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs__load_note(char **text, size_t *len, const char *path, vs_error *error);

/** Seconds since 1970 by this machine's clock, UTC. Returns: VS_OK, VS_ERR_IO (it is before 1970, or beyond 9998). */
VS_MUST_CHECK vs_status vs__now(int64_t *now, vs_error *error);

/** No core dumps, and no debugger of the same user: before a secret key is loaded or made. */
void vs__protect_process(void);

/** VS_ERR_MISMATCH for a plan whose opening has no key: the verbs of the pipeline have nothing to do there. */
VS_MUST_CHECK vs_status vs__check_plan_has_key(const vs_plan *plan, vs_error *error);
/** VS_ERR_MISMATCH unless `fingerprint` is the key that the plan pins. */
VS_MUST_CHECK vs_status vs__check_key_of_plan(const vs_plan *plan, const uint8_t fingerprint[VS_HASH_BYTES],
                                              const char *key_path, vs_error *error);

/* The local reading options of a command line. */
typedef struct vs_reading_choice {
    vs_reading reading;
    char **texts; /* --missing, and pairs of --column; owned */
    size_t text_count;
} vs_reading_choice;
/** `plan` may be NULL: then --column splits at its first '='; else where the left side names a column of the plan. */
VS_MUST_CHECK vs_status vs__reading_choose(vs_reading_choice *choice, const vs_arguments *arguments,
                                           const vs_plan *plan, vs_error *error);
void vs__reading_free(vs_reading_choice *choice);

#endif
