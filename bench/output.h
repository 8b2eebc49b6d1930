/* Results for people and programs. Tables are at most 100 columns wide; JSON and CSV carry every figure, in seconds,
 * with null or nothing where one does not apply. */
#ifndef VEILSUM_BENCH_OUTPUT_H
#define VEILSUM_BENCH_OUTPUT_H

#include <stdio.h>

#include "bench/targets.h"

/* table.c: to standard output. */
void table_machine(const machine *m);
void table_head(void);
void table_row(const row *r);
void table_end(const results *r, const settings *s);

/** A time or a number in three or four digits with its unit: "12.3us", "1.28M". `out` has 16 bytes. (table.c) */
void short_time(char out[16], double seconds);
void short_number(char out[16], double value);

/* json.c, csv.c: false where memory ran out or the output cannot be written. */
bool json_write(FILE *out, const results *r, const settings *s);
bool csv_write(FILE *out, const results *r);

/* report.c: make a folder that a report can be written to; then bench.json, bench.csv and report.md in it, each whole
 * or not at all. False with errno where that fails. */
bool report_folder_make(const char *folder);
bool report_write(const char *folder, const results *r, const settings *s);

#endif
