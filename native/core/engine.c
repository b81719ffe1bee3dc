/* Runs a plan over records, block by block: frames first, then column by column in tiles.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "frames.h"

typedef struct column {
    ov_field field;
    union {
        ov_number_kernel *number;
        ov_text_kernel *text;
    } kernel;
    int32_t frame, offset;
    ov_level level;
    uint32_t width;     /* bytes of a value; 0: text */
    uint32_t item_most; /* text: most bytes of one item */
    uint64_t data_length;
    uint8_t *values, *validity, *bad, *data;
    int32_t *counts; /* in the header: absent, bad */
} column;

typedef struct block {
    uint32_t starts[OV_BLOCK], ends[OV_BLOCK];
    uint32_t shortest;
} block;

static size_t round_up(size_t bytes) { return (bytes + 63) / 64 * 64; }

static size_t frames_size(const ov_plan *plan) {
    return round_up((size_t)plan->code[OV_PLANW_FRAMES] * sizeof(ov_frame));
}

static size_t columns_size(const ov_plan *plan) {
    return round_up((size_t)plan->code[OV_PLANW_COLUMNS] * sizeof(column));
}

size_t ov_scratch_size(const ov_plan *plan) {
    return round_up(sizeof(block)) + frames_size(plan) + columns_size(plan);
}

/* Columns. */

static void prepare_column(const ov_run *run, const int32_t *w, const int32_t *places, int32_t *counts, column *c) {
    static const uint8_t widths[7] = {0, 4, 8, 16, 4, 8, 0};
    c->field = ov_field_of(run, w);
    c->frame = w[OV_W_FRAME];
    c->offset = w[OV_W_OFFSET];
    c->width = widths[c->field.type];
    c->values = run->slab + places[OV_COLUMN_VALUES];
    c->validity = run->slab + places[OV_COLUMN_VALIDITY];
    c->bad = run->slab + places[OV_COLUMN_BAD];
    c->counts = counts;
    if (c->width > 0) {
        c->kernel.number = ov_number_kernel_for(&c->field, run->level);
        return;
    }
    /* Faster kernels read both tables of a code page. */
    const bool whole = w[OV_W_POOL_LENGTH] >= OV_TEXT_POOL + OV_TEXT_POOL_LATIN1;
    c->level = whole ? run->level : OV_LEVEL_PORTABLE;
    c->kernel.text = ov_text_kernel_for(&c->field, c->level);
    c->item_most = (uint32_t)(c->field.op == OV_OP_NATIONAL ? c->field.length / 2 * 3
                                                            : c->field.length * c->field.digits);
    c->data = run->slab + places[OV_COLUMN_DATA];
    c->data_length = (uint64_t)places[OV_COLUMN_DATA_LENGTH];
    memset(c->values, 0, sizeof(int32_t));
}

/* All columns, in the order of their instructions; returns the bytes of a record that they read, tables at their most. */
static void prepare_columns(const ov_run *run, const ov_plan *plan, const int32_t *table, column *columns) {
    const int32_t count = plan->code[OV_PLANW_COLUMNS], spaces = plan->code[OV_PLANW_SPACES];
    const int32_t *places = table + (size_t)run->frame_count * OV_FRAME_WIDTH;
    int32_t *counts = run->head + OV_HEAD_SPACES + spaces;
    const int32_t *w = run->code;
    for (int32_t done = 0; done < count; w += OV_WIDTH) {
        if (w[OV_W_OP] < OV_OP_TEXT || w[OV_W_TARGET] < 0) continue;
        const size_t number = (size_t)w[OV_W_TARGET];
        prepare_column(run, w, places + number * OV_COLUMN_WIDTH, counts + 2 * number, &columns[done++]);
    }
}

/* Appends a tile's bits, and counts what has no value. `live`: items that are there to be counted. */
static void finish_tile(const column *c, size_t slot, uint32_t count, uint32_t live, const ov_bits *valid,
                        ov_bits *bad) {
    uint32_t values = 0;
    for (uint32_t i = 0; i < OV_TILE_BITS / 64; i++) values += ov_count_bits(valid->words[i]);
    if (values != live) {
        uint32_t faults = 0;
        for (uint32_t i = 0; i < OV_TILE_BITS / 64; i++) faults += ov_count_bits(bad->words[i]);
        c->counts[0] += (int32_t)(live - values - faults);
        if (c->field.flags & OV_FLAG_QUIET) {
            memset(bad, 0, sizeof *bad);
        } else {
            c->counts[1] += (int32_t)faults;
        }
    }
    ov_append_bits(c->validity, slot, valid->words, count);
    ov_append_bits(c->bad, slot, bad->words, count);
}

