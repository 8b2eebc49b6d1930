#include "aggregate/part/part_internal.h"
#include "containers.h"

static int set_up(void **state) {
    (void)state;
    return vs_secret_setup() == VS_OK ? 0 : -1;
}

/* The value of `name` in the vectors, decoded. */
static blob vector(const char *name) {
    static char line[8192];
    char path[512], prefix[32];
    blob b = {NULL, 0};
    snprintf(path, sizeof path, "%s/vectors/part.txt", VEILSUM_TESTS_DIR);
    snprintf(prefix, sizeof prefix, "%s = ", name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    while (b.data == NULL && fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, prefix, strlen(prefix)) == 0) {
            const char *hex = line + strlen(prefix);
            b.len = strcspn(hex, "\n") / 2;
            b.data = malloc(b.len + 1);
            assert_int_equal(vs_from_hex(b.data, b.len, hex, 2 * b.len), VS_OK);
        }
    }
    fclose(file);
    assert_non_null(b.data);
    return b;
}

static vs_part *parsed(const blob *b) {
    vs_part *part;
    vs_error error = {.message = ""};
    vs_status status = vs_part_parse(&part, "x.part", b->data, b->len, &error);
    if (status != VS_OK) {
        print_message("%s\n", error.message);
    }
    assert_int_equal(status, VS_OK);
    return part;
}

static void parts_are_as_the_vectors_say(void **state) {
    (void)state;
    blob small = vector("small"), context = vector("context"), signer = vector("signer");
    vs_part *part = parsed(&small);
    const vs_part_header *header = &part->header;
    uint8_t hash[VS_HASH_BYTES];
    vs_hash blocks;
    assert_int_equal(header->round, 2);
    assert_int_equal(header->holder, 3);
    assert_int_equal(header->count, 2);
    assert_int_equal(header->ciphertext_bytes, 512);
    assert_int_equal(header->proof_bytes, 600);
    assert_int_equal(header->attempt, 0);
    assert_string_equal(header->period, "2026-11");
    assert_int_equal(header->plan_id[31], 31);
    assert_int_equal(header->total_digest[0], 32);
    assert_int_equal(header->threshold_key[0], 64);
    vs_part_context(hash, part);
    assert_memory_equal(hash, context.data, VS_HASH_BYTES);
    vs_part_blocks_begin(&blocks);
    vs_hash_u64(&blocks, 1);
    vs_hash_u64(&blocks, 4);
    vs_hash_final(&blocks, hash);
    assert_memory_equal(hash, header->blocks, VS_HASH_BYTES);
    assert_int_equal(vs_part_check_signature(part, signer.data), VS_OK);
    signer.data[0] ^= 1;
    assert_int_equal(vs_part_check_signature(part, signer.data), VS_ERR_AUTH);
    vs_part_free(part);
    free(small.data);
    free(context.data);
    free(signer.data);
}

static void one_content_has_one_encoding(void **state) {
    (void)state;
    static const char *const names[] = {"small", "empty"};
    for (unsigned i = 0; i < 2; i++) {
        blob bytes = vector(names[i]);
        vs_part *part = parsed(&bytes), *again;
        assert_int_equal(vs_part_new(&again, &part->header, NULL), VS_OK);
        assert_int_equal(again->len, bytes.len);
        size_t body = (size_t)(part->parts - part->bytes);
        assert_memory_equal(again->bytes, bytes.data, body);
        assert_ptr_equal(again->bytes + body, again->parts);
        assert_true(bytes.len <= vs_part_len_max(part->header.count, 512, 600));
        vs_part_free(part);
        vs_part_free(again);
        free(bytes.data);
    }
}

typedef struct lie {
    size_t at;
    unsigned bytes;
    uint64_t value;
    const char *message;
} lie;

