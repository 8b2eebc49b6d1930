/* A folder as a carrier: whole messages under their own names, and nothing else. */
#include "tests/support.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aggregate/protocol/message.h"
#include "cli/transport/folder.h"
#include "crypto/secret.h"

static char root[64];

static int set_up(void **state) {
    (void)state;
    strcpy(root, "/tmp/veilsum-carrier-XXXXXX");
    return vs_secret_setup() != VS_OK || mkdtemp(root) == NULL || chdir(root) != 0;
}

static int tear_down(void **state) {
    (void)state;
    char command[128];
    (void)snprintf(command, sizeof command, "rm -rf '%s'", root);
    return chdir("/") != 0 || system(command) != 0;
}

typedef struct taken {
    size_t count, bytes;
    vs_status answer;
} taken;

static vs_status take(void *taker, const uint8_t *message, size_t len, vs_error *error) {
    taken *t = taker;
    if (t->answer != VS_OK) {
        return vs_fail(error, t->answer, "not taken");
    }
    assert_true(len == 0 || message != NULL);
    t->count++;
    t->bytes += len;
    return VS_OK;
}

static vs_carrier open_folder(const char *path, uint64_t max) {
    vs_carrier carrier;
    vs_error error;
    if (vs_folder_carrier_open(&carrier, path, max, &error) != VS_OK) {
        fail_msg("%s", error.message);
    }
    return carrier;
}

static vs_status send_text(const vs_carrier *carrier, const char *text) {
    return carrier->send(carrier->context, (const uint8_t *)text, strlen(text), NULL);
}

/* How many messages are new. */
static size_t receive(const vs_carrier *carrier, unsigned wait_ms) {
    taken t = {.answer = VS_OK};
    vs_error error;
    if (carrier->receive(carrier->context, wait_ms, take, &t, &error) != VS_OK) {
        fail_msg("%s", error.message);
    }
    return t.count;
}

/* FOLDER/ID.vsm of a text. */
static const char *path_of(const char *folder, const char *text) {
    static char path[256];
    uint8_t id[VS_HASH_BYTES];
    char hex[VS_MESSAGE_ID_HEX + 1];
    vs_message_id(id, (const uint8_t *)text, strlen(text));
    vs_to_hex(hex, id, VS_HASH_BYTES);
    (void)snprintf(path, sizeof path, "%s/%s.vsm", folder, hex);
    return path;
}

static void write_file(const char *path, const char *text) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static size_t files_in(const char *path) {
    size_t count = 0;
    DIR *directory = opendir(path);
    assert_non_null(directory);
    for (const struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    }
    (void)closedir(directory);
    return count;
}

static void what_one_sends_another_receives_once(void **state) {
    (void)state;
    vs_carrier a = open_folder("made", 0), b = open_folder("made", 0);
    assert_int_equal(send_text(&a, "one"), VS_OK);
    assert_int_equal(send_text(&a, "two"), VS_OK);
    assert_int_equal(send_text(&a, "one"), VS_OK);
    assert_int_equal(files_in("made"), 2);
    assert_int_equal(receive(&b, 0), 2);
    assert_int_equal(receive(&b, 0), 0);
    assert_int_equal(send_text(&a, "three"), VS_OK);
    assert_int_equal(receive(&b, 0), 1);
    b.close(b.context);
    b = open_folder("made", 0); /* anew: everything again */
    assert_int_equal(receive(&b, 0), 3);
    a.close(a.context);
    b.close(b.context);
}

static void many_messages_are_each_received_once(void **state) {
    (void)state;
    vs_carrier a = open_folder("many", 0);
    char text[16];
    for (unsigned i = 0; i < 700; i++) {
        (void)snprintf(text, sizeof text, "%u", i);
        write_file(path_of("many", text), text);
    }
    assert_int_equal(receive(&a, 0), 700);
    assert_int_equal(receive(&a, 0), 0);
    a.close(a.context);
}