/* A tile of a frame all of whose slots are live and have all of the field. */
static ov_items dense_items(const ov_run *run, const ov_frame *f, int32_t offset, uint32_t from, uint32_t count) {
    ov_items items = {run->data, NULL, 0, count, run->data, run->data + run->data_length};
    if (f->op == OV_OP_ROOT && run->stride > 0) {
        items.origin += (size_t)f->positions[from] + (size_t)offset;
        items.stride = run->stride;
    } else {
        items.origin += offset;
        items.positions = f->positions + from;
    }
    return items;
}

/* Bits of the gathered items as bits of the tile's slots. */
static void spread_bits(const ov_bits *from, const ov_gather *g, const uint32_t *slots, uint32_t first, ov_bits *to) {
    memset(to, 0, sizeof *to);
    for (uint32_t j = 0; j < g->full; j++) {
        const uint32_t bit = slots[g->index[j]] - first;
        to->words[bit >> 6] |= (uint64_t)ov_get_bit(from->words, j) << (bit & 63);
    }
}

static void sparse_numbers(ov_run *run, const column *c, const uint32_t *slots, uint32_t live, uint32_t from,
                           uint32_t count, uint8_t *out, ov_bits *valid, ov_bits *bad) {
    ov_gather gather;
    ov_gather_items(run, c->frame, c->offset, c->field.length, slots, live, &gather);
    uint64_t values[OV_TILE * 2 + OV_SLACK / 8];
    ov_bits some_valid, some_bad;
    memset(out, 0, (size_t)count * c->width);
    memset(valid, 0, sizeof *valid);
    memset(bad, 0, sizeof *bad);
    if (gather.full > 0) {
        const ov_items items = ov_gathered(run, gather.positions, gather.full);
        c->kernel.number(&c->field, &items, (uint8_t *)values, &some_valid, &some_bad);
        spread_bits(&some_valid, &gather, slots, from, valid);
        spread_bits(&some_bad, &gather, slots, from, bad);
        for (uint32_t j = 0; j < gather.full; j++) {
            memcpy(out + (size_t)(slots[gather.index[j]] - from) * c->width, (uint8_t *)values + (size_t)j * c->width,
                   c->width);
        }
    }
    for (uint32_t j = 0; j < gather.cut; j++) ov_set_bit(bad->words, slots[gather.cut_index[j]] - from);
}

static void decode_numbers(ov_run *run, const column *c) {
    const ov_frame *f = &run->frames[c->frame];
    const bool dense = !f->rows && f->room >= (int64_t)c->offset + c->field.length;
    uint32_t cursor = 0, live;
    for (uint32_t from = 0; from < f->slots; from += OV_TILE) {
        const uint32_t count = ov_min32(OV_TILE, f->slots - from);
        const size_t slot = (size_t)f->first + from;
        uint8_t *out = c->values + slot * c->width;
        ov_bits valid, bad;
        if (dense) {
            const ov_items items = dense_items(run, f, c->offset, from, count);
            c->kernel.number(&c->field, &items, out, &valid, &bad);
            live = count;
        } else {
            uint32_t slots[OV_TILE];
            live = ov_tile_slots(f, from, count, &cursor, slots);
            sparse_numbers(run, c, slots, live, from, count, out, &valid, &bad);
        }
        finish_tile(c, slot, count, live, &valid, &bad);
    }
}

/* Text of an item whose record ends inside it: what is there. Returns the new end of the data. */
static int32_t cut_text(const ov_run *run, const column *c, uint32_t position, uint32_t length, int32_t end,
                        uint32_t bit, ov_bits *valid, ov_bits *bad) {
    ov_field field = c->field;
    field.length = (int32_t)(field.op == OV_OP_NATIONAL ? length & ~1u : length);
    if (field.length == 0) { /* half a character */
        ov_set_bit(valid->words, bit);
        return end;
    }
    const ov_items items = ov_gathered(run, &position, 1);
    int32_t offsets[2] = {end, end};
    ov_bits is_valid, is_bad;
    ov_text_kernel_for(&field, c->level)(&field, &items, offsets, c->data, &is_valid, &is_bad);
    if (ov_get_bit(is_valid.words, 0)) ov_set_bit(valid->words, bit);
    if (ov_get_bit(is_bad.words, 0)) ov_set_bit(bad->words, bit);
    return offsets[1];
}

