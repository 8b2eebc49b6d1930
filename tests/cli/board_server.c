/* A board with its server, for tests from outside.
 *
 *     board_server make FOLDER OWNERS BODY_BYTES      a plan, and a signed contribution of each owner: owner-0.vsm …
 *     board_server serve FOLDER LISTEN [NAME=VALUE…]  prints its URL, and serves until its standard input ends
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aggregate/protocol/message.h"
#include "cli/transport/http_server.h"
#include "crypto/secret.h"

static void must(bool good, const char *what, const vs_error *error) {
    if (!good) {
        (void)fprintf(stderr, "%s: %s\n", what, error == NULL ? "failed" : error->message);
        exit(1);
    }
}

static void write_file(const char *folder, const char *name, const void *data, size_t len) {
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    must(file != NULL && fwrite(data, 1, len, file) == len && fclose(file) == 0, path, NULL);
}

static char *read_file(const char *path, size_t *len) {
    struct stat st;
    int fd = open(path, O_RDONLY);
    must(fd >= 0 && fstat(fd, &st) == 0, path, NULL);
    char *data = calloc(1, (size_t)st.st_size + 1);
    must(data != NULL && read(fd, data, (size_t)st.st_size) == st.st_size && close(fd) == 0, path, NULL);
    *len = (size_t)st.st_size;
    return data;
}

/* ---- make ---- */

static vs_identity **make_identities(size_t owners) {
    vs_identity **identities = calloc(owners + 1, sizeof(vs_identity *));
    must(identities != NULL, "memory", NULL);
    for (size_t i = 0; i <= owners; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, i < owners ? "P%zu" : "HUB", i);
        must(vs_identity_new(&identities[i], name) == VS_OK, name, NULL);
    }
    return identities;
}

static char *make_plan(vs_identity **identities, size_t owners, size_t *len) {
    char *text = NULL;
    FILE *out = open_memstream(&text, len);
    must(out != NULL, "memory", NULL);
    (void)fprintf(out, "{\"veilsum\": 1, \"title\": \"Load\", \"vector\": {\"length\": 1000, \"scale\": 0, \"min\": 0, "
                       "\"max\": 9}, \"contributors\": {\"min\": 2}, \"opening\": {\"key\": "
                       "\"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\"}, \"roster\": [");
    for (size_t i = 0; i <= owners; i++) {
        char line[VS_MAX_IDENTITY_TEXT];
        vs_public_identity_to_text(line, vs_identity_public(identities[i]));
        (void)fprintf(out, "%s{\"identity\": \"%s\", \"organisation\": \"o%zu\", \"may\": [\"%s\"]}",
                      i == 0 ? "" : ", ", line, i, i < owners ? "contribute" : "aggregate");
    }
    (void)fprintf(out, "]}\n");
    must(fclose(out) == 0, "memory", NULL);
    return text;
}

static void make_message(const char *folder, const char *name, const vs_message_header *header, const uint8_t *body,
                         size_t len, const vs_identity *signer) {
    uint8_t *bytes = NULL;
    size_t message_len;
    must(vs_message_write(&bytes, &message_len, header, body, len, signer, NULL) == VS_OK, name, NULL);
    write_file(folder, name, bytes, message_len);
    free(bytes);
}

static int make(const char *folder, size_t owners, size_t body_len) {
    vs_error error = {0};
    vs_plan *plan = NULL;
    uint8_t sid[VS_HASH_BYTES], *body = malloc(body_len + 1);
    size_t len;
    vs_identity **identities = make_identities(owners);
    char *text = make_plan(identities, owners, &len);
    must(vs_plan_parse(&plan, text, len, &error) == VS_OK, "plan", &error);
    write_file(folder, "plan.json", text, len);
    vs_session_id(sid, plan->id, "", 0);
    must(body != NULL, "memory", NULL);
    vs_random(body, body_len);
    for (size_t i = 0; i < owners; i++) {
        char name[32];
        vs_message_header header = {.kind = VS_MESSAGE_CONTRIBUTION, .from = (uint32_t)i, .to = VS_TO_ALL, .sid = sid};
        (void)snprintf(name, sizeof name, "owner-%zu.vsm", i);
        make_message(folder, name, &header, body, body_len, identities[i]);
    }
    vs_message_header second = {.kind = VS_MESSAGE_CONTRIBUTION, .from = 0, .to = VS_TO_ALL, .sid = sid};
    body[0] ^= 1;
    make_message(folder, "second.vsm", &second, body, body_len, identities[0]);
    make_message(folder, "forged.vsm", &second, body, body_len, identities[1]);
    second.kind = VS_MESSAGE_TOTAL;
    make_message(folder, "role.vsm", &second, body, body_len, identities[0]);
    vs_message_header receipt = {.kind = VS_MESSAGE_RECEIPT, .from = (uint32_t)owners, .to = 0, .sid = sid};
    make_message(folder, "receipt.vsm", &receipt, body, body_len < 1000 ? body_len : 1000, identities[owners]);
    for (size_t i = 0; i <= owners; i++) {
        vs_identity_free(identities[i]);
    }
    free(identities);
    free(body);
    free(text);
    vs_plan_free(plan);
    return 0;
}

