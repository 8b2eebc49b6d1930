#include "cli/session/journal.h"

#include <errno.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aggregate/protocol/message.h"
#include "cli/load.h"
#include "crypto/secret.h"

#define FORMAT 1 /* of the tables; PRAGMA user_version */

static const char schema[] = "CREATE TABLE IF NOT EXISTS kept(name TEXT PRIMARY KEY, bytes BLOB NOT NULL);"
                             "CREATE TABLE IF NOT EXISTS event(n INTEGER PRIMARY KEY, id BLOB UNIQUE, bytes BLOB);";
static const char release_schema[] =
    "CREATE TABLE IF NOT EXISTS release(plan BLOB NOT NULL, period TEXT NOT NULL, what BLOB NOT NULL,"
    " PRIMARY KEY(plan, period));";

struct vs_journal {
    char *folder, *path;
    sqlite3 *db;
    sqlite3_stmt *add, *find;
    pthread_mutex_t fetching; /* several threads may fetch */
    bool in_transaction;
    uint8_t *seed; /* secret memory */
    int64_t began;
    bool over;
};

/* ---- SQLite ---- */

static vs_status fail(sqlite3 *db, const char *path, vs_error *error) {
    int code = sqlite3_errcode(db) & 0xff;
    if (code == SQLITE_BUSY || code == SQLITE_LOCKED) {
        (void)vs_fail(error, VS_ERR_EXISTS, "%s: another process has it open", path);
        vs_hint(error, "this identity takes part in this session already; wait for it, or end it");
        return VS_ERR_EXISTS;
    }
    vs_status status = code == SQLITE_NOMEM                              ? VS_ERR_MEMORY
                       : code == SQLITE_NOTADB || code == SQLITE_CORRUPT ? VS_ERR_FORMAT
                                                                         : VS_ERR_IO;
    (void)vs_fail(error, status, "%s: %s", path, sqlite3_errmsg(db));
    if (code == SQLITE_FULL) {
        vs_hint(error, "make room on its disk; what is there is whole");
    }
    return status;
}

static vs_status run(sqlite3 *db, const char *path, const char *sql, vs_error *error) {
    return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ? VS_OK : fail(db, path, error);
}

static int version_of(sqlite3 *db) {
    sqlite3_stmt *statement = NULL;
    int version = -1;
    if (sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW) {
        version = sqlite3_column_int(statement, 0);
    }
    (void)sqlite3_finalize(statement);
    return version;
}

/* Open a database that is ours alone from here on, and has the tables. */
static vs_status open_database(sqlite3 **db, const char *path, const char *tables, vs_error *error) {
    static const char settings[] = "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                                   "PRAGMA secure_delete=ON; PRAGMA trusted_schema=OFF;";
    if (sqlite3_open_v2(path, db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOFOLLOW, NULL) !=
        SQLITE_OK) {
        return fail(*db, path, error);
    }
    vs_status status = run(*db, path, settings, error);
    if (status == VS_OK) {
        status = run(*db, path, "BEGIN IMMEDIATE", error);
    }
    int version = status == VS_OK ? version_of(*db) : 0;
    if (status == VS_OK && version != 0 && version != FORMAT) {
        status = vs_fail(error, VS_ERR_VERSION, "%s: a journal of version %d, which this program does not know", path,
                         version);
    }
    if (status == VS_OK) {
        status = run(*db, path, tables, error);
    }
    return status == VS_OK ? run(*db, path, "PRAGMA user_version=1; COMMIT", error) : status;
}

/* Bind, step, reset: one row at most is looked at by `row`. */
static vs_status step(vs_journal *j, sqlite3_stmt *statement, bool *row, vs_error *error) {
    int code = sqlite3_step(statement);
    *row = code == SQLITE_ROW;
    return code == SQLITE_ROW || code == SQLITE_DONE ? VS_OK : fail(j->db, j->path, error);
}

static vs_status prepare(vs_journal *j, sqlite3_stmt **statement, const char *sql, vs_error *error) {
    return sqlite3_prepare_v2(j->db, sql, -1, statement, NULL) == SQLITE_OK ? VS_OK : fail(j->db, j->path, error);
}

