/* Frames: where a block's records, table items and selections lie.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "frames.h"

#include "sparse.h"

static uint32_t *words32(const ov_run *run, int32_t place) {
    return place < 0 ? NULL : (uint32_t *)(void *)(run->slab + place);
}

static void prepare_frame(ov_run *run, const int32_t *w, const int32_t *table) {
    const int32_t number = w[OV_W_TARGET];
    ov_frame *f = &run->frames[number];
    const int32_t *places = table + (size_t)number * OV_FRAME_WIDTH;
    memset(f, 0, sizeof *f);
    f->words = w;
    f->op = w[OV_W_OP];
    f->after = f->first_after = f->next_after = -1;
    f->positions_out = words32(run, places[OV_FRAME_POSITIONS]);
    f->rows_out = words32(run, places[OV_FRAME_ROWS]);
    f->validity = (uint8_t *)words32(run, places[OV_FRAME_VALIDITY]);
    f->faults = (uint8_t *)words32(run, places[OV_FRAME_FAULTS]);
    f->list_out = (int32_t *)words32(run, places[OV_FRAME_LIST_OFFSETS]);
    f->parent = w[OV_W_FRAME];
    if (f->op == OV_OP_ROOT) return;
    if (f->op == OV_OP_AFTER) {
        ov_frame *t = &run->frames[w[OV_W_FRAME]];
        t->after = number;
        f->parent = t->parent;
    }
    const ov_frame *parent = &run->frames[f->parent];
    if (f->op == OV_OP_TABLE) {
        f->home = number;
        f->space = w[OV_W_TYPE];
        return;
    }
    f->home = parent->home;
    f->space = parent->space;
    f->selected = f->op == OV_OP_SELECT || parent->selected;
    if (f->op == OV_OP_AFTER && !f->selected) {
        int32_t *link = &run->frames[f->home].first_after;
        while (*link >= 0) link = &run->frames[*link].next_after;
        *link = number;
    }
}

void ov_frames_prepare(ov_run *run, const ov_plan *plan, const int32_t *table, ov_test *tests) {
    const int32_t instructions = plan->code[OV_PLANW_INSTRUCTIONS];
    for (int32_t i = 0, frames = 0; frames < (int32_t)run->frame_count && i < instructions; i++) {
        const int32_t *w = ov_instruction(run->code, i);
        if (w[OV_W_OP] > OV_OP_SELECT) continue;
        prepare_frame(run, w, table);
        if (w[OV_W_OP] == OV_OP_SELECT) {
            run->frames[w[OV_W_TARGET]].tests = tests;
            tests = ov_predicate_prepare(run, w, tests);
        }
        frames++;
    }
}

uint32_t ov_tile_slots(const ov_frame *frame, uint32_t from, uint32_t count, uint32_t *cursor, uint32_t *slots) {
    if (!frame->rows) {
        for (uint32_t i = 0; i < count; i++) slots[i] = from + i;
        return count;
    }
    uint32_t n = 0;
    while (*cursor < frame->live && frame->rows[*cursor] < from + count) slots[n++] = frame->rows[(*cursor)++];
    return n;
}

/* Climbing: from items to what encloses them. */

static uint32_t parent_slot(ov_frame *table, uint32_t slot, uint32_t parent_slots) {
    if (!table->list) return slot / (uint32_t)table->words[OV_W_DIGITS];
    const int32_t *list = table->list;
    const int32_t wanted = (int32_t)(table->first + slot);
    /* Mostly the same as last time, or the one behind it. */
    uint32_t hint = table->hint;
    if (hint < parent_slots && list[hint] <= wanted) {
        if (wanted < list[hint + 1]) return hint;
        if (hint + 1 < parent_slots && wanted < list[hint + 2]) return table->hint = hint + 1;
    }
    uint32_t low = 0, high = parent_slots; /* list[low] <= wanted < list[high] */
    while (high - low > 1) {
        const uint32_t middle = low + (high - low) / 2;
        if (list[middle] <= wanted) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return table->hint = low;
}

void ov_climb(ov_run *run, int32_t frame, int32_t home, uint32_t *slots, uint32_t count) {
    while (run->frames[frame].home != home) {
        ov_frame *table = &run->frames[run->frames[frame].home];
        const uint32_t parent_slots = run->frames[table->parent].slots;
        for (uint32_t i = 0; i < count; i++) slots[i] = parent_slot(table, slots[i], parent_slots);
        frame = table->parent;
    }
}

void ov_gather_items(ov_run *run, int32_t frame, int32_t offset, int32_t length, const uint32_t *slots, uint32_t count,
                     ov_gather *gather) {
    const ov_frame *f = &run->frames[frame];
    gather->cut = 0;
    if (f->room >= (int64_t)offset + length) {
        gather->full = count;
        for (uint32_t i = 0; i < count; i++) {
            gather->positions[i] = f->positions[slots[i]] + (uint32_t)offset;
            gather->index[i] = (uint8_t)i;
        }
        return;
    }
    uint32_t records[OV_TILE];
    memcpy(records, slots, count * sizeof *slots);
    ov_climb(run, frame, 0, records, count);
    uint32_t full = 0, cut = 0;
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t position = f->positions[slots[i]] + (uint32_t)offset;
        const int64_t there = (int64_t)run->ends[records[i]] - position;
        if (there >= length) {
            gather->positions[full] = position;
            gather->index[full++] = (uint8_t)i;
        } else if (there > 0) {
            gather->cut_positions[cut] = position;
            gather->cut_lengths[cut] = (uint32_t)there;
            gather->cut_index[cut++] = (uint8_t)i;
        }
    }
    gather->full = full;
    gather->cut = cut;
}

