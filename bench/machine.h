/* What the benchmark runs on, as context for its figures. */
#ifndef VEILSUM_BENCH_MACHINE_H
#define VEILSUM_BENCH_MACHINE_H

#include <stddef.h>

typedef struct machine {
    char processor[96]; /* as the system calls it */
    char compiler[64], gmp[16];
    size_t threads;                      /* that the process may use */
    double load;                         /* average over the last minute, at the start: what others do on it */
    double peak;                         /* 512-bit IFMAs a second of one core; 0 where there are none */
    double bandwidth_one, bandwidth_all; /* bytes read a second by one thread and by all; 0 where not measured */
} machine;

machine machine_look(void);

#endif
