#include "tests/support.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/output.h"
#include "crypto/secret.h"

static char directory[64];

static int enter_directory(void **state) {
    (void)state;
    (void)strcpy(directory, "/tmp/veilsum-output-XXXXXX");
    if (vs_secret_setup() != VS_OK || mkdtemp(directory) == NULL || chdir(directory) != 0) {
        return -1;
    }
    signal(SIGPIPE, SIG_IGN);
    return 0;
}

static int count_files(void) {
    int count = 0;
    DIR *folder = opendir(".");
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    }
    closedir(folder);
    return count;
}

static int leave_directory(void **state) {
    (void)state;
    return rmdir(directory); /* empty again, or a test has left something behind */
}

static vs_status put(vs_output *output, const char *text, vs_error *error) {
    return output->sink.write(output->sink.context, text, strlen(text), error);
}

static void expect_content(const char *path, const char *text) {
    char buffer[256] = "";
    FILE *in = fopen(path, "r");
    assert_non_null(in);
    size_t len = fread(buffer, 1, sizeof buffer - 1, in);
    fclose(in);
    assert_int_equal(len, strlen(text));
    assert_string_equal(buffer, text);
}

static void a_file_appears_at_the_commit_only(void **state) {
    (void)state;
    const vs_output_options options = {.force = false};
    vs_output output;
    vs_error error;
    assert_int_equal(vs__output_open(&output, "x", &options, &error), VS_OK);
    assert_int_equal(put(&output, "hello", &error), VS_OK);
    assert_int_equal(access("x", F_OK), -1);
    assert_int_equal(vs__output_commit(&output, &error), VS_OK);
    vs__output_close(&output);
    expect_content("x", "hello");
    assert_int_equal(count_files(), 1);
    assert_int_equal(unlink("x"), 0);
}

static void an_abandoned_file_leaves_nothing(void **state) {
    (void)state;
    const vs_output_options options = {.force = false};
    vs_output output;
    vs_error error;
    assert_int_equal(vs__output_open(&output, "x", &options, &error), VS_OK);
    assert_int_equal(put(&output, "hello", &error), VS_OK);
    assert_int_equal(vs__output_sync(&output, &error), VS_OK);
    assert_int_equal(count_files(), 1);
    vs__output_close(&output);
    assert_int_equal(count_files(), 0);
}

static void an_existing_file_is_kept_without_force(void **state) {
    (void)state;
    const vs_output_options keep = {.force = false};
    const vs_output_options force = {.force = true};
    vs_output output;
    vs_error error;
    assert_int_equal(vs__output_open(&output, "x", &keep, &error), VS_OK);
    assert_int_equal(put(&output, "new", &error), VS_OK);
    FILE *other = fopen("x", "w"); /* somebody was faster */
    assert_non_null(other);
    fputs("old", other);
    fclose(other);
    assert_int_equal(vs__output_commit(&output, &error), VS_ERR_EXISTS);
    vs__output_close(&output);
    expect_content("x", "old");
    assert_int_equal(vs__output_open(&output, "x", &keep, &error), VS_ERR_EXISTS);
    vs__output_close(&output);
    assert_int_equal(vs__output_open(&output, "x", &force, &error), VS_OK);
    assert_int_equal(put(&output, "new", &error), VS_OK);
    expect_content("x", "old");
    assert_int_equal(vs__output_commit(&output, &error), VS_OK);
    vs__output_close(&output);
    expect_content("x", "new");
    assert_int_equal(count_files(), 1);
    assert_int_equal(unlink("x"), 0);
}

