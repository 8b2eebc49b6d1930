#include "containers.h"

#include <sodium.h>

#include "crypto/armour.h"

static vs_secret_key *secret;
static const vs_public_key *key; /* 2048 bits: ciphertexts of 512 bytes, 2048 of them a chunk */

#define CIPHERTEXT 512u
#define CHUNK 2048u

static int set_up(void **state) {
    (void)state;
    assert_int_equal(vs_secret_setup(), VS_OK);
    secret = fixture_key("k2048");
    key = vs_secret_key_public(secret);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    vs_secret_key_free(secret);
    return 0;
}

static int by_id(const void *a, const void *b) {
    return memcmp(((const vs_contributor *)a)->id, ((const vs_contributor *)b)->id, VS_ID_BYTES);
}

static vs_header make_header(const vs_public_key *pk, const char *period, const char *const *names, size_t name_count,
                             uint64_t ciphertexts) {
    vs_header header = {.kind = name_count == 1 ? VS_CONTRIBUTION : VS_TOTAL,
                        .pk = pk,
                        .cell_count = ciphertexts + 7,
                        .ciphertext_count = ciphertexts,
                        .contributors_min = 3,
                        .contributors_max = 1000,
                        .bound = name_count,
                        .contributor_count = name_count};
    for (size_t i = 0; i < VS_HASH_BYTES; i++) {
        header.plan_id[i] = (uint8_t)i;
    }
    strcpy(header.period, period);
    vs_session_id(header.sid, header.plan_id, period, 0);
    header.contributors = calloc(name_count, sizeof *header.contributors);
    for (size_t i = 0; i < name_count; i++) {
        strcpy(header.contributors[i].name, names[i]);
        vs_contributor_id(header.contributors[i].id, header.sid, names[i]);
    }
    qsort(header.contributors, name_count, sizeof *header.contributors, by_id);
    return header;
}

static const char *const three[] = {"ORANGE", "ROUEN", "ÉVREUX"};

static uint8_t *pattern(uint64_t count) {
    uint8_t *data = malloc((size_t)count * CIPHERTEXT);
    for (size_t i = 0; i < (size_t)count * CIPHERTEXT; i++) {
        data[i] = (uint8_t)(31 * i + i / 251);
    }
    return data;
}

/* The container of these ciphertexts, written in runs of random length; `signer` may be NULL. */
static blob write_signed(const vs_header *header, const uint8_t *ciphertexts, const vs_identity *signer) {
    vs_memory_sink memory = {0};
    vs_sink sink = vs_memory_sink_open(&memory, "memory");
    vs_container_writer *writer;
    assert_int_equal(vs_container_writer_new(&writer, header, &sink, NULL), VS_OK);
    for (uint64_t done = 0; done < header->ciphertext_count;) {
        uint64_t count = 1 + test_below(header->ciphertext_count - done);
        assert_int_equal(vs_container_write(writer, ciphertexts + done * CIPHERTEXT, count, NULL), VS_OK);
        done += count;
    }
    assert_int_equal(
        signer == NULL ? vs_container_finish(writer, NULL) : vs_container_finish_signed(writer, signer, NULL), VS_OK);
    uint8_t digest[VS_HASH_BYTES];
    vs_container_writer_digest(writer, digest);
    assert_memory_equal(digest, memory.data + memory.len - VS_HASH_BYTES, VS_HASH_BYTES);
    vs_container_writer_free(writer);
    return (blob){memory.data, memory.len};
}

static blob write_container(const vs_header *header, const uint8_t *ciphertexts) {
    return write_signed(header, ciphertexts, NULL);
}

/* Read all containers of `b`; ciphertexts are appended to `out` if it is not NULL. */
static vs_status read_all(const blob *b, const vs_public_key *known, uint8_t *out, size_t *containers,
                          vs_error *error) {
    vs_memory_source memory;
    vs_source source = vs_memory_source_open(&memory, "a.vs", b->data, b->len);
    vs_status status = VS_OK;
    *containers = 0;
    for (int at_end = 0; status == VS_OK;) {
        vs_container_reader *reader = NULL;
        status = vs_container_reader_new_known(&reader, &source, known, &at_end, error);
        if (status != VS_OK || at_end) {
            assert_null(reader);
            break;
        }
        for (size_t count = 1; status == VS_OK && count > 0;) {
            const uint8_t *ciphertexts;
            status = vs_container_read(reader, &ciphertexts, &count, error);
            if (status == VS_OK && out != NULL) {
                memcpy(out, ciphertexts != NULL ? ciphertexts : out, count * CIPHERTEXT);
                out += count * CIPHERTEXT;
            }
        }
        *containers += status == VS_OK;
        vs_container_reader_free(reader);
    }
    return status;
}

static vs_status read_status(const blob *b) {
    size_t containers;
    vs_error error = {.message = ""};
    vs_status status = read_all(b, key, NULL, &containers, &error);
    if (status != VS_OK) {
        assert_memory_equal(error.message, "a.vs: ", 6);
    }
    return status;
}

