/* Keys as text: their bytes (key_codec.c) in lines of base64, with lines before them that people can read. What is read
 * is the same as what would be written again, line ends aside (CRLF is tolerated, since key files travel by e-mail).
 */
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/paillier/key_internal.h"
#include "crypto/seal.h"
#include "crypto/secret.h"

#define MAX_TEXT (64u * 1024u)
#define MAX_SIZES 64
#define COLUMNS 76u
#define PUBLIC_TITLE "veilsum public key "
#define SECRET_TITLE "veilsum secret key "
#define TITLE_VERSION "1"
#define SEALED "sealed with a passphrase"
#define NOT_SEALED "not sealed"

static vs_status fail(const char **reason, vs_status status, const char *sentence) {
    *reason = sentence;
    return status;
}

/* ---- text, written ---- */

/* Bytes of base64 text, line ends included. */
static size_t base64_lines_len(size_t len) {
    size_t characters = (len + 2) / 3 * 4;
    return characters + (characters + COLUMNS - 1) / COLUMNS;
}

/* 76 columns are 57 bytes: each line is encoded by itself. Returns the end of what was written. */
static char *write_base64(char *out, const uint8_t *data, size_t len) {
    for (size_t at = 0; at < len;) {
        size_t take = len - at < COLUMNS / 4 * 3 ? len - at : COLUMNS / 4 * 3;
        char line[COLUMNS + 1];
        sodium_bin2base64(line, sizeof line, data + at, take, sodium_base64_VARIANT_ORIGINAL);
        size_t written = (take + 2) / 3 * 4;
        memcpy(out, line, written);
        vs_wipe(line, sizeof line);
        out[written] = '\n';
        out += written + 1;
        at += take;
    }
    return out;
}

/* The second line of a public key. Standard keys do not say their type: theirs is the oldest. */
static void write_sizes(char out[MAX_SIZES], const vs_key_info *info) {
    bool standard = info->type == VS_KEY_STANDARD;
    int len = snprintf(out, MAX_SIZES, "bits %u degree %u%s%s", info->bits, info->degree, standard ? "" : " type ",
                       standard ? "" : vs_key_type_name(info->type));
    VS_CHECK(len > 0 && len < MAX_SIZES);
}

char *vs_public_key_to_text(const vs_public_key *pk) {
    char sizes[MAX_SIZES], top[sizeof PUBLIC_TITLE + MAX_SIZES + 8];
    uint8_t data[VS_MAX_PUBLIC_KEY_BYTES];
    size_t len = vs_public_key_encoded_len(pk);
    write_sizes(sizes, &pk->info);
    int top_len = snprintf(top, sizeof top, PUBLIC_TITLE TITLE_VERSION "\n%s\n", sizes);
    VS_CHECK(top_len > 0 && (size_t)top_len < sizeof top);
    char *text = malloc((size_t)top_len + base64_lines_len(len) + sizeof "end\n");
    if (text == NULL) {
        return NULL;
    }
    vs_public_key_encode(pk, data);
    memcpy(text, top, (size_t)top_len);
    memcpy(write_base64(text + top_len, data, len), "end\n", sizeof "end\n");
    return text;
}

static char *secret_text(const uint8_t *data, size_t len, bool sealed) {
    const char *top =
        sealed ? SECRET_TITLE TITLE_VERSION "\n" SEALED "\n" : SECRET_TITLE TITLE_VERSION "\n" NOT_SEALED "\n";
    char *text = vs_secret_alloc(strlen(top) + base64_lines_len(len) + sizeof "end\n");
    if (text != NULL) {
        memcpy(text, top, strlen(top));
        memcpy(write_base64(text + strlen(top), data, len), "end\n", sizeof "end\n");
    }
    return text;
}