static void secrets_are_for_their_owner(void **state) {
    (void)state;
    const vs_output_options options = {.secret = true};
    struct stat status;
    vs_output output;
    vs_error error;
    mode_t before = umask(0);
    assert_int_equal(vs__output_open(&output, "x", &options, &error), VS_OK);
    assert_int_equal(vs__output_commit(&output, &error), VS_OK);
    vs__output_close(&output);
    (void)umask(before);
    assert_int_equal(stat("x", &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    assert_int_equal(unlink("x"), 0);
}

static void what_cannot_be_a_file_is_refused_at_once(void **state) {
    (void)state;
    const vs_output_options options = {.force = true};
    vs_output output;
    vs_error error;
    assert_int_equal(vs__output_open(&output, ".", &options, &error), VS_ERR_IO);
    vs__output_close(&output);
    assert_int_equal(vs__output_open(&output, "nowhere/x", &options, &error), VS_ERR_IO);
    vs__output_close(&output);
    assert_int_equal(count_files(), 0);
}

static void a_full_device_is_an_error_and_stays_a_device(void **state) {
    (void)state;
    const vs_output_options options = {.force = true};
    struct stat status;
    vs_output output;
    vs_error error;
    if (access("/dev/full", W_OK) != 0) {
        skip();
    }
    assert_int_equal(vs__output_open(&output, "/dev/full", &options, &error), VS_OK);
    assert_int_equal(put(&output, "hello", &error), VS_OK);
    assert_int_equal(vs__output_commit(&output, &error), VS_ERR_IO);
    vs__output_close(&output);
    assert_int_equal(stat("/dev/full", &status), 0);
    assert_true(S_ISCHR(status.st_mode));
}

/* More than the buffer and more than a pipe holds goes through the unnamed file, and comes out as it went in. */
static void long_output_to_a_descriptor_comes_out_whole(void **state) {
    (void)state;
    enum { BLOCKS = 700, BLOCK = 1024 };
    const vs_output_options options = {.force = false};
    int fd = open("copy", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    char path[32];
    uint8_t block[BLOCK];
    uint8_t again[BLOCK];
    vs_output output;
    vs_error error;
    assert_true(fd >= 0);
    (void)snprintf(path, sizeof path, "/dev/fd/%d", fd);
    assert_int_equal(vs__output_open(&output, path, &options, &error), VS_OK);
    for (unsigned i = 0; i < BLOCKS; i++) {
        memset(block, (int)(i * 7 + i / 256), sizeof block);
        assert_int_equal(output.sink.write(output.sink.context, block, sizeof block, &error), VS_OK);
    }
    assert_int_equal(lseek(fd, 0, SEEK_END), 0); /* kept back */
    assert_int_equal(vs__output_commit(&output, &error), VS_OK);
    vs__output_close(&output);
    assert_int_equal(lseek(fd, 0, SEEK_END), BLOCKS * BLOCK);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    for (unsigned i = 0; i < BLOCKS; i++) {
        memset(block, (int)(i * 7 + i / 256), sizeof block);
        assert_int_equal(read(fd, again, sizeof again), BLOCK);
        assert_memory_equal(block, again, BLOCK);
    }
    close(fd);
    assert_int_equal(unlink("copy"), 0);
    assert_int_equal(count_files(), 0);
}

static void a_closed_pipe_is_told_from_a_full_disk(void **state) {
    (void)state;
    const vs_output_options options = {.force = false};
    int ends[2];
    char path[32];
    vs_output output;
    vs_error error;
    assert_int_equal(pipe(ends), 0);
    (void)snprintf(path, sizeof path, "/dev/fd/%d", ends[1]);
    assert_int_equal(vs__output_open(&output, path, &options, &error), VS_OK);
    assert_int_equal(put(&output, "hello", &error), VS_OK);
    close(ends[0]);
    assert_int_equal(vs__output_commit(&output, &error), VS_ERR_CLOSED);
    vs__output_close(&output);
    close(ends[1]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_appears_at_the_commit_only),
        cmocka_unit_test(an_abandoned_file_leaves_nothing),
        cmocka_unit_test(an_existing_file_is_kept_without_force),
        cmocka_unit_test(secrets_are_for_their_owner),
        cmocka_unit_test(what_cannot_be_a_file_is_refused_at_once),
        cmocka_unit_test(a_full_device_is_an_error_and_stays_a_device),
        cmocka_unit_test(long_output_to_a_descriptor_comes_out_whole),
        cmocka_unit_test(a_closed_pipe_is_told_from_a_full_disk),
    };
    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