static blob small_container(void) {
    vs_header header = make_header(key, "2026-11", three, 3, 2);
    uint8_t *data = pattern(2);
    blob b = write_container(&header, data);
    free(data);
    free(header.contributors);
    return b;
}

static blob signed_container(const vs_identity *signer) {
    vs_header header = make_header(key, "2026-11", three, 1, 2);
    uint8_t *data = pattern(2);
    blob b = write_signed(&header, data, signer);
    free(data);
    free(header.contributors);
    return b;
}

/* ---- what is written ---- */

static void a_container_reads_back_as_written(void **state) {
    (void)state;
    static const uint64_t counts[] = {1, 2, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 904};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        vs_header header = make_header(key, i % 2 ? "2026-11" : "", three, 1 + i % 3, counts[i]);
        size_t len = (size_t)counts[i] * CIPHERTEXT, containers;
        uint8_t *data = malloc(len), *back = malloc(len);
        test_fill(data, len);
        blob b = write_container(&header, data);
        assert_int_equal(b.len, vs_container_len(&header));
        assert_int_equal(read_all(&b, key, back, &containers, NULL), VS_OK);
        assert_int_equal(containers, 1);
        assert_memory_equal(back, data, len);
        free(data);
        free(back);
        free(b.data);
        free(header.contributors);
    }
}

/* Whole chunks that are at hand are hashed where they lie, on several threads; others are gathered first. */
static void whole_chunks_at_once_give_the_same_bytes(void **state) {
    (void)state;
    static const uint64_t counts[] = {CHUNK, 3 * CHUNK, 4 * CHUNK + 5};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        vs_header header = make_header(key, "2026-11", three, 3, counts[i]);
        uint8_t *data = pattern(counts[i]);
        blob gathered = write_container(&header, data);
        vs_memory_sink memory = {0};
        vs_sink sink = vs_memory_sink_open(&memory, "memory");
        vs_container_writer *writer;
        assert_int_equal(vs_container_writer_new(&writer, &header, &sink, NULL), VS_OK);
        assert_int_equal(vs_container_write(writer, data, counts[i], NULL), VS_OK);
        assert_int_equal(vs_container_finish(writer, NULL), VS_OK);
        vs_container_writer_free(writer);
        assert_int_equal(memory.len, gathered.len);
        assert_memory_equal(memory.data, gathered.data, gathered.len);
        free(memory.data);
        free(gathered.data);
        free(data);
        free(header.contributors);
    }
}

static void a_header_reads_back_as_written(void **state) {
    (void)state;
    vs_header header = make_header(key, "2026-11", three, 3, 2);
    blob b = small_container();
    vs_memory_source memory;
    vs_source source = vs_memory_source_open(&memory, "a.vs", b.data, b.len);
    vs_container_reader *reader;
    int at_end;
    assert_int_equal(vs_container_reader_new(&reader, &source, &at_end, NULL), VS_OK);
    const vs_header *got = vs_container_header(reader);
    assert_int_equal(got->kind, VS_TOTAL);
    assert_memory_equal(got->plan_id, header.plan_id, VS_HASH_BYTES);
    assert_memory_equal(got->sid, header.sid, VS_HASH_BYTES);
    assert_string_equal(got->period, "2026-11");
    assert_int_equal(got->attempt, 0);
    assert_int_equal(got->cell_count, 9);
    assert_int_equal(got->ciphertext_count, 2);
    assert_int_equal(got->contributors_min, 3);
    assert_int_equal(got->contributors_max, 1000);
    assert_int_equal(got->bound, 3);
    assert_int_equal(got->contributor_count, 3);
    assert_memory_equal(got->contributors, header.contributors, 3 * sizeof *got->contributors);
    assert_memory_equal(vs_public_key_info(got->pk), vs_public_key_info(key), sizeof(vs_key_info));
    assert_true(got->pk_owned && got->pk != key);
    vs_container_reader_free(reader);
    free(header.contributors);
    free(b.data);
}

static void a_known_key_is_borrowed(void **state) {
    (void)state;
    vs_secret_key *other = fixture_key("k2048-other");
    blob b = small_container();
    for (int same = 0; same < 2; same++) {
        vs_memory_source memory;
        vs_source source = vs_memory_source_open(&memory, "a.vs", b.data, b.len);
        vs_container_reader *reader;
        int at_end;
        const vs_public_key *known = same ? key : vs_secret_key_public(other);
        assert_int_equal(vs_container_reader_new_known(&reader, &source, known, &at_end, NULL), VS_OK);
        assert_int_equal(vs_container_header(reader)->pk == known, same);
        assert_memory_equal(vs_public_key_info(vs_container_header(reader)->pk), vs_public_key_info(key),
                            sizeof(vs_key_info));
        vs_container_reader_free(reader);
    }
    free(b.data);
    vs_secret_key_free(other);
}