static vs_status copy_blob(sqlite3_stmt *statement, int column, uint8_t **bytes, size_t *len, vs_error *error) {
    *len = (size_t)sqlite3_column_bytes(statement, column);
    *bytes = malloc(*len + 1);
    if (*bytes == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    if (*len > 0) {
        memcpy(*bytes, sqlite3_column_blob(statement, column), *len);
    }
    (*bytes)[*len] = 0;
    return VS_OK;
}

/* Between two commits everything is one transaction. */
static vs_status begin(vs_journal *j, vs_error *error) {
    vs_status status = j->in_transaction ? VS_OK : run(j->db, j->path, "BEGIN IMMEDIATE", error);
    j->in_transaction |= status == VS_OK;
    return status;
}

vs_status vs_journal_commit(vs_journal *j, vs_error *error) {
    if (!j->in_transaction) {
        return VS_OK;
    }
    vs_status status = run(j->db, j->path, "COMMIT", error);
    j->in_transaction = status != VS_OK;
    return status;
}

/* ---- what is kept by name ---- */

static vs_status look_up(vs_journal *j, const char *name, uint8_t **kept, size_t *len, vs_error *error) {
    sqlite3_stmt *statement = NULL;
    bool row = false;
    *kept = NULL;
    *len = 0;
    vs_status status = prepare(j, &statement, "SELECT bytes FROM kept WHERE name = ?1", error);
    if (status == VS_OK) {
        (void)sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
        status = step(j, statement, &row, error);
    }
    if (status == VS_OK && row) {
        status = copy_blob(statement, 0, kept, len, error);
    }
    (void)sqlite3_finalize(statement);
    return status;
}

static vs_status put(vs_journal *j, const char *name, const uint8_t *bytes, size_t len, vs_error *error) {
    sqlite3_stmt *statement = NULL;
    bool row;
    vs_status status = begin(j, error);
    if (status == VS_OK) {
        status = prepare(j, &statement, "INSERT OR REPLACE INTO kept(name, bytes) VALUES(?1, ?2)", error);
    }
    if (status == VS_OK) {
        (void)sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
        (void)sqlite3_bind_blob64(statement, 2, len == 0 ? (const uint8_t *)"" : bytes, len, SQLITE_STATIC);
        status = step(j, statement, &row, error);
    }
    (void)sqlite3_finalize(statement);
    return status;
}

vs_status vs_journal_keep(vs_journal *j, const char *name, const uint8_t *bytes, size_t len, uint8_t **kept,
                          size_t *kept_len, bool *is_new, vs_error *error) {
    *is_new = false;
    vs_status status = look_up(j, name, kept, kept_len, error);
    if (status != VS_OK || *kept != NULL || bytes == NULL) {
        return status;
    }
    status = put(j, name, bytes, len, error);
    if (status == VS_OK) {
        status = vs_journal_commit(j, error);
    }
    *is_new = status == VS_OK;
    return status == VS_OK ? look_up(j, name, kept, kept_len, error) : status;
}

/* ---- beginning ---- */

char *vs__journal_folder(const char *identity_path) {
    size_t len = strlen(identity_path);
    len -= len > 3 && strcmp(identity_path + len - 3, ".id") == 0 ? 3 : 0;
    char *path = malloc(len + sizeof ".sessions");
    if (path != NULL) {
        memcpy(path, identity_path, len);
        memcpy(path + len, ".sessions", sizeof ".sessions");
    }
    return path;
}

/* The seed follows from the identity and a nonce, so that a journal without the identity is worth nothing. */
static void derive_seed(vs_journal *j, const vs_identity *identity, const uint8_t sid[VS_HASH_BYTES],
                        const uint8_t *nonce) {
    uint8_t key[32];
    vs_hash hash;
    vs_identity_derive(identity, key, "veilsum session");
    vs_hash_init(&hash, "veilsum session seed");
    vs_hash_field(&hash, key, sizeof key);
    vs_hash_field(&hash, sid, VS_HASH_BYTES);
    vs_hash_field(&hash, nonce, VS_HASH_BYTES);
    vs_hash_final(&hash, j->seed);
    vs_wipe(key, sizeof key);
    vs_wipe(&hash, sizeof hash);
}

/* What a journal is begun with, or was: one entry, so that all of it is there or nothing. */
typedef struct beginning {
    uint8_t sid[VS_HASH_BYTES], nonce[VS_HASH_BYTES], identity[VS_IDENTITY_KEY_BYTES];
    int64_t began;
} beginning;

static vs_status read_beginning(vs_journal *j, const beginning *now, beginning *there, vs_error *error) {
    uint8_t *kept = NULL;
    size_t len;
    bool is_new;
    vs_status status = vs_journal_keep(j, "beginning", (const uint8_t *)now, sizeof *now, &kept, &len, &is_new, error);
    if (status == VS_OK && len != sizeof *there) {
        status = vs_fail(error, VS_ERR_FORMAT, "%s: not a journal of a session", j->path);
    } else if (status == VS_OK) {
        memcpy(there, kept, sizeof *there);
    }
    free(kept);
    return status;
}

static vs_status begin_journal(vs_journal *j, const uint8_t sid[VS_HASH_BYTES], const vs_identity *identity,
                               vs_error *error) {
    beginning now = {.began = 0}, there;
    uint8_t *over = NULL;
    size_t len;
    memcpy(now.sid, sid, VS_HASH_BYTES);
    memcpy(now.identity, vs_identity_public(identity)->key, sizeof now.identity);
    vs_random(now.nonce, sizeof now.nonce);
    vs_status status = vs__now(&now.began, error);
    if (status == VS_OK) {
        status = read_beginning(j, &now, &there, error);
    }
    if (status == VS_OK && (memcmp(there.sid, sid, VS_HASH_BYTES) != 0 ||
                            memcmp(there.identity, now.identity, sizeof now.identity) != 0)) {
        vs_fail(error, VS_ERR_MISMATCH, "%s: the journal of another session or identity", j->path);
        vs_hint(error, "journals belong to one identity; name another folder with --journal");
        status = VS_ERR_MISMATCH;
    }
    if (status == VS_OK) {
        j->began = there.began;
        derive_seed(j, identity, sid, there.nonce);
        status = look_up(j, "over", &over, &len, error);
        j->over = over != NULL;
        free(over);
    }
    vs_wipe(&there, sizeof there);
    return status;
}

static vs_status make_folder(const char *folder, vs_error *error) {
    if (mkdir(folder, 0700) == 0 || errno == EEXIST) {
        return VS_OK;
    }
    vs_fail(error, VS_ERR_IO, "%s: %s", folder, strerror(errno));
    vs_hint(error, "the journal of a session has to be kept somewhere: name a folder with --journal");
    return VS_ERR_IO;
}

vs_status vs_journal_open(vs_journal **journal, const char *folder, const uint8_t sid[VS_HASH_BYTES],
                          const vs_identity *identity, vs_error *error) {
    char hex[2 * VS_HASH_BYTES + 1];
    vs_journal *j = *journal = calloc(1, sizeof *j);
    if (j == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    size_t len = strlen(folder) + 1 + sizeof hex + sizeof ".journal";
    vs_to_hex(hex, sid, VS_HASH_BYTES);
    (void)pthread_mutex_init(&j->fetching, NULL);
    j->folder = strdup(folder);
    j->path = malloc(len);
    j->seed = vs_secret_alloc(VS_HASH_BYTES);
    vs_status status = make_folder(folder, error);
    if (status == VS_OK && (j->folder == NULL || j->path == NULL || j->seed == NULL)) {
        status = vs_fail_plain(error, VS_ERR_MEMORY);
    }
    if (status == VS_OK) {
        snprintf(j->path, len, "%s/%s.journal", folder, hex);
        mode_t mask = umask(077);
        status = open_database(&j->db, j->path, schema, error);
        (void)umask(mask);
    }
    if (status == VS_OK) {
        status = begin_journal(j, sid, identity, error);
    }
    if (status != VS_OK) {
        vs_journal_close(j);
        *journal = NULL;
    }
    return status;
}

void vs_journal_close(vs_journal *j) {
    if (j != NULL) {
        (void)sqlite3_finalize(j->add);
        (void)sqlite3_finalize(j->find);
        (void)sqlite3_close(j->db);
        vs_secret_free(j->seed);
        (void)pthread_mutex_destroy(&j->fetching);
        free(j->folder);
        free(j->path);
        free(j);
    }
}

const uint8_t *vs_journal_seed(const vs_journal *j) {
    return j->seed;
}

int64_t vs_journal_began(const vs_journal *j) {
    return j->began;
}

bool vs_journal_is_over(const vs_journal *j) {
    return j->over;
}

/* ---- events ---- */

vs_status vs_journal_add(vs_journal *j, const uint8_t *bytes, size_t len, vs_error *error) {
    uint8_t id[VS_HASH_BYTES];
    bool row;
    vs_status status = begin(j, error);
    if (status == VS_OK && j->add == NULL) {
        status = prepare(j, &j->add, "INSERT INTO event(id, bytes) VALUES(?1, ?2)", error);
    }
    if (status != VS_OK) {
        return status;
    }
    if (bytes != NULL) {
        vs_message_id(id, bytes, len);
        (void)sqlite3_bind_blob(j->add, 1, id, sizeof id, SQLITE_STATIC);
        (void)sqlite3_bind_blob64(j->add, 2, bytes, len, SQLITE_STATIC);
    }
    status = step(j, j->add, &row, error);
    (void)sqlite3_reset(j->add);
    (void)sqlite3_clear_bindings(j->add);
    return status;
}

vs_status vs_journal_replay(vs_journal *j,
                            vs_status (*event)(void *context, const uint8_t *bytes, size_t len, vs_error *error),
                            void *context, vs_error *error) {
    sqlite3_stmt *statement = NULL;
    bool row = true;
    vs_status status = prepare(j, &statement, "SELECT bytes FROM event ORDER BY n", error);
    while (status == VS_OK && row) {
        status = step(j, statement, &row, error);
        if (status == VS_OK && row) {
            const uint8_t *bytes = sqlite3_column_blob(statement, 0);
            status = event(context, bytes, (size_t)sqlite3_column_bytes(statement, 0), error);
        }
    }
    (void)sqlite3_finalize(statement);
    return status;
}

static vs_status fetch(vs_journal *j, const uint8_t id[VS_HASH_BYTES], uint8_t **bytes, size_t *len, vs_error *error) {
    bool row = false;
    vs_status status = VS_OK;
    if (j->find == NULL) {
        status = prepare(j, &j->find, "SELECT bytes FROM event WHERE id = ?1", error);
    }
    if (status != VS_OK) {
        return status;
    }
    (void)sqlite3_bind_blob(j->find, 1, id, VS_HASH_BYTES, SQLITE_STATIC);
    status = step(j, j->find, &row, error);
    if (status == VS_OK && !row) {
        status = vs_fail(error, VS_ERR_IO, "%s: a message is not there that was taken", j->path);
    }
    if (status == VS_OK) {
        status = copy_blob(j->find, 0, bytes, len, error);
    }
    (void)sqlite3_reset(j->find);
    return status;
}

vs_status vs_journal_fetch(void *journal, const uint8_t id[VS_HASH_BYTES], uint8_t **bytes, size_t *len,
                           vs_error *error) {
    vs_journal *j = journal;
    *bytes = NULL;
    (void)pthread_mutex_lock(&j->fetching);
    vs_status status = fetch(j, id, bytes, len, error);
    (void)pthread_mutex_unlock(&j->fetching);
    return status;
}

/* ---- releases ---- */

static vs_status note_release(sqlite3 *db, const char *path, const uint8_t plan_id[VS_HASH_BYTES], const char *period,
                              const uint8_t what[VS_HASH_BYTES], vs_error *error) {
    static const char add[] = "INSERT OR IGNORE INTO release(plan, period, what) VALUES(?1, ?2, ?3)";
    static const char find[] = "SELECT what = ?3 FROM release WHERE plan = ?1 AND period = ?2";
    static const char *const texts[] = {add, find};
    bool same = false;
    for (int i = 0; i < 2; i++) {
        sqlite3_stmt *statement = NULL;
        int code = sqlite3_prepare_v2(db, texts[i], -1, &statement, NULL);
        if (code == SQLITE_OK) {
            (void)sqlite3_bind_blob(statement, 1, plan_id, VS_HASH_BYTES, SQLITE_STATIC);
            (void)sqlite3_bind_text(statement, 2, period, -1, SQLITE_STATIC);
            (void)sqlite3_bind_blob(statement, 3, what, VS_HASH_BYTES, SQLITE_STATIC);
            code = sqlite3_step(statement);
            same = code == SQLITE_ROW && sqlite3_column_int(statement, 0) == 1;
        }
        (void)sqlite3_finalize(statement);
        if (code != SQLITE_DONE && code != SQLITE_ROW) {
            return fail(db, path, error);
        }
    }
    if (!same) {
        vs_fail(error, VS_ERR_POLICY, "another set of contributors was released under this plan and period before");
        vs_hint(error, "two sums that differ by few contributors would tell their values: use another period");
        return VS_ERR_POLICY;
    }
    return VS_OK;
}

vs_status vs_journal_release(vs_journal *j, const uint8_t plan_id[VS_HASH_BYTES], const char *period,
                             const uint8_t what[VS_HASH_BYTES], vs_error *error) {
    size_t len = strlen(j->folder) + sizeof "/releases";
    char *path = malloc(len);
    sqlite3 *db = NULL;
    if (path == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    snprintf(path, len, "%s/releases", j->folder);
    vs_status status = open_database(&db, path, release_schema, error);
    if (status == VS_OK) {
        status = note_release(db, path, plan_id, period, what, error);
    }
    (void)sqlite3_close(db);
    free(path);
    return status;
}

/* ---- the end ---- */

vs_status vs_journal_end(vs_journal *j, vs_error *error) {
    beginning gone = {.began = j->began};
    uint8_t *kept = NULL;
    size_t len;
    vs_status status = look_up(j, "beginning", &kept, &len, error);
    if (status == VS_OK && len == sizeof gone) {
        memcpy(&gone, kept, sizeof gone);
        memset(gone.nonce, 0, sizeof gone.nonce);
    }
    free(kept);
    if (status == VS_OK) {
        status = begin(j, error);
    }
    if (status == VS_OK) {
        status = run(j->db, j->path, "DELETE FROM event; DELETE FROM kept", error);
    }
    if (status == VS_OK) {
        status = put(j, "beginning", (const uint8_t *)&gone, sizeof gone, error);
    }
    if (status == VS_OK) {
        status = put(j, "over", (const uint8_t *)"", 0, error);
    }
    j->over = status == VS_OK;
    return status == VS_OK ? vs_journal_commit(j, error) : status;
}