vs_status vs_secret_key_to_text(const vs_secret_key *sk, char **text, const char *passphrase, size_t passphrase_len) {
    *text = NULL;
    size_t len = vs__secret_key_encoded_len(sk);
    uint8_t *plain = vs_secret_alloc(2 * len + VS_SEAL_OVERHEAD);
    if (plain == NULL) {
        return VS_ERR_MEMORY;
    }
    uint8_t *sealed = plain + len;
    vs__secret_key_encode(sk, plain);
    vs_status status = passphrase == NULL ? VS_OK : vs_seal(sealed, plain, len, passphrase, passphrase_len);
    if (status == VS_OK) {
        *text = passphrase == NULL ? secret_text(plain, len, false) : secret_text(sealed, len + VS_SEAL_OVERHEAD, true);
        status = *text == NULL ? VS_ERR_MEMORY : VS_OK;
    }
    vs_secret_free(plain);
    return status;
}

/* ---- text, read ---- */

typedef struct reader {
    const char *at, *end;
} reader;

typedef struct line {
    const char *text;
    size_t len;
} line;

/* The next line, without its end; false where there is none. */
static bool next_line(reader *r, line *l) {
    if (r->at == r->end) {
        return false;
    }
    const char *newline = memchr(r->at, '\n', (size_t)(r->end - r->at));
    const char *stop = newline == NULL ? r->end : newline;
    l->text = r->at;
    l->len = (size_t)(stop - r->at);
    if (newline != NULL && l->len > 0 && stop[-1] == '\r') {
        l->len--;
    }
    r->at = newline == NULL ? r->end : newline + 1;
    return true;
}

static bool line_is(const line *l, const char *text) {
    return l->len == strlen(text) && memcmp(l->text, text, l->len) == 0;
}

static vs_status read_title(reader *r, const char *title, const char *otherwise, const char **reason) {
    line l;
    size_t len = strlen(title);
    if (!next_line(r, &l) || l.len <= len || memcmp(l.text, title, len) != 0) {
        return fail(reason, VS_ERR_FORMAT, otherwise);
    }
    if (l.len != len + strlen(TITLE_VERSION) || memcmp(l.text + len, TITLE_VERSION, strlen(TITLE_VERSION)) != 0) {
        return fail(reason, VS_ERR_VERSION, "a key of a version that is not known");
    }
    return VS_OK;
}

/* One line, exactly as it would be written. libsodium's decoder is constant-time in the characters, but takes some
 * bytes above 127 for letters: so the line is made again and compared. */
static bool read_base64_line(const line *l, uint8_t *data, size_t cap, size_t *got) {
    char again[COLUMNS + 1];
    if (l->len == 0 || l->len > COLUMNS ||
        sodium_base642bin(data, cap, l->text, l->len, NULL, got, NULL, sodium_base64_VARIANT_ORIGINAL) != 0) {
        return false;
    }
    sodium_bin2base64(again, sizeof again, data, *got, sodium_base64_VARIANT_ORIGINAL);
    bool same = sodium_memcmp(again, l->text, l->len) == 0;
    vs_wipe(again, sizeof again);
    return same;
}

/* Lines of base64 up to "end", after which nothing may follow. All but the last are full. `data` has room for `cap`
 * bytes. */
static vs_status read_base64(reader *r, uint8_t *data, size_t cap, size_t *len, const char **reason) {
    line l;
    bool last = false;
    *len = 0;
    for (;;) {
        size_t got;
        if (!next_line(r, &l)) {
            return fail(reason, VS_ERR_FORMAT, "the key ends early: its last line is not \"end\"");
        }
        if (line_is(&l, "end")) {
            break;
        }
        if (last || !read_base64_line(&l, data + *len, cap - *len, &got)) {
            return fail(reason, VS_ERR_FORMAT, "the lines of the key are damaged");
        }
        last = got < COLUMNS / 4 * 3;
        *len += got;
    }
    return r->at == r->end ? VS_OK : fail(reason, VS_ERR_FORMAT, "something follows the end of the key");
}

static vs_status check_text_len(size_t len, const char **reason) {
    *reason = NULL;
    return len <= MAX_TEXT ? VS_OK : fail(reason, VS_ERR_LIMIT, "too large for a key");
}