/* The value of `name` in the vectors, decoded. */
static blob vector(const char *name) {
    static char line[65536];
    char path[512], prefix[32];
    blob b = {NULL, 0};
    snprintf(path, sizeof path, "%s/vectors/container.txt", VEILSUM_TESTS_DIR);
    snprintf(prefix, sizeof prefix, "%s = ", name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    while (b.data == NULL && fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, prefix, strlen(prefix)) == 0) {
            const char *hex = line + strlen(prefix);
            b.len = strcspn(hex, "\n") / 2;
            b.data = malloc(b.len);
            assert_int_equal(vs_from_hex(b.data, b.len, hex, 2 * b.len), VS_OK);
        }
    }
    fclose(file);
    assert_non_null(b.data);
    return b;
}

static vs_public_key *vector_key(void) {
    blob b = vector("key");
    vs_public_key *pk;
    const char *reason;
    assert_int_equal(vs_public_key_decode(&pk, b.data, b.len, &reason), VS_OK);
    free(b.data);
    return pk;
}

static void an_independent_script_makes_the_same_bytes(void **state) {
    (void)state;
    vs_public_key *pk = vector_key();
    vs_header header = make_header(pk, "2026-11", three, 3, 2);
    uint8_t *data = pattern(2);
    blob ours = write_container(&header, data), theirs = vector("small");
    assert_int_equal(ours.len, theirs.len);
    assert_memory_equal(ours.data, theirs.data, ours.len);
    free(ours.data);
    free(theirs.data);
    free(data);
    free(header.contributors);
    vs_public_key_free(pk);
}

static void an_independent_script_makes_the_same_chunks(void **state) {
    (void)state;
    uint8_t digest[VS_HASH_BYTES];
    vs_public_key *pk = vector_key();
    vs_header header = make_header(pk, "", three, 2, 4100);
    header.cell_count = 5000;
    header.contributors_min = 1;
    header.contributors_max = 2;
    uint8_t *data = pattern(4100);
    blob ours = write_container(&header, data), theirs = vector("large");
    crypto_generichash(digest, sizeof digest, ours.data, ours.len, NULL, 0);
    assert_memory_equal(digest, theirs.data, sizeof digest);
    free(ours.data);
    free(theirs.data);
    free(data);
    free(header.contributors);
    vs_public_key_free(pk);
}

/* Lines such as "0010  00 01 02 …  text" in papers/format.md. */
static void the_specifications_example_is_the_vector(void **state) {
    (void)state;
    char path[512], line[1024];
    blob b = vector("small");
    size_t shown = 0;
    snprintf(path, sizeof path, "%s/../papers/format.md", VEILSUM_TESTS_DIR);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        char *rest;
        size_t at = strtoul(line, &rest, 16);
        if (rest != line + 4 || strncmp(rest, "  ", 2) != 0) {
            continue;
        }
        rest += 2;
        for (size_t i = 0; i < 16 && rest[3 * i] != ' '; i++, shown++) {
            uint8_t byte;
            assert_true(at + i < b.len);
            assert_int_equal(vs_from_hex(&byte, 1, rest + 3 * i, 2), VS_OK);
            assert_int_equal(byte, b.data[at + i]);
        }
    }
    fclose(file);
    assert_true(shown > VS_HEADER_FIXED_BYTES + VS_TRAILER_BYTES);
    free(b.data);
}

static void containers_in_a_row_are_read_one_by_one(void **state) {
    (void)state;
    size_t containers;
    blob one = small_container(), two = blob_join(&one, &one), three_in_row = blob_join(&two, &one);
    assert_int_equal(read_all(&three_in_row, key, NULL, &containers, NULL), VS_OK);
    assert_int_equal(containers, 3);
    three_in_row.len -= 1;
    assert_int_equal(read_all(&three_in_row, key, NULL, &containers, NULL), VS_ERR_AUTH);
    assert_int_equal(containers, 2);
    blob nothing = {NULL, 0};
    assert_int_equal(read_all(&nothing, key, NULL, &containers, NULL), VS_OK);
    assert_int_equal(containers, 0);
    free(one.data);
    free(two.data);
    free(three_in_row.data);
}

/* A sink that fails after a number of bytes. */
static vs_status failing_write(void *context, const void *data, size_t len, vs_error *error) {
    size_t *left = context;
    (void)data;
    if (len > *left) {
        return vs_fail(error, VS_ERR_CLOSED, "the reader has gone");
    }
    *left -= len;
    return VS_OK;
}

static void a_failing_sink_is_reported(void **state) {
    (void)state;
    vs_header header = make_header(key, "", three, 1, CHUNK + 1);
    uint8_t *data = pattern(CHUNK + 1);
    for (size_t room = 0; room < vs_container_len(&header); room += 100000) {
        size_t left = room;
        vs_sink sink = {.name = "pipe", .context = &left, .write = failing_write};
        vs_container_writer *writer = NULL;
        vs_status status = vs_container_writer_new(&writer, &header, &sink, NULL);
        if (status == VS_OK) {
            status = vs_container_write(writer, data, CHUNK + 1, NULL);
        }
        if (status == VS_OK) {
            status = vs_container_finish(writer, NULL);
        }
        assert_int_equal(status, VS_ERR_CLOSED);
        vs_container_writer_free(writer);
    }
    free(data);
    free(header.contributors);
}

