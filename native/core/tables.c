/* Tables: how many items, where each begins, and where what lies behind them does.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "frames.h"

/* Counters. */

/* What a counter's value means: the number of items, and whether that is a fault. */
static int32_t clamp_count(int64_t value, int32_t most, bool *fault) {
    if (value >= 0 && value <= most) return (int32_t)value;
    *fault = true;
    return value < 0 ? 0 : most;
}

static int32_t count_of(const ov_field *field, const uint8_t *p, int32_t most, bool *fault) {
    ov_int128 value;
    if (ov_read_integer(field, p, &value) != OV_VALUE) {
        *fault = true;
        return 0;
    }
    if (value.high < 0) return clamp_count(-1, most, fault);
    return clamp_count(value.high > 0 || value.low > INT32_MAX ? INT64_MAX : (int64_t)value.low, most, fault);
}

/* The number of items of a table for each of these slots of its parent; `faults` gets a bit an item of the list. */
static void read_counts(ov_run *run, const ov_frame *table, const uint32_t *slots, uint32_t count, int32_t *counts,
                        uint64_t *faults) {
    const int32_t *w = ov_instruction(run->code, table->words[OV_W_COUNTER]);
    const int32_t most = table->words[OV_W_DIGITS], home = run->frames[w[OV_W_FRAME]].home;
    const ov_field field = ov_field_of(run, w);
    uint32_t climbed[OV_TILE];
    if (home != run->frames[table->parent].home) {
        memcpy(climbed, slots, count * sizeof *slots);
        ov_climb(run, table->parent, home, climbed, count);
        slots = climbed;
    }
    ov_gather gather;
    ov_gather_items(run, w[OV_W_FRAME], w[OV_W_OFFSET], field.length, slots, count, &gather);
    memset(counts, 0, count * sizeof *counts);
    for (uint32_t j = 0; j < gather.cut; j++) ov_set_bit(faults, gather.cut_index[j]);
    if (gather.full == 0) return;

    if (field.type != OV_TYPE_INT32 || count < 8) {
        for (uint32_t j = 0; j < gather.full; j++) {
            bool fault = false;
            counts[gather.index[j]] = count_of(&field, run->data + gather.positions[j], most, &fault);
            if (fault) ov_set_bit(faults, gather.index[j]);
        }
        return;
    }
    int32_t values[OV_TILE + OV_SLACK / 4];
    ov_bits valid, bad;
    const ov_items items = ov_gathered(run, gather.positions, gather.full);
    ov_number_kernel_for(&field, run->level)(&field, &items, (uint8_t *)values, &valid, &bad);
    for (uint32_t j = 0; j < gather.full; j++) {
        bool fault = !ov_get_bit(valid.words, j);
        if (!fault) counts[gather.index[j]] = clamp_count(values[j], most, &fault);
        if (fault) ov_set_bit(faults, gather.index[j]);
    }
}

/* Measuring: elements of different length end where the last frame inside them says. */

/* The position of an operand's frame, for the element that is being measured or for what encloses it. */
static uint32_t operand_position(ov_run *run, int32_t frame) {
    const ov_frame *f = &run->frames[frame];
    if (run->frames[f->home].measuring) return f->current;
    uint32_t slot = run->build_slot;
    ov_climb(run, run->build_parent, f->home, &slot, 1);
    return f->positions[slot];
}

static int32_t measured_count(ov_run *run, const ov_frame *table) {
    const int32_t most = table->words[OV_W_DIGITS];
    if (table->words[OV_W_COUNTER] < 0) return most;
    const int32_t *w = ov_instruction(run->code, table->words[OV_W_COUNTER]);
    const uint32_t position = operand_position(run, w[OV_W_FRAME]) + (uint32_t)w[OV_W_OFFSET];
    if ((int64_t)position + w[OV_W_LENGTH] > run->build_end) return 0;
    const ov_field field = ov_field_of(run, w);
    bool fault; /* counted when the table itself is built */
    return count_of(&field, run->data + position, most, &fault);
}

/* The end of the element of `table` that begins at this position. Recursion is as deep as measured tables are nested,
 * which plans limit. */
static uint32_t measure(ov_run *run, ov_frame *table, uint32_t position) {
    const int32_t last = table->words[OV_W_POOL];
    table->current = position;
    table->measuring = true;
    for (int32_t i = table->first_after; i >= 0 && i <= last; i = run->frames[i].next_after) {
        ov_frame *inner = &run->frames[run->frames[i].words[OV_W_FRAME]];
        const int32_t count = measured_count(run, inner), length = inner->words[OV_W_LENGTH];
        uint32_t end = run->frames[inner->parent].current + (uint32_t)inner->words[OV_W_OFFSET];
        if (length > 0) {
            end += (uint32_t)count * (uint32_t)length;
        } else {
            for (int32_t k = 0; k < count; k++) end = measure(run, inner, end);
        }
        run->frames[i].current = end;
    }
    table->measuring = false;
    return run->frames[last].current + (uint32_t)table->words[OV_W_POOL_LENGTH];
}

/* Building. */

typedef struct table_build {
    ov_frame *table, *after; /* after: NULL where nothing lies behind the table */
    const ov_frame *parent;
    bool counted;
    uint64_t capacity; /* slots that are left in the space */
    uint64_t items;    /* counted: items so far */
} table_build;

