/* Fields to columns, a tile at a time: whole tiles right into the slab, others by way of a list of the items that are
 * there.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "columns.h"

#include "decimal.h"
#include "sparse.h"

/* So many items are decoded faster one by one: wide kernels first load their tables. */
enum { FEW = 4 };
/* So many items are decoded for all columns of their frame, one after another. */
enum { NEAR = 128 };

static void prepare_column(const ov_run *run, const int32_t *w, const int32_t *places, int32_t *counts, ov_column *c) {
    static const uint8_t widths[7] = {0, 4, 8, 16, 4, 8, 0};
    c->field = ov_field_of(run, w);
    c->frame = w[OV_W_FRAME];
    c->offset = w[OV_W_OFFSET];
    c->need = (int64_t)c->offset + c->field.length;
    c->width = widths[c->field.type];
    c->values = run->slab + places[OV_COLUMN_VALUES];
    c->validity = run->slab + places[OV_COLUMN_VALIDITY];
    c->bad = run->slab + places[OV_COLUMN_BAD];
    c->counts = counts;
    if (c->width > 0) {
        c->kernel.number = ov_number_kernel_for(&c->field, run->level);
        c->few.number = ov_number_kernel_for(&c->field, OV_LEVEL_PORTABLE);
        return;
    }
    /* Faster kernels read both tables of a code page. */
    const bool whole = w[OV_W_POOL_LENGTH] >= OV_TEXT_POOL + OV_TEXT_POOL_LATIN1;
    c->level = whole ? run->level : OV_LEVEL_PORTABLE;
    if (whole && c->field.op == OV_OP_TEXT) c->field.flags |= OV_FIELD_BOTH_TABLES;
    c->kernel.text = ov_text_kernel_for(&c->field, c->level);
    c->few.text = ov_text_kernel_for(&c->field, OV_LEVEL_PORTABLE);
    c->item_most =
        (uint32_t)(c->field.op == OV_OP_NATIONAL ? c->field.length / 2 * 3 : c->field.length * c->field.digits);
    c->data = run->slab + places[OV_COLUMN_DATA];
    c->data_length = (uint64_t)places[OV_COLUMN_DATA_LENGTH];
}

void ov_columns_prepare(const ov_run *run, const ov_plan *plan, const int32_t *table, ov_column *columns) {
    const int32_t count = plan->code[OV_PLANW_COLUMNS], spaces = plan->code[OV_PLANW_SPACES];
    const int32_t *places = table + (size_t)run->frame_count * OV_FRAME_WIDTH;
    int32_t *counts = run->head + OV_HEAD_SPACES + spaces;
    const int32_t *w = run->code;
    for (int32_t done = 0; done < count; w += OV_WIDTH) {
        if (w[OV_W_OP] < OV_OP_TEXT || w[OV_W_TARGET] < 0) continue;
        const size_t number = (size_t)w[OV_W_TARGET];
        ov_column *c = &columns[done++];
        prepare_column(run, w, places + number * OV_COLUMN_WIDTH, counts + 2 * number, c);
        for (ov_frame *f = &run->frames[c->frame]; f->op == OV_OP_SELECT; f = &run->frames[f->parent])
            f->need = c->need > f->need ? c->need : f->need;
    }
}

/* Counts a tile's items without a value. `live`: items that are there to be counted. */
static void count_missing(const ov_column *c, uint32_t live, const ov_bits *valid, ov_bits *bad) {
    uint32_t values = 0, faults = 0;
    for (uint32_t i = 0; i < OV_TILE_BITS / 64; i++) {
        values += ov_count_bits(valid->words[i]);
        faults += ov_count_bits(bad->words[i]);
    }
    c->counts[0] += (int32_t)(live - values - faults);
    if (c->field.flags & OV_FLAG_QUIET) {
        memset(bad, 0, sizeof *bad);
    } else {
        c->counts[1] += (int32_t)faults;
    }
}

/* Appends a tile's bits, and counts what has no value. */
static inline void finish_tile(const ov_column *c, size_t slot, uint32_t count, uint32_t live, const ov_bits *valid,
                               ov_bits *bad) {
    const uint32_t last = (count - 1) / 64;
    uint64_t missing = ~valid->words[last] & (~(uint64_t)0 >> (63 - (count - 1) % 64));
    for (uint32_t i = 0; i < last; i++) missing |= ~valid->words[i];
    if (missing != 0 && live > 0) count_missing(c, live, valid, bad);
    ov_append_bits(c->validity, slot, valid->words, count);
    ov_append_bits(c->bad, slot, bad->words, count);
}