/* ---- damage ---- */

static void every_prefix_is_refused(void **state) {
    (void)state;
    blob whole = small_container();
    for (size_t len = 1; len < whole.len; len++) {
        blob cut = {malloc(len), len}; /* of its own size, so that a sanitizer sees a read behind it */
        memcpy(cut.data, whole.data, len);
        assert_int_equal(read_status(&cut), len < 10 ? VS_ERR_FORMAT : VS_ERR_AUTH);
        free(cut.data);
    }
    assert_int_equal(read_status(&whole), VS_OK);
    free(whole.data);
}

static void every_flipped_bit_is_refused(void **state) {
    (void)state;
    vs_identity *signer;
    assert_int_equal(vs_identity_new(&signer, "ORANGE"), VS_OK);
    for (int is_signed = 0; is_signed < 2; is_signed++) {
        blob b = is_signed ? signed_container(signer) : small_container();
        for (size_t bit = 0; bit < 8 * b.len; bit++) {
            b.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
            assert_int_equal(read_status(&b), bit < 64 ? VS_ERR_FORMAT : bit < 80 ? VS_ERR_VERSION : VS_ERR_AUTH);
            b.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        free(b.data);
    }
    vs_identity_free(signer);
}

static void text_mode_damage_is_refused_with_its_reason(void **state) {
    (void)state;
    blob b = small_container();
    vs_error error;
    size_t containers;
    memmove(b.data + 4, b.data + 5, b.len - 5); /* CR LF to LF */
    b.len--;
    assert_int_equal(read_all(&b, key, NULL, &containers, &error), VS_ERR_FORMAT);
    assert_non_null(strstr(error.hint, "binary"));
    free(b.data);
}

static void exchanged_chunks_are_refused(void **state) {
    (void)state;
    vs_header header = make_header(key, "", three, 1, 2 * CHUNK + 1);
    uint8_t *data = pattern(2 * CHUNK + 1);
    blob b = write_container(&header, data);
    size_t chunk = CHUNK * CIPHERTEXT + VS_HASH_BYTES, first = (size_t)get_number(b.data + 12, 4);
    uint8_t *spare = malloc(chunk);
    memcpy(spare, b.data + first, chunk);
    memcpy(b.data + first, b.data + first + chunk, chunk);
    memcpy(b.data + first + chunk, spare, chunk);
    assert_int_equal(read_status(&b), VS_ERR_AUTH);
    memcpy(b.data + first + chunk, b.data + first, chunk);
    memcpy(b.data + first, spare, chunk);
    assert_int_equal(read_status(&b), VS_OK);
    free(spare);
    free(data);
    free(b.data);
    free(header.contributors);
}

static void a_chunk_of_another_container_is_refused(void **state) {
    (void)state;
    vs_header header = make_header(key, "2026-11", three, 3, 2), other = make_header(key, "2026-12", three, 3, 2);
    uint8_t *data = pattern(2);
    blob a = write_container(&header, data), b = write_container(&other, data);
    size_t first = (size_t)get_number(a.data + 12, 4), chunk = 2 * CIPHERTEXT + VS_HASH_BYTES;
    assert_int_equal(get_number(b.data + 12, 4), first);
    memcpy(a.data + first, b.data + first, chunk);
    assert_int_equal(read_status(&a), VS_ERR_AUTH);
    free(a.data);
    free(b.data);
    free(data);
    free(header.contributors);
    free(other.contributors);
}

static void a_chunk_is_handed_out_only_when_it_is_verified(void **state) {
    (void)state;
    vs_header header = make_header(key, "", three, 1, 2 * CHUNK);
    uint8_t *data = pattern(2 * CHUNK);
    blob b = write_container(&header, data);
    b.data[b.len - VS_TRAILER_BYTES - VS_HASH_BYTES - 1] ^= 1; /* the last byte of the second chunk */
    vs_memory_source memory;
    vs_source source = vs_memory_source_open(&memory, "a.vs", b.data, b.len);
    vs_container_reader *reader;
    const uint8_t *ciphertexts;
    size_t count;
    int at_end;
    assert_int_equal(vs_container_reader_new_known(&reader, &source, key, &at_end, NULL), VS_OK);
    assert_int_equal(vs_container_read(reader, &ciphertexts, &count, NULL), VS_OK);
    assert_int_equal(count, CHUNK);
    assert_int_equal(vs_container_read(reader, &ciphertexts, &count, NULL), VS_ERR_AUTH);
    assert_null(ciphertexts);
    assert_int_equal(count, 0);
    vs_container_reader_free(reader);
    free(b.data);
    free(data);
    free(header.contributors);
}

/* A source without end that counts what is taken. */
static vs_status endless_read(void *context, void *buf, size_t cap, size_t *got, vs_error *error) {
    size_t *taken = context;
    (void)error;
    memset(buf, 0, cap);
    if (*taken < 16) {
        static const uint8_t start[16] = "\xf5vsm\r\n\x1a\n\x01\x00\x01\x01\x40\x00\x00\x08"; /* 128 MiB and 64 bytes */
        *got = cap < 16 - *taken ? cap : 16 - *taken;
        memcpy(buf, start + *taken, *got);
    } else {
        *got = cap;
    }
    *taken += *got;
    return VS_OK;
}

static void a_header_that_is_too_long_is_not_read(void **state) {
    (void)state;
    size_t taken = 0;
    vs_source source = {.name = "endless", .context = &taken, .read = endless_read};
    vs_container_reader *reader;
    int at_end;
    assert_int_equal(vs_container_reader_new(&reader, &source, &at_end, NULL), VS_ERR_AUTH);
    assert_int_equal(taken, 16);
}

/* ---- lies: all hashes are right ---- */

typedef struct lie {
    const char *what;
    size_t at;
    uint64_t value;
    unsigned bytes;
    vs_status status;
} lie;

static const lie lies[] = {
    {"kind 0", 10, 0, 1, VS_ERR_VERSION},
    {"kind 3", 10, 3, 1, VS_ERR_VERSION},
    {"a contribution of three", 10, 1, 1, VS_ERR_RANGE},
    {"opening 0", 11, 0, 1, VS_ERR_VERSION},
    {"opening 2", 11, 2, 1, VS_ERR_VERSION},
    {"another plan", 16, 1, 1, VS_ERR_RANGE},
    {"another sid", 48, 1, 1, VS_ERR_RANGE},
    {"another attempt", 80, 1, 8, VS_ERR_RANGE},
    {"no cells", 88, 0, 8, VS_ERR_RANGE},
    {"too many cells", 88, (UINT64_C(1) << 26) + 1, 8, VS_ERR_RANGE},
    {"all cells", 88, UINT64_MAX, 8, VS_ERR_RANGE},
    {"fewer cells than ciphertexts", 88, 1, 8, VS_ERR_RANGE},
    {"no ciphertexts", 96, 0, 8, VS_ERR_RANGE},
    {"more ciphertexts than cells", 96, 10, 8, VS_ERR_RANGE},
    {"all ciphertexts", 96, UINT64_MAX, 8, VS_ERR_RANGE},
    {"minimum 0", 104, 0, 8, VS_ERR_RANGE},
    {"minimum above maximum", 104, 1001, 8, VS_ERR_RANGE},
    {"maximum below the contributors", 112, 2, 8, VS_ERR_RANGE},
    {"maximum above all", 112, 1000001, 8, VS_ERR_RANGE},
    {"bound 0", 120, 0, 8, VS_ERR_RANGE},
    {"bound 1", 120, 1, 8, VS_ERR_RANGE},
    {"bound 4", 120, 4, 8, VS_ERR_RANGE},
    {"other chunks", 128, 2040, 4, VS_ERR_RANGE},
    {"no chunks", 128, 0, 4, VS_ERR_RANGE},
    {"no contributors", 132, 0, 4, VS_ERR_RANGE},
    {"one contributor less", 132, 2, 4, VS_ERR_FORMAT},
    {"one contributor more", 132, 4, 4, VS_ERR_RANGE},
    {"a million contributors", 132, 1000000, 4, VS_ERR_RANGE},
    {"all contributors", 132, UINT32_MAX, 4, VS_ERR_RANGE},
    {"no key", 136, 0, 4, VS_ERR_FORMAT},
    {"a shorter key", 136, 519, 4, VS_ERR_FORMAT},
    {"a longer key", 136, 521, 4, VS_ERR_FORMAT},
    {"a key beyond the header", 136, UINT32_MAX, 4, VS_ERR_FORMAT},
    {"layout 0", 140, 0, 2, VS_ERR_VERSION},
    {"layout 2", 140, 2, 2, VS_ERR_VERSION},
    {"ids 2", 142, 2, 1, VS_ERR_VERSION},
    {"no period", 143, 0, 1, VS_ERR_RANGE},
    {"a long period", 143, 65, 1, VS_ERR_RANGE},
    {"a control character in the period", 664, 10, 1, VS_ERR_RANGE},
    {"another period", 664, '3', 1, VS_ERR_RANGE},
    {"another degree", 149, 2, 1, VS_ERR_RANGE},
    {"an even modulus", 152, 2, 1, VS_ERR_RANGE},
};

static void every_lie_in_a_header_is_refused(void **state) {
    (void)state;
    blob truth = small_container();
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        blob b = blob_copy(&truth);
        set_number(b.data + lies[i].at, lies[i].value, lies[i].bytes);
        assert_true(memcmp(b.data, truth.data, b.len) != 0);
        rehash(&b, 2, CIPHERTEXT);
        vs_status status = read_status(&b);
        if (status != lies[i].status) {
            print_message("%s: %d\n", lies[i].what, status);
        }
        assert_int_equal(status, lies[i].status);
        free(b.data);
    }
    rehash(&truth, 2, CIPHERTEXT);
    assert_int_equal(read_status(&truth), VS_OK);
    free(truth.data);
}

