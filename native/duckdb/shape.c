/* A plan's frames and columns by their numbers, and where its slab's parts lie: src/engine/slab.ts, in C.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shape.h"

#include <stdlib.h>
#include <string.h>

bool ov_shape_make(const ov_plan *plan, ov_shape *shape) {
    const size_t frames = (size_t)plan->code[OV_PLANW_FRAMES], columns = (size_t)plan->code[OV_PLANW_COLUMNS];
    const size_t spaces = (size_t)plan->code[OV_PLANW_SPACES];
    int32_t *words = calloc(3 * frames + columns + spaces + 1, sizeof(int32_t));
    if (!words) return false;
    *shape = (ov_shape){words, words + frames, words + 2 * frames, words + 3 * frames, words + 3 * frames + columns};
    shape->space_table[0] = -1;
    for (int32_t at = 0; at < plan->code[OV_PLANW_INSTRUCTIONS]; at++) {
        const int32_t *w = ov_words(plan, at);
        const int32_t op = w[OV_W_OP], target = w[OV_W_TARGET];
        if (op >= OV_OP_TEXT && target >= 0) shape->column_at[target] = at;
        if (op < OV_OP_ROOT || op > OV_OP_SELECT) continue;
        shape->frame_at[target] = at;
        if (op == OV_OP_ROOT) {
            shape->frame_parent[target] = -1;
            continue;
        }
        const int32_t parent = op == OV_OP_AFTER ? shape->frame_parent[w[OV_W_FRAME]] : w[OV_W_FRAME];
        shape->frame_parent[target] = parent;
        shape->frame_space[target] = op == OV_OP_TABLE ? w[OV_W_TYPE] : shape->frame_space[parent];
        if (op == OV_OP_TABLE && w[OV_W_TYPE] >= 0) shape->space_table[w[OV_W_TYPE]] = target;
    }
    return true;
}

void ov_shape_free(ov_shape *shape) {
    free(shape->frame_at);
    memset(shape, 0, sizeof *shape);
}

size_t ov_table_words(const ov_plan *plan) {
    return (size_t)plan->code[OV_PLANW_FRAMES] * OV_FRAME_WIDTH +
           (size_t)plan->code[OV_PLANW_COLUMNS] * OV_COLUMN_WIDTH + (size_t)plan->code[OV_PLANW_SPACES];
}

enum { SLACK = 64 };

/* The next part, and how far parts have come. Beyond 32 bits the place is of no use, and nobody will use it. */
static int32_t place(uint64_t *end, uint64_t bytes) {
    const uint64_t at = *end;
    *end += (bytes + SLACK + 63) / 64 * 64;
    return at > INT32_MAX ? INT32_MAX : (int32_t)at;
}

static uint64_t bitmap(uint64_t slots) { return (slots + 7) / 8; }

static uint64_t text_length(const int32_t *w) {
    return w[OV_W_OP] == OV_OP_NATIONAL ? (uint64_t)(w[OV_W_LENGTH] / 2) * 3
                                        : (uint64_t)w[OV_W_LENGTH] * (uint64_t)w[OV_W_DIGITS];
}

static void lay_frame(const ov_plan *plan, const ov_shape *shape, const int32_t *capacities, int32_t frame, bool *rows,
                      int32_t *table, uint64_t *end) {
    const int32_t *w = ov_words(plan, shape->frame_at[frame]);
    const int32_t op = w[OV_W_OP], parent = shape->frame_parent[frame], space = shape->frame_space[frame];
    const int32_t outer_space = shape->frame_space[parent];
    const bool is_table = op == OV_OP_TABLE, select = op == OV_OP_SELECT, counted = is_table && w[OV_W_COUNTER] >= 0;
    const uint64_t outer = outer_space < 0 ? 0 : (uint64_t)capacities[outer_space];
    const uint64_t slots = space < 0 ? 0 : (uint64_t)capacities[space];
    int32_t *at = table + (size_t)frame * OV_FRAME_WIDTH;
    rows[frame] = select || (rows[parent] && !counted);
    if (counted && outer_space >= 0) at[OV_FRAME_FAULTS] = place(end, bitmap(outer));
    if (space < 0) return;
    if (!select) at[OV_FRAME_POSITIONS] = place(end, slots * 4);
    if (select || (is_table && rows[frame])) at[OV_FRAME_ROWS] = place(end, slots * 4);
    if (select) at[OV_FRAME_VALIDITY] = place(end, bitmap(slots));
    if (counted) at[OV_FRAME_LIST_OFFSETS] = place(end, (outer + 1) * 4);
}

uint64_t ov_table_lay(const ov_plan *plan, const ov_shape *shape, const int32_t *capacities, int32_t *table) {
    static const uint8_t widths[7] = {0, 4, 8, 16, 4, 8, 4};
    const int32_t frames = plan->code[OV_PLANW_FRAMES], columns = plan->code[OV_PLANW_COLUMNS];
    const int32_t spaces = plan->code[OV_PLANW_SPACES];
    int32_t *const column_words = table + (size_t)frames * OV_FRAME_WIDTH;
    bool rows[OV_MAX_FRAMES] = {false};
    uint64_t end = 0;
    memset(table, 0xff, ov_table_words(plan) * sizeof(int32_t));
    place(&end, (OV_HEAD_SPACES + (uint64_t)spaces + 2 * (uint64_t)columns + (uint64_t)frames) * 4);
    for (int32_t i = 0; i < plan->code[OV_PLANW_INSTRUCTIONS]; i++) {
        const int32_t *w = ov_words(plan, i);
        if (w[OV_W_OP] > OV_OP_ROOT && w[OV_W_OP] <= OV_OP_SELECT)
            lay_frame(plan, shape, capacities, w[OV_W_TARGET], rows, table, &end);
        if (w[OV_W_OP] < OV_OP_TEXT || w[OV_W_TARGET] < 0) continue;
        const uint64_t slots = (uint64_t)capacities[shape->frame_space[w[OV_W_FRAME]]];
        int32_t *at = column_words + (size_t)w[OV_W_TARGET] * OV_COLUMN_WIDTH;
        const bool text = w[OV_W_TYPE] == OV_TYPE_UTF8;
        at[OV_COLUMN_VALUES] = place(&end, (slots + text) * widths[w[OV_W_TYPE]]);
        at[OV_COLUMN_VALIDITY] = place(&end, bitmap(slots));
        at[OV_COLUMN_BAD] = place(&end, bitmap(slots));
    }
    for (int32_t i = 0; i < plan->code[OV_PLANW_INSTRUCTIONS]; i++) {
        const int32_t *w = ov_words(plan, i);
        if (w[OV_W_OP] < OV_OP_TEXT || w[OV_W_TARGET] < 0 || w[OV_W_TYPE] != OV_TYPE_UTF8) continue;
        const uint64_t bytes = (uint64_t)capacities[shape->frame_space[w[OV_W_FRAME]]] * text_length(w);
        int32_t *at = column_words + (size_t)w[OV_W_TARGET] * OV_COLUMN_WIDTH;
        at[OV_COLUMN_DATA_LENGTH] = bytes > INT32_MAX ? INT32_MAX : (int32_t)bytes;
        at[OV_COLUMN_DATA] = place(&end, bytes);
    }
    memcpy(column_words + (size_t)columns * OV_COLUMN_WIDTH, capacities, (size_t)spaces * sizeof(int32_t));
    return end;
}
