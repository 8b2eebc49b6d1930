/* The smallest degree and threshold that are good enough: tails of hypergeometric distributions, rounded upwards.
 *
 * A probability is kept as mantissa · 2^exponent with 64 bits of mantissa, and every step rounds up, so that what comes
 * out is never below the truth and above it by far less than a bit; no floating point, so it is the same on every
 * machine.
 */
#include "aggregate/protocol/graph.h"

typedef unsigned __int128 wide;

/* mantissa in [2^63, 2^64), or 0. */
typedef struct upper {
    uint64_t mantissa;
    int exponent;
} upper;

static const upper one = {UINT64_C(1) << 63, -63};

/* The least such number that is not below p · 2^exponent. */
static upper normal(wide p, int exponent) {
    if (p == 0) {
        return (upper){0, 0};
    }
    while (p >> 64 != 0) {
        p = (p >> 1) + (p & 1);
        exponent++;
    }
    while ((uint64_t)p >> 63 == 0) {
        p <<= 1;
        exponent--;
    }
    return (upper){(uint64_t)p, exponent};
}

/* x · u / v; u and v are below 2^36, and v is not 0. */
static upper scaled(upper x, uint64_t u, uint64_t v) {
    wide p = ((wide)x.mantissa * u) << 28, q = p / v;
    return normal(q + (q * v != p), x.exponent - 28);
}

static upper sum(upper a, upper b) {
    if (a.mantissa == 0 || b.mantissa == 0) {
        return a.mantissa == 0 ? b : a;
    }
    if (a.exponent < b.exponent) {
        upper swap = a;
        a = b;
        b = swap;
    }
    int shift = a.exponent - b.exponent;
    uint64_t low = shift > 63 ? 1 : (b.mantissa >> shift) + ((b.mantissa >> shift) << shift != b.mantissa);
    return normal((wide)a.mantissa + low, a.exponent);
}

static bool at_most(upper x, unsigned bits) {
    return x.mantissa == 0 || x.exponent + 63 < -(int)bits ||
           (x.exponent + 63 == -(int)bits && x.mantissa == UINT64_C(1) << 63);
}

/* An urn of `all` balls, `marked` of them marked; `drawn` are drawn. */
typedef struct urn {
    uint64_t all, marked, drawn;
} urn;

/* Pr[exactly x are marked], where that is possible: C(drawn, x) · Π (marked − i)/(all − i) · Π (rest − j)/(all − x −
 * j).
 */
static upper exactly(const urn *u, uint64_t x) {
    upper p = one;
    for (uint64_t i = 0; i < x; i++) {
        p = scaled(p, u->drawn - i, i + 1);
        p = scaled(p, u->marked - i, u->all - i);
    }
    for (uint64_t j = 0; j < u->drawn - x; j++) {
        p = scaled(p, u->all - u->marked - j, u->all - x - j);
    }
    return p;
}

/* Pr[at least x are marked]. */
static upper tail(const urn *u, uint64_t x) {
    uint64_t rest = u->all - u->marked;
    uint64_t least = u->drawn > rest ? u->drawn - rest : 0, most = u->drawn < u->marked ? u->drawn : u->marked;
    if (x <= least) {
        return one;
    }
    if (x > most) {
        return (upper){0, 0};
    }
    upper p = exactly(u, x), all = p;
    for (; x < most; x++) {
        p = scaled(p, (u->marked - x) * (u->drawn - x), (x + 1) * (rest - u->drawn + x + 1));
        all = sum(all, p);
    }
    return all;
}

/* An owner learns too much from `threshold` corrupt neighbours, or from as many as give both kinds of shares. */
static bool is_secure(const vs_graph_crowd *crowd, const vs_graph_size *size, bool curious) {
    uint64_t t = size->threshold, k = size->degree;
    if (!curious && 2 * t <= k) {
        return false;
    }
    const urn neighbours = {crowd->owners - 1, crowd->corrupt, k};
    return at_most(scaled(tail(&neighbours, curious ? t : 2 * t - k), crowd->owners, 1), VS_GRAPH_SECURITY);
}

static bool is_reachable(const vs_graph_crowd *crowd, const vs_graph_size *size) {
    const urn neighbours = {crowd->owners - 1, crowd->absent, size->degree};
    upper lost = tail(&neighbours, size->degree - size->threshold + 1);
    return at_most(scaled(lost, crowd->owners, 1), VS_GRAPH_FAILURE);
}

/* Honest owners who stay must hang together, or the sum of a part of them shows. Two cuts of degree/2 owners in a row
 * part the circle, so all of `degree` certain owners must be gone, for one of fewer than owners² / 2 pairs of cuts. */
static bool is_connected(const vs_graph_crowd *crowd, const vs_graph_size *size) {
    uint64_t gone = (uint64_t)crowd->corrupt + crowd->absent, owners = crowd->owners;
    gone = gone < owners ? gone : owners;
    const urn cut = {owners, gone, size->degree};
    upper p = tail(&cut, size->degree);
    return at_most(scaled(scaled(p, owners, 2), owners, 1), VS_GRAPH_SECURITY);
}

/* The threshold that a degree needs never falls as the degree grows, so both are looked for in one go. */
static bool smallest(vs_graph_size *size, const vs_graph_crowd *crowd, bool curious) {
    *size = (vs_graph_size){.threshold = 1};
    for (size->degree = 2; size->degree < crowd->owners && size->degree < 255; size->degree += 2) {
        while (size->threshold <= size->degree && !is_secure(crowd, size, curious)) {
            size->threshold++;
        }
        if (size->threshold <= size->degree && is_reachable(crowd, size) && is_connected(crowd, size)) {
            return true;
        }
    }
    return false;
}

bool vs_graph_sparse(vs_graph_size *size, const vs_graph_crowd *crowd) {
    return smallest(size, crowd, false);
}

bool vs_graph_sparse_curious(vs_graph_size *size, const vs_graph_crowd *crowd) {
    return smallest(size, crowd, true);
}

vs_status vs_graph_measure(vs_graph_size *size, const vs_graph_crowd *crowd, vs_error *error) {
    if (crowd->owners > VS_GRAPH_COMPLETE && vs_graph_sparse(size, crowd)) {
        return VS_OK;
    }
    if (crowd->owners >= 2 && crowd->owners <= 255) {
        *size = (vs_graph_size){crowd->owners - 1, 2 * crowd->owners / 3 + 1, true};
        return VS_OK;
    }
    vs_fail(error, VS_ERR_RANGE, "%u owners, %u of them corrupt and %u absent: no graph of masks is good enough",
            crowd->owners, crowd->corrupt, crowd->absent);
    vs_hint(error, "lower what the plan's opening tolerates: 'corrupt' and 'absent'");
    return VS_ERR_RANGE;
}
