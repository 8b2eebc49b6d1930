/* Man pages and completions, written from the same tables as --help. Built and run with the program, not installed. */
#ifndef VEILSUM_CLI_DOCGEN_DOCGEN_H
#define VEILSUM_CLI_DOCGEN_DOCGEN_H

#include "cli/verbs.h"

/** Man pages as scdoc reads them. */
void vs__man_program(FILE *out);
void vs__man_verb(FILE *out, const vs_verb *verb);

void vs__complete_bash(FILE *out);
void vs__complete_zsh(FILE *out);
void vs__complete_fish(FILE *out);

#endif