static void sparse_texts(ov_run *run, const column *c, const uint32_t *slots, uint32_t live, uint32_t from,
                         uint32_t count, int32_t *offsets, ov_bits *valid, ov_bits *bad) {
    ov_gather g;
    ov_gather_items(run, c->frame, c->offset, c->field.length, slots, live, &g);
    memset(valid, 0, sizeof *valid);
    memset(bad, 0, sizeof *bad);
    int32_t lengths[OV_TILE] = {0}, some[OV_TILE + 1 + OV_SLACK / 4];
    int32_t end = offsets[0];
    uint32_t full = 0, cut = 0;
    while (full < g.full || cut < g.cut) {
        /* Whole items up to the next one that is cut. */
        uint32_t next = full;
        while (next < g.full && (cut == g.cut || g.index[next] < g.cut_index[cut])) next++;
        if (next > full) {
            const ov_items items = ov_gathered(run, g.positions + full, next - full);
            ov_bits some_valid, some_bad;
            some[0] = end;
            c->kernel.text(&c->field, &items, some, c->data, &some_valid, &some_bad);
            for (uint32_t j = 0; full < next; j++, full++) {
                const uint32_t bit = slots[g.index[full]] - from;
                lengths[bit] = some[j + 1] - some[j];
                end = some[j + 1];
                if (ov_get_bit(some_valid.words, j)) ov_set_bit(valid->words, bit);
                if (ov_get_bit(some_bad.words, j)) ov_set_bit(bad->words, bit);
            }
        }
        if (cut < g.cut) {
            const uint32_t bit = slots[g.cut_index[cut]] - from;
            const int32_t begin = end;
            end = cut_text(run, c, g.cut_positions[cut], g.cut_lengths[cut], end, bit, valid, bad);
            lengths[bit] = end - begin;
            cut++;
        }
    }
    for (uint32_t i = 0; i < count; i++) offsets[i + 1] = offsets[i] + lengths[i];
}

static bool decode_texts(ov_run *run, const column *c) {
    const ov_frame *f = &run->frames[c->frame];
    const bool dense = !f->rows && f->room >= (int64_t)c->offset + c->field.length;
    uint32_t cursor = 0, live;
    for (uint32_t from = 0; from < f->slots; from += OV_TILE) {
        const uint32_t count = ov_min32(OV_TILE, f->slots - from);
        const size_t slot = (size_t)f->first + from;
        int32_t *offsets = (int32_t *)(void *)c->values + slot;
        if (c->data_length - (uint64_t)offsets[0] < (uint64_t)count * c->item_most) return false;
        ov_bits valid, bad;
        if (dense) {
            const ov_items items = dense_items(run, f, c->offset, from, count);
            c->kernel.text(&c->field, &items, offsets, c->data, &valid, &bad);
            live = count;
        } else {
            uint32_t slots[OV_TILE];
            live = ov_tile_slots(f, from, count, &cursor, slots);
            sparse_texts(run, c, slots, live, from, count, offsets, &valid, &bad);
        }
        finish_tile(c, slot, count, live, &valid, &bad);
    }
    return true;
}

/* Blocks. */

/* Where the block's records lie, copied so that what is checked is what is used. Returns their number, or less: the
 * first that is not inside the data. */
static uint32_t load_block(const ov_records *r, uint32_t done, uint32_t count, block *b) {
    if (!r->starts) {
        const uint64_t begin = r->first + (uint64_t)done * r->stride;
        b->shortest = r->stride;
        for (uint32_t i = 0; i < count; i++) {
            const uint64_t end = begin + (i + 1ull) * r->stride;
            if (end > r->length) return i;
            b->starts[i] = (uint32_t)(end - r->stride);
            b->ends[i] = (uint32_t)end;
        }
        return count;
    }
    const size_t first = (size_t)r->first + done;
    b->shortest = UINT32_MAX;
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t start = r->starts[first + i], end = r->ends[first + i];
        if (start > end || end > r->length) return i;
        b->starts[i] = start;
        b->ends[i] = end;
        b->shortest = ov_min32(b->shortest, end - start);
    }
    return count;
}

/* Reads a byte of every cache line of the block: the columns then find them near, where each for itself would wait for
 * memory line by line. */
static void touch(const ov_run *run, uint32_t reach) {
    for (uint32_t i = 0; i < run->count; i++) {
        const uint32_t end = ov_min32(run->ends[i] - run->starts[i], reach) + run->starts[i];
        for (uint32_t at = run->starts[i]; at < end; at += 64) (void)*(const volatile uint8_t *)(run->data + at);
    }
}

/* Takes the block's slots and counts into the header. */
static void commit(ov_run *run, const ov_plan *plan) {
    int32_t *faults = run->head + OV_HEAD_SPACES + plan->code[OV_PLANW_SPACES] + 2 * plan->code[OV_PLANW_COLUMNS];
    run->head[OV_HEAD_RECORDS] += (int32_t)run->count;
    run->head[OV_HEAD_SPACES] += (int32_t)run->count;
    for (uint32_t i = 1; i < run->frame_count; i++) {
        const ov_frame *f = &run->frames[i];
        if (f->op != OV_OP_TABLE) continue;
        if (f->space >= 0) run->head[OV_HEAD_SPACES + f->space] = (int32_t)(f->first + f->slots);
        faults[i] += (int32_t)f->fault_count;
    }
}

