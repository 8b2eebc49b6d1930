/* A directory as a folder: blobs whole or not at all, nothing outside it, one writer at a time. */
#include "tests/support.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/folder_file.h"

static char root[64];

static int set_up(void **state) {
    (void)state;
    strcpy(root, "/tmp/veilsum-folder-XXXXXX");
    return mkdtemp(root) == NULL || chdir(root) != 0;
}

static int tear_down(void **state) {
    (void)state;
    char command[128];
    (void)snprintf(command, sizeof command, "rm -rf '%s'", root);
    return chdir("/") != 0 || system(command) != 0;
}

/* A folder in `file`, which stays where it is. */
#define OPEN(file, path, use)                                                                                          \
    vs_folder_file file;                                                                                               \
    assert_int_equal(vs__folder_file_open(&file, path, use, false, NULL), VS_OK)

static vs_status put(vs_folder_file *file, const char *blob, const char *text) {
    vs_status status = file->folder.lock(file, true, NULL);
    if (status == VS_OK) {
        status = file->folder.write(file, blob, text, strlen(text), NULL);
        file->folder.unlock(file);
    }
    return status;
}

static void assert_reads(vs_folder_file *file, const char *blob, const char *expected) {
    uint8_t *data = NULL;
    size_t len = 0;
    assert_int_equal(file->folder.read(file, blob, 1000, &data, &len, NULL), VS_OK);
    if (expected == NULL) {
        assert_null(data);
    } else {
        assert_int_equal(len, strlen(expected));
        assert_string_equal((char *)data, expected);
    }
    free(data);
}

static void what_is_written_is_read(void **state) {
    (void)state;
    OPEN(file, "made", VS_FOLDER_CREATE);
    bool exists = true;
    assert_reads(&file, "a/b/c", NULL);
    assert_int_equal(file.folder.exists(&file, "a/b/c", &exists, NULL), VS_OK);
    assert_false(exists);
    assert_int_equal(put(&file, "a/b/c", "one"), VS_OK);
    assert_reads(&file, "a/b/c", "one");
    assert_int_equal(put(&file, "a/b/c", "longer than one"), VS_OK);
    assert_reads(&file, "a/b/c", "longer than one");
    assert_int_equal(put(&file, "a/b/c", ""), VS_OK);
    assert_reads(&file, "a/b/c", "");
    assert_int_equal(file.folder.exists(&file, "a/b/c", &exists, NULL), VS_OK);
    assert_true(exists);
    assert_int_equal(file.folder.remove(&file, "a/b/c", NULL), VS_OK);
    assert_int_equal(file.folder.remove(&file, "a/b/c", NULL), VS_OK);
    assert_reads(&file, "a/b/c", NULL);
    vs__folder_file_close(&file);
}

static void more_than_is_wanted_is_refused(void **state) {
    (void)state;
    OPEN(file, "made", VS_FOLDER_WRITE);
    uint8_t *data = NULL;
    size_t len = 0;
    assert_int_equal(put(&file, "large", "12345"), VS_OK);
    assert_int_equal(file.folder.read(&file, "large", 4, &data, &len, NULL), VS_ERR_LIMIT);
    assert_null(data);
    vs__folder_file_close(&file);
}

/* Whoever sends a folder may put links, pipes and directories where blobs are wanted. */
static void nothing_leads_out(void **state) {
    (void)state;
    OPEN(file, "made", VS_FOLDER_WRITE);
    uint8_t *data = NULL;
    size_t len = 0;
    vs_error error;
    int fd = open("outside", O_WRONLY | O_CREAT, 0600);
    assert_true(fd >= 0 && write(fd, "secret", 6) == 6 && close(fd) == 0);
    assert_int_equal(symlink("../outside", "made/link"), 0);
    assert_int_equal(symlink("..", "made/up"), 0);
    assert_int_equal(mkfifo("made/pipe", 0600), 0);
    assert_int_equal(mkdir("made/folder", 0700), 0);
    static const char *const names[] = {"link", "up/outside", "pipe", "folder"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_int_not_equal(file.folder.read(&file, names[i], 1000, &data, &len, &error), VS_OK);
        assert_null(data);
    }
    assert_int_not_equal(put(&file, "up/outside", "x"), VS_OK);
    assert_int_equal(put(&file, "link", "x"), VS_OK); /* replaces the link, not what it leads to */
    assert_reads(&file, "link", "x");
    struct stat st;
    assert_true(stat("outside", &st) == 0 && st.st_size == 6);
    vs__folder_file_close(&file);
}

