/* The HTTP client against a board that behaves in one way or another (fake_board.py). */
#include "fake_board.h"

#include "aggregate/protocol/message.h"
#include "cli/transport/http_client.h"
#include "crypto/secret.h"

static fake_board board;
static char folder[64];
static char notices[4096];

static void shell(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void shell(const char *format, ...) {
    char command[2048], all[2300];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(command, sizeof command, format, arguments);
    va_end(arguments);
    (void)snprintf(all, sizeof all, "cd '%s' && { %s; } >>log 2>&1", folder, command);
    if (system(all) != 0) {
        fail_msg("failed: %s", command);
    }
}

/* NAME.crt and NAME.pem (with its key), signed by the CA, with what the options of `openssl ca` say. */
static void make_certificate(const char *name, const char *options) {
    shell("openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout %s.key -subj /CN=%s -out %s.csr",
          name, name, name);
    shell("openssl ca -batch -notext -config ca.conf -in %s.csr -out %s.crt %s", name, name, options);
    shell("cat %s.crt %s.key >%s.pem", name, name, name);
}

static void make_certificates(void) {
    shell("mkdir new && touch index.txt && echo 01 >serial");
    shell(
        "printf '[ca]\\ndefault_ca=x\\n[x]\\ndatabase=index.txt\\nserial=serial\\nnew_certs_dir=new\\n"
        "certificate=ca.crt\\nprivate_key=ca.key\\ndefault_md=sha256\\npolicy=p\\nunique_subject=no\\n"
        "[p]\\ncommonName=supplied\\n"
        "[here]\\nsubjectAltName=DNS:localhost,IP:127.0.0.1\\n[else]\\nsubjectAltName=DNS:board.example\\n' >ca.conf");
    shell("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -subj /CN=tests "
          "-days 2 -out ca.crt");
    make_certificate("right", "-days 2 -extensions here");
    make_certificate("old", "-days 2 -extensions here");
    make_certificate("other", "-days 2 -extensions else");
    make_certificate("expired", "-startdate 20200101000000Z -enddate 20200102000000Z -extensions here");
    make_certificate("early", "-startdate 20800101000000Z -enddate 20810102000000Z -extensions here");
}

/* The pin of a certificate, as openssl's tools make it. */
static const char *pin_of(const char *name) {
    static char pin[128];
    char path[128];
    shell("{ printf sha256//; openssl x509 -in %s.crt -pubkey -noout | openssl pkey -pubin -outform der | "
          "openssl dgst -sha256 -binary | base64; } >pin",
          name);
    (void)snprintf(path, sizeof path, "%s/pin", folder);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_non_null(fgets(pin, sizeof pin, file));
    (void)fclose(file);
    pin[strcspn(pin, "\n")] = 0;
    return pin;
}

static int set_up(void **state) {
    (void)state;
    strcpy(folder, "/tmp/veilsum-http-XXXXXX");
    if (vs_secret_setup() != VS_OK || mkdtemp(folder) == NULL) {
        return 1;
    }
    make_certificates();
    return fake_board_start(&board, folder);
}

static int tear_down(void **state) {
    (void)state;
    char command[128];
    fake_board_stop(&board);
    (void)snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

/* ---- clients ---- */

static void keep_notice(void *context, const char *text) {
    (void)context;
    strncat(notices, text, sizeof notices - strlen(notices) - 2);
    strcat(notices, "\n");
}

/* A client of the board that behaves `how`. */
static vs_http *client_of(const char *how, unsigned patience_s) {
    char url[128];
    vs_http *client = NULL;
    vs_error error;
    const vs_http_client_options options = {.patience_s = patience_s, .stall_s = 1, .notice = keep_notice};
    notices[0] = 0;
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%u/%s/", fake_board_port(&board, "plain"), how);
    if (vs_http_open(&client, url, &options, &error) != VS_OK) {
        fail_msg("%s", error.message);
    }
    return client;
}

static vs_status get(vs_http *client, const char *path, size_t max, vs_error *error) {
    uint8_t *data = NULL;
    size_t len = 0;
    vs_status status = vs_http_get(client, path, max, &data, &len, error);
    assert_true((status == VS_OK) == (data != NULL));
    free(data);
    return status;
}

/* GET of /v1/about from a board that behaves `how`. */
static vs_status get_about(const char *how, vs_error *error) {
    vs_http *client = client_of(how, 0);
    vs_status status = get(client, "/v1/about", 65536, error);
    vs_http_close(client);
    return status;
}

static void assert_says(const vs_error *error, const char *what) {
    if (strstr(error->message, what) == NULL && strstr(error->hint, what) == NULL) {
        fail_msg("'%s' is not in: %s | %s", what, error->message, error->hint);
    }
    for (const char *c = error->message; *c != 0; c++) {
        assert_true((unsigned char)*c >= 0x20);
    }
}

/* What the board was asked so far, as JSON. */
static char *log_of(vs_http *client) {
    uint8_t *data = NULL;
    size_t len = 0;
    assert_int_equal(vs_http_get(client, "/log", 1 << 20, &data, &len, NULL), VS_OK);
    return (char *)data;
}

static unsigned count_of(const char *text, const char *what) {
    unsigned count = 0;
    for (; (text = strstr(text, what)) != NULL; text++) {
        count++;
    }
    return count;
}

/* ---- messages ---- */

typedef struct taken {
    size_t count, bytes;
    uint8_t ids[64][VS_HASH_BYTES];
    vs_status answer; /* of the taker */
} taken;

static vs_status take(void *taker, const uint8_t *message, size_t len, vs_error *error) {
    taken *t = taker;
    if (t->answer != VS_OK) {
        return vs_fail(error, t->answer, "not taken");
    }
    assert_true(t->count < 64);
    vs_message_id(t->ids[t->count], message, len);
    t->count++;
    t->bytes += len;
    return VS_OK;
}

static uint8_t *make_message(size_t len) {
    uint8_t *message = malloc(len);
    assert_non_null(message);
    test_fill(message, len);
    return message;
}

/* Send `count` messages of `len` bytes, and get them back. */
static void send_and_receive(const char *how, size_t count, size_t len, unsigned patience_s) {
    vs_http *client = client_of(how, patience_s);
    vs_carrier carrier = vs_http_carrier(client, 3, 0);
    uint8_t ids[8][VS_HASH_BYTES];
    taken t = {.answer = VS_OK};
    vs_error error = {{0}, {0}};
    for (size_t i = 0; i < count; i++) {
        uint8_t *message = make_message(len);
        vs_message_id(ids[i], message, len);
        vs_status status = carrier.send(carrier.context, message, len, &error);
        free(message);
        if (status != VS_OK) {
            fail_msg("%s", error.message);
        }
    }
    for (unsigned tries = 0; t.count < count && tries < 20; tries++) {
        if (carrier.receive(carrier.context, 1000, take, &t, &error) != VS_OK) {
            fail_msg("%s", error.message);
        }
    }
    assert_int_equal(t.count, count);
    assert_memory_equal(t.ids, ids, count * VS_HASH_BYTES);
    assert_int_equal(vs_http_after(client), count);
    vs_http_close(client);
}

static void messages_go_there_and_come_back(void **state) {
    (void)state;
    send_and_receive("good", 5, 300, 0);
}

static void long_messages_go_in_pieces(void **state) {
    (void)state;
    send_and_receive("pieces", 2, 9 << 20, 0);
}

static void what_broke_goes_on_where_it_stopped(void **state) {
    (void)state;
    send_and_receive("cut", 1, 9 << 20, 20);
    vs_http *client = client_of("cut", 0);
    char *log = log_of(client);
    /* One piece was cut in half: asked anew, it went on in the middle; the way back likewise, by its range. */
    assert_int_equal(count_of(log, "PATCH"), 4);
    assert_int_equal(count_of(log, "HEAD"), 2);
    assert_int_equal(count_of(log, "GET /v1/messages/"), 2);
    assert_int_equal(count_of(log, "bytes="), 1);
    free(log);
    vs_http_close(client);
}

static void a_board_without_ranges_begins_anew(void **state) {
    (void)state;
    send_and_receive("norange", 1, 200000, 20);
}

static void a_range_that_begins_elsewhere_is_refused(void **state) {
    (void)state;
    vs_http *client = client_of("badrange", 20);
    vs_carrier carrier = vs_http_carrier(client, 3, 0);
    taken t = {.answer = VS_OK};
    vs_error error;
    uint8_t *message = make_message(200000);
    assert_int_equal(carrier.send(carrier.context, message, 200000, &error), VS_OK);
    assert_int_equal(carrier.receive(carrier.context, 1000, take, &t, &error), VS_ERR_FORMAT);
    assert_says(&error, "another place");
    assert_int_equal(t.count, 0);
    free(message);
    vs_http_close(client);
}

static void dropped_connections_and_busy_boards_are_tried_again(void **state) {
    (void)state;
    send_and_receive("drop", 3, 300, 20);
    send_and_receive("busy", 2, 300, 20);
}

static void a_board_that_loses_everything_is_given_up(void **state) {
    (void)state;
    vs_http *client = client_of("amnesia", 60);
    vs_carrier carrier = vs_http_carrier(client, 3, 0);
    vs_error error;
    uint8_t *message = make_message(5 << 20);
    assert_int_equal(carrier.send(carrier.context, message, 5 << 20, &error), VS_ERR_FORMAT);
    assert_says(&error, "loses what it is sent");
    free(message);
    vs_http_close(client);
}

static void a_message_that_is_not_taken_comes_again(void **state) {
    (void)state;
    vs_http *client = client_of("again-please", 0);
    vs_carrier carrier = vs_http_carrier(client, 3, 0);
    taken t = {.answer = VS_ERR_IO};
    vs_error error;
    assert_int_equal(get(client, "/add/100", 100, &error), VS_OK);
    assert_int_equal(carrier.receive(carrier.context, 0, take, &t, &error), VS_ERR_IO);
    assert_int_equal(vs_http_after(client), 0);
    t.answer = VS_OK;
    assert_int_equal(carrier.receive(carrier.context, 0, take, &t, &error), VS_OK);
    assert_int_equal(t.count, 1);
    assert_int_equal(carrier.receive(carrier.context, 0, take, &t, &error), VS_OK);
    assert_int_equal(t.count, 1);
    vs_http_close(client);
}

static void waiting_ends_when_a_message_comes_and_when_time_is_over(void **state) {
    (void)state;
    vs_http *client = client_of("wait", 0), *other = client_of("wait", 0);
    vs_carrier carrier = vs_http_carrier(client, 3, 0);
    taken t = {.answer = VS_OK};
    assert_int_equal(carrier.receive(carrier.context, 100, take, &t, NULL), VS_OK);
    assert_int_equal(t.count, 0);
    /* It has been asked for and not been answered; now something comes. */
    assert_int_equal(get(other, "/add/100", 100, NULL), VS_OK);
    assert_int_equal(carrier.receive(carrier.context, 60000, take, &t, NULL), VS_OK);
    assert_int_equal(t.count, 1);
    char *log = log_of(other);
    /* What came answered the request that stood open; at most one other waits for what comes next. */
    assert_in_range(count_of(log, "GET /v1/feed"), 1, 2);
    free(log);
    vs_http_close(client);
    vs_http_close(other);
}

static void more_than_one_stretch_of_the_feed_comes_at_once(void **state) {
    (void)state;
    vs_http *client = client_of("much", 0);
    vs_carrier carrier = vs_http_carrier(client, 3, 0);
    taken t = {.answer = VS_OK};
    char path[32];
    for (unsigned i = 0; i < 64; i++) { /* of 4 MiB and more */
        (void)snprintf(path, sizeof path, "/add/%u", (i % 7 == 0 ? 70000 : 65536) - i);
        assert_int_equal(get(client, path, 100, NULL), VS_OK);
    }
    assert_int_equal(carrier.receive(carrier.context, 0, take, &t, NULL), VS_OK);
    assert_int_equal(t.count, 64);
    vs_http_close(client);
}

/* ---- lies ---- */

/* A feed that lies gives nothing to the taker but what came before the lie. */
static void refuse_feed(const char *how, vs_status expected, size_t before, const char *says) {
    vs_http *client = client_of(how, 0);
    vs_carrier carrier = vs_http_carrier(client, 3, 0);
    taken t = {.answer = VS_OK};
    vs_error error = {{0}, {0}};
    vs_status status = carrier.receive(carrier.context, 1000, take, &t, &error);
    if (status != expected) {
        fail_msg("%s: %s (%s)", how, vs_status_text(status), error.message);
    }
    assert_says(&error, says);
    assert_int_equal(t.count, before);
    assert_int_equal(vs_http_after(client), before);
    vs_http_close(client);
}

static void lies_of_the_feed_are_refused(void **state) {
    (void)state;
    refuse_feed("liar", VS_ERR_AUTH, 0, "is not that message");
    refuse_feed("liar-long", VS_ERR_AUTH, 0, "is not that message");
    refuse_feed("longer", VS_ERR_LIMIT, 0, "longer than it may be");
    refuse_feed("shorter", VS_ERR_FORMAT, 0, "another length");
    refuse_feed("huge", VS_ERR_LIMIT, 0, "a length that none has");
    refuse_feed("again", VS_ERR_FORMAT, 1, "not well-formed");
    refuse_feed("torn", VS_ERR_FORMAT, 1, "ends inside a message");
    refuse_feed("stump", VS_ERR_FORMAT, 1, "ends inside a frame");
    refuse_feed("notjson", VS_ERR_FORMAT, 0, "ends inside a frame");
    refuse_feed("endless", VS_ERR_LIMIT, 0, "longer than it may be");
    refuse_feed("headers", VS_ERR_LIMIT, 0, "longer than it may be");
    refuse_feed("redirect", VS_ERR_IO, 0, "not followed");
}

static void documents_are_bounded(void **state) {
    (void)state;
    vs_error error;
    assert_int_equal(get_about("good", &error), VS_OK);
    assert_int_equal(get_about("endless", &error), VS_ERR_LIMIT);
    assert_int_equal(get_about("headers", &error), VS_ERR_LIMIT);
    assert_int_equal(get_about("slow", &error), VS_ERR_IO);
    assert_says(&error, "no answer in time");
    assert_int_equal(get_about("claims", &error), VS_ERR_LIMIT);
    assert_int_equal(get_about("redirect", &error), VS_ERR_IO);
    assert_says(&error, "/good/v1/about");
    vs_http *client = client_of("good", 0);
    assert_int_equal(get(client, "/v1/plan", 100000, &error), VS_OK);
    assert_int_equal(get(client, "/v1/plan", 99999, &error), VS_ERR_LIMIT);
    assert_int_equal(get(client, "/nowhere", 100, &error), VS_ERR_FORMAT);
    assert_says(&error, "knows nothing of the kind");
    vs_http_close(client);
}

static void what_the_board_refuses_is_not_tried_again(void **state) {
    (void)state;
    static const struct {
        const char *how;
        vs_status status;
        const char *says;
    } cases[] = {{"refuse", VS_ERR_POLICY, "you may not"},
                 {"taken", VS_ERR_POLICY, "another message"},
                 {"large", VS_ERR_LIMIT, "too large"}};
    for (size_t i = 0; i < 3; i++) {
        vs_http *client = client_of(cases[i].how, 60);
        vs_carrier carrier = vs_http_carrier(client, 3, 0);
        vs_error error;
        assert_int_equal(carrier.send(carrier.context, (const uint8_t *)"x", 1, &error), cases[i].status);
        assert_says(&error, cases[i].says);
        assert_int_equal(notices[0], 0);
        vs_http_close(client);
    }
}

static void patience_ends(void **state) {
    (void)state;
    vs_http *client = client_of("down", 2);
    vs_error error;
    int64_t before = time(NULL);
    assert_int_equal(get(client, "/v1/about", 100, &error), VS_ERR_IO);
    assert_true(time(NULL) - before <= 3);
    assert_says(&error, "given up after");
    assert_says(&error, "never");
    assert_non_null(strstr(notices, "trying again"));
    vs_http_close(client);
}

static void a_longer_message_than_the_limit_is_not_sent(void **state) {
    (void)state;
    char url[128];
    vs_http *client = NULL;
    vs_error error;
    const vs_http_client_options options = {.max_message_bytes = 10};
    (void)snprintf(url, sizeof url, "http://localhost:%u/limit", fake_board_port(&board, "plain"));
    assert_int_equal(vs_http_open(&client, url, &options, &error), VS_OK);
    vs_carrier carrier = vs_http_carrier(client, 3, 0);
    assert_int_equal(carrier.send(carrier.context, (const uint8_t *)"01234567890", 11, &error), VS_ERR_LIMIT);
    assert_int_equal(carrier.send(carrier.context, (const uint8_t *)"0123456789", 10, &error), VS_OK);
    vs_http_close(client);
}

/* ---- ways that cannot be gone ---- */

static void nobody_there_is_said_in_words(void **state) {
    (void)state;
    vs_http *client = NULL;
    vs_error error;
    const vs_http_client_options options = {.patience_s = 0};
    assert_int_equal(vs_http_open(&client, "http://127.0.0.1:1", &options, &error), VS_OK);
    assert_int_equal(get(client, "/v1/about", 100, &error), VS_ERR_IO);
    assert_says(&error, "refused");
    vs_http_close(client);
    assert_int_equal(vs_http_open(&client, "https://board.invalid", &options, &error), VS_OK);
    assert_int_equal(get(client, "/v1/about", 100, &error), VS_ERR_IO);
    assert_says(&error, "board.invalid is known");
    vs_http_close(client);
}

static vs_status open_with(const char *url, const vs_address_policy *policy, vs_error *error) {
    vs_http *client = NULL;
    const vs_http_client_options options = {.policy = *policy};
    vs_status status = vs_http_open(&client, url, &options, error);
    assert_true((status == VS_OK) == (client != NULL));
    vs_http_close(client);
    return status;
}

static void addresses_that_are_not_gone_to(void **state) {
    (void)state;
    static const vs_address_policy plain = {.pin = NULL}, insecure = {.insecure_transport = true};
    static const char *const wrong[] = {
        "board.example",           "ftp://board.example",   "file:///etc/passwd",     "https://",
        "https://a:b@board",       "https://user@board",    "https://board/?x=1",     "https://board/#x",
        "https://board:99999",     "https://bo ard",        "https://board\r\nX: y/", "http://",
        "https://board.example:x", "gopher://127.0.0.1:70", "http+unix://x",          "",
    };
    vs_error error;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        if (open_with(wrong[i], &insecure, &error) != VS_ERR_USAGE) {
            fail_msg("taken: %s", wrong[i]);
        }
    }
    static const char *const local[] = {"http://localhost:1", "http://127.0.0.1", "http://127.9.8.7:80/x/",
                                        "http://[::1]:8", "https://board.example"};
    for (size_t i = 0; i < sizeof local / sizeof *local; i++) {
        assert_int_equal(open_with(local[i], &plain, &error), VS_OK);
    }
    static const char *const remote[] = {"http://board.example",     "http://192.0.2.1", "http://127.0.0.1.example",
                                         "http://localhost.example", "http://[::2]",     "http://0.0.0.0"};
    for (size_t i = 0; i < sizeof remote / sizeof *remote; i++) {
        assert_int_equal(open_with(remote[i], &plain, &error), VS_ERR_POLICY);
        assert_int_equal(open_with(remote[i], &insecure, &error), VS_OK);
    }
    const vs_address_policy proxied = {.proxy = "http://192.0.2.1:3128"};
    assert_int_equal(open_with("http://localhost", &proxied, &error), VS_ERR_POLICY);
}

static void pins_are_hashes_and_go_with_tls(void **state) {
    (void)state;
    static const char good[] = "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    static const char *const wrong[] = {"",
                                        "/etc/passwd",
                                        "sha256//",
                                        "sha256//AAAA",
                                        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                                        "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=",
                                        "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=;",
                                        "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=;/etc/passwd"};
    vs_error error;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const vs_address_policy policy = {.pin = wrong[i]};
        assert_int_equal(open_with("https://board.example", &policy, &error), VS_ERR_USAGE);
    }
    const vs_address_policy pinned = {.pin = good}, with_ca = {.ca_file = "/dev/null"}, no_ca = {.ca_file = "/nowhere"};
    assert_int_equal(open_with("https://board.example", &pinned, &error), VS_OK);
    assert_int_equal(open_with("http://localhost", &pinned, &error), VS_ERR_USAGE);
    assert_int_equal(open_with("http://localhost", &with_ca, &error), VS_ERR_USAGE);
    assert_int_equal(open_with("https://board.example", &no_ca, &error), VS_ERR_IO);
}

