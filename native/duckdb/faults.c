/* Bad values and counters of a slab: from their bits back to record, place in the file, path and bytes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "query.h"

enum { HEX_BYTES = 64, DEEPEST = 200 };

/* Where the bad counts of columns and the fault counts of frames begin in the head. */
static const int32_t *bad_counts(const ov_unit *unit) {
    return ov_head(unit) + OV_HEAD_SPACES + unit->plan->code[OV_PLANW_SPACES];
}

static const int32_t *frame_counts(const ov_unit *unit) {
    return bad_counts(unit) + 2 * unit->plan->code[OV_PLANW_COLUMNS];
}

uint64_t ov_faults_count(const ov_unit *unit) {
    uint64_t count = 0;
    const int32_t *bad = bad_counts(unit), *frames = frame_counts(unit);
    for (int32_t column = 0; column < unit->plan->code[OV_PLANW_COLUMNS]; column++)
        count += (uint64_t)bad[2 * column + 1];
    for (int32_t frame = 0; frame < unit->plan->code[OV_PLANW_FRAMES]; frame++) count += (uint64_t)frames[frame];
    return count;
}

typedef struct finder {
    const ov_query *query;
    ov_lane *lane;
    const ov_unit *unit;
    const ov_node *lists[DEEPEST]; /* the tables around, outermost first */
    int depth;
    bool failed;
} finder;

/* The slot around this one, and which of its items this is. */
static int32_t outwards(const ov_unit *unit, int32_t space, int32_t slot, int32_t *item) {
    const int32_t frame = unit->shape->space_table[space];
    const int32_t *w = ov_words(unit->plan, unit->shape->frame_at[frame]);
    if (w[OV_W_COUNTER] < 0) {
        *item = slot % w[OV_W_DIGITS];
        return slot / w[OV_W_DIGITS];
    }
    const int32_t *offsets =
        (const int32_t *)(const void *)(unit->slab + ov_frame_row(unit, frame)[OV_FRAME_LIST_OFFSETS]);
    int32_t low = 0, high = ov_head(unit)[OV_HEAD_SPACES + unit->shape->frame_space[unit->shape->frame_parent[frame]]];
    while (high - low > 1) {
        const int32_t middle = low + (high - low) / 2;
        if (offsets[middle] <= slot)
            low = middle;
        else
            high = middle;
    }
    *item = slot - offsets[low];
    return low;
}

static int32_t outer_space(const ov_unit *unit, int32_t space) {
    return unit->shape->frame_space[unit->shape->frame_parent[unit->shape->space_table[space]]];
}

static void bounds(const ov_records *r, uint32_t row, uint32_t *start, uint32_t *end) {
    *start = r->starts ? r->starts[r->first + row] : r->first + row * r->stride;
    *end = r->starts ? r->ends[r->first + row] : *start + r->stride;
}

/* Byte position in the data of a frame's slot. */
static uint32_t position(const finder *f, int32_t frame, int32_t slot, uint32_t record_start) {
    const ov_unit *unit = f->unit;
    while (ov_words(unit->plan, unit->shape->frame_at[frame])[OV_W_OP] == OV_OP_SELECT)
        frame = unit->shape->frame_parent[frame];
    const int32_t place = ov_frame_row(unit, frame)[OV_FRAME_POSITIONS];
    if (place < 0) return record_start;
    uint32_t at;
    memcpy(&at, unit->slab + place + 4 * (size_t)slot, sizeof at);
    return at;
}

/* `TXN(3).AMOUNT`: the path with the numbers of the items around. */
static void write_path(const finder *f, const char *path, const int32_t *items, char *out) {
    size_t at = 0, from = 0;
    for (int level = 0; level <= f->depth && at < OV_FIELD_ROOM; level++) {
        const bool last = level == f->depth;
        const size_t to = last ? strlen(path) : strlen(f->lists[level]->path);
        if (to < from || to > strlen(path)) continue;
        const int length = (int)(to - from);
        const int wrote =
            last ? snprintf(out + at, OV_FIELD_ROOM - at, "%.*s", length, path + from)
                 : snprintf(out + at, OV_FIELD_ROOM - at, "%.*s(%d)", length, path + from, items[level] + 1);
        at += (size_t)wrote;
        from = to;
    }
    for (char *end = out + strlen(out); end > out && at >= OV_FIELD_ROOM && ((uint8_t)end[-1] & 0x80);) *--end = 0;
}

