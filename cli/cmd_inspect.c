/* inspect: what a file is, once it has been verified. Nothing of it is secret: an opened key says that it is one, no
 * more. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "aggregate/container/container.h"
#include "aggregate/part/part.h"
#include "aggregate/pool/pool.h"
#include "cli/input.h"
#include "cli/load.h"
#include "cli/output.h"
#include "cli/pool_file.h"
#include "cli/ui.h"
#include "cli/verbs.h"
#include "crypto/paillier/key_proof.h"
#include "crypto/paillier/threshold.h"
#include "crypto/secret.h"

#define FORMAT_VERSION 1 /* of plans, keys, containers and parts: other versions are refused by their readers */
#define WIDTH 100u
#define VALUE_COLUMN 14u

/* Each finding is a JSON object; people get the same, a line for each key. Where memory runs out a setter fails, and
 * `failed` remembers it: the rest of the object does not matter then. */
typedef struct finding {
    json_t *object;
    bool failed;
} finding;

static void set(finding *found, const char *key, json_t *value) {
    found->failed |= json_object_set_new(found->object, key, value) != 0;
}

static void set_text(finding *found, const char *key, const char *text) {
    set(found, key, json_string(text));
}

static void set_number(finding *found, const char *key, uint64_t number) {
    set(found, key, json_integer((json_int_t)number)); /* sizes and counts: far below 2^63 */
}

static void set_hex(finding *found, const char *key, const uint8_t id[VS_HASH_BYTES]) {
    char hex[2 * VS_HASH_BYTES + 1];
    vs_to_hex(hex, id, VS_HASH_BYTES);
    set_text(found, key, hex);
}

static void begin(finding *found, const char *type) {
    found->object = json_object();
    found->failed = found->object == NULL;
    set_text(found, "type", type);
    set_number(found, "version", FORMAT_VERSION);
}

static void set_key(finding *found, const vs_public_key *pk) {
    const vs_key_info *info = vs_public_key_info(pk);
    set_hex(found, "fingerprint", info->fingerprint);
    set_number(found, "bits", info->bits);
    set_number(found, "degree", info->degree);
    set_text(found, "key_type", vs_key_type_name(info->type));
    set_number(found, "exponent_bits", info->exponent_bits);
    set_text(found, "assumption", vs_key_type_assumption(info->type));
}

/* ---- printing ---- */

/* A text from a file, with nothing that could steer a terminal. False where memory ran out. */
static bool print_clean(FILE *out, const char *text, bool wrap) {
    size_t room = strlen(text) + 8; /* cleaning never makes a text longer */
    char *clean = malloc(room);
    if (clean == NULL) {
        return false;
    }
    vs__ui_clean(clean, room, text);
    if (wrap) {
        vs__wrap(out, clean, VALUE_COLUMN, VALUE_COLUMN, WIDTH);
    } else {
        fputs(clean, out);
    }
    free(clean);
    return true;
}

static bool print_value(FILE *out, const json_t *value) {
    size_t index;
    json_t *item;
    if (json_is_string(value)) {
        return print_clean(out, json_string_value(value), true);
    }
    if (json_is_integer(value)) {
        fprintf(out, "%lld\n", (long long)json_integer_value(value));
    } else if (json_is_array(value)) {
        json_array_foreach(value, index, item) {
            fputs(index > 0 ? ", " : "", out);
            if (!print_clean(out, json_string_value(item), false)) {
                return false;
            }
        }
        fputc('\n', out);
    } else {
        fprintf(out, "%s\n", json_is_true(value) ? "yes" : "no");
    }
    return true;
}

/* How many contributed, and how many must and may, in one line. */
static void print_contributors(FILE *out, json_t *object) {
    long long min = json_integer_value(json_object_get(object, "min"));
    long long max = json_integer_value(json_object_get(object, "max"));
    const json_t *count = json_object_get(object, "contributors");
    fprintf(out, "%-*s", (int)VALUE_COLUMN, "contributors");
    if (count != NULL) {
        fprintf(out, "%lld of ", (long long)json_integer_value(count));
    }
    fprintf(out, "%lld to %lld\n", min, max);
}

