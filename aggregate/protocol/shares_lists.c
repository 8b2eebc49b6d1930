/* Which owners are in: what the lists of all servers say alike. */
#include <stdlib.h>
#include <string.h>

#include "aggregate/protocol/shares_internal.h"
#include "crypto/guard.h"
#include "crypto/hash.h"

/* The entry of an owner; NULL: not in the list. */
static const vs__accepted *find(const vs__accepted *list, size_t count, uint32_t owner) {
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (list[middle].owner < owner) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < count && list[low].owner == owner ? &list[low] : NULL;
}

typedef enum verdict { ALIKE, MISSING, DIFFERING } verdict;

static verdict judge(const vs__lists *lists, size_t servers, const vs__accepted *entry) {
    verdict v = ALIKE;
    for (size_t i = 1; i < servers; i++) {
        const vs__accepted *other = find(lists->of[i], lists->counts[i], entry->owner);
        if (other == NULL) {
            v = v == ALIKE ? MISSING : v;
        } else if (!VS_GUARD(same_contribution_everywhere, memcmp(other->id, entry->id, VS_HASH_BYTES) == 0)) {
            v = DIFFERING;
        }
    }
    return v;
}

static void hash_owners(vs__lists *lists, const uint8_t sid[VS_HASH_BYTES]) {
    vs_hash hash;
    vs_hash_init(&hash, "veilsum shares list");
    vs_hash_field(&hash, sid, VS_HASH_BYTES);
    vs_hash_u64(&hash, lists->owner_count);
    for (size_t i = 0; i < lists->owner_count; i++) {
        vs_hash_u64(&hash, lists->owners[i].owner);
        vs_hash_field(&hash, lists->owners[i].id, VS_HASH_BYTES);
    }
    vs_hash_final(&hash, lists->id);
}

static vs_status intersect(vs__lists *lists, const vs_plan *plan, const uint8_t sid[VS_HASH_BYTES], vs_error *error) {
    size_t count = lists->counts[0];
    free(lists->owners);
    free(lists->differing);
    lists->owner_count = lists->differing_count = 0;
    lists->owners = malloc((count + 1) * sizeof *lists->owners);
    lists->differing = malloc((count + 1) * sizeof *lists->differing);
    if (lists->owners == NULL || lists->differing == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    for (size_t i = 0; i < count; i++) {
        const vs__accepted *entry = &lists->of[0][i];
        verdict v = judge(lists, plan->server_count, entry);
        if (v == ALIKE) {
            lists->owners[lists->owner_count++] = *entry;
        } else if (v == DIFFERING) {
            lists->differing[lists->differing_count++] = entry->owner;
        }
    }
    hash_owners(lists, sid);
    lists->complete = true;
    return VS_OK;
}

vs_status vs__lists_take(vs__lists *lists, const vs_plan *plan, const uint8_t sid[VS_HASH_BYTES],
                         const vs_message *message, vs_error *error) {
    size_t server = vs__share_server(plan, message->from);
    vs_status status = VS_OK;
    if (lists->of[server] == NULL) {
        status = vs__accepted_read(&lists->of[server], &lists->counts[server], plan, message, error);
        lists->here += status == VS_OK;
    }
    bool last = lists->here == plan->server_count && !lists->complete;
    return status == VS_OK && last ? intersect(lists, plan, sid, error) : status;
}

void vs__lists_clear(vs__lists *lists) {
    for (size_t i = 0; i < VS_MAX_SERVERS; i++) {
        free(lists->of[i]);
    }
    free(lists->owners);
    free(lists->differing);
    *lists = (vs__lists){.here = 0};
}

size_t vs__lists_missing(size_t *missing, const vs__lists *lists, const vs_plan *plan) {
    size_t count = 0;
    for (size_t i = 0; i < plan->server_count; i++) {
        if (lists->of[i] == NULL) {
            missing[count++] = plan->servers[i];
        }
    }
    return count;
}

vs_status vs__list_organisations(uint64_t *organisations, const vs_plan *plan, const vs__accepted *owners, size_t count,
                                 vs_error *error) {
    uint8_t *seen = calloc(plan->organisation_count + 1, 1);
    *organisations = 0;
    if (seen == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    for (size_t i = 0; i < count; i++) {
        uint8_t *of = &seen[plan->parties[owners[i].owner].organisation_index];
        *organisations += *of == 0;
        *of = 1;
    }
    free(seen);
    return VS_OK;
}
