/* How many requests an address may send: a bucket of tokens for each, in a table of fixed size. An IPv6 address counts
 * as its network of 64 bits, which is what one subscriber has. */
#ifndef VEILSUM_CLI_TRANSPORT_SERVER_LIMITS_H
#define VEILSUM_CLI_TRANSPORT_SERVER_LIMITS_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#define VS_BUCKETS 8192u
#define VS_BUCKET_WAYS 8u
#define VS_BURST_S 5u

typedef struct vs_bucket {
    uint8_t address[9]; /* family, then four or eight bytes */
    bool used;
    int64_t at_ms;
    uint64_t thousandths; /* of a request */
} vs_bucket;

typedef struct vs_rate_limit {
    pthread_mutex_t mutex;
    unsigned per_s;
    uint64_t key; /* so that nobody outside chooses who shares a place in the table */
    vs_bucket buckets[VS_BUCKETS];
} vs_rate_limit;

void vs__rate_init(vs_rate_limit *limit, unsigned per_s, uint64_t key);
void vs__rate_clear(vs_rate_limit *limit);
/** May this address send a request now? */
bool vs__rate_take(vs_rate_limit *limit, const struct sockaddr *from, int64_t now_ms);

/** Is it an address that only this machine reaches? */
bool vs__is_loopback(const struct sockaddr *address);

#endif
