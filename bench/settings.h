/* The command line of veilsum-bench. */
#ifndef VEILSUM_BENCH_SETTINGS_H
#define VEILSUM_BENCH_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "bench/operations.h"

#define MAX_LIST 16u
#define MAX_OPERATIONS 64u

typedef struct number_list {
    unsigned value[MAX_LIST];
    size_t count; /* 0: not given */
} number_list;

typedef enum output_format { OUTPUT_TABLE, OUTPUT_JSON, OUTPUT_CSV } output_format;

typedef struct settings {
    number_list bits, degrees, threads;
    const char *backends[MAX_LIST]; /* those of the machine, or those that were asked for */
    size_t backend_count;
    const operation *only[MAX_OPERATIONS];
    size_t only_count;   /* 0: all */
    bool backends_given; /* --backend was there */
    double seconds;      /* at most, for each row */
    bool quick;
    output_format format;
    const char *report; /* a folder, or NULL */
    bool help;
} settings;

/** Parse; what is not given keeps its default. False after an error that has been printed with a hint. */
bool settings_parse(settings *s, int argc, char **argv);

void settings_help(void);

/** Print an error about the command line, with a hint. Returns false. */
bool settings_refuse(const char *hint, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