static void what_is_no_message_is_passed_over_until_it_changes(void **state) {
    (void)state;
    vs_carrier a = open_folder("foreign", 100);
    char *long_text = calloc(1, 102);
    assert_non_null(long_text);
    memset(long_text, 'x', 101);
    write_file("foreign/README", "hello");
    write_file("foreign/.veilsum-0123456789abcdef.tmp", "half");
    write_file(path_of("foreign", "whole"), "who"); /* somebody is copying it */
    write_file(path_of("foreign", long_text), long_text);
    assert_int_equal(mkdir(path_of("foreign", "a folder"), 0700), 0);
    assert_int_equal(mkfifo(path_of("foreign", "a pipe"), 0600), 0);
    write_file("outside", "linked");
    assert_int_equal(symlink("../outside", path_of("foreign", "linked")), 0);
    assert_int_equal(receive(&a, 0), 0);
    assert_int_equal(receive(&a, 0), 0);
    write_file(path_of("foreign", "whole"), "whole");
    assert_int_equal(receive(&a, 0), 1);
    free(long_text);
    a.close(a.context);
}

static void a_message_that_is_not_taken_comes_again(void **state) {
    (void)state;
    vs_carrier a = open_folder("later", 0);
    taken t = {.answer = VS_ERR_IO};
    assert_int_equal(send_text(&a, "one"), VS_OK);
    assert_int_equal(a.receive(a.context, 0, take, &t, NULL), VS_ERR_IO);
    assert_int_equal(receive(&a, 0), 1);
    a.close(a.context);
}

/* A link where a message belongs must not lead what is written to where it points. */
static void sending_follows_no_link(void **state) {
    (void)state;
    struct stat file;
    vs_carrier a = open_folder("links", 0);
    write_file("precious", "precious");
    assert_int_equal(symlink("../precious", path_of("links", "message")), 0);
    assert_int_equal(send_text(&a, "message"), VS_OK);
    assert_int_equal(stat("precious", &file), 0);
    assert_int_equal(file.st_size, 8);
    assert_true(lstat(path_of("links", "message"), &file) == 0 && S_ISREG(file.st_mode));
    /* One that was cut short is replaced. */
    write_file(path_of("links", "message"), "mess");
    assert_int_equal(send_text(&a, "message"), VS_OK);
    assert_int_equal(receive(&a, 0), 1);
    assert_int_equal(files_in("links"), 1);
    a.close(a.context);
}

static void limits_hold_for_sending(void **state) {
    (void)state;
    vs_carrier a = open_folder("limits", 3);
    assert_int_equal(send_text(&a, "four"), VS_ERR_LIMIT);
    assert_int_equal(send_text(&a, "thr"), VS_OK);
    a.close(a.context);
}

static void *send_soon(void *context) {
    const vs_carrier *carrier = context;
    (void)usleep(100000);
    VS_CHECK(send_text(carrier, "soon") == VS_OK);
    return NULL;
}

static void waiting_ends_when_a_message_comes(void **state) {
    (void)state;
    vs_carrier a = open_folder("wait", 0), b = open_folder("wait", 0);
    pthread_t thread;
    assert_int_equal(receive(&b, 50), 0);
    assert_int_equal(pthread_create(&thread, NULL, send_soon, &a), 0);
    assert_int_equal(receive(&b, 60000), 1);
    assert_int_equal(pthread_join(thread, NULL), 0);
    a.close(a.context);
    b.close(b.context);
}

static void what_is_no_folder_is_refused(void **state) {
    (void)state;
    vs_carrier carrier;
    vs_error error;
    write_file("file", "x");
    assert_int_equal(vs_folder_carrier_open(&carrier, "file", 0, &error), VS_ERR_FORMAT);
    assert_int_equal(vs_folder_carrier_open(&carrier, "nowhere/at/all", 0, &error), VS_ERR_IO);
    assert_null(carrier.context);
    vs_carrier gone = open_folder("gone", 0);
    assert_int_equal(rmdir("gone"), 0);
    assert_int_equal(send_text(&gone, "x"), VS_ERR_IO);
    gone.close(gone.context);
}

int main(void) {
    test_seed();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_one_sends_another_receives_once),
        cmocka_unit_test(many_messages_are_each_received_once),
        cmocka_unit_test(what_is_no_message_is_passed_over_until_it_changes),
        cmocka_unit_test(a_message_that_is_not_taken_comes_again),
        cmocka_unit_test(sending_follows_no_link),
        cmocka_unit_test(limits_hold_for_sending),
        cmocka_unit_test(waiting_ends_when_a_message_comes),
        cmocka_unit_test(what_is_no_folder_is_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
