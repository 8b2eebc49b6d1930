/* What the suite of random sequences works on: a plan with a roster, every contribution that an owner can make, totals
 * with the sums that they must open to. All of it is made once; a total stands for its contributions, whose bytes never
 * change. */
#ifndef VEILSUM_TESTS_TRUST_MODEL_H
#define VEILSUM_TESTS_TRUST_MODEL_H

#include "aggregate/ledger/audit.h"
#include "aggregate/opening/book.h"
#include "cast.h"
#include "memory_folder.h"

#define PERIODS 2u
#define VERSIONS 2u /* of an owner's contribution to a period: 1, 2; 0 is none */
#define SETS 243u   /* (VERSIONS + 1)^OWNER_COUNT */
#define USES 3u
#define NOVEMBER 1794268800 /* 2026-11-10 */
#define DECEMBER 1796860800 /* 2026-12-10, when the plan is over */

static const char *const periods[PERIODS] = {"2026-10", "2026-11"};
/* As the plan lists them, a bit an owner. */
static const unsigned listed_sets[] = {0x03, 0x0f};
#define PLAN_TERMS                                                                                                     \
    ",\"sets\":{\"two\":[\"ORANGE\",\"ROUEN\"],\"four\":[\"two\",\"ÉVREUX\",\"BREST\"]},"                             \
    "\"valid\":{\"until\":\"2026-11-30\",\"uses\":3}"

/* Which version of each owner's contribution a total holds. */
typedef struct version_set {
    unsigned of[OWNER_COUNT];
} version_set;

typedef struct known_total {
    blob data;
    vs_total *total; /* NULL where it holds too few to be read as one */
    vs_opened opened;
    bool is_opened;
} known_total;

typedef struct trust_world {
    vs_secret_key *secret;
    const vs_public_key *key;
    cast people;
    vs_identity *keeper;
    vs_plan *plan;
    blob contributions[PERIODS][OWNER_COUNT][VERSIONS];
    vs_int128 *cells[PERIODS][OWNER_COUNT][VERSIONS];
    blob outsiders[PERIODS], unsigned_ones[PERIODS][OWNER_COUNT], altered[PERIODS][OWNER_COUNT];
    known_total totals[PERIODS][SETS];
} trust_world;

static trust_world world;

/* A contribution as somebody would make it who asks no roster. */
static inline blob contribute_forced(const vs_identity *signer, const char *name, const char *period) {
    vs_plan without = *world.plan;
    vs_cells *cells = read_table(world.plan, "D,X,Y\na,5,6\n");
    vs_memory_sink memory = {0};
    vs_sink sink = vs_memory_sink_open(&memory, "memory");
    const vs_contribution_request request = {.name = name, .period = period, .signer = signer};
    without.party_count = 0;
    assert_int_equal(vs_contribute_from(&without, world.key, cells, &request, &sink, NULL, NULL), VS_OK);
    vs_cells_free(cells);
    return (blob){memory.data, memory.len};
}

static inline void make_contribution(unsigned period, unsigned owner, unsigned version) {
    char table[4096];
    vs_memory_sink memory = {0};
    vs_sink sink = vs_memory_sink_open(&memory, "memory");
    const vs_contribution_request request = {.period = periods[period], .signer = world.people.owners[owner]};
    size_t bytes = (size_t)world.plan->cell_count * sizeof(vs_int128);
    random_table(table, 1 + (unsigned)test_below(30), 3);
    vs_cells *cells = read_table(world.plan, table);
    assert_int_equal(vs_contribute_from(world.plan, world.key, cells, &request, &sink, NULL, NULL), VS_OK);
    world.contributions[period][owner][version - 1] = (blob){memory.data, memory.len};
    world.cells[period][owner][version - 1] = malloc(bytes);
    memcpy(world.cells[period][owner][version - 1], vs_cells_values(cells), bytes);
    vs_cells_free(cells);
}

