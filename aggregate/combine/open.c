#include <stdlib.h>
#include <string.h>

#include "aggregate/combine/batch_internal.h"
#include "aggregate/combine/open_internal.h"
#include "crypto/guard.h"
#include "crypto/secret.h"

/* A run of plaintexts in the batch that belong to one block. */
typedef struct run {
    uint64_t block;
    size_t count;
} run;

struct vs__opener {
    const vs_total *total;
    const vs_key_info *info;
    const vs__decryptor *decryptor;
    vs_opened *opened;
    /* what is to be decrypted next */
    uint8_t *ciphertexts, *plaintexts;
    run *runs;
    size_t run_count, held, batch;
    vs_pack_cursor cursor; /* a block may go over several batches */
    const vs_progress *progress;
    uint64_t done;
};

void vs_opened_clear(vs_opened *opened) {
    if (opened->cells != NULL) {
        vs_wipe(opened->cells, (size_t)opened->cell_count * sizeof *opened->cells);
    }
    free(opened->cells);
    free(opened->reasons);
    *opened = (vs_opened){0};
}

/* ---- which ciphertexts a round opens ---- */

vs__round vs__round_begin(const vs_total *total, const uint8_t *reasons, unsigned round) {
    VS_CHECK(round == VS_ROUND_FIRST || round == VS_ROUND_ALLOWED);
    return (vs__round){.total = total, .reasons = reasons, .round = round};
}

static void set_block(vs__block *block, const vs_layout *layout, uint64_t group, unsigned block_class) {
    block->number = vs_layout_block_number(layout, group, block_class);
    vs_layout_block(layout, group, block_class, &block->first, &block->count);
}

bool vs__round_next(vs__round *r, vs__block *block) {
    const vs_plan *plan = r->total->plan;
    if (r->round == VS_ROUND_FIRST) {
        set_block(block, &r->total->layout, 0, 0);
        return r->group++ == 0;
    }
    while (r->reasons != NULL && r->group < plan->group_count) {
        if (++r->block_class >= plan->class_count) {
            r->block_class = 0;
            r->group++;
        } else if (VS_GUARD(group_minimums, r->reasons[r->group * plan->class_count + r->block_class] == VS_SHOWN)) {
            set_block(block, &r->total->layout, r->group, r->block_class);
            return true;
        }
    }
    return false;
}

uint64_t vs__round_count(const vs_total *total, const uint8_t *reasons, unsigned round) {
    uint64_t count = 0;
    vs__block block;
    for (vs__round r = vs__round_begin(total, reasons, round); vs__round_next(&r, &block);) {
        count += block.count;
    }
    return count;
}

void vs__round_gather(uint8_t *out, const vs_total *total, const uint8_t *reasons, unsigned round) {
    size_t bytes = vs_public_key_info(total->pk)->ciphertext_bytes;
    vs__block block;
    for (vs__round r = vs__round_begin(total, reasons, round); vs__round_next(&r, &block);) {
        memcpy(out, total->ciphertexts + block.first * bytes, (size_t)block.count * bytes);
        out += block.count * bytes;
    }
}

/* ---- opening ---- */

