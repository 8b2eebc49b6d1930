#include "crypto/placement.h"

#include <hwloc.h>
#include <stdbool.h>
#include <stdlib.h>

/* A core, of which at least one processing unit is allowed. */
typedef struct core {
    int node;       /* the memory that is local to it */
    size_t first;   /* of its allowed units, in `machine.units` */
    size_t units;   /* how many */
    size_t threads; /* that have been given to it */
} core;

/* What may be used of a machine, in hwloc's order, in which neighbours are close. */
typedef struct machine {
    unsigned *units; /* processing units by the system's numbers */
    core *cores;
    size_t unit_count, core_count;
} machine;

static void machine_clear(machine *m) {
    free(m->units);
    free(m->cores);
}

static int by_node(const void *a, const void *b) {
    const core *x = a, *y = b;
    return x->node != y->node ? (x->node > y->node) - (x->node < y->node)
                              : (x->first > y->first) - (x->first < y->first);
}

/* One unit; where the machine does not say what a core is, each is its own. A unit with several kinds of memory counts
 * by the first. */
static void add_unit(machine *m, hwloc_topology_t topology, hwloc_obj_t unit, hwloc_obj_t *last) {
    hwloc_obj_t parent = hwloc_get_ancestor_obj_by_type(topology, HWLOC_OBJ_CORE, unit);
    hwloc_obj_t owner = parent != NULL ? parent : unit;
    if (owner != *last) {
        m->cores[m->core_count++] = (core){.node = hwloc_bitmap_first(unit->nodeset), .first = m->unit_count};
        *last = owner;
    }
    m->cores[m->core_count - 1].units++;
    m->units[m->unit_count++] = unit->os_index;
}

static vs_status machine_read(machine *m, hwloc_topology_t topology, const vs__processor_set *allowed) {
    int count = hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_PU);
    if (count <= 0) {
        return VS_ERR_USAGE;
    }
    m->units = calloc((size_t)count, sizeof *m->units);
    m->cores = calloc((size_t)count, sizeof *m->cores);
    if (m->units == NULL || m->cores == NULL) {
        return VS_ERR_MEMORY;
    }
    hwloc_obj_t last = NULL;
    for (unsigned i = 0; i < (unsigned)count; i++) {
        hwloc_obj_t unit = hwloc_get_obj_by_type(topology, HWLOC_OBJ_PU, i);
        if (unit->os_index < 8 * allowed->bytes && CPU_ISSET_S(unit->os_index, allowed->bytes, allowed->set)) {
            add_unit(m, topology, unit, &last);
        }
    }
    qsort(m->cores, m->core_count, sizeof *m->cores, by_node);
    return m->core_count > 0 ? VS_OK : VS_ERR_USAGE;
}

/* hwloc's picture of the machine, or of one that is described. */
static vs_status discover(machine *m, const vs__processor_set *allowed, const char *description) {
    hwloc_topology_t topology;
    if (hwloc_topology_init(&topology) != 0) {
        return VS_ERR_MEMORY;
    }
    int bad = description != NULL && hwloc_topology_set_synthetic(topology, description) != 0;
    /* Reading caches takes time. All else has to stay: memory hangs on packages and groups. */
    bad |= hwloc_topology_set_cache_types_filter(topology, HWLOC_TYPE_FILTER_KEEP_NONE) != 0;
    bad |= hwloc_topology_set_icache_types_filter(topology, HWLOC_TYPE_FILTER_KEEP_NONE) != 0;
    bad = bad || hwloc_topology_load(topology) != 0;
    /* hwloc's own environment variables may put another machine in this one's place. */
    bad = bad || (description == NULL && !hwloc_topology_is_thissystem(topology));
    vs_status status = bad ? VS_ERR_USAGE : machine_read(m, topology, allowed);
    hwloc_topology_destroy(topology);
    return status;
}

/* The first core behind `from` on another node than that of `from`, or the number of cores. */
static size_t node_end(const machine *m, size_t from) {
    size_t i = from;
    while (i < m->core_count && m->cores[i].node == m->cores[from].node) {
        i++;
    }
    return i;
}

/* The core of a node that may get a thread in this round, or its end. */
static size_t free_core(const machine *m, size_t begin, size_t end, size_t round) {
    size_t i = begin;
    while (i < end && (m->cores[i].threads > round || m->cores[i].units <= round)) {
        i++;
    }
    return i;
}

/* Round 0 gives each core one thread, round 1 each core with a second unit another: in each, the nodes take turns.
 * There are no more threads than units. */
static void give(machine *m, size_t threads) {
    bool given;
    for (size_t round = 0; threads > 0; round += !given) {
        given = false;
        for (size_t begin = 0, end; begin < m->core_count && threads > 0; begin = end) {
            end = node_end(m, begin);
            size_t i = free_core(m, begin, end, round);
            if (i < end) {
                m->cores[i].threads++;
                threads--;
                given = true;
            }
        }
    }
}

/* The allowed units of cores begin … end − 1. */
static void set_of(const machine *m, size_t begin, size_t end, cpu_set_t *set, size_t bytes) {
    CPU_ZERO_S(bytes, set);
    for (size_t i = begin; i < end; i++) {
        for (size_t u = 0; u < m->cores[i].units; u++) {
            CPU_SET_S(m->units[m->cores[i].first + u], bytes, set);
        }
    }
}

static void write_places(const machine *m, cpu_set_t *places, size_t bytes, bool by_core) {
    uint8_t *place = (uint8_t *)places;
    for (size_t begin = 0, end; begin < m->core_count; begin = end) {
        end = by_core ? begin + 1 : node_end(m, begin);
        size_t threads = 0;
        for (size_t i = begin; i < end; i++) {
            threads += m->cores[i].threads;
        }
        for (size_t i = 0; i < threads; i++, place += bytes) {
            set_of(m, begin, end, (cpu_set_t *)place, bytes);
        }
    }
}

vs_status vs__place(cpu_set_t *places, size_t threads, const vs__processor_set *allowed, const char *description) {
    machine m = {0};
    vs_status status = discover(&m, allowed, description);
    if (status == VS_OK) {
        /* More threads than units: whole rounds for all, then the rest. */
        size_t rounds = threads / m.unit_count;
        give(&m, threads % m.unit_count);
        for (size_t i = 0; i < m.core_count; i++) {
            m.cores[i].threads += rounds * m.cores[i].units;
        }
        bool worth_it = m.unit_count > m.core_count || node_end(&m, 0) < m.core_count;
        write_places(&m, places, allowed->bytes, worth_it && threads >= m.core_count);
    }
    machine_clear(&m);
    return status;
}