/* Slots of the tile that begins at `from`. One of a long fixed table ends with its element: the next may be dead. */
static uint32_t tile_at(const ov_frame *f, uint32_t from) {
    const uint32_t left = ov_min32(OV_TILE, f->slots - from);
    if (f->op != OV_OP_TABLE || f->list) return left;
    const uint32_t most = (uint32_t)f->words[OV_W_DIGITS];
    return most < OV_TILE / 4 ? left : ov_min32(left, most - from % most);
}

/* The stride of a tile's items, where they lie in one element of a table that always has as many; else 0. */
static uint32_t stride_of(const ov_frame *f, uint32_t from, uint32_t count) {
    if (f->op != OV_OP_TABLE || f->list || f->words[OV_W_LENGTH] <= 0) return 0;
    const uint32_t most = (uint32_t)f->words[OV_W_DIGITS];
    return from / most == (from + count - 1) / most ? (uint32_t)f->words[OV_W_LENGTH] : 0;
}

/* A tile all of whose slots are live; a field's offset is to be added to the origin. */
static ov_items dense_items(const ov_run *run, const ov_frame *f, uint32_t from, uint32_t count) {
    ov_items items = {run->data, NULL, 0, count, run->data, run->data + run->data_length};
    const uint32_t stride = f->op == OV_OP_ROOT ? run->stride : stride_of(f, from, count);
    if (stride > 0) {
        items.origin += f->positions[from];
        items.stride = stride;
    } else {
        items.positions = f->positions + from;
    }
    return items;
}

/* Of a frame with dead slots: how many of a tile's are live, where that is none or all of them, as it mostly is with
 * the items of a table; -1 otherwise. */
static int32_t none_or_all(const ov_frame *f, uint32_t from, uint32_t count, uint32_t *cursor) {
    if (!f->rows) return (int32_t)count;
    if (*cursor == f->live || f->rows[*cursor] >= from + count) return 0;
    if (f->live - *cursor < count || f->rows[*cursor] != from) return -1;
    if (f->rows[*cursor + count - 1] != from + count - 1) return -1;
    *cursor += count;
    return (int32_t)count;
}

/* Bits of the gathered items as bits of the tile's slots. */
static void spread_bits(const ov_bits *from, const ov_gather *g, const uint32_t *slots, uint32_t first, ov_bits *to) {
    memset(to, 0, sizeof *to);
    for (uint32_t j = 0; j < g->full; j++) {
        const uint32_t bit = slots[g->index[j]] - first;
        to->words[bit >> 6] |= (uint64_t)ov_get_bit(from->words, j) << (bit & 63);
    }
}

/* Values of the gathered items as values of the tile's slots. */
static void spread_values(const uint8_t *values, uint32_t width, const ov_gather *g, const uint32_t *slots,
                          uint32_t first, uint8_t *to) {
    for (uint32_t j = 0; j < g->full; j++) {
        uint8_t *out = to + (size_t)(slots[g->index[j]] - first) * width;
        switch (width) { /* lengths that the compiler knows */
        case 4: memcpy(out, values + (size_t)j * 4, 4); break;
        case 8: memcpy(out, values + (size_t)j * 8, 8); break;
        default: memcpy(out, values + (size_t)j * 16, 16); break;
        }
    }
}

static void cut_numbers(ov_run *run, const ov_column *c, const uint32_t *slots, uint32_t live, uint32_t from,
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
        spread_values((const uint8_t *)values, c->width, &gather, slots, from, out);
    }
    for (uint32_t j = 0; j < gather.cut; j++) ov_set_bit(bad->words, slots[gather.cut_index[j]] - from);
}

/* The live slots of a tile with dead ones; `cursor` goes on behind them. */
static ov_items sparse_items(const ov_run *run, const ov_column *c, ov_sparse *sparse, uint32_t from, uint32_t count,
                             uint32_t *cursor) {
    if (sparse->frame != c->frame || sparse->from != from) ov_sparse_make(sparse, run, c->frame, from, count, *cursor);
    *cursor += sparse->live;
    ov_items items = ov_gathered(run, sparse->positions, sparse->live);
    items.origin += c->offset;
    return items;
}