static void clear_behind(uint8_t *bitmap, uint32_t bits) {
    if (bits % 8 != 0) bitmap[bits / 8] &= (uint8_t)((1u << bits % 8) - 1);
}

/* Leaves no bit of a block that was not taken. */
static void abandon(ov_run *run) {
    run->head[OV_HEAD_STATUS] = OV_FULL;
    run->head[OV_HEAD_FULL_FRAME] = run->full_frame;
    run->head[OV_HEAD_FULL_SLOTS] = run->full_slots > INT32_MAX ? INT32_MAX : (int32_t)run->full_slots;
    for (uint32_t i = 1; i < run->frame_count; i++) {
        const ov_frame *f = &run->frames[i];
        const int32_t space = run->frames[f->parent].space;
        if (space < 0) continue;
        const uint32_t slots = (uint32_t)run->head[OV_HEAD_SPACES + space];
        if (f->validity) clear_behind(f->validity, slots);
        if (f->faults) clear_behind(f->faults, slots);
    }
}

static void count_extents(ov_run *run, const ov_plan *plan) {
    uint32_t shorter = 0, longer = 0;
    for (int32_t i = 0; i < plan->code[OV_PLANW_INSTRUCTIONS]; i++) {
        const int32_t *w = ov_instruction(run->code, i);
        if (w[OV_W_OP] == OV_OP_EXTENT) ov_frames_extent(run, w, &shorter, &longer);
    }
    run->head[OV_HEAD_SHORT] += (int32_t)shorter;
    run->head[OV_HEAD_LONG] += (int32_t)longer;
}

static bool is_good(const ov_decoder *decoder, const ov_records *r, const uint8_t *slab, const uint8_t *scratch) {
    if (!decoder || !r || !slab || !scratch) return false;
    if ((uintptr_t)slab % 8 != 0 || (uintptr_t)scratch % 64 != 0) return false;
    if (r->length > OV_MAX_DATA || (!r->data && r->length > 0) || (!r->starts) != (!r->ends)) return false;
    return r->count <= INT32_MAX;
}

ov_status ov_decode(const ov_decoder *decoder, const ov_records *records, uint8_t *slab, uint8_t *scratch,
                    ov_error *error) {
    if (!error || !is_good(decoder, records, slab, scratch)) return OV_BAD_ARGUMENT;
    static const uint8_t nothing[1] = {0};
    const ov_plan *plan = decoder->plan;
    const int32_t *header = plan->code;
    const size_t frames = (size_t)header[OV_PLANW_FRAMES], columns = (size_t)header[OV_PLANW_COLUMNS];
    block *b = (block *)(void *)scratch;
    column *column_list = (column *)(void *)(scratch + round_up(sizeof *b) + frames_size(plan));
    ov_run run = {
        .code = header + OV_PLAN_HEADER,
        .pool = plan->pool ? plan->pool : nothing,
        .data = records->data ? records->data : nothing,
        .data_length = records->length,
        .stride = records->starts ? 0 : records->stride,
        .level = ov_get_level(),
        .slab = slab,
        .head = (int32_t *)(void *)slab,
        .capacities = decoder->table + frames * OV_FRAME_WIDTH + columns * OV_COLUMN_WIDTH,
        .frames = (ov_frame *)(void *)(scratch + round_up(sizeof *b)),
        .frame_count = (uint32_t)frames,
        .starts = b->starts,
        .ends = b->ends,
    };
    memset(run.head, 0, (OV_HEAD_SPACES + (size_t)header[OV_PLANW_SPACES] + 2 * columns + frames) * sizeof(int32_t));
    ov_frames_prepare(&run, plan, decoder->table);
    prepare_columns(&run, plan, decoder->table, column_list);

    for (uint32_t done = 0; done < records->count; done += run.count) {
        run.count = ov_min32(OV_BLOCK, records->count - done);
        const uint32_t good = load_block(records, done, run.count, b);
        if (good < run.count) {
            *error = (ov_error){(int32_t)(done + good), -1};
            return OV_BAD_RECORDS;
        }
        if ((uint64_t)done + run.count > (uint64_t)run.capacities[0]) {
            run.full_frame = 0;
            run.full_slots = (uint64_t)done + run.count;
            abandon(&run);
            break;
        }
        run.all_long = b->shortest >= plan->reach;
        if (run.count > 1) touch(&run, plan->reach);
        if (!ov_frames_build(&run)) {
            abandon(&run);
            break;
        }
        count_extents(&run, plan);
        for (size_t i = 0; i < columns; i++) {
            if (column_list[i].width > 0) {
                decode_numbers(&run, &column_list[i]);
            } else if (!decode_texts(&run, &column_list[i])) {
                *error = (ov_error){-1, -1};
                return OV_BAD_SLAB;
            }
        }
        commit(&run, plan);
    }
    return OV_OK;
}
