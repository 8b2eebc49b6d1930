/* A plan from a file together with what makes it binding: with a roster, the signatures under it. */
#ifndef VEILSUM_CLI_SIGNED_PLAN_H
#define VEILSUM_CLI_SIGNED_PLAN_H

#include "cli/load.h"

typedef enum vs_plan_need {
    VS_PLAN_SIGNED,    /* signatures, where it has a roster */
    VS_PLAN_VALID_NOW, /* the same, and today within the days for which it is valid */
} vs_plan_need;

/** Read the plan of --plan. With a roster the signatures of --plan-signatures, or else those in the plan's .sig beside
 * it, must be as many as the plan needs.
 *  Returns: as vs__load_plan and vs_plan_signatures_check; VS_ERR_POLICY: not agreed on by all (who is missing is
 * named), or not valid now; VS_ERR_USAGE (signatures for a plan without a roster). */
VS_MUST_CHECK vs_status vs__load_signed_plan(vs_plan **plan, const vs_arguments *arguments, vs_plan_need need,
                                             vs_error *error);

/** The same for a plan at `path`; `signatures` may be NULL: beside it. */
VS_MUST_CHECK vs_status vs__load_signed_plan_at(vs_plan **plan, const char *path, const char *signatures,
                                                vs_plan_need need, vs_error *error);

#define VS_OPTION_PLAN_SIGNATURES                                                                                      \
    {                                                                                                                  \
        .name = "plan-signatures", .argument = "PLAN.sig",                                                             \
        .help = "the signatures under a plan with a roster (default: beside the plan)", .takes_file = true             \
    }

#endif