static uint32_t sparse_numbers(const ov_run *run, const ov_column *c, ov_sparse *sparse, uint32_t from, uint32_t count,
                               uint32_t *cursor, uint8_t *out, ov_bits *valid, ov_bits *bad) {
    const ov_items items = sparse_items(run, c, sparse, from, count, cursor);
    uint64_t values[2 + OV_TILE * 2 + OV_SLACK / 8];
    memset(values, 0, c->width);
    (items.count < FEW ? c->few : c->kernel).number(&c->field, &items, (uint8_t *)values + c->width, valid, bad);
    ov_sparse_values(sparse, (const uint8_t *)values, c->width, count, out);
    ov_sparse_bits(sparse, valid);
    ov_sparse_bits(sparse, bad);
    return items.count;
}

static void decode_numbers(ov_run *run, const ov_column *c, ov_sparse *sparse) {
    const ov_frame *f = &run->frames[c->frame];
    const bool is_whole = f->room >= c->need; /* no live item is cut */
    uint32_t cursor = 0, live;
    for (uint32_t from = 0, count; from < f->slots; from += count) {
        count = tile_at(f, from);
        const size_t slot = (size_t)f->first + from;
        uint8_t *out = c->values + slot * c->width;
        ov_bits valid, bad;
        const int32_t known = is_whole ? none_or_all(f, from, count, &cursor) : -1;
        if (known > 0) {
            ov_items items = dense_items(run, f, from, count);
            items.origin += c->offset;
            c->kernel.number(&c->field, &items, out, &valid, &bad);
            live = count;
        } else if (known == 0) {
            memset(out, 0, (size_t)count * c->width);
            memset(&valid, 0, sizeof valid);
            memset(&bad, 0, sizeof bad);
            live = 0;
        } else if (is_whole) {
            live = sparse_numbers(run, c, sparse, from, count, &cursor, out, &valid, &bad);
        } else {
            uint32_t slots[OV_TILE];
            live = ov_tile_slots(f, from, count, &cursor, slots);
            cut_numbers(run, c, slots, live, from, count, out, &valid, &bad);
        }
        finish_tile(c, slot, count, live, &valid, &bad);
    }
}

/* Room in the column's data for a tile; there is, in a slab whose table was checked. */
static bool has_room(const ov_column *c, int32_t used, uint32_t count) {
    return c->data_length - (uint64_t)used >= (uint64_t)count * c->item_most;
}