/* Every hash is right, and what is said cannot be. */
static void header_lies_are_refused(void **state) {
    (void)state;
    static const lie lies[] = {
        {VS_PART_ROUND, 1, 0, "no such round"},
        {VS_PART_ROUND, 1, 3, "no such round"},
        {VS_PART_HOLDER, 1, 0, "no such holder"},
        {VS_PART_HOLDER, 1, VS_MAX_HOLDERS + 1, "no such holder"},
        {VS_PART_COUNT, 8, 3, "its length"},
        {VS_PART_COUNT, 8, 1, "its length"},
        {VS_PART_COUNT, 8, 0, "its counts"},
        {VS_PART_COUNT, 8, UINT64_MAX, "its counts"},
        {VS_PART_COUNT, 8, VS_MAX_CELLS + 1, "its counts"},
        {VS_PART_COUNT, 8, VS_MAX_CELLS, "its length"},
        {VS_PART_CIPHERTEXT_BYTES, 2, 0, "its counts"},
        {VS_PART_CIPHERTEXT_BYTES, 2, 511, "its length"},
        {VS_PART_CIPHERTEXT_BYTES, 2, 2561, "its counts"},
        {VS_PART_CIPHERTEXT_BYTES, 2, UINT16_MAX, "its counts"},
        {VS_PART_PROOF_BYTES, 2, 0, "its counts"},
        {VS_PART_PROOF_BYTES, 2, 601, "its length"},
        {VS_PART_PROOF_BYTES, 2, UINT16_MAX, "its length"},
        {VS_PART_PERIOD_LEN, 1, 0, "its session"},
        {VS_PART_PERIOD_LEN, 1, 6, "its session"},
        {VS_PART_PERIOD_LEN, 1, 65, "its period is too long"},
        {VS_PART_PERIOD_LEN, 1, 255, "its period is too long"},
        {VS_PART_PERIOD, 1, 0, "its period is not a valid label"},
        {VS_PART_PERIOD, 1, '\n', "its period is not a valid label"},
        {VS_PART_PERIOD, 1, 0xff, "its period is not a valid label"},
        {VS_PART_PLAN, 1, 1, "its session"},
        {VS_PART_SID, 1, 1, "its session"},
        {VS_PART_ATTEMPT, 8, 1, "its session"},
    };
    blob small = vector("small");
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        blob copy = blob_copy(&small);
        vs_part *part;
        vs_error error = {.message = ""};
        set_number(copy.data + lies[i].at, lies[i].value, lies[i].bytes);
        vs__part_hash(copy.data + copy.len - VS_HASH_BYTES, copy.data, copy.len - VS_HASH_BYTES);
        assert_int_equal(vs_part_parse(&part, "x.part", copy.data, copy.len, &error), VS_ERR_RANGE);
        assert_null(part);
        if (strstr(error.message, lies[i].message) == NULL) {
            print_message("case %zu: %s\n", i, error.message);
        }
        assert_non_null(strstr(error.message, lies[i].message));
        assert_memory_equal(error.message, "x.part: ", 8);
        free(copy.data);
    }
    free(small.data);
}

/* A period that would reach beyond the file, which is as short as one can be. */
static void a_period_beyond_the_end_is_refused(void **state) {
    (void)state;
    blob empty = vector("empty");
    vs_part *part;
    size_t len = VS_PART_PERIOD + VS_PART_END_BYTES;
    vs__part_hash(empty.data + len - VS_HASH_BYTES, empty.data, len - VS_HASH_BYTES);
    assert_int_equal(vs_part_parse(&part, "x.part", empty.data, len, NULL), VS_ERR_RANGE);
    free(empty.data);
}

static void what_is_no_part_or_of_another_version_is_said_so(void **state) {
    (void)state;
    blob small = vector("small");
    vs_part *part;
    vs_error error;
    assert_int_equal(vs_part_parse(&part, "x.part", (const uint8_t *)"", 0, &error), VS_ERR_FORMAT);
    assert_string_equal(error.message, "x.part: not a part of an opening");
    small.data[8] = 2;
    assert_int_equal(vs_part_parse(&part, "x.part", small.data, small.len, &error), VS_ERR_VERSION);
    assert_non_null(strstr(error.message, "version 2"));
    free(small.data);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_are_as_the_vectors_say),
        cmocka_unit_test(one_content_has_one_encoding),
        cmocka_unit_test(header_lies_are_refused),
        cmocka_unit_test(a_period_beyond_the_end_is_refused),
        cmocka_unit_test(what_is_no_part_or_of_another_version_is_said_so),
    };
    test_seed();
    return cmocka_run_group_tests(tests, set_up, NULL);
}
