/* The table of verbs. Each stands in the file cmd_<verb>.c. */
#ifndef VEILSUM_CLI_VERBS_H
#define VEILSUM_CLI_VERBS_H

#include "cli/options.h"

extern const vs_verb vs__verb_keygen;
/** keygen with --threshold or --holder. (keygen_threshold.c) */
VS_MUST_CHECK vs_status vs__keygen_threshold(const vs_arguments *arguments, vs_error *error);
extern const vs_verb vs__verb_identity;
extern const vs_verb vs__verb_plan_new;
extern const vs_verb vs__verb_plan_show;
extern const vs_verb vs__verb_plan_check;
extern const vs_verb vs__verb_plan_sign;
extern const vs_verb vs__verb_pool;
extern const vs_verb vs__verb_encrypt;
extern const vs_verb vs__verb_combine;
extern const vs_verb vs__verb_verify;
extern const vs_verb vs__verb_decrypt;
extern const vs_verb vs__verb_serve;
extern const vs_verb vs__verb_join;
extern const vs_verb vs__verb_inspect;
extern const vs_verb vs__verb_ledger_init;
extern const vs_verb vs__verb_ledger_add;
extern const vs_verb vs__verb_ledger_show;
extern const vs_verb vs__verb_ledger_prove;
extern const vs_verb vs__verb_ledger_check;
extern const vs_verb vs__verb_status;
extern const vs_verb vs__verb_doctor;
extern const vs_verb vs__verb_convert;
extern const vs_verb vs__verb_bench;

/** `keygen --public`: NAME.pub anew from NAME.key. (keygen_public.c) */
VS_MUST_CHECK vs_status vs__keygen_public(const vs_arguments *arguments, vs_error *error);

/** In the order in which the help lists them; ends with NULL. */
extern const vs_verb *const vs__verbs[];

/* The whole program in words: the same for `veilsum help` and the man page veilsum(1). */
extern const char *const vs__about[];
extern const vs_example vs__session[];

/** The length of the group's name that a verb's name begins with ("plan" of "plan new"), or 0. */
size_t vs__verb_group_len(const vs_verb *verb);
/** Is `verb` one of the group's? */
bool vs__verb_in_group(const vs_verb *verb, const char *group);

/** What `veilsum` alone and `veilsum help` print. */
void vs__help_short(FILE *out);
void vs__help_program(FILE *out);
/** The verbs of one group. */
void vs__help_group(FILE *out, const char *group);

#endif
