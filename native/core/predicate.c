/* Predicates: three-valued logic over a tile of items. 0 false, 1 unknown, 2 true: AND is the lesser, OR the greater.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "frames.h"

enum { NOT_TRUE = 0, UNKNOWN = 1, IS_TRUE = 2 };

/* Truth of `order` (<0, 0, >0) under a Cmp. */
static uint8_t truth_of(int32_t cmp, int order) {
    bool holds;
    switch (cmp) {
    case OV_CMP_EQ: holds = order == 0; break;
    case OV_CMP_NE: holds = order != 0; break;
    case OV_CMP_LT: holds = order < 0; break;
    case OV_CMP_LE: holds = order <= 0; break;
    case OV_CMP_GT: holds = order > 0; break;
    default: holds = order >= 0; break;
    }
    return holds ? IS_TRUE : NOT_TRUE;
}

/* Slots of the SELECT's parent as slots of what `frame` belongs to. */
static const uint32_t *slots_for(ov_run *run, int32_t from, int32_t frame, const uint32_t *slots, uint32_t count,
                                 uint32_t *climbed) {
    const int32_t home = run->frames[frame].home;
    if (home == run->frames[from].home) return slots;
    memcpy(climbed, slots, count * sizeof *slots);
    ov_climb(run, from, home, climbed, count);
    return climbed;
}

static uint32_t trimmed(const uint8_t *p, uint32_t length, uint8_t pad) {
    while (length > 0 && (p[length - 1] == pad || p[length - 1] == 0)) length--;
    return length;
}

static bool is_filled(const uint8_t *p, uint32_t length, uint8_t byte) {
    for (uint32_t i = 0; i < length; i++) {
        if (p[i] != byte) return false;
    }
    return true;
}

typedef struct text_constant {
    const uint8_t *bytes;
    uint32_t length; /* trimmed */
    int32_t cmp;
    uint8_t pad;
    bool absent;
} text_constant;

static uint8_t compare_text(const text_constant *c, const uint8_t *p, uint32_t length) {
    if (c->absent && (p[0] == 0 || p[0] == 0xff) && is_filled(p, length, p[0])) return UNKNOWN;
    const uint32_t n = trimmed(p, length, c->pad);
    const uint32_t common = ov_min32(n, c->length);
    int order = memcmp(p, c->bytes, common);
    /* the shorter one is padded, as COBOL compares */
    for (uint32_t i = common; order == 0 && i < n; i++) order = p[i] - c->pad;
    for (uint32_t i = common; order == 0 && i < c->length; i++) order = c->pad - c->bytes[i];
    return truth_of(c->cmp, order);
}

static void run_text(ov_run *run, const int32_t *w, const uint32_t *slots, uint32_t count, uint8_t *truth) {
    const uint8_t pad = (uint8_t)w[OV_W_UP], *bytes = run->pool + w[OV_W_POOL];
    const text_constant constant = {bytes, trimmed(bytes, (uint32_t)w[OV_W_POOL_LENGTH], pad), w[OV_W_DIGITS], pad,
                                    (w[OV_W_FLAGS] & OV_FLAG_ABSENT) != 0};
    ov_gather gather;
    ov_gather_items(run, w[OV_W_FRAME], w[OV_W_OFFSET], w[OV_W_LENGTH], slots, count, &gather);
    for (uint32_t j = 0; j < gather.full; j++) {
        truth[gather.index[j]] = compare_text(&constant, run->data + gather.positions[j], (uint32_t)w[OV_W_LENGTH]);
    }
    for (uint32_t j = 0; j < gather.cut; j++) {
        truth[gather.cut_index[j]] =
            compare_text(&constant, run->data + gather.cut_positions[j], gather.cut_lengths[j]);
    }
}

static int compare_integer(const uint8_t *value, int32_t type, ov_int128 constant) {
    ov_int128 v;
    if (type == OV_TYPE_DECIMAL128) {
        memcpy(&v, value, sizeof v);
    } else {
        int64_t narrow;
        int32_t small;
        memcpy(&small, value, sizeof small);
        if (type == OV_TYPE_INT32) {
            narrow = small;
        } else {
            memcpy(&narrow, value, sizeof narrow);
        }
        v.low = (uint64_t)narrow;
        v.high = narrow < 0 ? -1 : 0;
    }
    return ov_int128_compare(v, constant);
}