/* The items of one slot of the parent. */
static void build_items(ov_run *run, table_build *b, uint32_t slot, uint32_t count) {
    ov_frame *t = b->table;
    const uint32_t length = (uint32_t)t->words[OV_W_LENGTH];
    const uint64_t begin = b->counted ? b->items : (uint64_t)slot * count;
    b->items += count;
    uint32_t *out = t->space >= 0 && begin + count <= b->capacity ? t->positions_out + t->first + begin : NULL;
    if (!out && !b->after) return;
    if (!run->all_long || length == 0) {
        uint32_t record = slot;
        ov_climb(run, t->parent, 0, &record, 1);
        run->build_slot = slot;
        run->build_end = run->ends[record];
    }
    uint32_t position = b->parent->positions[slot] + (uint32_t)t->words[OV_W_OFFSET], last = position;
    if (length > 0) {
        if (out) {
            for (uint32_t k = 0; k < count; k++) out[k] = position + k * length;
        }
        position += count * length;
        last = position - length;
    } else {
        for (uint32_t k = 0; k < count; k++) {
            last = position;
            if (out) out[k] = position;
            if (b->after || k + 1 < count) position = measure(run, t, position);
        }
    }
    if (b->after) b->after->positions_out[b->after->first + slot] = position;
    if (run->all_long) return;
    if (count > 0 && (int64_t)run->build_end - last < t->room) t->room = (int64_t)run->build_end - last;
    if (b->after && (int64_t)run->build_end - position < b->after->room) {
        b->after->room = (int64_t)run->build_end - position;
    }
}

/* The tile's counters, and their faults. */
static void build_counts(ov_run *run, table_build *b, uint32_t from, uint32_t count, const uint32_t *slots,
                         uint32_t live, int32_t *counts) {
    ov_frame *t = b->table;
    ov_bits faults = {{0}}, bits = {{0}};
    if (live > 0) read_counts(run, t, slots, live, counts, faults.words);
    if (!(t->words[OV_W_FLAGS] & OV_FLAG_QUIET)) {
        for (uint32_t i = 0; i < live; i++) {
            if (!ov_get_bit(faults.words, i)) continue;
            ov_set_bit(bits.words, slots[i] - from);
            t->fault_count++;
        }
    }
    ov_append_bits(t->faults, (size_t)b->parent->first + from, bits.words, count);
}

/* A table with a counter: a tile of the parent's slots. */
static void build_counted(ov_run *run, table_build *b, uint32_t from, uint32_t count, uint32_t *cursor) {
    uint32_t slots[OV_TILE];
    int32_t counts[OV_TILE];
    const uint32_t live = ov_tile_slots(b->parent, from, count, cursor, slots);
    build_counts(run, b, from, count, slots, live, counts);
    int32_t *list = b->table->list_out ? b->table->list_out + b->parent->first + 1 : NULL;
    for (uint32_t slot = from, i = 0; slot < from + count; slot++) {
        if (i < live && slots[i] == slot) build_items(run, b, slot, (uint32_t)counts[i++]);
        if (list) list[slot] = (int32_t)(b->table->first + (uint32_t)(b->items < b->capacity ? b->items : b->capacity));
    }
}

/* A table that has MAX items always: all slots of the parent. */
static void build_fixed(ov_run *run, table_build *b) {
    ov_frame *t = b->table;
    const uint32_t most = (uint32_t)t->words[OV_W_DIGITS];
    if (!b->parent->rows || t->space < 0) {
        for (uint32_t i = 0; i < b->parent->live; i++)
            build_items(run, b, b->parent->rows ? b->parent->rows[i] : i, most);
        return;
    }
    t->rows = t->rows_out;
    t->live = b->parent->live * most;
    uint32_t *out = t->rows_out, *positions = t->positions_out + t->first, done = 0;
    for (uint32_t i = 0; i < b->parent->live; i++) {
        const uint32_t slot = b->parent->rows[i];
        memset(positions + (size_t)done * most, 0, (size_t)(slot - done) * most * sizeof *positions);
        done = slot + 1;
        build_items(run, b, slot, most);
        for (uint32_t k = 0; k < most; k++) *out++ = slot * most + k;
    }
    memset(positions + (size_t)done * most, 0, (size_t)(b->parent->slots - done) * most * sizeof *positions);
}

bool ov_table_build(ov_run *run, int32_t number) {
    ov_frame *t = &run->frames[number];
    const ov_frame *parent = &run->frames[t->parent];
    if (parent->space < 0) return true; /* exists only while it is measured */
    const bool real = t->space >= 0;
    table_build b = {t, NULL, parent, t->words[OV_W_COUNTER] >= 0, 0, 0};
    if (t->after >= 0) {
        b.after = &run->frames[t->after];
        ov_share_slots(b.after, parent);
        b.after->positions = b.after->positions_out + b.after->first;
        if (parent->rows) memset(b.after->positions_out + b.after->first, 0, (size_t)parent->slots * sizeof(uint32_t));
    }
    t->fault_count = t->hint = 0;
    t->room = OV_ROOM_ALL;
    t->rows = NULL;
    t->list = NULL;
    run->build_parent = t->parent;
    if (real) {
        t->first = (uint32_t)run->head[OV_HEAD_SPACES + t->space];
        b.capacity = (uint32_t)run->capacities[t->space] - t->first;
        t->positions = t->positions_out + t->first;
    }
    uint64_t slots = (uint64_t)parent->slots * (uint32_t)t->words[OV_W_DIGITS];
    if (b.counted) {
        uint32_t cursor = 0;
        for (uint32_t from = 0; from < parent->slots; from += OV_TILE) {
            build_counted(run, &b, from, ov_min32(OV_TILE, parent->slots - from), &cursor);
        }
        slots = b.items;
        if (real) t->list = t->list_out + parent->first;
    }
    if (real && slots > b.capacity) {
        run->full_frame = number;
        run->full_slots = t->first + slots;
        return false;
    }
    t->slots = t->live = real ? (uint32_t)slots : 0;
    if (!b.counted && (real || b.after)) build_fixed(run, &b);
    return true;
}
