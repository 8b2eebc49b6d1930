#include "aggregate/protocol/message_limit.h"

#include <string.h>

#include "aggregate/container/slots.h"
#include "crypto/paillier/paillier.h"

/* ---- containers ---- */

/* A key, a proof, and all else in a header, a trailer and a message that does not depend on the plan. */
#define FIXED_BYTES (UINT64_C(1) << 20)
/* The largest ciphertext of any key. */
#define CIPHERTEXT_BYTES ((VS_MAX_DEGREE + 1) * (uint64_t)(VS_MAX_BITS / 8))

/* Bits of all slots. */
static uint64_t slot_bits(const vs_plan *plan) {
    uint64_t bits = 64, of_group = 0; /* the counter */
    for (size_t i = 0; i < (plan->is_vector ? 1 : plan->component_count); i++) {
        of_group += plan->components[i].width;
    }
    return bits + of_group * (plan->is_vector ? plan->vector_length : plan->group_count);
}

/* Slots are packed into digits of at least 2047 bits, of which at most one slot's width less a bit is left over: of
 * 2048 bits, at least 1921 are used. A ciphertext is at most twice as long as its plaintext's digits. So a bit of slots
 * takes at most 2 · 2048 / 1921 bits of ciphertexts, below 35/16; larger keys take less. What is left over at a block's
 * end is less than a ciphertext. A chunk's hash is for 2^20 bytes, less than one ciphertext. */
uint64_t vs__container_limit(const vs_plan *plan) {
    uint64_t blocks = 1 + (plan->has_minimums ? plan->group_count * (plan->class_count - 1) : 0);
    uint64_t ciphertexts = slot_bits(plan) * 35 / (16 * 8) + (blocks + 1) * CIPHERTEXT_BYTES;
    uint64_t contributors = plan->contributors_max * (VS_ID_BYTES + 1 + VS_MAX_NAME_BYTES);
    return FIXED_BYTES + ciphertexts + ciphertexts / (1u << 14) + contributors;
}

/* ---- results ---- */

/* Of a value: quotes, commas, digits, and an entry in "withheld". */
#define VALUE_BYTES 192u
/* Of a title: "covariance(" and the like, and two edges of a bin. */
#define TITLE_BYTES 128u
/* Of an element of a vector: {"index":"67108863","sum":"-…"} and an end of line. */
#define ELEMENT_BYTES 96u

/* A text in JSON, without its quotes. */
static uint64_t json_bytes(const char *text) {
    uint64_t len = 0;
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;
        len += byte < 0x20 || byte == 0x7f ? 6 : byte == '"' || byte == '\\' ? 2 : 1;
    }
    return len;
}

static uint64_t name_bytes(const vs_plan *plan, size_t column) {
    return column == VS_NONE ? 0 : json_bytes(plan->columns[column].name);
}

/* The longest level of a column. */
static uint64_t level_bytes(const vs_plan *plan, size_t column) {
    uint64_t most = 16; /* "(other)", "(empty)" */
    for (size_t i = 0; column != VS_NONE && i < plan->columns[column].value_count; i++) {
        uint64_t len = json_bytes(plan->columns[column].values[i]);
        most = len > most ? len : most;
    }
    return most;
}

/* A row has each title with its value; each value may be withheld, which has the title once more; and the titles stand
 * at the top. So a title stands at most twice for each row and once more. */
uint64_t vs__result_limit(const vs_plan *plan) {
    uint64_t titles = 0, values = 0;
    if (plan->is_vector) {
        return FIXED_BYTES + plan->vector_length * ELEMENT_BYTES;
    }
    for (size_t i = 0; i < plan->by_count; i++) {
        titles += name_bytes(plan, plan->by[i]) + TITLE_BYTES;
        values += level_bytes(plan, plan->by[i]) + VALUE_BYTES;
    }
    for (size_t i = 0; i < plan->measure_count; i++) {
        const vs_measure *m = &plan->measures[i];
        uint64_t columns = vs_measure_column_count(m);
        titles += columns * (name_bytes(plan, m->x) + name_bytes(plan, m->y) + level_bytes(plan, m->x) + TITLE_BYTES);
        values += columns * VALUE_BYTES;
    }
    return FIXED_BYTES + plan->group_count * (2 * titles + values) + titles;
}
