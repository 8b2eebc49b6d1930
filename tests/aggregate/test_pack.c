#include "aggregate/container/pack.h"
#include "made_plan.h"

/* ---- the same thing a second way: one bit at a time, over the rule as it is written in the header ---- */

typedef struct naive {
    uint8_t *bytes;
    uint64_t plaintexts; /* begun */
    unsigned key_bits, degree, digit, used;
} naive;

static void naive_start_block(naive *n) {
    n->digit = n->degree; /* none left: the next slot begins a plaintext */
    n->used = 0;
}

static void naive_put(naive *n, unsigned width, vs_uint128 value) {
    if (n->digit == n->degree || n->used + width > n->key_bits - 1) {
        n->digit++;
        n->used = 0;
        if (n->digit >= n->degree) {
            n->digit = 0;
            n->plaintexts++;
        }
    }
    uint64_t base = ((n->plaintexts - 1) * n->degree + n->digit) * n->key_bits + n->used;
    for (unsigned bit = 0; bit < width; bit++) {
        n->bytes[(base + bit) / 8] |= (uint8_t)(((value >> bit) & 1) << ((base + bit) % 8));
    }
    n->used += width;
}

/* What `contributions` add up to, given the sums of their cells. Returns the number of plaintexts; the caller frees
 * `bytes`. */
static uint64_t naive_pack(const vs_plan *plan, unsigned key_bits, unsigned degree, const vs_int128 *sums,
                           uint64_t contributions, uint8_t **bytes) {
    size_t worst = (size_t)plan->cell_count * degree * key_bits / 8;
    naive n = {.bytes = calloc(1, worst), .key_bits = key_bits, .degree = degree};
    size_t components = plan->is_vector ? 1 : plan->component_count;
    uint64_t groups = plan->is_vector ? plan->vector_length : plan->group_count;
    naive_start_block(&n);
    naive_put(&n, made_bits(plan->contributors_max), (vs_uint128)sums[0]);
    for (unsigned pass = 0; pass < 2; pass++) {
        for (uint64_t g = 0; g < groups; g++) {
            for (unsigned k = pass; k < (pass == 0 ? 1 : plan->class_count); k++) {
                if (pass == 1) {
                    naive_start_block(&n);
                }
                for (size_t c = 0; c < components; c++) {
                    const vs_component *component = &plan->components[c];
                    if (component->block_class == k) {
                        vs_int128 sum = sums[1 + g * components + c];
                        naive_put(&n, component->width, (vs_uint128)(sum - component->low * (vs_int128)contributions));
                    }
                }
            }
        }
    }
    *bytes = n.bytes;
    return n.plaintexts;
}

static const unsigned all_bits[] = {2048, 3072, 4096};

static vs_layout make_layout(const vs_plan *plan, unsigned key_bits, unsigned degree) {
    vs_layout layout;
    assert_int_equal(vs_layout_make(&layout, plan, key_bits, degree, NULL), VS_OK);
    return layout;
}

static uint8_t *pack_in_runs(const vs_layout *layout, const vs_int128 *cells) {
    size_t bytes = layout->degree * layout->digit_bytes;
    uint8_t *out = malloc((size_t)layout->plaintext_count * bytes);
    vs_pack_cursor cursor = {0};
    for (uint64_t done = 0; done < layout->plaintext_count;) {
        uint64_t count = 1 + test_below(layout->plaintext_count - done);
        vs_pack(layout, &cursor, out + done * bytes, cells, count);
        done += count;
    }
    return out;
}

static vs_status unpack_all(const vs_layout *layout, vs_int128 *cells, const uint8_t *plaintexts, uint64_t count) {
    const vs_plan *plan = layout->plan;
    size_t bytes = layout->degree * layout->digit_bytes;
    vs_status status = vs_unpack(layout, cells, plaintexts, 0, 0, count, NULL);
    for (uint64_t g = 0; status == VS_OK && g < plan->group_count; g++) {
        for (unsigned k = 1; status == VS_OK && k < plan->class_count; k++) {
            uint64_t first, length;
            vs_layout_block(layout, g, k, &first, &length);
            status = vs_unpack(layout, cells, plaintexts + first * bytes, g, k, count, NULL);
        }
    }
    return status;
}