static inline int trust_world_new(void **state) {
    (void)state;
    assert_int_equal(vs_secret_setup(), VS_OK);
    world.secret = fixture_key("k2048");
    world.key = vs_secret_key_public(world.secret);
    cast_make(&world.people);
    world.keeper = make_identity("KEEPER");
    world.plan = roster_plan(world.key, &world.people, PLAN_TERMS);
    for (unsigned p = 0; p < PERIODS; p++) {
        world.outsiders[p] = contribute_forced(world.people.stranger, NULL, periods[p]);
        for (unsigned o = 0; o < OWNER_COUNT; o++) {
            make_contribution(p, o, 1);
            make_contribution(p, o, 2);
            world.unsigned_ones[p][o] = contribute_forced(NULL, owner_names[o], periods[p]);
            world.altered[p][o] = blob_copy(&world.contributions[p][o][0]);
            first_ciphertext(&world.altered[p][o])[7] ^= 4;
        }
    }
    return 0;
}

static inline void known_total_free(known_total *known) {
    vs_opened_clear(&known->opened);
    vs_total_free(known->total);
    free(known->data.data);
}

static inline int trust_world_free(void **state) {
    (void)state;
    for (unsigned p = 0; p < PERIODS; p++) {
        for (unsigned set = 0; set < SETS; set++) {
            known_total_free(&world.totals[p][set]);
        }
        for (unsigned o = 0; o < OWNER_COUNT; o++) {
            for (unsigned v = 0; v < VERSIONS; v++) {
                free(world.contributions[p][o][v].data);
                free(world.cells[p][o][v]);
            }
            free(world.unsigned_ones[p][o].data);
            free(world.altered[p][o].data);
        }
        free(world.outsiders[p].data);
    }
    vs_plan_free(world.plan);
    vs_identity_free(world.keeper);
    cast_free(&world.people);
    vs_secret_key_free(world.secret);
    return 0;
}

/* ---- sets ---- */

static inline unsigned number_of_set(const version_set *set) {
    unsigned number = 0;
    for (unsigned o = 0; o < OWNER_COUNT; o++) {
        number = number * (VERSIONS + 1) + set->of[o];
    }
    return number;
}

static inline version_set set_of_number(unsigned number) {
    version_set set;
    for (unsigned o = OWNER_COUNT; o-- > 0; number /= VERSIONS + 1) {
        set.of[o] = number % (VERSIONS + 1);
    }
    return set;
}

static inline unsigned owners_of(const version_set *set) {
    unsigned bits = 0;
    for (unsigned o = 0; o < OWNER_COUNT; o++) {
        bits |= (unsigned)(set->of[o] > 0) << o;
    }
    return bits;
}

static inline unsigned count_owners(const version_set *set) {
    return (unsigned)__builtin_popcount(owners_of(set));
}

static inline bool is_listed(unsigned owners) {
    return owners == listed_sets[0] || owners == listed_sets[1];
}

static inline bool go_together(unsigned a, unsigned b) {
    return (a & b) == 0 || (a != b && is_listed(a) && is_listed(b));
}

/* ---- totals ---- */

/* What combining this set has given: the first time it is kept, later it must be the same bytes. */
static inline known_total *know_total(unsigned period, unsigned set, blob data) {
    known_total *known = &world.totals[period][set];
    if (known->data.data != NULL) {
        assert_int_equal(known->data.len, data.len);
        assert_memory_equal(known->data.data, data.data, data.len);
        free(data.data);
        return known;
    }
    version_set members = set_of_number(set);
    vs_memory_source memory;
    vs_source source = vs_memory_source_open(&memory, "total.vs", data.data, data.len);
    known->data = data;
    assert_int_equal(vs_total_read(&known->total, world.plan, world.key, &source, NULL),
                     count_owners(&members) < 2 ? VS_ERR_POLICY : VS_OK);
    return known;
}

/* Opened with the key, it is the exact sums of what it holds. */
static inline void open_and_compare(unsigned period, unsigned set) {
    known_total *known = &world.totals[period][set];
    version_set members = set_of_number(set);
    size_t count = (size_t)world.plan->cell_count;
    if (known->is_opened) { /* the same bytes under the same key */
        return;
    }
    vs_int128 *sums = calloc(count, sizeof *sums);
    for (unsigned o = 0; o < OWNER_COUNT; o++) {
        for (size_t i = 0; members.of[o] > 0 && i < count; i++) {
            sums[i] += world.cells[period][o][members.of[o] - 1][i];
        }
    }
    assert_int_equal(vs_total_open_with_key(&known->opened, known->total, world.secret, NULL, NULL), VS_OK);
    assert_int_equal(known->opened.contributions, count_owners(&members));
    assert_memory_equal(known->opened.cells, sums, count * sizeof *sums);
    known->is_opened = true;
    free(sums);
}

#endif