/* column: of the plan file's plan, -1 for a counter. */
static void add(finder *f, int32_t column, const int32_t *w, int32_t space, int32_t slot, const char *path) {
    const int32_t frame = w[OV_W_FRAME], offset = w[OV_W_OFFSET], length = w[OV_W_LENGTH];
    const int32_t reading_space = f->unit->shape->frame_space[frame];
    ov_lane *lane = f->lane;
    int32_t items[DEEPEST], row = slot;
    int level = f->depth;
    int32_t reading_slot = slot;
    for (int32_t s = space; s > 0; s = outer_space(f->unit, s)) {
        if (s == reading_space) reading_slot = row;
        int32_t item = 0;
        row = outwards(f->unit, s, row, &item);
        if (level > 0) items[--level] = item;
    }
    if (reading_space == 0) reading_slot = row;
    if (lane->fault_count == lane->fault_room) {
        const uint32_t room = lane->fault_room ? 2 * lane->fault_room : 64;
        ov_fault *more = realloc(lane->faults, room * sizeof *more);
        if (!more) {
            f->failed = true;
            return;
        }
        lane->faults = more;
        lane->fault_room = room;
    }
    static const char digits[] = "0123456789ABCDEF";
    ov_fault *fault = &lane->faults[lane->fault_count++];
    uint32_t start, end;
    bounds(&lane->part, lane->part_done + (uint32_t)row, &start, &end);
    const uint32_t at = position(f, frame, reading_slot, start) + (uint32_t)offset;
    fault->row = (uint32_t)row;
    fault->column = column;
    fault->record = ov_lane_number(lane, lane->part_done + (uint32_t)row) + 1;
    fault->offset = lane->block.base + at;
    write_path(f, path, items, fault->field);
    char *hex = fault->hex;
    for (uint32_t i = at; i < end && i < at + (uint32_t)length && i < at + HEX_BYTES; i++) {
        *hex++ = digits[lane->part.data[i] >> 4];
        *hex++ = digits[lane->part.data[i] & 15];
    }
    *hex = 0;
}

/* A table's counters; the node may be NULL where it is only measured. */
static void counters(finder *f, int32_t frame, const char *path) {
    const ov_unit *unit = f->unit;
    const int32_t count = frame_counts(unit)[frame];
    const int32_t *w = ov_words(unit->plan, unit->shape->frame_at[frame]);
    const int32_t place = ov_frame_row(unit, frame)[OV_FRAME_FAULTS];
    if (count == 0 || place < 0) return;
    const int32_t space = unit->shape->frame_space[unit->shape->frame_parent[frame]];
    const int32_t *counter = ov_words(unit->plan, w[OV_W_COUNTER]);
    const int32_t slots = ov_head(unit)[OV_HEAD_SPACES + space];
    for (int32_t slot = 0; slot < slots; slot++) {
        if (!(unit->slab[place + slot / 8] >> (slot % 8) & 1)) continue;
        add(f, -1, counter, space, slot, path);
    }
}

static void walk(finder *f, int32_t at, int32_t space) {
    const ov_node *n = &f->query->file->nodes[at];
    const ov_unit *unit = f->unit;
    if (n->kind == OV_NODE_FIELD) {
        const int32_t column = f->query->projection.columns[n->column];
        if (bad_counts(unit)[2 * column + 1] == 0) return;
        const int32_t *w = ov_words(unit->plan, unit->shape->column_at[column]);
        const uint8_t *bits = unit->slab + ov_column_row(unit, column)[OV_COLUMN_BAD];
        const int32_t slots = ov_head(unit)[OV_HEAD_SPACES + space];
        for (int32_t slot = 0; slot < slots; slot++) {
            if (bits[slot / 8] >> (slot % 8) & 1) add(f, n->column, w, space, slot, n->path);
        }
        return;
    }
    int32_t inner = space;
    if (n->kind == OV_NODE_LIST) {
        const int32_t frame = f->query->projection.frames[n->frame];
        inner = f->query->projection.spaces[n->space];
        if (ov_words(unit->plan, unit->shape->frame_at[frame])[OV_W_COUNTER] >= 0) counters(f, frame, n->path);
        if (f->depth >= DEEPEST) return;
        f->lists[f->depth++] = n;
    }
    int32_t child = at + 1;
    for (int32_t i = 0; i < n->children; i++) {
        walk(f, child, inner);
        child = f->query->file->nodes[child].next;
    }
    if (n->kind == OV_NODE_LIST) f->depth--;
}

/* The path of a table whose items are not asked for. */
static const char *table_path(const ov_query *query, int32_t frame) {
    for (int32_t i = 0; i < query->file->node_count; i++) {
        const ov_node *n = &query->file->nodes[i];
        if (n->kind == OV_NODE_LIST && query->projection.frames[n->frame] == frame) return n->path;
    }
    return "a table";
}

static int by_row(const void *one, const void *other) {
    const ov_fault *a = one, *b = other;
    if (a->row != b->row) return a->row < b->row ? -1 : 1;
    return a->offset < b->offset ? -1 : a->offset > b->offset;
}

bool ov_faults_list(const ov_query *query, ov_lane *lane, const ov_unit *unit) {
    finder f = {.query = query, .lane = lane, .unit = unit};
    lane->fault_count = 0;
    if (query->lists_bad) walk(&f, 0, 0);
    for (uint32_t i = 0; !query->lists_bad && i < query->wanted_count; i++) {
        if (query->wanted[i] >= 0) walk(&f, query->wanted[i], 0);
    }
    /* Counters of tables that are only measured: their nodes are not among the wanted. */
    for (int32_t frame = 1; frame < unit->plan->code[OV_PLANW_FRAMES]; frame++) {
        const int32_t *w = ov_words(unit->plan, unit->shape->frame_at[frame]);
        if (w[OV_W_OP] == OV_OP_TABLE && w[OV_W_TYPE] < 0 && w[OV_W_COUNTER] >= 0)
            counters(&f, frame, table_path(query, frame));
    }
    qsort(lane->faults, lane->fault_count, sizeof *lane->faults, by_row);
    return !f.failed;
}