static vs_plan *some_plan(void) {
    return test_below(4) == 0 ? made_vector_plan(1 + test_below(300), -(vs_int128)test_below(1000000),
                                                 (vs_int128)test_below(1u << 30), 1 + test_below(1000))
                              : made_random_plan();
}

static void packing_equals_putting_bits_one_by_one(void **state) {
    (void)state;
    for (int round = 0; round < 300; round++) {
        vs_plan *plan = some_plan();
        unsigned bits = all_bits[test_below(3)], degree = 1 + (unsigned)test_below(4);
        vs_int128 *cells = calloc((size_t)plan->cell_count, sizeof *cells);
        uint8_t *expected;
        made_random_cells(plan, cells);
        uint64_t count = naive_pack(plan, bits, degree, cells, 1, &expected);
        vs_layout layout = make_layout(plan, bits, degree);
        assert_int_equal(layout.plaintext_count, count);
        uint8_t *packed = pack_in_runs(&layout, cells);
        assert_memory_equal(packed, expected, (size_t)count * degree * bits / 8);
        free(packed);
        free(expected);
        free(cells);
        vs_layout_free(&layout);
        made_plan_free(plan);
    }
}

/* Add plaintexts as the cryptosystem does: digit by digit, as long as no digit overflows. */
static void add_plaintexts(uint8_t *z, const uint8_t *x, size_t digits, size_t digit_bytes) {
    for (size_t d = 0; d < digits; d++) {
        unsigned carry = 0;
        for (size_t i = d * digit_bytes; i < (d + 1) * digit_bytes; i++) {
            carry += (unsigned)z[i] + x[i];
            z[i] = (uint8_t)carry;
            carry >>= 8;
        }
        assert_int_equal(carry, 0);
    }
}

static void sums_of_plaintexts_unpack_to_sums_of_cells(void **state) {
    (void)state;
    for (int round = 0; round < 150; round++) {
        vs_plan *plan = some_plan();
        unsigned bits = all_bits[test_below(3)], degree = 1 + (unsigned)test_below(4);
        vs_layout layout = make_layout(plan, bits, degree);
        uint64_t owners = 1 + test_below(plan->contributors_max < 6 ? plan->contributors_max : 6);
        size_t digits = (size_t)layout.plaintext_count * degree, n = (size_t)plan->cell_count;
        vs_int128 *cells = calloc(n, sizeof *cells), *sums = calloc(n, sizeof *sums), *got = calloc(n, sizeof *got);
        uint8_t *total = calloc(digits, layout.digit_bytes);
        for (uint64_t owner = 0; owner < owners; owner++) {
            made_random_cells(plan, cells);
            uint8_t *packed = pack_in_runs(&layout, cells);
            add_plaintexts(total, packed, digits, layout.digit_bytes);
            for (size_t i = 0; i < n; i++) {
                sums[i] += cells[i];
            }
            free(packed);
        }
        assert_int_equal(unpack_all(&layout, got, total, owners), VS_OK);
        assert_memory_equal(got, sums, n * sizeof *sums);
        free(cells);
        free(sums);
        free(got);
        free(total);
        vs_layout_free(&layout);
        made_plan_free(plan);
    }
}

static void the_largest_and_the_smallest_total_fit(void **state) {
    (void)state;
    for (int round = 0; round < 100; round++) {
        vs_plan *plan = some_plan();
        unsigned bits = all_bits[test_below(3)], degree = 1 + (unsigned)test_below(4);
        vs_layout layout = make_layout(plan, bits, degree);
        uint64_t owners = plan->contributors_max;
        size_t n = (size_t)plan->cell_count;
        vs_int128 *sums = calloc(n, sizeof *sums), *got = calloc(n, sizeof *got);
        uint8_t *total;
        sums[0] = (vs_int128)owners;
        for (size_t i = 1; i < n; i++) {
            const vs_component *c = &plan->components[plan->is_vector ? 0 : (i - 1) % plan->component_count];
            sums[i] = (vs_int128)owners * (test_below(2) ? c->high : c->low);
        }
        naive_pack(plan, bits, degree, sums, owners, &total);
        assert_int_equal(unpack_all(&layout, got, total, owners), VS_OK);
        assert_memory_equal(got, sums, n * sizeof *sums);
        free(total);
        free(sums);
        free(got);
        vs_layout_free(&layout);
        made_plan_free(plan);
    }
}

