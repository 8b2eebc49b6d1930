#include "cli/transport/server_limits.h"

#include <netinet/in.h>
#include <string.h>

void vs__rate_init(vs_rate_limit *limit, unsigned per_s, uint64_t key) {
    memset(limit->buckets, 0, sizeof limit->buckets);
    (void)pthread_mutex_init(&limit->mutex, NULL);
    limit->per_s = per_s;
    limit->key = key;
}

void vs__rate_clear(vs_rate_limit *limit) {
    (void)pthread_mutex_destroy(&limit->mutex);
}

/* The four bytes of an IPv4 address, also where it comes mapped into an IPv6 one. */
static const uint8_t *ipv4_of(const struct sockaddr *address) {
    if (address->sa_family == AF_INET) {
        return (const uint8_t *)&((const struct sockaddr_in *)(const void *)address)->sin_addr;
    }
    const struct in6_addr *six = &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
    return address->sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(six) ? six->s6_addr + 12 : NULL;
}

static void name_of(uint8_t name[9], const struct sockaddr *address) {
    const uint8_t *four = ipv4_of(address);
    memset(name, 0, 9);
    name[0] = four != NULL ? 4 : 6;
    if (four != NULL) {
        memcpy(name + 1, four, 4);
    } else if (address->sa_family == AF_INET6) {
        memcpy(name + 1, ((const struct sockaddr_in6 *)(const void *)address)->sin6_addr.s6_addr, 8);
    }
}

bool vs__is_loopback(const struct sockaddr *address) {
    const uint8_t *four = ipv4_of(address);
    return four != NULL ? four[0] == 127
                        : address->sa_family == AF_INET6 &&
                              IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)(const void *)address)->sin6_addr);
}

static size_t place_of(const uint8_t name[9], uint64_t key) {
    uint64_t hash = key;
    for (size_t i = 0; i < 9; i++) {
        hash = (hash ^ name[i]) * UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 29;
    }
    return (size_t)(hash % (VS_BUCKETS / VS_BUCKET_WAYS)) * VS_BUCKET_WAYS;
}

/* The bucket of this name, or else the one of its row that has rested longest. */
static vs_bucket *find(vs_rate_limit *limit, const uint8_t name[9], int64_t now_ms) {
    vs_bucket *row = &limit->buckets[place_of(name, limit->key)], *oldest = row;
    for (size_t i = 0; i < VS_BUCKET_WAYS; i++) {
        if (row[i].used && memcmp(row[i].address, name, sizeof row[i].address) == 0) {
            return &row[i];
        }
        if (!row[i].used || (oldest->used && row[i].at_ms < oldest->at_ms)) {
            oldest = &row[i];
        }
    }
    *oldest = (vs_bucket){.used = true, .at_ms = now_ms, .thousandths = (uint64_t)limit->per_s * VS_BURST_S * 1000};
    memcpy(oldest->address, name, sizeof oldest->address);
    return oldest;
}

bool vs__rate_take(vs_rate_limit *limit, const struct sockaddr *from, int64_t now_ms) {
    uint8_t name[9];
    uint64_t full = (uint64_t)limit->per_s * VS_BURST_S * 1000;
    name_of(name, from);
    (void)pthread_mutex_lock(&limit->mutex);
    vs_bucket *bucket = find(limit, name, now_ms);
    uint64_t passed = now_ms > bucket->at_ms ? (uint64_t)(now_ms - bucket->at_ms) : 0;
    uint64_t grown = passed > 1000 * VS_BURST_S ? full : bucket->thousandths + passed * limit->per_s;
    bucket->thousandths = grown < full ? grown : full;
    bucket->at_ms = now_ms;
    bool may = bucket->thousandths >= 1000;
    bucket->thousandths -= may ? 1000 : 0;
    (void)pthread_mutex_unlock(&limit->mutex);
    return may;
}