static void compare_integers(const uint8_t *values, const ov_field *field, const int32_t *w, const uint8_t *pool,
                             const ov_gather *gather, const ov_bits *valid, uint8_t *truth) {
    static const uint8_t widths[4] = {0, 4, 8, 16};
    const size_t width = widths[field->type];
    ov_int128 constant;
    memcpy(&constant, pool + w[OV_W_POOL], sizeof constant);
    for (uint32_t j = 0; j < gather->full; j++) {
        if (!ov_get_bit(valid->words, j)) continue;
        truth[gather->index[j]] = truth_of(w[OV_W_DIGITS], compare_integer(values + j * width, field->type, constant));
    }
}

/* Values are compared as doubles; what is no number is equal to nothing. */
static void compare_floats(const uint8_t *values, const ov_field *field, const int32_t *w, const uint8_t *pool,
                           const ov_gather *gather, const ov_bits *valid, uint8_t *truth) {
    double constant;
    memcpy(&constant, pool + w[OV_W_POOL], sizeof constant);
    for (uint32_t j = 0; j < gather->full; j++) {
        if (!ov_get_bit(valid->words, j)) continue;
        double value;
        if (field->type == OV_TYPE_FLOAT32) {
            float narrow;
            memcpy(&narrow, values + j * sizeof narrow, sizeof narrow);
            value = narrow;
        } else {
            memcpy(&value, values + j * sizeof value, sizeof value);
        }
        const bool ordered = value == value && constant == constant;
        truth[gather->index[j]] = ordered ? truth_of(w[OV_W_DIGITS], (value > constant) - (value < constant))
                                          : (w[OV_W_DIGITS] == OV_CMP_NE ? IS_TRUE : NOT_TRUE);
    }
}

static void run_number(ov_run *run, const int32_t *w, const int32_t *operand, const uint32_t *slots, uint32_t count,
                       uint8_t *truth) {
    const ov_field field = ov_field_of(run, operand);
    ov_gather gather;
    ov_gather_items(run, operand[OV_W_FRAME], operand[OV_W_OFFSET], field.length, slots, count, &gather);
    if (gather.full == 0) return;
    uint64_t values[OV_TILE * 2 + OV_SLACK / 8];
    ov_bits valid, bad;
    const ov_items items = ov_gathered(run, gather.positions, gather.full);
    ov_number_kernel_for(&field, run->level)(&field, &items, (uint8_t *)values, &valid, &bad);
    if (field.op == OV_OP_FLOAT) {
        compare_floats((const uint8_t *)values, &field, w, run->pool, &gather, &valid, truth);
    } else {
        compare_integers((const uint8_t *)values, &field, w, run->pool, &gather, &valid, truth);
    }
}

static void run_compare(ov_run *run, int32_t parent, const int32_t *w, const uint32_t *slots, uint32_t count,
                        uint8_t *truth) {
    const bool text = w[OV_W_OP] == OV_OP_COMPARE_TEXT;
    const int32_t *operand = text ? w : ov_instruction(run->code, w[OV_W_COUNTER]);
    uint32_t climbed[OV_TILE];
    slots = slots_for(run, parent, operand[OV_W_FRAME], slots, count, climbed);
    memset(truth, UNKNOWN, OV_TILE);
    if (text) {
        run_text(run, w, slots, count, truth);
    } else {
        run_number(run, w, operand, slots, count, truth);
    }
}

void ov_predicate(ov_run *run, const int32_t *select, const uint32_t *slots, uint32_t count, uint8_t *truth) {
    if (count == 0) return;
    uint8_t stack[OV_PREDICATE_DEPTH][OV_TILE];
    int32_t top = -1;
    const int32_t *first = ov_instruction(run->code, select[OV_W_POOL]);
    for (const int32_t *w = first; w != select; w += OV_WIDTH) {
        switch (w[OV_W_OP]) {
        case OV_OP_AND:
            top--;
            for (int i = 0; i < OV_TILE; i++) {
                if (stack[top + 1][i] < stack[top][i]) stack[top][i] = stack[top + 1][i];
            }
            break;
        case OV_OP_OR:
            top--;
            for (int i = 0; i < OV_TILE; i++) {
                if (stack[top + 1][i] > stack[top][i]) stack[top][i] = stack[top + 1][i];
            }
            break;
        case OV_OP_NOT:
            for (int i = 0; i < OV_TILE; i++) stack[top][i] = (uint8_t)(2 - stack[top][i]);
            break;
        case OV_OP_IS_TRUE:
            for (int i = 0; i < OV_TILE; i++) stack[top][i] &= 2;
            break;
        default: top++; run_compare(run, select[OV_W_FRAME], w, slots, count, stack[top]);
        }
    }
    memcpy(truth, stack[0], count);
}
