/* Who takes part in a simulated session: a plan with a roster, identities that follow from the run's seed, and cells
 * that anybody can compute again. */
#ifndef VEILSUM_BENCH_PROTOCOL_CAST_H
#define VEILSUM_BENCH_PROTOCOL_CAST_H

#include "aggregate/protocol/keyed.h"
#include "bench/protocol.h"

/* Parties: owners first, then the servers, where owners do not serve, then the opener, where none of the owners opens.
 */
typedef struct cast {
    const protocol_settings *settings;
    vs_plan *plan;
    size_t parties;
    uint32_t first_server, servers, opener;
    vs_secret_key *sk; /* key */
} cast;

/** splitmix64's finaliser: numbers that look random, of a place. */
static inline uint64_t mixed(uint64_t z) {
    z += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

VS_MUST_CHECK vs_status cast_make(cast *c, const protocol_settings *settings, vs_error *error);
void cast_clear(cast *c);

/** A party's identity; freed by vs__identity_simulated_free. NULL: memory ran out. */
vs_identity *cast_identity(const cast *c, uint32_t party);
/** The seed of its session. */
void cast_seed(const cast *c, uint32_t party, uint8_t seed[VS_SEED_BYTES]);
unsigned cast_roles(const cast *c, uint32_t party);
static inline bool cast_is_server(const cast *c, uint32_t party) {
    return party >= c->first_server && party < c->first_server + c->servers;
}
static inline bool cast_is_owner(const cast *c, uint32_t party) {
    return party < c->settings->owners;
}

/** One number of an owner, as it goes into the sum. Where there are as many cells as owners each owner has one of its
 * own with a 1 in which all others have 0: a 2 there is a replay, and a 0 a loss. */
vs_int128 cast_cell(const cast *c, uint32_t owner, uint64_t index);
/** All cells of an owner, malloc'd; NULL: memory ran out. */
vs_int128 *cast_cells(const cast *c, uint32_t owner);

#endif