/* Entries begin behind the period, in the order of their ids. */
static uint8_t *entry(const blob *b, unsigned index) {
    uint8_t *at = b->data + 144 + 520 + 7;
    for (; index > 0; index--) {
        at += VS_ID_BYTES + 1 + at[VS_ID_BYTES];
    }
    return at;
}

static void exchange_entries(const blob *b) {
    uint8_t spare[256], *first = entry(b, 0), *second = entry(b, 1), *third = entry(b, 2);
    size_t len = (size_t)(third - first), head = (size_t)(second - first);
    memcpy(spare, second, len - head);
    memcpy(spare + (len - head), first, head);
    memcpy(first, spare, len);
}

static void repeat_entry(const blob *b) {
    uint8_t *first = entry(b, 0), *second = entry(b, 1), *third = entry(b, 2);
    size_t rest = VS_ID_BYTES + 1u + third[VS_ID_BYTES], head = (size_t)(second - first);
    uint8_t spare[256];
    memcpy(spare, third, rest);
    memset(second, 0, (size_t)(third - second) + rest);
    memcpy(second, first, head);
    memcpy(second + head, spare, rest);
}

static void alter_id(const blob *b) {
    entry(b, 1)[3] ^= 1;
}
static void alter_name(const blob *b) {
    entry(b, 2)[VS_ID_BYTES + 1] ^= 1;
}
static void zero_in_name(const blob *b) {
    entry(b, 0)[VS_ID_BYTES + 2] = 0;
}
static void name_too_long(const blob *b) {
    entry(b, 2)[VS_ID_BYTES] = 65;
}
static void name_into_padding(const blob *b) {
    entry(b, 2)[VS_ID_BYTES] = 64;
}
static void name_beyond_header(const blob *b) {
    set_number(b->data + 132, 4, 4);
    entry(b, 3)[VS_ID_BYTES] = 64;
}
static void name_empty(const blob *b) {
    entry(b, 2)[VS_ID_BYTES] = 0;
}
static void something_in_padding(const blob *b) {
    b->data[(size_t)get_number(b->data + 12, 4) - VS_HASH_BYTES - 1] = 1;
}

