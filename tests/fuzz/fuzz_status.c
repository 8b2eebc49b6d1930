/* What a board says: of its session (its status) and of itself (about). A status that is accepted is shown, within its
 * width and without a byte that a terminal obeys. */
#include <stdlib.h>

#include "cli/board_status.h"
#include "cli/transport/about.h"
#include "tests/fuzz/fuzz.h"

static void check_text(const char *text, size_t len) {
    for (size_t i = 0; i < len; i++) {
        VS_CHECK(text[i] == '\n' || (unsigned char)text[i] >= 0x20);
        VS_CHECK(text[i] != 0x7f);
    }
}

static void show(const json_t *root) {
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    VS_CHECK(out != NULL);
    vs__board_status_text(out, root);
    vs__board_status_line(out, root);
    VS_CHECK(fclose(out) == 0);
    check_text(text, len);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_setup();
    json_t *root = NULL;
    vs_board_about about;
    vs_error error = {{0}, {0}};
    vs_status status = vs__board_status_read(&root, "board", data, size, &error);
    fuzz_check_status(status, &error);
    VS_CHECK((status == VS_OK) == (root != NULL));
    if (root != NULL) {
        show(root);
    }
    json_decref(root);
    status = vs_board_about_read(&about, "board", data, size, &error);
    fuzz_check_status(status, &error);
    return 0;
}
