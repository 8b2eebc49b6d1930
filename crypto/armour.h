/* Bytes as text: a title, lines that people can read, lines of base64, and "end". Keys, identities and shares travel in
 * it. What is read is the same as what would be written again, line ends aside (CRLF is tolerated, since such files
 * travel by e-mail).
 */
#ifndef VEILSUM_CRYPTO_ARMOUR_H
#define VEILSUM_CRYPTO_ARMOUR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/status.h"

#define VS_ARMOUR_MAX_TEXT (128u * 1024u)

/* ---- writing ---- */

/** Characters that `len` bytes become: lines of base64 with their ends, and "end\n" with a zero byte. */
size_t vs__armour_len(size_t len);
/** Write them, "end\n" and a zero byte; constant-time in the data. Returns where the zero byte is. */
char *vs__armour_write(char *out, const uint8_t *data, size_t len);

/* ---- reading ---- */

typedef struct vs_armour_reader {
    const char *at, *end;
} vs_armour_reader;

typedef struct vs_armour_line {
    const char *text;
    size_t len;
} vs_armour_line;

/** Begin. VS_ERR_LIMIT where the text is longer than VS_ARMOUR_MAX_TEXT. `*reason` is a constant sentence on error,
 * here and below. */
VS_MUST_CHECK vs_status vs__armour_begin(vs_armour_reader *reader, const char *text, size_t len, const char **reason);
/** The next line, without its end; false where there is none. */
bool vs__armour_next(vs_armour_reader *reader, vs_armour_line *line);
bool vs__armour_line_is(const vs_armour_line *line, const char *text);
/** The first line: `title` and version 1. VS_ERR_FORMAT with the reason `otherwise`; VS_ERR_VERSION. */
VS_MUST_CHECK vs_status vs__armour_title(vs_armour_reader *reader, const char *title, const char *otherwise,
                                         const char **reason);
/** Lines of base64 up to "end", after which nothing may follow. Constant-time in the data. `data` has room for `cap`
 * bytes. Returns: VS_OK, VS_ERR_FORMAT. */
VS_MUST_CHECK vs_status vs__armour_read(vs_armour_reader *reader, uint8_t *data, size_t cap, size_t *len,
                                        const char **reason);

/* ---- a secret under a passphrase ---- */

/** The text of `len` secret bytes: the line `title` and version 1, a line that says whether they are sealed, and they,
 * sealed with the passphrase or in the clear where it is NULL. In locked memory: freed by vs_secret_free. Returns:
 * VS_OK, VS_ERR_LIMIT, VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs__armour_seal(char **text, const char *title, const uint8_t *plain, size_t len,
                                        const char *passphrase, size_t passphrase_len);
/** Is this text one with that title, and sealed? 1 yes, 0 no. */
int vs__armour_is_sealed(const char *text, size_t len, const char *title);
/** The inverse: `*plain` in locked memory (freed by vs_secret_free) with at most `cap` bytes; NULL on error. Returns:
 * VS_OK; VS_ERR_FORMAT, VS_ERR_VERSION, VS_ERR_LIMIT; VS_ERR_AUTH (a wrong passphrase, or none for a sealed text);
 * VS_ERR_MEMORY; always with a reason. */
VS_MUST_CHECK vs_status vs__armour_unseal(uint8_t **plain, size_t *plain_len, size_t cap, const char *text, size_t len,
                                          const char *title, const char *otherwise, const char *passphrase,
                                          size_t passphrase_len, const char **reason);

#endif