/* ---- TLS ---- */

static vs_status get_by_tls(const char *host, const char *listener, const vs_address_policy *policy, vs_error *error) {
    char url[128];
    vs_http *client = NULL;
    const vs_http_client_options options = {.policy = *policy, .patience_s = 20, .stall_s = 5};
    *error = (vs_error){{0}, {0}};
    (void)snprintf(url, sizeof url, "https://%s:%u/tls", host, fake_board_port(&board, listener));
    vs_status status = vs_http_open(&client, url, &options, error);
    if (status == VS_OK) {
        status = get(client, "/v1/about", 65536, error);
    }
    vs_http_close(client);
    return status;
}

static void certificates_are_checked(void **state) {
    (void)state;
    char ca[128];
    vs_error error;
    (void)snprintf(ca, sizeof ca, "%s/ca.crt", folder);
    const vs_address_policy system = {.pin = NULL}, own = {.ca_file = ca}, none = {.ca_file = "/dev/null"};
    assert_int_equal(get_by_tls("localhost", "right", &own, &error), VS_OK);
    assert_int_equal(get_by_tls("127.0.0.1", "right", &own, &error), VS_OK);
    assert_int_equal(get_by_tls("localhost", "old", &own, &error), VS_OK);
    assert_int_equal(get_by_tls("localhost", "right", &system, &error), VS_ERR_AUTH);
    assert_says(&error, "not trusted here");
    assert_int_equal(get_by_tls("localhost", "expired", &own, &error), VS_ERR_AUTH);
    assert_says(&error, "has expired");
    assert_int_equal(get_by_tls("localhost", "early", &own, &error), VS_ERR_AUTH);
    assert_says(&error, "not valid yet");
    assert_int_equal(get_by_tls("localhost", "other", &own, &error), VS_ERR_AUTH);
    assert_says(&error, "for another name");
    vs_status status =
        get_by_tls("localhost", "right", &none, &error); /* no CA at all: TLS libraries differ in words */
    assert_true(status == VS_ERR_IO || status == VS_ERR_AUTH);
    assert_int_equal(get_by_tls("localhost", "plain", &own, &error), VS_ERR_IO);
    assert_says(&error, "TLS does not come about");
}

