/* The stored corpus, file by file, through a fuzz target: what every build's tests run. Arguments are files and
 * folders. There is nothing to check here: a target aborts where a promise is broken, and a sanitizer does where memory
 * is.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/fuzz/fuzz.h"

#define MAX_INPUT_BYTES (16u << 20)

static size_t replayed;

static int replay_file(const char *path) {
    int failed = 1;
    uint8_t *data = NULL;
    FILE *file = fopen(path, "rb");
    if (file == NULL || (data = malloc(MAX_INPUT_BYTES)) == NULL) {
        goto done;
    }
    size_t len = fread(data, 1, MAX_INPUT_BYTES, file);
    if (ferror(file) || !feof(file)) {
        goto done;
    }
    /* An allocation of exactly this size lets a sanitizer see one byte too far. */
    uint8_t *exact = malloc(len > 0 ? len : 1);
    if (exact == NULL) {
        goto done;
    }
    memcpy(exact, data, len);
    LLVMFuzzerTestOneInput(exact, len);
    free(exact);
    replayed++;
    failed = 0;
done:
    if (failed) {
        perror(path);
    }
    free(data);
    if (file != NULL) {
        fclose(file);
    }
    return failed;
}

static int replay_folder(const char *path, DIR *folder) {
    int failed = 0;
    const struct dirent *entry;
    while ((entry = readdir(folder)) != NULL) {
        char name[4096];
        if (entry->d_name[0] == '.') {
            continue;
        }
        int len = snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        failed |= len < 0 || (size_t)len >= sizeof name || replay_file(name);
    }
    return failed;
}

int main(int argc, char **argv) {
    int failed = 0;
    for (int i = 1; i < argc; i++) {
        DIR *folder = opendir(argv[i]);
        if (folder != NULL) {
            failed |= replay_folder(argv[i], folder);
            closedir(folder);
        } else {
            failed |= replay_file(argv[i]);
        }
    }
    printf("%zu inputs replayed\n", replayed);
    return failed || replayed == 0;
}