vs_status vs_public_key_from_text(vs_public_key **pk, const char *text, size_t len, const char **reason) {
    *pk = NULL;
    reader r = {text, text + len};
    line sizes = {NULL, 0};
    uint8_t data[VS_MAX_PUBLIC_KEY_BYTES];
    char expected[MAX_SIZES];
    size_t data_len;
    vs_status status = check_text_len(len, reason);
    if (status == VS_OK) {
        status = read_title(&r, PUBLIC_TITLE, "not a public key", reason);
    }
    if (status == VS_OK && !next_line(&r, &sizes)) {
        status = fail(reason, VS_ERR_FORMAT, "the key ends early");
    }
    if (status == VS_OK) {
        status = read_base64(&r, data, sizeof data, &data_len, reason);
    }
    if (status == VS_OK) {
        status = vs_public_key_decode(pk, data, data_len, reason);
    }
    if (status == VS_OK) {
        write_sizes(expected, &(*pk)->info);
        if (!line_is(&sizes, expected)) {
            vs_public_key_free(*pk);
            *pk = NULL;
            status = fail(reason, VS_ERR_FORMAT, "the second line does not say what the key is");
        }
    }
    return status;
}

/* The first two lines of a secret key. */
static vs_status read_secret_top(reader *r, bool *sealed, const char **reason) {
    line l;
    vs_status status = read_title(r, SECRET_TITLE, "not a secret key", reason);
    if (status != VS_OK) {
        return status;
    }
    if (!next_line(r, &l) || !(line_is(&l, SEALED) || line_is(&l, NOT_SEALED))) {
        return fail(reason, VS_ERR_FORMAT, "the second line does not say whether the key is sealed");
    }
    *sealed = line_is(&l, SEALED);
    return VS_OK;
}

int vs_secret_key_text_is_sealed(const char *text, size_t len) {
    reader r = {text, text + len};
    const char *reason;
    bool sealed = false;
    return read_secret_top(&r, &sealed, &reason) == VS_OK && sealed;
}

static vs_status unseal(uint8_t *plain, const uint8_t *sealed, size_t sealed_len, const char *passphrase,
                        size_t passphrase_len, const char **reason) {
    if (passphrase == NULL) {
        return fail(reason, VS_ERR_AUTH, "the key is sealed with a passphrase, and none is given");
    }
    vs_status status = vs_unseal(plain, sealed, sealed_len, passphrase, passphrase_len);
    if (status == VS_ERR_FORMAT) {
        *reason = "the sealed bytes are damaged";
    } else if (status == VS_ERR_LIMIT) {
        *reason = "the passphrase or the cost of opening the seal is out of bounds";
    } else if (status == VS_ERR_AUTH) {
        *reason = "the passphrase is wrong, or the file is damaged";
    }
    return status;
}

vs_status vs_secret_key_from_text(vs_secret_key **sk, const char *text, size_t len, const char *passphrase,
                                  size_t passphrase_len, const char **reason) {
    *sk = NULL;
    reader r = {text, text + len};
    bool sealed = false;
    size_t data_len;
    uint8_t *data = NULL, *plain;
    vs_status status = check_text_len(len, reason);
    if (status == VS_OK) {
        status = read_secret_top(&r, &sealed, reason);
    }
    if (status != VS_OK) {
        return status;
    }
    const size_t cap = VS_MAX_SECRET_KEY_BYTES + VS_SEAL_OVERHEAD;
    data = vs_secret_alloc(2 * cap);
    if (data == NULL) {
        return fail(reason, VS_ERR_MEMORY, vs_status_text(VS_ERR_MEMORY));
    }
    plain = data;
    status = read_base64(&r, data, cap, &data_len, reason);
    if (status == VS_OK && sealed) {
        plain = data + cap;
        status = unseal(plain, data, data_len, passphrase, passphrase_len, reason);
        data_len = data_len < VS_SEAL_OVERHEAD ? 0 : data_len - VS_SEAL_OVERHEAD;
    }
    if (status == VS_OK) {
        status = vs__secret_key_decode(sk, plain, data_len, reason);
    }
    if (status != VS_OK && *reason == NULL) {
        *reason = vs_status_text(status);
    }
    vs_secret_free(data);
    return status;
}