static bool print_text(FILE *out, json_t *object) {
    const char *key;
    json_t *value;
    bool printed = true;
    json_object_foreach(object, key, value) {
        if (strcmp(key, "min") == 0) {
            print_contributors(out, object);
        } else if (strcmp(key, "max") != 0 && strcmp(key, "contributors") != 0) {
            fprintf(out, "%-*s", (int)VALUE_COLUMN, key);
            printed = print_value(out, value) && printed;
        }
    }
    return printed;
}

static vs_status print_finding(finding *found, bool as_json, vs_output *output, bool first, vs_error *error) {
    char *text = NULL;
    size_t len = 0;
    FILE *out = found->failed ? NULL : open_memstream(&text, &len);
    if (out == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    bool failed = false;
    if (as_json) {
        failed = json_dumpf(found->object, out, 0) != 0;
        fputc('\n', out);
    } else {
        fputs(first ? "" : "\n", out);
        failed = !print_text(out, found->object);
    }
    failed |= fclose(out) != 0;
    vs_status status =
        failed ? vs_fail_plain(error, VS_ERR_MEMORY) : output->sink.write(output->sink.context, text, len, error);
    free(text);
    return status;
}

/* ---- the kinds of files ---- */

static vs_status find_plan(finding *found, const char *path, vs_input *input, vs_error *error) {
    uint8_t *data = NULL;
    size_t len = 0;
    vs_plan *plan = NULL;
    vs_status status = vs_read_all(&input->source, VS_MAX_PLAN_BYTES, &data, &len, error);
    if (status == VS_OK) {
        status = vs_plan_parse(&plan, data, len, error);
        if (status != VS_OK) {
            vs_error_at(error, "%s", path);
        }
    }
    if (status == VS_OK) {
        begin(found, "plan");
        set_hex(found, "plan", plan->id);
        if (plan->title != NULL) {
            set_text(found, "title", plan->title);
        }
        set_hex(found, "fingerprint", plan->key_fingerprint);
        set_number(found, "min", plan->contributors_min);
        set_number(found, "max", plan->contributors_max);
        set_number(found, "groups", plan->group_count);
        set_number(found, "measures", plan->measure_count);
        set_number(found, "cells", plan->cell_count);
        set_number(found, "bytes", len);
    }
    vs_plan_free(plan);
    free(data);
    return status;
}

static vs_status find_public_key(finding *found, const char *path, const char *text, size_t len, vs_error *error) {
    vs_public_key *pk = NULL;
    const char *reason = NULL;
    vs_status status = vs_public_key_from_text(&pk, text, len, &reason);
    if (status != VS_OK) {
        return vs_fail(error, status, "%s: %s", path, reason != NULL ? reason : vs_status_text(status));
    }
    if (vs_public_key_has_proof(pk)) { /* a wrong one is damage, as a wrong hash is */
        status = vs__check_key_proof(pk, path, false, error);
    }
    if (status == VS_OK) {
        begin(found, "public key");
        set_key(found, pk);
        set(found, "proof", json_boolean(vs_public_key_has_proof(pk)));
        set_number(found, "bytes", len);
    }
    vs_public_key_free(pk);
    return status;
}

static vs_status find_secret_key(finding *found, const char *path, const char *text, size_t len, vs_error *error) {
    vs_secret_key *sk = NULL;
    const char *reason = NULL;
    bool sealed = vs_secret_key_text_is_sealed(text, len) != 0;
    if (!sealed) {
        vs_status status = vs_secret_key_from_text(&sk, text, len, NULL, 0, &reason);
        if (status != VS_OK) {
            return vs_fail(error, status, "%s: %s", path, reason != NULL ? reason : vs_status_text(status));
        }
    }
    begin(found, "secret key");
    set(found, "sealed", json_boolean(sealed));
    if (!sealed) {
        set_key(found, vs_secret_key_public(sk));
    }
    set_number(found, "bytes", len);
    vs_secret_key_free(sk);
    return VS_OK;
}

static void set_identity(finding *found, const vs_public_identity *identity) {
    char line[VS_MAX_IDENTITY_TEXT];
    vs_public_identity_to_text(line, identity);
    set_text(found, "name", identity->name);
    set_text(found, "identity", line);
}

static vs_status find_public_identity(finding *found, const char *path, const char *text, size_t len, vs_error *error) {
    vs_public_identity identity;
    const char *reason = NULL;
    vs_status status = vs_public_identity_from_text(&identity, text, len, &reason);
    if (status != VS_OK) {
        return vs_fail(error, status, "%s: %s", path, reason);
    }
    begin(found, "public identity");
    set_identity(found, &identity);
    return VS_OK;
}

static vs_status find_identity(finding *found, const char *path, const char *text, size_t len, vs_error *error) {
    vs_identity *identity = NULL;
    const char *reason = NULL;
    bool sealed = vs_identity_text_is_sealed(text, len) != 0;
    if (!sealed) {
        vs_status status = vs_identity_from_text(&identity, text, len, NULL, 0, &reason);
        if (status != VS_OK) {
            return vs_fail(error, status, "%s: %s", path, reason != NULL ? reason : vs_status_text(status));
        }
    }
    begin(found, "secret identity");
    set(found, "sealed", json_boolean(sealed));
    if (!sealed) {
        set_identity(found, vs_identity_public(identity));
    }
    vs_identity_free(identity);
    return VS_OK;
}

static void set_holders(finding *found, const vs_threshold_key *key) {
    json_t *names = json_array(), *identities = json_array();
    found->failed |= names == NULL || identities == NULL;
    for (unsigned i = 1; !found->failed && i <= vs_threshold_key_info(key)->holders; i++) {
        char line[VS_MAX_IDENTITY_TEXT];
        const vs_public_identity *holder = vs_threshold_key_holder(key, i);
        vs_public_identity_to_text(line, holder);
        found->failed |= json_array_append_new(names, json_string(holder->name)) != 0;
        found->failed |= json_array_append_new(identities, json_string(line)) != 0;
    }
    set(found, "names", names);
    set(found, "identities", identities);
}

static vs_status find_threshold_key(finding *found, const char *path, const char *text, size_t len, vs_error *error) {
    vs_threshold_key *key = NULL;
    const char *reason = NULL;
    vs_status status = vs_threshold_key_from_text(&key, text, len, &reason);
    if (status != VS_OK) {
        return vs_fail(error, status, "%s: %s", path, reason != NULL ? reason : vs_status_text(status));
    }
    begin(found, "threshold key");
    set_hex(found, "holders", vs_threshold_key_info(key)->fingerprint);
    set_key(found, vs_threshold_key_public(key));
    set_number(found, "needed", vs_threshold_key_info(key)->needed);
    set_number(found, "of", vs_threshold_key_info(key)->holders);
    set_holders(found, key);
    set_number(found, "bytes", len);
    vs_threshold_key_free(key);
    return VS_OK;
}

/* Without the holder's identity nobody sees more. */
static vs_status find_key_share(finding *found, const char *path, const char *text, size_t len, vs_error *error) {
    vs_public_identity holder;
    const char *reason = NULL;
    vs_status status = vs_key_share_text_holder(&holder, text, len, &reason);
    if (status != VS_OK) {
        return vs_fail(error, status, "%s: %s", path, reason != NULL ? reason : vs_status_text(status));
    }
    begin(found, "key share");
    set_identity(found, &holder);
    set(found, "sealed", json_true());
    set_number(found, "bytes", len);
    return VS_OK;
}

typedef vs_status (*find_text)(finding *found, const char *path, const char *text, size_t len, vs_error *error);

/* How the text of a key or an identity is read; NULL: it is neither. */
static find_text key_finder(vs_content content) {
    switch (content) {
    case VS_CONTENT_PUBLIC_KEY:
        return find_public_key;
    case VS_CONTENT_SECRET_KEY:
        return find_secret_key;
    case VS_CONTENT_THRESHOLD_KEY:
        return find_threshold_key;
    case VS_CONTENT_KEY_SHARE:
        return find_key_share;
    case VS_CONTENT_PUBLIC_IDENTITY:
        return find_public_identity;
    case VS_CONTENT_IDENTITY:
        return find_identity;
    default:
        return NULL;
    }
}

static vs_status find_key(finding *found, const char *path, vs_input *input, find_text find, vs_error *error) {
    char *text = NULL;
    size_t len = 0;
    vs__protect_process();
    vs_status status = vs__input_read_secret(input, VS_MAX_KEY_FILE_BYTES, &text, &len, error);
    if (status == VS_OK) {
        status = find(found, path, text, len, error);
    }
    vs_secret_free(text);
    return status;
}

static void set_pool(finding *found, const vs_pool *pool) {
    vs_pool_info info;
    vs_pool_describe(pool, &info);
    begin(found, "pool");
    set_hex(found, "fingerprint", info.fingerprint);
    set_number(found, "bits", info.bits);
    set_number(found, "degree", info.degree);
    set_number(found, "made", info.made);
    set_number(found, "left", info.left);
    set(found, "verified", json_true());
}

/* A pool with all its unused factors. */
static vs_status find_pool(finding *found, const vs_input *input, vs_error *error) {
    vs_pool_file file;
    vs_pool *pool = NULL;
    vs_progress_line line;
    vs__protect_process();
    vs_status status = vs__pool_file_of(&file, input->fd, input->source.name, false, error);
    if (status == VS_OK) {
        status = vs_pool_open(&pool, &file.storage, NULL, error);
    }
    if (status == VS_OK) {
        vs__progress_begin(&line, "checking", "factors");
        status = vs_pool_verify(pool, &line.progress, error);
        vs__progress_end(&line);
    }
    if (status == VS_OK) {
        set_pool(found, pool);
    }
    vs_status closed = vs_pool_close(pool, NULL);
    vs__pool_file_close(&file);
    return status == VS_OK ? closed : status;
}

/* The holder's signature and proof are for `decrypt --parts`, which knows the holders and the total. */
static vs_status find_part(finding *found, const vs_input *input, vs_error *error) {
    vs_part *part = NULL;
    uint8_t *data = NULL;
    size_t len = 0;
    vs_status status = vs_read_all(&input->source, VS_MAX_PART_BYTES, &data, &len, error);
    if (status == VS_OK) {
        status = vs_part_parse(&part, input->source.name, data, len, error);
    }
    if (status == VS_OK) {
        begin(found, "part");
        set_hex(found, "plan", part->header.plan_id);
        set_text(found, "period", part->header.period);
        set_number(found, "round", part->header.round);
        set_number(found, "holder", part->header.holder);
        set_hex(found, "holders", part->header.threshold_key);
        set_hex(found, "total", part->header.total_digest);
        set_number(found, "ciphertexts", part->header.count);
        set_number(found, "bytes", len);
    }
    vs_part_free(part);
    free(data);
    return status;
}

static void set_header(finding *found, const vs_header *header) {
    begin(found, header->kind == VS_TOTAL ? "total" : "contribution");
    set_hex(found, "plan", header->plan_id);
    set_text(found, "period", header->period);
    set_key(found, header->pk);
    set_number(found, "contributors", header->contributor_count);
    set_number(found, "min", header->contributors_min);
    set_number(found, "max", header->contributors_max);
    json_t *names = json_array();
    for (size_t i = 0; names != NULL && i < header->contributor_count; i++) {
        found->failed |= json_array_append_new(names, json_string(header->contributors[i].name)) != 0;
    }
    set(found, "names", names);
    set_number(found, "cells", header->cell_count);
    set_number(found, "ciphertexts", header->ciphertext_count);
    set_number(found, "bytes", vs_container_len(header));
}

/* The next container of the input, to its last byte. */
static vs_status find_container(finding *found, const vs_source *source, int *at_end, vs_error *error) {
    vs_container_reader *reader = NULL;
    const uint8_t *ciphertexts = NULL;
    size_t count = 0;
    vs_status status = vs_container_reader_new(&reader, source, at_end, error);
    if (status != VS_OK || *at_end) {
        return status;
    }
    do {
        status = vs_container_read(reader, &ciphertexts, &count, error);
    } while (status == VS_OK && count > 0);
    if (status == VS_OK) {
        set_header(found, vs_container_header(reader));
        set(found, "verified", json_true());
    }
    vs_container_reader_free(reader);
    return status;
}

/* What is no container may be anything; what begins like one has been damaged on its way, as its error says. */
static void hint_at_content(const vs_input *input, vs_content content, vs_error *error) {
    if (input->peeked_len > 0 && input->peeked[0] != 0xf5) {
        (void)vs_fail(error, VS_ERR_FORMAT, "%s: nothing that veilsum makes", input->source.name);
        vs_hint(error, "'inspect' knows plans, keys, identities, pools, contributions and totals");
        vs__content_hint(error, content, VS_CONTENT_UNKNOWN);
    }
}

static vs_status inspect_containers(vs_input *input, vs_content content, bool as_json, vs_output *output,
                                    vs_error *error) {
    vs_status status = VS_OK;
    int at_end = 0;
    for (size_t i = 0; status == VS_OK; i++) {
        finding found = {NULL, false};
        status = find_container(&found, &input->source, &at_end, error);
        if (status == VS_OK && at_end) {
            return i > 0 ? VS_OK : vs_fail(error, VS_ERR_FORMAT, "%s is empty", input->source.name);
        }
        if (status == VS_OK) {
            status = print_finding(&found, as_json, output, i == 0, error);
        } else if (status == VS_ERR_FORMAT && i == 0) {
            hint_at_content(input, content, error);
        }
        json_decref(found.object);
    }
    return status;
}

static vs_status inspect(vs_input *input, bool as_json, vs_output *output, vs_error *error) {
    const uint8_t *head = NULL;
    size_t len = 0;
    finding found = {NULL, false};
    vs_status status = vs__input_peek(input, &head, &len, error);
    if (status != VS_OK) {
        return status;
    }
    vs_content content = vs__content_of(head, len);
    if (content == VS_CONTENT_JSON) {
        status = find_plan(&found, input->source.name, input, error);
    } else if (key_finder(content) != NULL) {
        status = find_key(&found, input->source.name, input, key_finder(content), error);
    } else if (content == VS_CONTENT_POOL) {
        status = find_pool(&found, input, error);
    } else if (content == VS_CONTENT_PART) {
        status = find_part(&found, input, error);
    } else {
        return inspect_containers(input, content, as_json, output, error);
    }
    if (status == VS_OK) {
        status = print_finding(&found, as_json, output, true, error);
    }
    json_decref(found.object);
    return status;
}

static vs_status run_inspect(const vs_arguments *arguments, vs_error *error) {
    const vs_output_options text = {.force = false};
    vs_input input = {.fd = -1};
    vs_output output;
    vs_status status = vs__output_open(&output, NULL, &text, error);
    if (status == VS_OK) {
        status = vs__input_open(&input, arguments->operands[0], error);
    }
    if (status == VS_OK) {
        status = inspect(&input, vs__argument_given(arguments, "json"), &output, error);
    }
    if (status == VS_OK) {
        status = vs__output_commit(&output, error);
    }
    vs__input_close(&input);
    vs__output_close(&output);
    return status;
}

static const vs_option options[] = {
    VS_OPTION_JSON,
    VS_OPTIONS_END,
};

static const char *const paragraphs[] = {
    "Says what a contribution, a total, a plan, a key, an identity or a pool is: its version, the plan's id, the "
    "period, the key's fingerprint, bits and degree, how many contributed and how many must and may, their names, and "
    "sizes. Reads and verifies the whole file first; nothing is printed of a file that is damaged.",
    "Of a public key it also says whether it carries a proof that each of its ciphertexts has one plaintext only.",
    "Of a shared key's holders' file it says who the holders are and how many of them open, and the two fingerprints "
    "that plans pin: 'holders' of this file, 'fingerprint' of the public key. Of a share it says whose it is.",
    "Of a holder's part it says of which round of which total's opening it is; whether the holder has signed and made "
    "it, "
    "'veilsum decrypt --parts' checks.",
    "Of a pool it says how many factors were made and how many are left, and takes none.",
    "Of several contributions or totals in a row each is shown; with --json as one object a line.",
    NULL,
};

static const vs_example examples[] = {
    {"Who is in this total?", "veilsum inspect total.vs"},
    {"The fingerprint that a plan pins", "veilsum inspect --json hub.pub"},
    {NULL, NULL},
};

const vs_verb vs__verb_inspect = {
    .name = "inspect",
    .summary = "Say what a file is, and verify it",
    .synopsis = "[--json] FILE | -",
    .paragraphs = paragraphs,
    .examples = examples,
    .options = options,
    .operands_min = 1,
    .operands_max = 1,
    .run = run_inspect,
};