static void contributors_that_lie_are_refused(void **state) {
    (void)state;
    static const struct {
        void (*alter)(const blob *b);
        vs_status status;
    } cases[] = {
        {exchange_entries, VS_ERR_RANGE},
        {repeat_entry, VS_ERR_RANGE},
        {alter_id, VS_ERR_RANGE},
        {alter_name, VS_ERR_RANGE},
        {zero_in_name, VS_ERR_RANGE},
        {name_too_long, VS_ERR_RANGE},
        {name_empty, VS_ERR_RANGE},
        {name_into_padding, VS_ERR_RANGE},
        {name_beyond_header, VS_ERR_FORMAT},
        {something_in_padding, VS_ERR_FORMAT},
    };
    blob truth = small_container();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        blob b = blob_copy(&truth);
        cases[i].alter(&b);
        rehash(&b, 2, CIPHERTEXT);
        assert_int_equal(read_status(&b), cases[i].status);
        free(b.data);
    }
    free(truth.data);
}

static void padding_beyond_alignment_is_refused(void **state) {
    (void)state;
    blob truth = small_container();
    size_t header = (size_t)get_number(truth.data + 12, 4), hashed = header - VS_HASH_BYTES;
    blob b = {calloc(1, truth.len + 64), truth.len + 64};
    memcpy(b.data, truth.data, hashed);
    memcpy(b.data + header + 64, truth.data + header, truth.len - header);
    set_number(b.data + 12, header + 64, 4);
    rehash(&b, 2, CIPHERTEXT);
    assert_int_equal(read_status(&b), VS_ERR_FORMAT);
    free(b.data);
    free(truth.data);
}

/* ---- signatures ---- */

static vs_identity *seed_identity(const uint8_t seed[32], const char *name) {
    uint8_t plain[128] = "VSID\1";
    char *text;
    const char *reason;
    vs_identity *identity;
    memcpy(plain + 5, seed, 32);
    memcpy(plain + 37, name, strlen(name));
    assert_int_equal(vs__armour_seal(&text, "veilsum identity ", plain, 37 + strlen(name), NULL, 0), VS_OK);
    assert_int_equal(vs_identity_from_text(&identity, text, strlen(text), NULL, 0, &reason), VS_OK);
    vs_secret_free(text);
    return identity;
}

