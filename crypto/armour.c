#include "crypto/armour.h"

#include <sodium.h>
#include <string.h>

#include "crypto/seal.h"
#include "crypto/secret.h"

#define COLUMNS 76u
#define VERSION "1"
#define SEALED "sealed with a passphrase"
#define NOT_SEALED "not sealed"

static vs_status fail(const char **reason, vs_status status, const char *sentence) {
    *reason = sentence;
    return status;
}

/* ---- writing ---- */

size_t vs__armour_len(size_t len) {
    size_t characters = (len + 2) / 3 * 4;
    return characters + (characters + COLUMNS - 1) / COLUMNS + sizeof "end\n";
}

/* 76 columns are 57 bytes: each line is encoded by itself. */
char *vs__armour_write(char *out, const uint8_t *data, size_t len) {
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
    memcpy(out, "end\n", sizeof "end\n");
    return out + strlen("end\n");
}

/* ---- reading ---- */

vs_status vs__armour_begin(vs_armour_reader *reader, const char *text, size_t len, const char **reason) {
    *reason = NULL;
    *reader = (vs_armour_reader){text, text + len};
    return len <= VS_ARMOUR_MAX_TEXT ? VS_OK : fail(reason, VS_ERR_LIMIT, "too large for a key");
}

bool vs__armour_next(vs_armour_reader *reader, vs_armour_line *line) {
    if (reader->at == reader->end) {
        return false;
    }
    const char *newline = memchr(reader->at, '\n', (size_t)(reader->end - reader->at));
    const char *stop = newline == NULL ? reader->end : newline;
    line->text = reader->at;
    line->len = (size_t)(stop - reader->at);
    if (newline != NULL && line->len > 0 && stop[-1] == '\r') {
        line->len--;
    }
    reader->at = newline == NULL ? reader->end : newline + 1;
    return true;
}

bool vs__armour_line_is(const vs_armour_line *line, const char *text) {
    return line->len == strlen(text) && memcmp(line->text, text, line->len) == 0;
}

vs_status vs__armour_title(vs_armour_reader *reader, const char *title, const char *otherwise, const char **reason) {
    vs_armour_line line;
    size_t len = strlen(title);
    if (!vs__armour_next(reader, &line) || line.len <= len || memcmp(line.text, title, len) != 0) {
        return fail(reason, VS_ERR_FORMAT, otherwise);
    }
    if (line.len != len + strlen(VERSION) || memcmp(line.text + len, VERSION, strlen(VERSION)) != 0) {
        return fail(reason, VS_ERR_VERSION, "a key of a version that is not known");
    }
    return VS_OK;
}

/* One line, exactly as it would be written. libsodium's decoder is constant-time in the characters, but takes some
 * bytes above 127 for letters: so the line is made again and compared. */
static bool read_line(const vs_armour_line *line, uint8_t *data, size_t cap, size_t *got) {
    char again[COLUMNS + 1];
    if (line->len == 0 || line->len > COLUMNS ||
        sodium_base642bin(data, cap, line->text, line->len, NULL, got, NULL, sodium_base64_VARIANT_ORIGINAL) != 0) {
        return false;
    }
    sodium_bin2base64(again, sizeof again, data, *got, sodium_base64_VARIANT_ORIGINAL);
    bool same = sodium_memcmp(again, line->text, line->len) == 0;
    vs_wipe(again, sizeof again);
    return same;
}

/* All lines but the last are full. */
vs_status vs__armour_read(vs_armour_reader *reader, uint8_t *data, size_t cap, size_t *len, const char **reason) {
    vs_armour_line line;
    bool last = false;
    *len = 0;
    for (;;) {
        size_t got;
        if (!vs__armour_next(reader, &line)) {
            return fail(reason, VS_ERR_FORMAT, "the key ends early: its last line is not \"end\"");
        }
        if (vs__armour_line_is(&line, "end")) {
            break;
        }
        if (last || !read_line(&line, data + *len, cap - *len, &got)) {
            return fail(reason, VS_ERR_FORMAT, "the lines of the key are damaged");
        }
        last = got < COLUMNS / 4 * 3;
        *len += got;
    }
    return reader->at == reader->end ? VS_OK : fail(reason, VS_ERR_FORMAT, "something follows the end of the key");
}

/* ---- a secret under a passphrase ---- */

