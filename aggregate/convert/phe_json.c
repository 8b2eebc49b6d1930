/* JSON out of another program: strictly, and with messages that quote nothing of it. */
#include "aggregate/convert/convert_internal.h"
#include "crypto/secret.h"

static const char *reason_of(const json_error_t *where) {
    switch (json_error_code(where)) {
    case json_error_duplicate_key:
        return "the same key twice in one object";
    case json_error_invalid_utf8:
        return "not valid UTF-8";
    case json_error_premature_end_of_input:
        return "not JSON: it ends early";
    case json_error_end_of_input_expected:
        return "not JSON: something follows its end";
    case json_error_null_character:
    case json_error_null_byte_in_key:
        return "a NUL character in a string";
    case json_error_numeric_overflow:
        return "a number far out of bounds";
    case json_error_stack_overflow:
        return "brackets nested too deep";
    default:
        return "not JSON";
    }
}

vs_status vs__phe_json_load(json_t **root, const char *what, const char *text, size_t len, vs_error *error) {
    json_error_t where; /* jansson quotes the text in it, which may be a secret key's */
    *root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &where);
    vs_status status = VS_OK;
    if (*root == NULL && json_error_code(&where) == json_error_out_of_memory) {
        status = vs_fail_plain(error, VS_ERR_MEMORY);
    } else if (*root == NULL) {
        status = vs_fail(error, VS_ERR_FORMAT, "%s", reason_of(&where));
        vs_hint(error, "%s is JSON in UTF-8, as python-paillier writes it", what);
    }
    vs_wipe(&where, sizeof where);
    return status;
}