/* ---- serve ---- */

static void set_option(const char *argument, vs_board_setup *setup, vs_http_options *options, unsigned *grace) {
    const char *value = strchr(argument, '=');
    size_t len;
    must(value != NULL, argument, NULL);
    size_t name_len = (size_t)(value++ - argument);
    unsigned long number = strtoul(value, NULL, 10);
    static const char *const names[] = {"certificate", "key",  "insecure", "rate",       "connections",
                                        "each",        "idle", "max",      "unfinished", "grace"};
    size_t i = 0;
    while (i < sizeof names / sizeof *names &&
           (strlen(names[i]) != name_len || strncmp(names[i], argument, name_len) != 0)) {
        i++;
    }
    switch (i) {
    case 0:
        options->certificate = read_file(value, &len);
        break;
    case 1:
        options->key = read_file(value, &len);
        break;
    case 2:
        options->insecure_transport = number != 0;
        break;
    case 3:
        options->requests_per_s = (unsigned)number;
        break;
    case 4:
        options->max_connections = (unsigned)number;
        break;
    case 5:
        options->max_connections_each = (unsigned)number;
        break;
    case 6:
        options->idle_s = (unsigned)number;
        break;
    case 7:
        setup->max_message_bytes = number;
        break;
    case 8:
        setup->max_unfinished_bytes = number;
        break;
    case 9:
        *grace = (unsigned)number;
        break;
    default:
        must(false, argument, NULL);
    }
}

static int serve(const char *folder, const char *listen, int argc, char **argv) {
    char path[512], board_path[512], byte;
    vs_error error = {0};
    vs_plan *plan = NULL;
    vs_board *board = NULL;
    vs_http_server *server = NULL;
    unsigned grace = 5;
    size_t len;
    (void)snprintf(path, sizeof path, "%s/plan.json", folder);
    (void)snprintf(board_path, sizeof board_path, "%s/board", folder);
    char *text = read_file(path, &len);
    must(vs_plan_parse(&plan, text, len, &error) == VS_OK, "plan", &error);
    vs_board_setup setup = {
        .folder = board_path, .plan = plan, .plan_bytes = text, .plan_len = len, .version = "0.1.0"};
    vs_http_options options = {.listen = listen, .page = vs__page_assets};
    for (int i = 0; i < argc; i++) {
        set_option(argv[i], &setup, &options, &grace);
    }
    must(vs_board_open(&board, &setup, &error) == VS_OK, "board", &error);
    must(vs_http_server_start(&server, board, &options, &error) == VS_OK, "server", &error);
    (void)printf("%s\n", vs_http_server_url(server));
    (void)fflush(stdout);
    while (read(STDIN_FILENO, &byte, 1) > 0) {
    }
    vs_http_server_stop(server, grace);
    vs_board_close(board);
    vs_plan_free(plan);
    free(text);
    free((void *)options.certificate);
    free((void *)options.key);
    (void)printf("stopped\n");
    return 0;
}

int main(int argc, char **argv) {
    must(vs_secret_setup() == VS_OK, "libsodium", NULL);
    if (argc == 5 && strcmp(argv[1], "make") == 0) {
        return make(argv[2], strtoul(argv[3], NULL, 10), strtoul(argv[4], NULL, 10));
    }
    if (argc >= 4 && strcmp(argv[1], "serve") == 0) {
        return serve(argv[2], argv[3], argc - 4, argv + 4);
    }
    (void)fprintf(stderr, "board_server make FOLDER OWNERS BODY_BYTES | serve FOLDER LISTEN [NAME=VALUE…]\n");
    return 2;
}