/* Text of an item whose record ends inside it: what is there. Returns the new end of the data. */
static int32_t cut_text(const ov_run *run, const ov_column *c, uint32_t position, uint32_t length, int32_t end,
                        uint32_t bit, ov_bits *valid, ov_bits *bad) {
    ov_field field = c->field;
    field.length = (int32_t)(field.op == OV_OP_NATIONAL ? length & ~1u : length);
    field.flags |= OV_FIELD_CUT;
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

static void cut_texts(ov_run *run, const ov_column *c, const uint32_t *slots, uint32_t live, uint32_t from,
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

static uint32_t sparse_texts(const ov_run *run, const ov_column *c, ov_sparse *sparse, uint32_t from, uint32_t count,
                             uint32_t *cursor, int32_t *offsets, ov_bits *valid, ov_bits *bad) {
    const ov_items items = sparse_items(run, c, sparse, from, count, cursor);
    int32_t some[OV_TILE + 1 + OV_SLACK / 4];
    some[0] = offsets[0];
    (items.count < FEW ? c->few : c->kernel).text(&c->field, &items, some, c->data, valid, bad);
    ov_sparse_offsets(sparse, some, count, offsets + 1);
    ov_sparse_bits(sparse, valid);
    ov_sparse_bits(sparse, bad);
    return items.count;
}

static bool decode_texts(ov_run *run, const ov_column *c, ov_sparse *sparse) {
    const ov_frame *f = &run->frames[c->frame];
    const bool is_whole = f->room >= c->need; /* no live item is cut */
    uint32_t cursor = 0, live;
    for (uint32_t from = 0, count; from < f->slots; from += count) {
        count = tile_at(f, from);
        const size_t slot = (size_t)f->first + from;
        int32_t *offsets = (int32_t *)(void *)c->values + slot;
        if (!has_room(c, offsets[0], count)) return false;
        ov_bits valid, bad;
        const int32_t known = is_whole ? none_or_all(f, from, count, &cursor) : -1;
        if (known > 0) {
            ov_items items = dense_items(run, f, from, count);
            items.origin += c->offset;
            c->kernel.text(&c->field, &items, offsets, c->data, &valid, &bad);
            live = count;
        } else if (known == 0) {
            for (uint32_t i = 0; i < count; i++) offsets[i + 1] = offsets[0];
            memset(&valid, 0, sizeof valid);
            memset(&bad, 0, sizeof bad);
            live = 0;
        } else if (is_whole) {
            live = sparse_texts(run, c, sparse, from, count, &cursor, offsets, &valid, &bad);
        } else {
            uint32_t slots[OV_TILE];
            live = ov_tile_slots(f, from, count, &cursor, slots);
            cut_texts(run, c, slots, live, from, count, offsets, &valid, &bad);
        }
        finish_tile(c, slot, count, live, &valid, &bad);
    }
    return true;
}

/* Items of a frame all of whose slots are live, the first of them at a byte of the bitmaps: what is the same for all
 * of its columns. */
typedef struct shared_tile {
    ov_items items;
    const uint8_t *origin;
    size_t slot;
    ov_bits all; /* the bits of all items */
} shared_tile;

static bool decode_shared(const ov_column *c, shared_tile *t) {
    const uint32_t count = t->items.count;
    const ov_kernel use = count < FEW ? c->few : c->kernel;
    ov_bits valid, bad;
    t->items.origin = t->origin + c->offset;
    if (c->width > 0) {
        use.number(&c->field, &t->items, c->values + t->slot * c->width, &valid, &bad);
    } else {
        int32_t *offsets = (int32_t *)(void *)c->values + t->slot;
        if (!has_room(c, offsets[0], count)) return false;
        use.text(&c->field, &t->items, offsets, c->data, &valid, &bad);
    }
    uint64_t missing = 0;
    for (uint32_t i = 0; i < NEAR / 64; i++) missing |= valid.words[i] ^ t->all.words[i];
    if (missing != 0) count_missing(c, count, &valid, &bad);
    memcpy(c->validity + t->slot / 8, valid.words, NEAR / 8); /* what is too much ends in the slack */
    memcpy(c->bad + t->slot / 8, bad.words, NEAR / 8);
    return true;
}

/* The columns of a frame, NEAR items at a time: their bytes stay in the first cache from one column to the next. Those
 * that a record may end inside of are left out: *rest. */
static bool decode_together(const ov_run *run, const ov_column *columns, const ov_column *end, bool *rest) {
    const ov_frame *f = &run->frames[columns->frame];
    for (uint32_t from = 0; from < f->slots; from += NEAR) {
        shared_tile tile = {.items = dense_items(run, f, from, ov_min32(NEAR, f->slots - from))};
        tile.origin = tile.items.origin;
        tile.slot = (size_t)f->first + from;
        ov_bits_fill(&tile.all, tile.items.count);
        for (const ov_column *c = columns; c < end; c++) {
            if (f->room < c->need)
                *rest = true;
            else if (!decode_shared(c, &tile))
                return false;
        }
    }
    return true;
}

bool ov_columns_decode(ov_run *run, const ov_column *columns, int32_t count) {
    const ov_column *const end = columns + count;
    ov_sparse sparse;
    sparse.frame = -1;
    for (const ov_column *c = columns, *next; c < end; c = next) {
        const ov_frame *f = &run->frames[c->frame];
        const bool together = !f->rows && f->first % 8 == 0;
        bool rest = !together;
        for (next = c + 1; next < end && next->frame == c->frame;) next++;
        if (together && !decode_together(run, c, next, &rest)) return false;
        for (; rest && c < next; c++) {
            if (together && f->room >= c->need) continue;
            if (c->width > 0) {
                decode_numbers(run, c, &sparse);
            } else if (!decode_texts(run, c, &sparse)) {
                return false;
            }
        }
    }
    return true;
}
