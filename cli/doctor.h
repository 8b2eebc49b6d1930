/* What `veilsum doctor` finds, check by check. */
#ifndef VEILSUM_CLI_DOCTOR_H
#define VEILSUM_CLI_DOCTOR_H

#include "cli/transport/about.h"

#define VS_MAX_FINDINGS 12u

typedef enum vs_finding_state {
    VS_FINDING_OK,
    VS_FINDING_WARNING,
    VS_FINDING_FAILED,
    VS_FINDING_SKIPPED
} vs_finding_state;

typedef struct vs_finding {
    const char *check; /* "name", "connection", … */
    vs_finding_state state;
    vs_error words; /* the message is the finding, the hint what to do */
} vs_finding;

typedef struct vs_doctor {
    vs_http *client;
    vs_address address;
    const vs_plan *plan; /* or NULL */
    vs_address_policy policy;
    vs_finding findings[VS_MAX_FINDINGS];
    size_t count;
    vs_status worst; /* of the first check that failed */
    vs_board_about about;
    /* figures; negative: not measured */
    double round_trip_min_ms, round_trip_median_ms, clock_off_s, clock_error_s, download_bytes_per_s;
} vs_doctor;

/** Run every check in order; what depends on one that failed is skipped. */
void vs__doctor_run(vs_doctor *doctor);

#endif
