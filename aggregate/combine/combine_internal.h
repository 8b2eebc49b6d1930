/* What folding, its checks and vetting share. */
#ifndef VEILSUM_AGGREGATE_COMBINE_INTERNAL_H
#define VEILSUM_AGGREGATE_COMBINE_INTERNAL_H

#include "aggregate/combine/combine.h"
#include "aggregate/combine/contributor_set.h"

/* Inputs that are open at once: as many as there are threads, each of which reads and hashes one; and several even for
 * one thread, since the total's memory is passed over once for all of them. */
#define VS_MIN_OPEN 16
#define VS_MAX_OPEN 64
size_t vs__open_cap(void);

/* ---- admission: what a plan with a roster asks of a container (admit.c) ----
 * Each returns VS_OK for plans without one. `name`: the input, for messages. `reason` is a constant for receipts, set
 * on refusal: it holds no file's name. */

/** Contributors who are listed for it. Returns: VS_OK, VS_ERR_POLICY. */
VS_MUST_CHECK vs_status vs__admit_contributors(const vs_plan *plan, const vs_header *header, const char *name,
                                               const char **reason, vs_error *error);
/** A contribution that has been read to its end: signed with its contributor's key? Returns: VS_OK; VS_ERR_POLICY
 * (unsigned), VS_ERR_AUTH (another's key). */
VS_MUST_CHECK vs_status vs__admit_signer(const vs_plan *plan, const vs_container_reader *reader, const char *name,
                                         const char **reason, vs_error *error);
/** A total that has been read to its end: one of the receipts' total? `*receipt` is it. Returns: VS_OK; VS_ERR_POLICY
 * (there is none); VS_ERR_MISMATCH. */
VS_MUST_CHECK vs_status vs__admit_total(const vs_plan *plan, const vs_combine_options *options,
                                        const vs_container_reader *reader, const char *name, const vs_receipt **receipt,
                                        const char **reason, vs_error *error);

/** Are the receipts of the options under this plan, by a party that may? */
VS_MUST_CHECK vs_status vs__check_receipts(const vs_plan *plan, const vs_combine_options *options, vs_error *error);

/* ---- vetting: every container of every input, judged (vet.c) ---- */

/* One container, or what is left of an input that cannot be read on. */
typedef struct vs__vetted {
    size_t input, position;
    bool is_rest;
    vs_status status; /* VS_OK: admitted */
    const char *reason;
    char *name, *message, *hint; /* owned: the input's, why it is refused and what to do; NULL where admitted */
    bool has_header, has_digest;
    uint8_t sid[VS_HASH_BYTES], digest[VS_HASH_BYTES];
    char period[VS_MAX_NAME_BYTES + 1];
    vs_contributor *contributors; /* owned */
    size_t contributor_count;
} vs__vetted;

typedef struct vs__vetting {
    vs__vetted *list; /* by input and position */
    size_t count, cap, refused_count;
} vs__vetting;
void vs__vetting_clear(vs__vetting *vetting);
/** Judge. Returns: VS_OK, whatever the judgement; VS_ERR_USAGE where an input cannot be read twice; what failed on this
 * machine. */
VS_MUST_CHECK vs_status vs__vet(vs__vetting *vetting, const vs_plan *plan, const vs_inputs *inputs,
                                const vs_combine_options *options, vs_error *error);
/** Refuse a container that was not refused before: the first reason counts. The message is copied. (vet.c) */
void vs__refuse(vs__vetted *vetted, vs_status status, const char *reason, const vs_error *error);
/** What depends on the containers before: judged once each has been judged on its own. (vet_order.c) */
VS_MUST_CHECK vs_status vs__judge_in_order(vs__vetting *vetting, const vs_plan *plan, const vs_combine_options *options,
                                           vs_error *error);
/** The judgement on a container, or NULL where it was not there. */
const vs__vetted *vs__vetting_find(const vs__vetting *vetting, size_t input, size_t position);
/** Is this the status of an input that is refused, not of a machine that fails or a call that is wrong? */
bool vs__is_refusal(vs_status status);

/** The refused ones, as sentences and as a receipt has them. */
VS_MUST_CHECK vs_status vs__report_refusals(vs_combine_report *report, const vs__vetting *vetting, vs_error *error);
/** One error for all that was refused. */
VS_MUST_CHECK vs_status vs__refuse_vetted(const vs__vetting *vetting, vs_error *error);

/* ---- folding (combine.c) ---- */

/* One open input and the container in it that is being folded. */
typedef struct vs__lane {
    const vs_source *source;
    size_t input, position; /* containers of this input that have been begun */
    vs_container_reader *reader;
    bool once; /* cannot be opened again: its ciphertexts are checked as they come, so that a culprit can be named */
} vs__lane;

typedef struct vs__combiner {
    const vs_plan *plan;
    const vs_inputs *inputs;
    const vs_combine_options *options; /* never NULL */
    const vs__vetting *vetting;        /* what to leave out; NULL: nothing */
    const vs_progress *progress;
    vs__lane lanes[VS_MAX_OPEN];
    size_t lane_count, lane_cap;
    char **names; /* of the inputs, for messages: the inputs themselves are closed by then */
    size_t input_count, name_cap;
    uint64_t containers;
    vs_receipt_contribution *held; /* by whom, and which: known where totals came with receipts */
    size_t held_count, held_cap;
    bool held_known;
    vs_contributor_set contributors;
    /* from the first container on */
    vs_public_key *pk;
    size_t first_input;
    vs_layout layout;
    vs_accumulator *total;
    vs_header header; /* sid, period, attempt; contributors at the end */
} vs__combiner;

/** May the container of this lane be folded in, as far as its header says? (accept.c) */
VS_MUST_CHECK vs_status vs__accept(vs__combiner *combiner, vs__lane *lane, vs_error *error);
/** And now that it has been read to its end? What it holds is noted. */
VS_MUST_CHECK vs_status vs__accept_whole(vs__combiner *combiner, const vs__lane *lane, vs_error *error);
/** For messages about another session: this one against that of `first`, or the one that was asked for. */
VS_MUST_CHECK vs_status vs__refuse_session(const vs_header *header, const char *name, const char *period,
                                           const char *first, vs_error *error);

#endif
