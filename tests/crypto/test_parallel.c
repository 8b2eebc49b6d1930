#include "tests/support.h"

#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/parallel.h"
#include "crypto/processors.h"

#define MAX_ITEMS 1000

typedef struct job {
    atomic_int visits[MAX_ITEMS];
    size_t grain;
    size_t fail_from, fail_to; /* runs that begin here fail, with a status that tells where */
    atomic_int too_long;
} job;

static vs_status visit(void *context, size_t first, size_t count) {
    job *j = context;
    if (count == 0 || count > j->grain) {
        atomic_store(&j->too_long, 1);
    }
    for (size_t i = first; i < first + count; i++) {
        atomic_fetch_add(&j->visits[i], 1);
    }
    return first >= j->fail_from && first < j->fail_to ? (vs_status)(-1000 - (int)first) : VS_OK;
}

static void reset(job *j, size_t grain) {
    memset(j, 0, sizeof *j);
    j->grain = grain;
    j->fail_from = j->fail_to = MAX_ITEMS;
}

static void every_item_is_visited_once(void **state) {
    (void)state;
    static job j;
    static const size_t counts[] = {0, 1, 2, 7, 8, 9, 100, MAX_ITEMS}, grains[] = {1, 3, 8, 1000, SIZE_MAX};
    for (size_t threads = 1; threads <= 5; threads++) {
        vs_parallel_set_threads(threads);
        for (size_t a = 0; a < sizeof counts / sizeof *counts; a++) {
            for (size_t b = 0; b < sizeof grains / sizeof *grains; b++) {
                reset(&j, grains[b]);
                assert_int_equal(vs_parallel_for(counts[a], grains[b], visit, &j), VS_OK);
                assert_int_equal(j.too_long, 0);
                for (size_t i = 0; i < MAX_ITEMS; i++) {
                    assert_int_equal(j.visits[i], i < counts[a]);
                }
            }
        }
    }
}

static void the_lowest_failure_wins_and_all_before_it_is_done(void **state) {
    (void)state;
    static job j;
    for (unsigned round = 0; round < 200; round++) {
        size_t grain = 1 + (size_t)test_below(5), runs = (MAX_ITEMS + grain - 1) / grain;
        size_t failing = (size_t)test_below(runs) * grain;
        vs_parallel_set_threads(1 + (size_t)test_below(6));
        reset(&j, grain);
        j.fail_from = failing;
        assert_int_equal(vs_parallel_for(MAX_ITEMS, grain, visit, &j), -1000 - (int)failing);
        for (size_t i = 0; i < failing; i++) {
            assert_int_equal(j.visits[i], 1);
        }
    }
}

typedef struct nest {
    job *inner;
    atomic_int failures;
} nest;

static vs_status visit_nested(void *context, size_t first, size_t count) {
    nest *n = context;
    for (size_t i = first; i < first + count; i++) {
        if (vs_parallel_for(100, 7, visit, &n->inner[i]) != VS_OK) {
            atomic_fetch_add(&n->failures, 1);
        }
    }
    return VS_OK;
}

static void a_batch_inside_a_batch_works(void **state) {
    (void)state;
    static job inner[8];
    nest n = {.inner = inner};
    for (size_t i = 0; i < 8; i++) {
        reset(&inner[i], 7);
    }
    vs_parallel_set_threads(4);
    assert_int_equal(vs_parallel_for(8, 1, visit_nested, &n), VS_OK);
    assert_int_equal(n.failures, 0);
    for (size_t i = 0; i < 8; i++) {
        for (size_t k = 0; k < 100; k++) {
            assert_int_equal(inner[i].visits[k], 1);
        }
    }
}

static void there_is_always_a_thread(void **state) {
    (void)state;
    vs_parallel_set_threads(3);
    assert_int_equal(vs_parallel_threads(), 3);
    vs_parallel_set_threads(SIZE_MAX);
    assert_in_range(vs_parallel_threads(), 1, 1 << 20);
    vs_parallel_set_threads(0);
    assert_int_equal(vs_parallel_threads(), vs__processors());
    assert_in_range(vs__processors(), 1, (unsigned long)sysconf(_SC_NPROCESSORS_CONF));
}

/* ---- quotas, in a tree of control groups made for the purpose ---- */

static char mount[] = P_tmpdir "/veilsum-test-XXXXXX";

