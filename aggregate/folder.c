#include "aggregate/folder.h"

#include <string.h>

static bool is_name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
}

bool vs_folder_name_is_valid(const char *name) {
    size_t len = strlen(name);
    bool begins = true; /* a part begins here */
    if (len == 0 || len >= VS_MAX_BLOB_NAME || name[len - 1] == '/') {
        return false;
    }
    for (const char *c = name; *c != 0; c++) {
        if (*c == '/' ? begins : !is_name_character(*c) || (begins && *c == '.')) {
            return false;
        }
        begins = *c == '/';
    }
    return true;
}

vs_status vs_folder_read(const vs_folder *folder, const char *blob, size_t max, uint8_t **data, size_t *len,
                         vs_error *error) {
    vs_status status = folder->read(folder->context, blob, max, data, len, error);
    if (status == VS_OK && *data == NULL) {
        (void)vs_fail(error, VS_ERR_AUTH, "%s: %s is missing", folder->name, blob);
        vs_hint(error, "copy the whole folder again, or restore it from a backup");
        return VS_ERR_AUTH;
    }
    return status;
}