static void an_independent_script_signs_the_same_bytes(void **state) {
    (void)state;
    blob seed = vector("seed"), theirs = vector("signed");
    vs_public_key *pk = vector_key();
    vs_identity *signer = seed_identity(seed.data, "ORANGE");
    vs_header header = make_header(pk, "2026-11", three, 1, 2);
    header.cell_count = 9;
    uint8_t *data = pattern(2);
    blob ours = write_signed(&header, data, signer);
    assert_int_equal(ours.len, theirs.len);
    assert_memory_equal(ours.data, theirs.data, ours.len);
    free(ours.data);
    free(theirs.data);
    free(seed.data);
    free(data);
    free(header.contributors);
    vs_identity_free(signer);
    vs_public_key_free(pk);
}

/* The signer and digest that a reader gives; `*is_signed` whether there is one. */
static void read_signer(const blob *b, bool *is_signed, uint8_t signer[32], uint8_t digest[VS_HASH_BYTES]) {
    vs_memory_source memory;
    vs_source source = vs_memory_source_open(&memory, "a.vs", b->data, b->len);
    vs_container_reader *reader;
    const uint8_t *ciphertexts;
    int at_end;
    assert_int_equal(vs_container_reader_new(&reader, &source, &at_end, NULL), VS_OK);
    for (size_t count = 1; count > 0;) {
        assert_int_equal(vs_container_read(reader, &ciphertexts, &count, NULL), VS_OK);
    }
    *is_signed = vs_container_signer(reader) != NULL;
    if (*is_signed) {
        memcpy(signer, vs_container_signer(reader), 32);
    }
    vs_container_digest(reader, digest);
    vs_container_reader_free(reader);
}

static void a_reader_says_who_signed_and_what(void **state) {
    (void)state;
    vs_identity *signer;
    assert_int_equal(vs_identity_new(&signer, "ORANGE"), VS_OK);
    for (int with = 0; with < 2; with++) {
        bool is_signed;
        uint8_t who[32], digest[VS_HASH_BYTES];
        blob b = signed_container(with ? signer : NULL);
        read_signer(&b, &is_signed, who, digest);
        assert_int_equal(is_signed, with);
        assert_memory_equal(digest, b.data + b.len - VS_HASH_BYTES, VS_HASH_BYTES);
        if (with) {
            assert_memory_equal(who, vs_identity_public(signer)->key, 32);
        }
        free(b.data);
    }
    vs_identity_free(signer);
}

/* Every bit of the container flipped, with the hashes that somebody who does so on purpose makes right again. */
static void a_signed_contribution_cannot_be_altered_by_others(void **state) {
    (void)state;
    vs_identity *signer;
    assert_int_equal(vs_identity_new(&signer, "ORANGE"), VS_OK);
    blob truth = signed_container(signer);
    size_t header = (size_t)get_number(truth.data + 12, 4), trailer = truth.len - VS_TRAILER_BYTES;
    rehash(&truth, 2, CIPHERTEXT);
    assert_int_equal(read_status(&truth), VS_OK);
    for (size_t bit = 0; bit < 8 * (truth.len - VS_HASH_BYTES); bit++) {
        bool of_length = bit / 8 >= 12 && bit / 8 < 16, of_count = bit / 8 >= 96 && bit / 8 < 104;
        if (of_length || of_count || (bit / 8 >= header - VS_HASH_BYTES && bit / 8 < header)) {
            continue; /* where hashes are depends on those; this is one */
        }
        blob b = blob_copy(&truth);
        b.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        rehash(&b, 2, CIPHERTEXT);
        bool same = memcmp(b.data, truth.data, b.len) == 0; /* the flipped bit was of a hash, and has been made right */
        vs_status status = read_status(&b);
        assert_true(same ? status == VS_OK : status != VS_OK);
        if (!same && bit / 8 >= header && bit / 8 - trailer >= VS_CONTAINER_MAGIC_BYTES) {
            assert_int_equal(status, VS_ERR_AUTH);
        }
        free(b.data);
    }
    free(truth.data);
    vs_identity_free(signer);
}

static void half_a_signature_is_refused(void **state) {
    (void)state;
    static const size_t fields[] = {VS_TRAILER_SIGNER, VS_TRAILER_SIGNATURE, VS_TRAILER_HASH - 1};
    for (size_t i = 0; i < 3; i++) {
        blob b = signed_container(NULL);
        b.data[b.len - VS_TRAILER_BYTES + fields[i]] = 1; /* signer 1 is the neutral element, of small order */
        rehash(&b, 2, CIPHERTEXT);
        assert_int_equal(read_status(&b), VS_ERR_AUTH);
        free(b.data);
    }
}