static void write_file(const char *name, const char *text) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s", mount, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static const char *const folders[] = {"a", "a/b", "a/b/c", "cpu,cpuacct", "cpu,cpuacct/x", "memory"};
static const char *const files[] = {"cpu.max",
                                    "a/cpu.max",
                                    "a/b/cpu.max",
                                    "cpu,cpuacct/cpu.cfs_quota_us",
                                    "cpu,cpuacct/cpu.cfs_period_us",
                                    "cpu,cpuacct/x/cpu.cfs_quota_us",
                                    "cpu,cpuacct/x/cpu.cfs_period_us"};

static int make_groups(void **state) {
    (void)state;
    char path[256];
    if (mkdtemp(mount) == NULL) {
        return -1;
    }
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        snprintf(path, sizeof path, "%s/%s", mount, folders[i]);
        if (mkdir(path, 0700) != 0) {
            return -1;
        }
    }
    return 0;
}

static int remove_groups(void **state) {
    (void)state;
    char path[256];
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(path, sizeof path, "%s/%s", mount, files[i]);
        unlink(path);
    }
    for (size_t i = sizeof folders / sizeof *folders; i-- > 0;) {
        snprintf(path, sizeof path, "%s/%s", mount, folders[i]);
        rmdir(path);
    }
    return rmdir(mount);
}

static void the_smallest_quota_on_the_way_up_counts_rounded_up(void **state) {
    (void)state;
    assert_int_equal(vs__processor_quota("0::/a/b/c\n", mount), 0);
    write_file("a/cpu.max", "max 100000\n");
    assert_int_equal(vs__processor_quota("0::/a/b/c\n", mount), 0);
    write_file("a/b/cpu.max", "350000 100000\n");
    assert_int_equal(vs__processor_quota("0::/a/b/c\n", mount), 4);
    assert_int_equal(vs__processor_quota("0::/a\n", mount), 0);
    write_file("a/cpu.max", "200000 100000\n");
    assert_int_equal(vs__processor_quota("0::/a/b/c\n", mount), 2);
    assert_int_equal(vs__processor_quota("0::/a/b/c", mount), 2);
    write_file("cpu.max", "1 100000\n");
    assert_int_equal(vs__processor_quota("0::/a/b/c\n", mount), 1);
    assert_int_equal(vs__processor_quota("0::/not/there\n", mount), 1);
    assert_int_equal(vs__processor_quota("0::/\n", mount), 1);
    write_file("cpu.max", "max 100000\n");
}

static void the_first_version_of_control_groups_is_read_too(void **state) {
    (void)state;
    write_file("cpu,cpuacct/cpu.cfs_quota_us", "-1\n");
    write_file("cpu,cpuacct/cpu.cfs_period_us", "100000\n");
    assert_int_equal(vs__processor_quota("4:cpu,cpuacct:/x\n", mount), 0);
    write_file("cpu,cpuacct/x/cpu.cfs_quota_us", "250000\n");
    write_file("cpu,cpuacct/x/cpu.cfs_period_us", "100000\n");
    assert_int_equal(vs__processor_quota("12:memory:/x\n4:cpu,cpuacct:/x\n1:name=systemd:/\n", mount), 3);
    assert_int_equal(vs__processor_quota("4:cpuset:/x\n", mount), 0);
}

static void nonsense_is_no_quota(void **state) {
    (void)state;
    static const char *const texts[] = {"", "\n\n", "0", "0:", "::", "cpu", "4:cpu,cpuacct", ":::::\n", "0::\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_int_equal(vs__processor_quota(texts[i], "/nowhere/at/all"), 0);
    }
    write_file("a/b/cpu.max", "-5 100000\n");
    write_file("a/cpu.max", "7 0\n");
    write_file("cpu.max", "all of them\n");
    assert_int_equal(vs__processor_quota("0::/a/b/c\n", mount), 0);
}

int main(void) {
    test_seed();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_item_is_visited_once),
        cmocka_unit_test(the_lowest_failure_wins_and_all_before_it_is_done),
        cmocka_unit_test(a_batch_inside_a_batch_works),
        cmocka_unit_test(there_is_always_a_thread),
        cmocka_unit_test(the_smallest_quota_on_the_way_up_counts_rounded_up),
        cmocka_unit_test(the_first_version_of_control_groups_is_read_too),
        cmocka_unit_test(nonsense_is_no_quota),
    };
    return cmocka_run_group_tests(tests, make_groups, remove_groups);
}