static void a_slot_above_its_range_is_refused(void **state) {
    (void)state;
    for (int round = 0; round < 150; round++) {
        vs_plan *plan = made_random_plan();
        unsigned bits = all_bits[test_below(3)], degree = 1 + (unsigned)test_below(4);
        vs_layout layout = make_layout(plan, bits, degree);
        size_t n = (size_t)plan->cell_count, spoiled = (size_t)test_below(n);
        vs_int128 *sums = calloc(n, sizeof *sums), *got = calloc(n, sizeof *got);
        const vs_component *c = spoiled == 0 ? NULL : &plan->components[(spoiled - 1) % plan->component_count];
        vs_uint128 most = c == NULL ? 1 : (vs_uint128)(c->high - c->low);
        unsigned width = c == NULL ? made_bits(plan->contributors_max) : c->width;
        if (most + 1 < (vs_uint128)1 << width) { /* else its slot cannot hold more */
            uint8_t *total;
            made_random_cells(plan, sums);
            sums[spoiled] = (c == NULL ? 0 : c->low) + (vs_int128)most + 1;
            naive_pack(plan, bits, degree, sums, 1, &total);
            assert_int_equal(unpack_all(&layout, got, total, 1), VS_ERR_RANGE);
            sums[spoiled] -= 1;
            free(total);
            naive_pack(plan, bits, degree, sums, 1, &total);
            assert_int_equal(unpack_all(&layout, got, total, 1), VS_OK);
            free(total);
        }
        free(sums);
        free(got);
        vs_layout_free(&layout);
        made_plan_free(plan);
    }
}

