/* Whole sessions in one process: owners, servers and an opener on the real state machines (aggregate/protocol), with a
 * network that loses, repeats, delays and damages what they say, and parties that crash and come back.
 *
 * A run ends with the right sum of those whose contributions were taken, computed in the clear beside it, or without a
 * result; any other number is a failure of the program.
 */
#ifndef VEILSUM_BENCH_PROTOCOL_H
#define VEILSUM_BENCH_PROTOCOL_H

#include "aggregate/protocol/session.h"

/* What a network does to a message. */
typedef enum fault {
    FAULT_DROP = 1,      /* it never comes; to and from owners alone: servers wait for each other as long as it takes */
    FAULT_REPEAT = 2,    /* it comes twice */
    FAULT_DELAY = 4,     /* it comes later, half of the time after the wait for it is over */
    FAULT_REORDER = 8,   /* it overtakes others */
    FAULT_TRUNCATE = 16, /* a shorter one comes before it */
    FAULT_ALTER = 32,    /* one with a wrong bit comes before it */
    FAULT_CRASH = 64     /* the receiver crashes after it has taken it, and comes back from its journal */
} fault;
#define FAULTS_ALL 127u

typedef struct protocol_settings {
    vs_opening opening;
    size_t owners, cells;
    unsigned lost;            /* percent of the owners that go away after they have promised to take part */
    unsigned bits;            /* of a cell's slot */
    unsigned corrupt, absent; /* masks: percents that the plan tolerates */
    size_t servers;           /* shares */
    bool owners_serve;        /* shares: the first owners are the servers, and the first of all opens */
    unsigned faults, per_mille;
    uint64_t seed;
    size_t threads; /* 0: all */
    bool json, help;
} protocol_settings;

#define PHASES 48u /* by kind of message; 0: the start */

typedef struct spread {
    double min, median, max;
} spread;

typedef enum outcome { OUTCOME_RIGHT, OUTCOME_REFUSED, OUTCOME_WRONG } outcome;

/* What a run found out. Owners are those that were not lost. */
typedef struct protocol_report {
    outcome outcome;
    char reason[256]; /* of a refusal, or what is wrong */
    size_t contributions;
    unsigned rounds;   /* in which owners send or wait: the session's steps */
    size_t messages;   /* that left somebody */
    size_t deliveries; /* that reached somebody */
    size_t injected[7], refused, restarts;
    spread sent, received;      /* bytes, per owner */
    double sent_all;            /* by all parties */
    spread owner_cpu;           /* seconds, all rounds */
    double owner_phase[PHASES]; /* medians over the owners that had the phase */
    size_t owner_phase_count[PHASES];
    double server_cpu[PHASES], server_wall[PHASES]; /* all servers together */
    double opener_cpu;
    unsigned degree, threshold; /* masks */
    double setup_wall, run_wall, run_cpu;
    double peak_bytes;
} protocol_report;

/** Parse; false after an error that has been printed with a hint. */
bool protocol_parse(protocol_settings *s, int argc, char **argv);
void protocol_help(void);
/** Play one session. Returns: VS_OK, where the report says how it ended; VS_ERR_MEMORY and what a plan may be refused
 * for. */
VS_MUST_CHECK vs_status protocol_run(protocol_report *report, const protocol_settings *settings, vs_error *error);
bool protocol_print(const protocol_report *report, const protocol_settings *settings);

/** `veilsum-bench protocol …`: its exit status. */
int protocol_main(int argc, char **argv);

#endif
