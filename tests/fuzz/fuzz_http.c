/* What the board's server reads itself of a request, and the head of a message: any text as each of them. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/board/judge.h"
#include "cli/transport/server_parse.h"
#include "tests/fuzz/fuzz.h"

/* The identity ORANGE of the test vectors. */
#define ORANGE "ORANGE+93668663+AXQP4aI5rFjh9IuJ9idaw4NX0D0sjs0UxHzzf7a46Iiw"
static vs_plan *kept;

static void read_number(const char *text) {
    uint64_t number, limited;
    char again[24];
    if (vs__parse_whole(text, UINT64_MAX, &number)) {
        (void)snprintf(again, sizeof again, "%llu", (unsigned long long)number);
        VS_CHECK(strcmp(again, text) == 0);
        VS_CHECK(vs__parse_whole(text, 1000, &limited) == (number <= 1000));
    }
}

static void read_id(const char *text) {
    uint8_t id[VS_HASH_BYTES];
    char again[2 * VS_HASH_BYTES + 1];
    if (vs__parse_id(text, id)) {
        vs_to_hex(again, id, sizeof id);
        VS_CHECK(strcmp(again, text) == 0);
    }
}

static void read_range(const char *text, uint64_t len) {
    uint64_t from, to;
    vs_range range = vs__parse_range(text, len, &from, &to);
    VS_CHECK(range != VS_RANGE_PART || (from < to && to <= len));
    VS_CHECK(range != VS_RANGE_NONE || (from == 0 && to == len));
    VS_CHECK(range != VS_RANGE_BEYOND || strncmp(text, "bytes=", 6) == 0);
}

static void read_listen(const char *text) {
    char host[VS_MAX_HOST_BYTES], again[VS_MAX_HOST_BYTES + 16];
    uint16_t port;
    if (vs__parse_listen(text, host, &port)) {
        bool six = strchr(host, ':') != NULL;
        VS_CHECK(strlen(host) < sizeof host);
        (void)snprintf(again, sizeof again, "%s%s%s:%u", six ? "[" : "", host, six ? "]" : "", port);
        VS_CHECK(strcmp(again, text) == 0);
    }
}

/* The session's id is put where the message has it, so that what comes behind is reached. */
static void read_header(const uint8_t *data, size_t size) {
    uint8_t sid[VS_HASH_BYTES] = {0};
    vs_board_header header;
    vs_error error = {0};
    const vs_plan *plan = fuzz_plan(
        &kept, "{\"veilsum\": 1, \"vector\": {\"length\": 1, \"scale\": 0, \"min\": 0, \"max\": 9}, \"contributors\": "
               "{\"min\": 1}, \"roster\": [{\"identity\": \"" ORANGE
               "\", \"organisation\": \"o\", \"may\": [\"contribute\"]}], " FUZZ_OPENING "}");
    if (size >= 8 + sizeof sid) {
        memcpy(sid, data + 8, sizeof sid);
    }
    vs_status status = vs__board_read_header(&header, plan, sid, 1u << 20, data, size, &error);
    fuzz_check_status(status, &error);
    VS_CHECK(status != VS_OK || (header.len >= VS_MESSAGE_OVERHEAD && header.len <= 1u << 20 && header.from == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_setup();
    char *text = calloc(1, size + 1);
    VS_CHECK(text != NULL);
    memcpy(text, data, size);
    read_number(text);
    read_id(text);
    read_range(text, 0);
    read_range(text, 1000);
    read_range(text, UINT64_MAX);
    read_listen(text);
    read_header(data, size);
    free(text);
    return 0;
}