static void reading_makes_nothing(void **state) {
    (void)state;
    assert_int_equal(mkdir("bare", 0700), 0);
    OPEN(file, "bare", VS_FOLDER_READ);
    struct stat st;
    assert_int_equal(file.folder.lock(&file, false, NULL), VS_OK);
    assert_reads(&file, "x", NULL);
    file.folder.unlock(&file);
    assert_true(file.folder.write == NULL);
    assert_int_not_equal(stat("bare/.lock", &st), 0);
    vs__folder_file_close(&file);
    vs_folder_file none;
    vs_error error;
    assert_int_equal(vs__folder_file_open(&none, "nowhere", VS_FOLDER_READ, false, &error), VS_ERR_IO);
    vs__folder_file_close(&none);
    assert_int_equal(vs__folder_file_open(&none, "outside", VS_FOLDER_READ, false, &error), VS_ERR_FORMAT);
    vs__folder_file_close(&none);
}

static void what_is_secret_is_its_owners_alone(void **state) {
    (void)state;
    vs_folder_file file;
    struct stat st;
    assert_int_equal(vs__folder_file_open(&file, "secret", VS_FOLDER_CREATE, true, NULL), VS_OK);
    assert_int_equal(put(&file, "a/b", "x"), VS_OK);
    assert_true(stat("secret", &st) == 0 && (st.st_mode & 077) == 0);
    assert_true(stat("secret/a", &st) == 0 && (st.st_mode & 077) == 0);
    assert_true(stat("secret/a/b", &st) == 0 && (st.st_mode & 077) == 0);
    vs__folder_file_close(&file);
}

/* Each adds one to a number a hundred times; without the lock some would be lost. */
static void *count_up(void *unused) {
    (void)unused;
    vs_folder_file file;
    VS_CHECK(vs__folder_file_open(&file, "made", VS_FOLDER_WRITE, false, NULL) == VS_OK);
    for (unsigned i = 0; i < 100; i++) {
        uint8_t *data = NULL;
        size_t len = 0;
        char text[24];
        VS_CHECK(file.folder.lock(&file, true, NULL) == VS_OK);
        VS_CHECK(file.folder.read(&file, "number", 100, &data, &len, NULL) == VS_OK);
        int n = snprintf(text, sizeof text, "%d", 1 + (data == NULL ? 0 : atoi((char *)data)));
        VS_CHECK(file.folder.write(&file, "number", text, (size_t)n, NULL) == VS_OK);
        file.folder.unlock(&file);
        free(data);
    }
    vs__folder_file_close(&file);
    return NULL;
}

static void one_writes_at_a_time(void **state) {
    (void)state;
    pthread_t threads[2];
    assert_int_equal(pthread_create(&threads[0], NULL, count_up, NULL), 0);
    assert_int_equal(pthread_create(&threads[1], NULL, count_up, NULL), 0);
    assert_int_equal(pthread_join(threads[0], NULL), 0);
    assert_int_equal(pthread_join(threads[1], NULL), 0);
    OPEN(file, "made", VS_FOLDER_READ);
    assert_reads(&file, "number", "200");
    vs__folder_file_close(&file);
}

int main(void) {
    test_seed();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(more_than_is_wanted_is_refused),
        cmocka_unit_test(nothing_leads_out),
        cmocka_unit_test(reading_makes_nothing),
        cmocka_unit_test(what_is_secret_is_its_owners_alone),
        cmocka_unit_test(one_writes_at_a_time),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