static void a_pin_stands_for_the_chain_and_only_where_it_matches(void **state) {
    (void)state;
    char ca[128], right[128], both[300];
    vs_error error;
    (void)snprintf(ca, sizeof ca, "%s/ca.crt", folder);
    strcpy(right, pin_of("right"));
    (void)snprintf(both, sizeof both, "%s;%s", pin_of("other"), right);
    const vs_address_policy pinned = {.pin = right}, one_of = {.pin = both}, with_ca = {.pin = right, .ca_file = ca};
    assert_int_equal(get_by_tls("localhost", "right", &pinned, &error), VS_OK);
    assert_int_equal(get_by_tls("localhost", "right", &one_of, &error), VS_OK);
    assert_int_equal(get_by_tls("localhost", "right", &with_ca, &error), VS_OK);
    assert_int_equal(get_by_tls("localhost", "other", &one_of, &error), VS_OK);
    assert_int_equal(get_by_tls("localhost", "other", &pinned, &error), VS_ERR_AUTH);
    assert_says(&error, "not the one that --pin names");
    assert_int_equal(get_by_tls("localhost", "other", &with_ca, &error), VS_ERR_AUTH);
    const vs_address_policy other_and_ca = {.pin = both, .ca_file = ca};
    assert_int_equal(get_by_tls("localhost", "other", &other_and_ca, &error), VS_ERR_AUTH);
    /* A pin alone asks for TLS 1.3, where a server cannot but show a certificate. */
    strcpy(right, pin_of("old"));
    assert_int_equal(get_by_tls("localhost", "old", &pinned, &error), VS_ERR_IO);
    assert_says(&error, "TLS 1.3");
    assert_int_equal(get_by_tls("localhost", "old", &with_ca, &error), VS_OK);
}