vs_status vs__opener_new(vs__opener **out, vs_opened *opened, const vs_total *total, const vs__decryptor *decryptor,
                         const vs_progress *progress, vs_error *error) {
    const vs_key_info *info = vs_public_key_info(total->pk);
    vs__opener *o = calloc(1, sizeof *o);
    *out = o;
    *opened = (vs_opened){.contributions = total->header->contributor_count, .cell_count = total->plan->cell_count};
    memcpy(opened->period, total->header->period, sizeof opened->period);
    if (o == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    *o = (vs__opener){.total = total, .info = info, .decryptor = decryptor, .opened = opened, .progress = progress};
    o->batch = vs__batch_size(info, total->layout.plaintext_count);
    opened->cells = calloc((size_t)opened->cell_count, sizeof *opened->cells);
    o->runs = calloc(o->batch, sizeof *o->runs);
    o->ciphertexts = malloc(o->batch * info->ciphertext_bytes);
    o->plaintexts = vs_secret_alloc(o->batch * info->plaintext_bytes);
    if (opened->cells == NULL || o->runs == NULL || o->ciphertexts == NULL || o->plaintexts == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    return VS_OK;
}

void vs__opener_free(vs__opener *o) {
    if (o != NULL) {
        free(o->ciphertexts);
        free(o->runs);
        vs_secret_free(o->plaintexts);
        free(o);
    }
}

/* Decrypt and unpack what is held. */
static vs_status flush(vs__opener *o, vs_error *error) {
    size_t at = 0;
    if (o->held == 0) {
        return VS_OK;
    }
    vs_status status = o->decryptor->decrypt(o->decryptor->context, o->plaintexts, o->ciphertexts, o->held, error);
    for (size_t i = 0; status == VS_OK && i < o->run_count; i++) {
        const run *r = &o->runs[i];
        if (o->cursor.block != r->block) {
            o->cursor = (vs_pack_cursor){.block = r->block};
        }
        status =
            vs_unpack_next(&o->total->layout, &o->cursor, o->opened->cells,
                           o->plaintexts + at * o->info->plaintext_bytes, r->count, o->opened->contributions, error);
        at += r->count;
    }
    o->done += o->held;
    vs_progress_step(o->progress, o->done, o->total->layout.plaintext_count);
    o->held = o->run_count = 0;
    return status;
}

/* Queue a block; each block once, and only one after the other. */
static vs_status open_block(vs__opener *o, vs__block block, vs_error *error) {
    size_t bytes = o->info->ciphertext_bytes;
    while (block.count > 0) {
        size_t room = o->batch - o->held, count = block.count < room ? (size_t)block.count : room;
        memcpy(o->ciphertexts + o->held * bytes, o->total->ciphertexts + block.first * bytes, count * bytes);
        o->runs[o->run_count++] = (run){.block = block.number, .count = count};
        o->held += count;
        block.first += count;
        block.count -= count;
        if (o->held == o->batch) {
            vs_status status = flush(o, error);
            if (status != VS_OK) {
                return status;
            }
        }
    }
    return VS_OK;
}

static vs_status open_round(vs__opener *o, unsigned round, vs_error *error) {
    vs_status status = VS_OK;
    vs__block block;
    for (vs__round r = vs__round_begin(o->total, o->opened->reasons, round);
         status == VS_OK && vs__round_next(&r, &block);) {
        status = open_block(o, block, error);
    }
    if (status == VS_OK) {
        status = flush(o, error);
    }
    if (status == VS_OK && o->decryptor->finish != NULL) {
        status = o->decryptor->finish(o->decryptor->context, error);
    }
    return status;
}

vs_status vs__opened_decide(vs_opened *opened, const vs_plan *plan, vs_error *error) {
    opened->reasons = calloc((size_t)plan->group_count * plan->class_count, 1);
    if (opened->reasons == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    for (uint64_t group = 0; group < plan->group_count; group++) {
        vs_policy_decide(plan, opened->cells + 1 + group * plan->component_count,
                         opened->reasons + group * plan->class_count);
    }
    return VS_OK;
}

vs_status vs__open_first(vs__opener *o, vs_error *error) {
    vs_status status = open_round(o, VS_ROUND_FIRST, error);
    if (status == VS_OK && o->opened->cells[0] != (vs_int128)o->opened->contributions) {
        vs_fail(error, VS_ERR_RANGE, "the total does not hold as many contributions as its header says");
        vs_hint(error, "a contribution was not made by veilsum, or the total was put together wrongly; combine again");
        status = VS_ERR_RANGE;
    }
    return status == VS_OK && o->total->plan->has_minimums ? vs__opened_decide(o->opened, o->total->plan, error)
                                                           : status;
}

vs_status vs__open_allowed(vs__opener *o, vs_error *error) {
    return open_round(o, VS_ROUND_ALLOWED, error);
}