/* Building. */

static void build_root(ov_run *run, ov_frame *f) {
    f->first = (uint32_t)run->head[OV_HEAD_SPACES];
    f->slots = f->live = run->count;
    f->rows = NULL;
    f->positions = run->starts;
    f->room = run->all_long ? OV_ROOM_ALL : run->shortest;
}

/* The records that slots of the frame's space are in; `climbed` is room for them. */
static const uint32_t *records_of(ov_run *run, int32_t frame, const uint32_t *slots, uint32_t count,
                                  uint32_t *climbed) {
    if (run->frames[frame].home == 0) return slots;
    memcpy(climbed, slots, count * sizeof *slots);
    ov_climb(run, frame, 0, climbed, count);
    return climbed;
}

/* The nearest that a live slot of a frame with dead ones comes to its record's end. */
static int64_t room_of(ov_run *run, int32_t number) {
    const ov_frame *f = &run->frames[number];
    int64_t room = OV_ROOM_ALL;
    uint32_t climbed[OV_TILE];
    for (uint32_t from = 0; from < f->live; from += OV_TILE) {
        const uint32_t n = ov_min32(OV_TILE, f->live - from), *slots = f->rows + from;
        const uint32_t *records = records_of(run, number, slots, n, climbed);
        for (uint32_t i = 0; i < n; i++) {
            const int64_t here = (int64_t)run->ends[records[i]] - f->positions[slots[i]];
            if (here < room) room = here;
        }
    }
    return room;
}

static void build_select(ov_run *run, int32_t number) {
    ov_frame *f = &run->frames[number];
    const ov_frame *parent = &run->frames[f->parent];
    ov_share_slots(f, parent);
    f->positions = parent->positions;
    f->room = parent->room;
    f->live = 0;
    uint32_t cursor = 0;
    for (uint32_t from = 0; from < f->slots; from += OV_TILE) {
        const uint32_t count = ov_min32(OV_TILE, f->slots - from);
        uint32_t slots[OV_TILE];
        const uint32_t n = ov_tile_slots(parent, from, count, &cursor, slots);
        const ov_rows rows = {f->parent, from, n, !parent->rows, slots};
        ov_bits yes = {{0}}, valid = {{0}};
        if (n > 0) ov_predicate(run, f, &rows, &yes);
        const uint32_t picked = ov_pick(run->level, yes.words, slots, n, f->rows_out + f->live);
        if (parent->rows) {
            for (uint32_t i = 0; i < picked; i++) ov_set_bit(valid.words, f->rows_out[f->live + i] - from);
        }
        f->live += picked;
        if (!parent->rows) valid = yes;
        ov_append_bits(f->validity, (size_t)f->first + from, valid.words, count);
    }
    if (f->live == f->slots) {
        f->rows = NULL;
    } else {
        f->rows = f->rows_out;
        if (f->room < f->need) f->room = room_of(run, number);
    }
}

bool ov_frames_build(ov_run *run) {
    ov_predicate_forget(run->seen);
    for (uint32_t i = 0; i < run->frame_count; i++) {
        ov_frame *f = &run->frames[i];
        if (f->op == OV_OP_ROOT) {
            build_root(run, f);
        } else if (f->op == OV_OP_SELECT) {
            build_select(run, (int32_t)i);
        } else if (f->op == OV_OP_TABLE && !ov_table_build(run, (int32_t)i)) {
            return false;
        }
    }
    return true;
}

/* Every slot is a record's. */
static void extent_all(const uint32_t *ends, const uint32_t *positions, uint32_t count, uint32_t offset,
                       uint32_t *shorter, uint32_t *longer) {
    uint32_t less = 0, more = 0;
    for (uint32_t i = 0; i < count; i++) {
        /* all below 2^31 */
        const int32_t rest = (int32_t)(ends[i] - positions[i] - offset);
        less += rest < 0;
        more += rest > 0;
    }
    *shorter += less;
    *longer += more;
}

void ov_frames_extent(ov_run *run, const int32_t *words, uint32_t *shorter, uint32_t *longer) {
    const ov_frame *f = &run->frames[words[OV_W_FRAME]];
    const int32_t offset = words[OV_W_OFFSET];
    if (f->op == OV_OP_ROOT && run->stride > 0) { /* all the same */
        const int64_t rest = (int64_t)run->stride - offset;
        if (rest != 0) *(rest < 0 ? shorter : longer) += f->slots;
        return;
    }
    if (f->home == 0 && !f->rows) {
        extent_all(run->ends, f->positions, f->slots, (uint32_t)offset, shorter, longer);
        return;
    }
    uint32_t cursor = 0, slots[OV_TILE], climbed[OV_TILE];
    for (uint32_t from = 0; from < f->slots; from += OV_TILE) {
        const uint32_t n = ov_tile_slots(f, from, ov_min32(OV_TILE, f->slots - from), &cursor, slots);
        const uint32_t *records = records_of(run, words[OV_W_FRAME], slots, n, climbed);
        for (uint32_t i = 0; i < n; i++) {
            const int64_t rest = (int64_t)run->ends[records[i]] - f->positions[slots[i]] - offset;
            *shorter += rest < 0;
            *longer += rest > 0;
        }
    }
}