static vs_status write_secret(char **text, const char *title, const char *sealed, const uint8_t *data, size_t len) {
    size_t title_len = strlen(title), top_len = title_len + strlen(VERSION "\n") + strlen(sealed) + 1;
    char *out = *text = vs_secret_alloc(top_len + vs__armour_len(len));
    if (out == NULL) {
        return VS_ERR_MEMORY;
    }
    memcpy(out, title, title_len);
    memcpy(out + title_len, VERSION "\n", strlen(VERSION "\n"));
    memcpy(out + title_len + strlen(VERSION "\n"), sealed, strlen(sealed));
    out[top_len - 1] = '\n';
    (void)vs__armour_write(out + top_len, data, len);
    return VS_OK;
}

vs_status vs__armour_seal(char **text, const char *title, const uint8_t *plain, size_t len, const char *passphrase,
                          size_t passphrase_len) {
    *text = NULL;
    if (passphrase == NULL) {
        return write_secret(text, title, NOT_SEALED, plain, len);
    }
    uint8_t *sealed = vs_secret_alloc(len + VS_SEAL_OVERHEAD);
    if (sealed == NULL) {
        return VS_ERR_MEMORY;
    }
    vs_status status = vs_seal(sealed, plain, len, passphrase, passphrase_len);
    if (status == VS_OK) {
        status = write_secret(text, title, SEALED, sealed, len + VS_SEAL_OVERHEAD);
    }
    vs_secret_free(sealed);
    return status;
}

/* The first two lines. */
static vs_status read_top(vs_armour_reader *reader, bool *sealed, const char *title, const char *otherwise,
                          const char **reason) {
    vs_armour_line line;
    vs_status status = vs__armour_title(reader, title, otherwise, reason);
    if (status != VS_OK) {
        return status;
    }
    if (!vs__armour_next(reader, &line) ||
        !(vs__armour_line_is(&line, SEALED) || vs__armour_line_is(&line, NOT_SEALED))) {
        return fail(reason, VS_ERR_FORMAT, "the second line does not say whether the key is sealed");
    }
    *sealed = vs__armour_line_is(&line, SEALED);
    return VS_OK;
}

int vs__armour_is_sealed(const char *text, size_t len, const char *title) {
    vs_armour_reader reader;
    const char *reason;
    bool sealed = false;
    return vs__armour_begin(&reader, text, len, &reason) == VS_OK &&
           read_top(&reader, &sealed, title, "", &reason) == VS_OK && sealed;
}

static vs_status open_seal(uint8_t *plain, const uint8_t *sealed, size_t sealed_len, const char *passphrase,
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

vs_status vs__armour_unseal(uint8_t **plain, size_t *plain_len, size_t cap, const char *text, size_t len,
                            const char *title, const char *otherwise, const char *passphrase, size_t passphrase_len,
                            const char **reason) {
    vs_armour_reader reader;
    bool sealed = false;
    uint8_t *data = NULL;
    size_t data_len = 0;
    *plain = NULL;
    *plain_len = 0;
    vs_status status = vs__armour_begin(&reader, text, len, reason);
    if (status == VS_OK) {
        status = read_top(&reader, &sealed, title, otherwise, reason);
    }
    if (status != VS_OK) {
        return status;
    }
    data = vs_secret_alloc(cap + VS_SEAL_OVERHEAD);
    *plain = vs_secret_alloc(cap + VS_SEAL_OVERHEAD);
    if (data == NULL || *plain == NULL) {
        status = fail(reason, VS_ERR_MEMORY, vs_status_text(VS_ERR_MEMORY));
    }
    if (status == VS_OK) {
        status = vs__armour_read(&reader, data, sealed ? cap + VS_SEAL_OVERHEAD : cap, &data_len, reason);
    }
    if (status == VS_OK && sealed) {
        status = open_seal(*plain, data, data_len, passphrase, passphrase_len, reason);
        *plain_len = data_len < VS_SEAL_OVERHEAD ? 0 : data_len - VS_SEAL_OVERHEAD;
    } else if (status == VS_OK) {
        memcpy(*plain, data, data_len);
        *plain_len = data_len;
    }
    if (status != VS_OK) {
        *reason = *reason == NULL ? vs_status_text(status) : *reason;
        vs_secret_free(*plain);
        *plain = NULL;
    }
    vs_secret_free(data);
    return status;
}
