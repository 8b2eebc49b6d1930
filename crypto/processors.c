#include "crypto/processors.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The kernel refuses a mask that is too short for its machine, so a refused one is doubled. */
bool vs__processors_allowed(vs__processor_set *allowed) {
    for (size_t processors = 1024; processors <= (1u << 20); processors *= 2) {
        allowed->bytes = CPU_ALLOC_SIZE(processors);
        allowed->set = CPU_ALLOC(processors);
        if (allowed->set == NULL || sched_getaffinity(0, allowed->bytes, allowed->set) == 0) {
            return allowed->set != NULL;
        }
        int too_short = errno == EINVAL;
        vs__processors_clear(allowed);
        if (!too_short) {
            return false;
        }
    }
    return false;
}

void vs__processors_clear(vs__processor_set *allowed) {
    CPU_FREE(allowed->set);
    allowed->set = NULL;
}

static size_t affinity(void) {
    vs__processor_set allowed;
    if (!vs__processors_allowed(&allowed)) {
        return 1;
    }
    int count = CPU_COUNT_S(allowed.bytes, allowed.set);
    vs__processors_clear(&allowed);
    return count > 0 ? (size_t)count : 1;
}

/* The beginning of a small file, as a string; empty where it cannot be read. */
static void read_text(const char *path, char *text, size_t cap) {
    FILE *file = fopen(path, "re");
    size_t len = file == NULL ? 0 : fread(text, 1, cap - 1, file);
    text[len] = '\0';
    if (file != NULL) {
        fclose(file);
    }
}

/* quota / period rounded up, or 0 where the group has none ("max" in version 2, −1 in version 1). */
static size_t whole_processors(long long quota, long long period) {
    return quota > 0 && period > 0 ? (size_t)((quota - 1) / period + 1) : 0;
}

static size_t quota_v2(const char *folder) {
    char path[4096 + 64], text[64];
    long long quota = 0, period = 0;
    snprintf(path, sizeof path, "%s/cpu.max", folder);
    read_text(path, text, sizeof text);
    return sscanf(text, "%lld %lld", &quota, &period) == 2 ? whole_processors(quota, period) : 0;
}

static size_t quota_v1(const char *folder) {
    char path[4096 + 64], text[64];
    long long quota = 0, period = 0;
    snprintf(path, sizeof path, "%s/cpu.cfs_quota_us", folder);
    read_text(path, text, sizeof text);
    int known = sscanf(text, "%lld", &quota);
    snprintf(path, sizeof path, "%s/cpu.cfs_period_us", folder);
    read_text(path, text, sizeof text);
    return known == 1 && sscanf(text, "%lld", &period) == 1 ? whole_processors(quota, period) : 0;
}

/* The smallest quota of a group and its parents, up to the mount itself. Inside a container the path may be the host's
 * and not be there at all: the walk then ends at the mount, which is the container's own group. */
static size_t smallest(const char *mount, const char *group, size_t group_len, size_t (*quota)(const char *folder)) {
    char folder[4096];
    size_t found = 0, mount_len = strlen(mount);
    if (mount_len + group_len + 1 > sizeof folder) {
        return 0;
    }
    memcpy(folder, mount, mount_len);
    memcpy(folder + mount_len, group, group_len);
    for (size_t len = mount_len + group_len;;) {
        folder[len] = '\0';
        size_t here = quota(folder);
        if (here != 0 && (found == 0 || here < found)) {
            found = here;
        }
        if (len <= mount_len) {
            return found;
        }
        do {
            len--;
        } while (len > mount_len && folder[len] != '/');
    }
}

/* Does the list "cpu,cpuacct" name the cpu controller? */
static int names_cpu(const char *list, size_t len) {
    for (const char *end = list + len; list < end;) {
        const char *comma = memchr(list, ',', (size_t)(end - list));
        size_t word = (size_t)((comma == NULL ? end : comma) - list);
        if (word == 3 && memcmp(list, "cpu", 3) == 0) {
            return 1;
        }
        list += word + 1;
    }
    return 0;
}

/* One line "ID:CONTROLLERS:PATH" of the membership; version 2 has no controllers, version 1 a mount for each list of
 * them. */
static size_t quota_of_line(const char *line, size_t len, const char *mount) {
    const char *first = memchr(line, ':', len);
    const char *second = first == NULL ? NULL : memchr(first + 1, ':', len - (size_t)(first + 1 - line));
    if (second == NULL) {
        return 0;
    }
    const char *group = second + 1;
    size_t group_len = len - (size_t)(group - line), list_len = (size_t)(second - first - 1);
    if (list_len == 0) {
        return smallest(mount, group, group_len, quota_v2);
    }
    char controller[4096];
    int written =
        snprintf(controller, sizeof controller, "%s/%.*s", mount, (int)(list_len < 256 ? list_len : 256), first + 1);
    if (!names_cpu(first + 1, list_len) || written < 0 || (size_t)written >= sizeof controller) {
        return 0;
    }
    return smallest(controller, group, group_len, quota_v1);
}

size_t vs__processor_quota(const char *membership, const char *mount) {
    size_t found = 0;
    while (*membership != '\0') {
        size_t len = strcspn(membership, "\n");
        size_t here = quota_of_line(membership, len, mount);
        if (here != 0 && (found == 0 || here < found)) {
            found = here;
        }
        membership += len + (membership[len] == '\n');
    }
    return found;
}

size_t vs__processors_capped(size_t count) {
    char membership[16384];
    read_text("/proc/self/cgroup", membership, sizeof membership);
    size_t quota = vs__processor_quota(membership, "/sys/fs/cgroup");
    return quota != 0 && quota < count ? quota : count;
}

size_t vs__processors(void) {
    return vs__processors_capped(affinity());
}