static void a_bit_outside_the_slots_is_refused(void **state) {
    (void)state;
    vs_plan *plan = made_vector_plan(250, 0, 1023, 1000);
    vs_layout layout = make_layout(plan, 2048, 2);
    size_t n = (size_t)plan->cell_count;
    vs_int128 *cells = calloc(n, sizeof *cells), *got = calloc(n, sizeof *got);
    made_random_cells(plan, cells);
    uint8_t *packed = pack_in_runs(&layout, cells);
    /* The counter and the elements of the first digit; the same of the second, without a counter; the third is not
     * full. */
    unsigned width = plan->components[0].width, counter = 10;
    unsigned fits = (2047 - counter) / width,
             used[] = {counter + fits * width, 2047 / width * width, (250 - fits - 2047 / width) * width, 0};
    assert_int_equal(layout.plaintext_count, 2);
    for (size_t digit = 0; digit < 4; digit++) {
        for (unsigned bit = used[digit]; bit < 2048; bit++) {
            packed[digit * 256 + bit / 8] ^= (uint8_t)(1u << bit % 8);
            assert_int_equal(unpack_all(&layout, got, packed, 1), VS_ERR_RANGE);
            packed[digit * 256 + bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
    }
    assert_int_equal(unpack_all(&layout, got, packed, 1), VS_OK);
    free(packed);
    free(cells);
    free(got);
    vs_layout_free(&layout);
    made_plan_free(plan);
}

static uint64_t vector_plaintexts(uint64_t length, unsigned degree) {
    /* 40-bit slots: elements of 30 bits, a thousand contributors. */
    vs_plan *plan = made_vector_plan(length, 0, ((vs_int128)1 << 30) - 1, 1000);
    assert_int_equal(plan->components[0].width, 40);
    vs_layout layout = make_layout(plan, 3072, degree);
    uint64_t count = layout.plaintext_count;
    vs_layout_free(&layout);
    made_plan_free(plan);
    return count;
}

static void forty_bit_slots_fill_a_3072_bit_key(void **state) {
    (void)state;
    assert_int_equal(vector_plaintexts(76, 1), 1);
    assert_int_equal(vector_plaintexts(77, 1), 2);
    assert_int_equal(vector_plaintexts(228, 3), 1);
    assert_int_equal(vector_plaintexts(229, 3), 2);
    assert_int_equal(vector_plaintexts(76000, 1), 1000);
    assert_int_equal(vector_plaintexts(76001, 1), 1001);
}

static void blocks_cover_all_plaintexts_once(void **state) {
    (void)state;
    for (int round = 0; round < 100; round++) {
        vs_plan *plan = made_random_plan();
        vs_layout layout = make_layout(plan, all_bits[test_below(3)], 1 + (unsigned)test_below(4));
        uint64_t first, count, next = 0;
        for (uint64_t g = 0; g < plan->group_count; g++) {
            for (unsigned k = g == 0 ? 0 : 1; k < plan->class_count; k++) {
                vs_layout_block(&layout, g, k, &first, &count);
                assert_int_equal(first, next);
                next += count;
            }
        }
        assert_int_equal(next, layout.plaintext_count);
        vs_layout_free(&layout);
        made_plan_free(plan);
    }
}

/* What a group's block is opened to depends on that group alone: another cell changes no plaintext of it. */
static void a_cell_of_a_class_touches_only_its_groups_block(void **state) {
    (void)state;
    for (int round = 0; round < 100; round++) {
        vs_plan *plan = made_random_plan();
        vs_layout layout = make_layout(plan, all_bits[test_below(3)], 1 + (unsigned)test_below(4));
        size_t bytes = layout.degree * layout.digit_bytes, n = (size_t)plan->cell_count;
        vs_int128 *cells = calloc(n, sizeof *cells);
        made_random_cells(plan, cells);
        size_t cell = 1 + (size_t)test_below(n - 1), member = (cell - 1) % plan->component_count;
        const vs_component *c = &plan->components[member];
        uint64_t first, count;
        uint8_t *before = pack_in_runs(&layout, cells);
        cells[cell] = cells[cell] == c->low ? c->high : c->low;
        uint8_t *after = pack_in_runs(&layout, cells);
        vs_layout_block(&layout, (cell - 1) / plan->component_count, c->block_class, &first, &count);
        for (uint64_t i = 0; i < layout.plaintext_count; i++) {
            if (i < first || i >= first + count) {
                assert_memory_equal(before + i * bytes, after + i * bytes, bytes);
            }
        }
        assert_int_equal(memcmp(before, after, (size_t)layout.plaintext_count * bytes) == 0, c->low == c->high);
        free(before);
        free(after);
        free(cells);
        vs_layout_free(&layout);
        made_plan_free(plan);
    }
}

static void a_block_unpacks_in_pieces_as_in_one(void **state) {
    (void)state;
    vs_plan *plan = made_vector_plan(1000, -500, 500, 1000);
    vs_layout layout = make_layout(plan, 2048, 1);
    vs_int128 *cells = calloc(1001, sizeof *cells), *got = calloc(1001, sizeof *got);
    made_random_cells(plan, cells);
    uint8_t *packed = pack_in_runs(&layout, cells);
    vs_pack_cursor cursor = {.block = vs_layout_block_number(&layout, 0, 0)};
    for (uint64_t done = 0; done < layout.plaintext_count; done++) {
        assert_int_equal(vs_unpack_next(&layout, &cursor, got, packed + done * 256, 1, 1, NULL), VS_OK);
    }
    assert_memory_equal(got, cells, 1001 * sizeof *cells);
    free(packed);
    free(cells);
    free(got);
    vs_layout_free(&layout);
    made_plan_free(plan);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packing_equals_putting_bits_one_by_one),
        cmocka_unit_test(sums_of_plaintexts_unpack_to_sums_of_cells),
        cmocka_unit_test(the_largest_and_the_smallest_total_fit),
        cmocka_unit_test(a_slot_above_its_range_is_refused),
        cmocka_unit_test(a_bit_outside_the_slots_is_refused),
        cmocka_unit_test(forty_bit_slots_fill_a_3072_bit_key),
        cmocka_unit_test(blocks_cover_all_plaintexts_once),
        cmocka_unit_test(a_cell_of_a_class_touches_only_its_groups_block),
        cmocka_unit_test(a_block_unpacks_in_pieces_as_in_one),
    };
    test_seed();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
