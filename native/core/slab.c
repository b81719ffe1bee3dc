/* Checks a slab's table against its plan: the places are those of src/engine/slab.ts, in its order.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "common.h"
#include "frames.h"

typedef struct checker {
    const int32_t *table;
    uint64_t length; /* of the slab */
    uint64_t end;    /* of the part before */
    ov_error *error;
} checker;

static bool fail(checker *c, size_t word) {
    c->error->at = (int32_t)word;
    c->error->word = -1;
    return false;
}

/* The part whose place is in this word of the table: `bytes` long, behind the one before it. */
static bool part(checker *c, size_t word, uint64_t bytes) {
    const int64_t at = c->table[word];
    if (at < 0 || at % 64 != 0 || (uint64_t)at < c->end) return fail(c, word);
    c->end = (uint64_t)at + bytes + OV_SLACK;
    return c->end <= c->length || fail(c, word);
}

static uint64_t bitmap(uint64_t slots) { return (slots + 7) / 8; }

/* Most bytes of one item of a text field. */
static uint64_t text_length(const int32_t *w) {
    return w[OV_W_OP] == OV_OP_NATIONAL ? (uint64_t)(w[OV_W_LENGTH] / 2) * 3
                                        : (uint64_t)w[OV_W_LENGTH] * (uint64_t)w[OV_W_DIGITS];
}

typedef struct frame_info {
    int16_t parent;
    int16_t space;
    bool rows; /* some slots may not be live, and are not left out of the space */
} frame_info;

/* A part that only some frames have. */
static bool part_if(checker *c, bool exists, size_t word, uint64_t bytes) {
    if (exists) return part(c, word, bytes);
    return c->table[word] == -1 || fail(c, word);
}

static bool check_frame(checker *c, frame_info *info, const int32_t *capacities, const int32_t *w) {
    const int32_t op = w[OV_W_OP], frame = w[OV_W_TARGET];
    const bool root = op == OV_OP_ROOT, table = op == OV_OP_TABLE, select = op == OV_OP_SELECT;
    const bool counted = table && w[OV_W_COUNTER] >= 0;
    frame_info *f = &info[frame];
    *f = (frame_info){-1, 0, false};
    uint64_t outer = 0, slots = 0;
    if (!root) {
        f->parent = op == OV_OP_AFTER ? info[w[OV_W_FRAME]].parent : (int16_t)w[OV_W_FRAME];
        const frame_info *parent = &info[f->parent];
        f->space = table ? (int16_t)w[OV_W_TYPE] : parent->space;
        f->rows = select || (parent->rows && !counted);
        outer = parent->space < 0 ? 0 : (uint64_t)capacities[parent->space];
        slots = f->space < 0 ? 0 : (uint64_t)capacities[f->space];
    }
    const size_t at = (size_t)frame * OV_FRAME_WIDTH;
    const bool kept = !root && f->space >= 0, faults = counted && info[f->parent].space >= 0;
    return part_if(c, faults, at + OV_FRAME_FAULTS, bitmap(outer)) &&
           part_if(c, kept && !select, at + OV_FRAME_POSITIONS, slots * 4) &&
           part_if(c, kept && (select || (table && f->rows)), at + OV_FRAME_ROWS, slots * 4) &&
           part_if(c, select, at + OV_FRAME_VALIDITY, bitmap(slots)) &&
           part_if(c, kept && counted, at + OV_FRAME_LIST_OFFSETS, (outer + 1) * 4);
}

static bool check_column(checker *c, size_t at, const int32_t *w, uint64_t slots) {
    static const uint8_t widths[7] = {0, 4, 8, 16, 4, 8, 4};
    const bool text = w[OV_W_TYPE] == OV_TYPE_UTF8;
    return part(c, at + OV_COLUMN_VALUES, (slots + text) * widths[w[OV_W_TYPE]]) &&
           part(c, at + OV_COLUMN_VALIDITY, bitmap(slots)) && part(c, at + OV_COLUMN_BAD, bitmap(slots));
}

static bool check(checker *c, const ov_plan *plan, size_t words) {
    const int32_t *code = plan->code + OV_PLAN_HEADER;
    const int32_t instructions = plan->code[OV_PLANW_INSTRUCTIONS];
    const size_t frames = (size_t)plan->code[OV_PLANW_FRAMES], spaces = (size_t)plan->code[OV_PLANW_SPACES];
    const size_t columns = (size_t)plan->code[OV_PLANW_COLUMNS];
    const size_t columns_at = frames * OV_FRAME_WIDTH, spaces_at = columns_at + columns * OV_COLUMN_WIDTH;
    if (words != spaces_at + spaces) return fail(c, words);
    const int32_t *capacities = c->table + spaces_at;
    for (size_t space = 0; space < spaces; space++) {
        if (capacities[space] < 0) return fail(c, spaces_at + space);
    }
    c->end = (OV_HEAD_SPACES + spaces + 2 * columns + frames) * 4 + OV_SLACK;

    frame_info info[OV_MAX_FRAMES];
    for (int32_t i = 0; i < instructions; i++) {
        const int32_t *w = ov_instruction(code, i);
        if (w[OV_W_OP] >= OV_OP_ROOT && w[OV_W_OP] <= OV_OP_SELECT) {
            if (!check_frame(c, info, capacities, w)) return false;
        } else if (w[OV_W_OP] >= OV_OP_TEXT && w[OV_W_TARGET] >= 0) {
            const size_t at = columns_at + (size_t)w[OV_W_TARGET] * OV_COLUMN_WIDTH;
            if (!check_column(c, at, w, (uint64_t)capacities[info[w[OV_W_FRAME]].space])) return false;
        }
    }
    for (int32_t i = 0; i < instructions; i++) {
        const int32_t *w = ov_instruction(code, i);
        if (w[OV_W_OP] < OV_OP_TEXT || w[OV_W_TARGET] < 0 || w[OV_W_TYPE] != OV_TYPE_UTF8) continue;
        const size_t at = columns_at + (size_t)w[OV_W_TARGET] * OV_COLUMN_WIDTH;
        const uint64_t bytes = (uint64_t)capacities[info[w[OV_W_FRAME]].space] * text_length(w);
        if (c->table[at + OV_COLUMN_DATA_LENGTH] < 0 || (uint64_t)c->table[at + OV_COLUMN_DATA_LENGTH] < bytes) {
            return fail(c, at + OV_COLUMN_DATA_LENGTH);
        }
        if (!part(c, at + OV_COLUMN_DATA, (uint64_t)c->table[at + OV_COLUMN_DATA_LENGTH])) return false;
    }
    return c->end <= c->length || fail(c, 0);
}

ov_status ov_decoder_check(const ov_plan *plan, const int32_t *table, size_t table_words, size_t slab_length,
                           ov_decoder *decoder, ov_error *error) {
    if (!plan || !table || !decoder || !error) return OV_BAD_ARGUMENT;
    error->at = error->word = -1;
    if (slab_length > INT32_MAX || table_words > INT32_MAX) return OV_BAD_SLAB;
    checker c = {table, slab_length, 0, error};
    if (!check(&c, plan, table_words)) return OV_BAD_SLAB;
    *decoder = (ov_decoder){plan, table, slab_length};
    return OV_OK;
}
