#include "crypto/sharing/mask.h"

#include <endian.h>
#include <string.h>

#include "crypto/parallel.h"
#include "crypto/secret.h"
#include "crypto/sharing/backend.h"

#define BLOCK_WORDS (VS_STREAM_BLOCK_BYTES / sizeof(uint64_t))

/* The vector is worked on in pieces: a piece of it, its tops and the masks for it stay together in the nearest cache
 * while all keys go over it. One block more of each mask is for what stands below the piece. */
#define PIECE_BLOCKS 128u
#define PIECE_WORDS (PIECE_BLOCKS * BLOCK_WORDS)
#define BUFFER_BLOCKS (PIECE_BLOCKS + 1)
#define PIECES_IN_A_RUN 4u /* after which the buffer is wiped */

/* A short vector has too few pieces for all threads. Then keys are dealt out in groups, each of which adds its masks to
 * a vector of its own; so many blocks of masks are worth that. */
#define GROUP_BLOCKS 1024u

/* Where a slot lies across the beginning of a piece, the piece needs the carry from below. The slot before ends at most
 * this many words below, and no carry passes its end. So the masks are added to a copy of these words too, made before
 * anything changed, just for the carry. */
#define LEAD_WORDS 2u

typedef struct work {
    uint64_t *slots;
    const uint64_t *tops;
    size_t words;
    const vs_mask *masks;
    size_t count;
    size_t pieces, groups;
    uint64_t *leads; /* LEAD_WORDS for each piece: what stood below it */
    uint64_t *sums;  /* a vector for each group but the first */
} work;

/* What one group does to one piece. */
typedef struct part {
    uint64_t *acc;
    const uint64_t *tops;
    size_t words;
    uint64_t lead[LEAD_WORDS];
    bool has_lead;
    size_t block, blocks; /* of each stream, the one below included where there is a lead */
} part;

/* ---- one part ---- */

static void from_little_endian(uint64_t *words, size_t count) {
    for (size_t i = 0; i < count; i++) {
        words[i] = le64toh(words[i]);
    }
}

static void add_mask(part *p, const uint64_t *mask, vs_slots_go_on *go_on) {
    unsigned carry = 0;
    if (p->has_lead) {
        mask += BLOCK_WORDS;
        carry = go_on(p->lead, mask - LEAD_WORDS, p->tops - LEAD_WORDS, LEAD_WORDS, 0);
    }
    (void)go_on(p->acc, mask, p->tops, p->words, carry);
}

/* The masks of `count` keys, as many at a time as the buffer has room for. */
static void add_masks(part *p, uint64_t *buffer, const vs_mask *masks, size_t count) {
    const vs_sharing_backend *backend = vs__sharing_backend();
    const size_t most = BUFFER_BLOCKS / p->blocks, mask_words = p->blocks * BLOCK_WORDS;
    for (size_t i = 0; i < count; i += most) {
        size_t here = count - i < most ? count - i : most;
        const vs_stream_keys keys = {.first = masks[i].key, .stride = sizeof *masks, .count = here};
        backend->stream((uint8_t *)buffer, &keys, p->block, p->blocks);
        from_little_endian(buffer, here * mask_words);
        for (size_t j = 0; j < here; j++) {
            add_mask(p, buffer + j * mask_words, masks[i + j].subtract ? backend->sub : backend->add);
        }
    }
}

/* ---- all parts ---- */

/* Does a slot lie across the beginning of word `at`? */
static bool is_inside_slot(const uint64_t *tops, size_t at) {
    return at > 0 && tops[at - 1] >> 63 == 0;
}

static void make_part(part *p, const work *w, size_t group, size_t piece) {
    size_t at = piece * PIECE_WORDS;
    p->words = w->words - at < PIECE_WORDS ? w->words - at : PIECE_WORDS;
    p->acc = (group == 0 ? w->slots : w->sums + (group - 1) * w->words) + at;
    p->tops = w->tops + at;
    p->has_lead = is_inside_slot(w->tops, at);
    memset(p->lead, 0, sizeof p->lead); /* as the sums are at first */
    if (p->has_lead && group == 0) {
        memcpy(p->lead, w->leads + piece * LEAD_WORDS, sizeof p->lead);
    }
    p->block = at / BLOCK_WORDS - p->has_lead;
    p->blocks = (p->words + BLOCK_WORDS - 1) / BLOCK_WORDS + p->has_lead;
}

/* The keys of group g of n are those from count·g/n on, without a product that overflows. */
static size_t group_begin(const work *w, size_t group) {
    size_t share = w->count / w->groups, rest = w->count % w->groups;
    return group * share + (group < rest ? group : rest);
}

static vs_status do_parts(void *context, size_t first, size_t count) {
    const work *w = context;
    _Alignas(64) uint64_t buffer[BUFFER_BLOCKS * BLOCK_WORDS];
    part p;
    for (size_t i = first; i < first + count; i++) {
        size_t group = i / w->pieces, begin = group_begin(w, group);
        make_part(&p, w, group, i % w->pieces);
        add_masks(&p, buffer, w->masks + begin, group_begin(w, group + 1) - begin);
    }
    vs_wipe(buffer, sizeof buffer);
    vs_wipe(&p, sizeof p);
    return VS_OK;
}

/* ---- the whole ---- */

static size_t at_most(size_t a, size_t b) {
    return a < b ? a : b;
}

/* One group where the pieces keep all threads busy. */
static size_t groups_for(const work *w) {
    size_t threads = vs_parallel_threads(), blocks = at_most(w->words / BLOCK_WORDS + 1, PIECE_BLOCKS);
    size_t worth = w->count / (GROUP_BLOCKS / blocks);
    if (w->pieces >= 2 * threads || worth <= 1) {
        return 1;
    }
    return at_most(at_most(2 * threads / w->pieces + 1, worth), w->count);
}

static void keep_leads(const work *w) {
    for (size_t piece = 1; piece < w->pieces; piece++) {
        size_t at = piece * PIECE_WORDS;
        VS_CHECK((w->tops[at - 1] | w->tops[at - 2]) != 0);
        memcpy(w->leads + piece * LEAD_WORDS, w->slots + at - LEAD_WORDS, LEAD_WORDS * sizeof *w->leads);
    }
}

static vs_status run(work *w) {
    size_t parts = w->groups * w->pieces;
    keep_leads(w);
    vs_status status = vs_parallel_for(parts, vs_parallel_grain(parts, PIECES_IN_A_RUN), do_parts, w);
    for (size_t group = 1; group < w->groups && status == VS_OK; group++) {
        vs_slots_add(w->slots, w->sums + (group - 1) * w->words, w->tops, w->words);
    }
    return status;
}

vs_status vs_mask_apply(uint64_t *slots, const uint64_t *tops, size_t words, const vs_mask *masks, size_t count) {
    work w = {.slots = slots, .tops = tops, .words = words, .masks = masks, .count = count};
    if (words == 0 || count == 0) {
        return VS_OK;
    }
    w.pieces = (words - 1) / PIECE_WORDS + 1;
    w.groups = groups_for(&w);
    w.leads = vs_secret_alloc((w.pieces * LEAD_WORDS + (w.groups - 1) * words) * sizeof *w.leads);
    if (w.leads == NULL) {
        return VS_ERR_MEMORY;
    }
    w.sums = w.leads + w.pieces * LEAD_WORDS;
    vs_status status = run(&w);
    vs_secret_free(w.leads);
    return status;
}
