#include "bench/machine.h"

#include <gmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bandwidth.h"
#include "bench/measure.h"
#include "bench/peak.h"
#include "crypto/parallel.h"

static void find_processor(char *out, size_t len) {
    char line[512];
    FILE *file = fopen("/proc/cpuinfo", "r");
    snprintf(out, len, "unknown");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "model name", 10) == 0 && strchr(line, ':') != NULL) {
            line[strcspn(line, "\n")] = 0;
            snprintf(out, len, "%s", strchr(line, ':') + 1 + strspn(strchr(line, ':') + 1, " "));
            break;
        }
    }
    if (file != NULL) {
        fclose(file);
    }
}

static double find_peak(void) {
    if (!peak_available()) {
        return 0;
    }
    const timing t = {.run = peak_run, .batch = 1u << 20, .threads = 1};
    return 1 / measure(&t, 0.3).time.min;
}

machine machine_look(void) {
    machine m = {.threads = vs_parallel_threads()};
    find_processor(m.processor, sizeof m.processor);
#if defined(__clang__)
    snprintf(m.compiler, sizeof m.compiler, "clang %s", __clang_version__);
#else
    snprintf(m.compiler, sizeof m.compiler, "gcc %s", __VERSION__);
#endif
    snprintf(m.gmp, sizeof m.gmp, "%s", gmp_version);
    if (getloadavg(&m.load, 1) != 1) {
        m.load = 0;
    }
    m.peak = find_peak();
    m.bandwidth_one = memory_bandwidth(1);
    m.bandwidth_all = m.threads > 1 ? memory_bandwidth(m.threads) : m.bandwidth_one;
    return m;
}