static void a_signature_of_another_contribution_is_refused(void **state) {
    (void)state;
    vs_identity *signer;
    assert_int_equal(vs_identity_new(&signer, "ORANGE"), VS_OK);
    blob a = signed_container(signer), b = signed_container(NULL);
    b.data[get_number(b.data + 12, 4)] ^= 1;
    memcpy(b.data + b.len - VS_TRAILER_BYTES + VS_TRAILER_SIGNER, a.data + a.len - VS_TRAILER_BYTES + VS_TRAILER_SIGNER,
           VS_TRAILER_HASH - VS_TRAILER_SIGNER);
    rehash(&b, 2, CIPHERTEXT);
    assert_int_equal(read_status(&b), VS_ERR_AUTH);
    b.data[get_number(b.data + 12, 4)] ^= 1;
    rehash(&b, 2, CIPHERTEXT);
    assert_int_equal(read_status(&b), VS_OK);
    free(a.data);
    free(b.data);
    vs_identity_free(signer);
}

static void a_total_with_a_signature_is_refused(void **state) {
    (void)state;
    vs_identity *signer;
    assert_int_equal(vs_identity_new(&signer, "ORANGE"), VS_OK);
    blob b = small_container();
    uint8_t *trailer = b.data + b.len - VS_TRAILER_BYTES, hash[VS_HASH_BYTES];
    vs__signed_hash(hash, b.data + get_number(b.data + 12, 4) - VS_HASH_BYTES, trailer + VS_TRAILER_ROOT);
    memcpy(trailer + VS_TRAILER_SIGNER, vs_identity_public(signer)->key, 32);
    vs_sign(signer, trailer + VS_TRAILER_SIGNATURE, hash, sizeof hash);
    rehash(&b, 2, CIPHERTEXT);
    assert_int_equal(read_status(&b), VS_ERR_FORMAT);
    free(b.data);
    vs_identity_free(signer);
}

static void another_root_or_end_mark_is_refused(void **state) {
    (void)state;
    static const size_t fields[] = {0, VS_TRAILER_ROOT, VS_TRAILER_SIGNER - 1};
    for (size_t i = 0; i < 3; i++) {
        blob b = small_container();
        uint8_t *trailer = b.data + b.len - VS_TRAILER_BYTES;
        const uint8_t *header_hash = b.data + get_number(b.data + 12, 4) - VS_HASH_BYTES;
        trailer[fields[i]] ^= 1;
        vs__trailer_hash(trailer + VS_TRAILER_HASH, header_hash, trailer);
        assert_int_equal(read_status(&b), VS_ERR_AUTH);
        free(b.data);
    }
}

static void an_empty_or_a_foreign_file_is_no_container(void **state) {
    (void)state;
    blob text = {(uint8_t *)"{\"veilsum\": 1, \"columns\": {}}", 29}, nothing = {NULL, 0};
    vs_memory_source memory;
    vs_container_reader *reader;
    int at_end = 0;
    assert_int_equal(read_status(&text), VS_ERR_FORMAT);
    vs_source source = vs_memory_source_open(&memory, "empty", nothing.data, 0);
    assert_int_equal(vs_container_reader_new(&reader, &source, &at_end, NULL), VS_OK);
    assert_int_equal(at_end, 1);
    assert_null(reader);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_container_reads_back_as_written),
        cmocka_unit_test(whole_chunks_at_once_give_the_same_bytes),
        cmocka_unit_test(a_header_reads_back_as_written),
        cmocka_unit_test(a_known_key_is_borrowed),
        cmocka_unit_test(an_independent_script_makes_the_same_bytes),
        cmocka_unit_test(an_independent_script_makes_the_same_chunks),
        cmocka_unit_test(the_specifications_example_is_the_vector),
        cmocka_unit_test(containers_in_a_row_are_read_one_by_one),
        cmocka_unit_test(a_failing_sink_is_reported),
        cmocka_unit_test(every_prefix_is_refused),
        cmocka_unit_test(every_flipped_bit_is_refused),
        cmocka_unit_test(text_mode_damage_is_refused_with_its_reason),
        cmocka_unit_test(exchanged_chunks_are_refused),
        cmocka_unit_test(a_chunk_of_another_container_is_refused),
        cmocka_unit_test(a_chunk_is_handed_out_only_when_it_is_verified),
        cmocka_unit_test(a_header_that_is_too_long_is_not_read),
        cmocka_unit_test(every_lie_in_a_header_is_refused),
        cmocka_unit_test(contributors_that_lie_are_refused),
        cmocka_unit_test(padding_beyond_alignment_is_refused),
        cmocka_unit_test(an_independent_script_signs_the_same_bytes),
        cmocka_unit_test(a_reader_says_who_signed_and_what),
        cmocka_unit_test(a_signed_contribution_cannot_be_altered_by_others),
        cmocka_unit_test(half_a_signature_is_refused),
        cmocka_unit_test(a_signature_of_another_contribution_is_refused),
        cmocka_unit_test(a_total_with_a_signature_is_refused),
        cmocka_unit_test(another_root_or_end_mark_is_refused),
        cmocka_unit_test(an_empty_or_a_foreign_file_is_no_container),
    };
    test_seed();
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