static void nothing_goes_to_a_proxy_of_the_environment(void **state) {
    (void)state;
    vs_error error;
    assert_int_equal(setenv("http_proxy", "http://127.0.0.1:1", 1), 0);
    assert_int_equal(setenv("ALL_PROXY", "http://127.0.0.1:1", 1), 0);
    assert_int_equal(get_about("good", &error), VS_OK);
    assert_int_equal(unsetenv("http_proxy"), 0);
    assert_int_equal(unsetenv("ALL_PROXY"), 0);
}

int main(void) {
    test_seed();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_go_there_and_come_back),
        cmocka_unit_test(long_messages_go_in_pieces),
        cmocka_unit_test(what_broke_goes_on_where_it_stopped),
        cmocka_unit_test(a_board_without_ranges_begins_anew),
        cmocka_unit_test(a_range_that_begins_elsewhere_is_refused),
        cmocka_unit_test(dropped_connections_and_busy_boards_are_tried_again),
        cmocka_unit_test(a_board_that_loses_everything_is_given_up),
        cmocka_unit_test(a_message_that_is_not_taken_comes_again),
        cmocka_unit_test(waiting_ends_when_a_message_comes_and_when_time_is_over),
        cmocka_unit_test(more_than_one_stretch_of_the_feed_comes_at_once),
        cmocka_unit_test(lies_of_the_feed_are_refused),
        cmocka_unit_test(documents_are_bounded),
        cmocka_unit_test(what_the_board_refuses_is_not_tried_again),
        cmocka_unit_test(patience_ends),
        cmocka_unit_test(a_longer_message_than_the_limit_is_not_sent),
        cmocka_unit_test(nobody_there_is_said_in_words),
        cmocka_unit_test(addresses_that_are_not_gone_to),
        cmocka_unit_test(pins_are_hashes_and_go_with_tls),
        cmocka_unit_test(certificates_are_checked),
        cmocka_unit_test(a_pin_stands_for_the_chain_and_only_where_it_matches),
        cmocka_unit_test(nothing_goes_to_a_proxy_of_the_environment),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
