/* From a slab's columns to DuckDB's vectors.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "query.h"

typedef struct filler {
    const ov_query *query;
    const ov_unit *unit;
} filler;

static uint64_t load64(const uint8_t *at) {
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return word;
}

/* Bits [0, count) of `from`, behind which there are 64 bytes more, to bits [at, at + count). */
static void copy_bits(uint64_t *to, uint64_t at, const uint8_t *from, uint64_t count) {
    for (uint64_t i = 0; i < count; i += 64) {
        const uint64_t mask = count - i >= 64 ? ~(uint64_t)0 : ((uint64_t)1 << (count - i)) - 1;
        const uint64_t bits = load64(from + i / 8) & mask;
        uint64_t *word = to + (at + i) / 64;
        const unsigned shift = (unsigned)((at + i) % 64);
        word[0] = (word[0] & ~(mask << shift)) | bits << shift;
        if (shift == 0 || mask >> (64 - shift) == 0) continue;
        word[1] = (word[1] & ~(mask >> (64 - shift))) | bits >> (64 - shift);
    }
}

static bool all_set(const uint8_t *bits, uint64_t count) {
    uint64_t i = 0, all = ~(uint64_t)0;
    for (; i + 64 <= count; i += 64) all &= load64(bits + i / 8);
    if (i < count) all &= load64(bits + i / 8) | ~(uint64_t)0 << (count - i);
    return all == ~(uint64_t)0;
}

/* Vectors begin without nulls; a bitmap is made where there are some. */
static void put_validity(duck_vector vector, uint64_t at, const uint8_t *bits, uint64_t count) {
    if (all_set(bits, count)) return;
    duck_make_validity(vector);
    copy_bits(duck_validity(vector), at, bits, count);
}

static void put_texts(duck_string *out, const int32_t *offsets, const uint8_t *data, uint64_t count) {
    for (uint64_t i = 0; i < count; i++) {
        const uint32_t length = (uint32_t)(offsets[i + 1] - offsets[i]);
        const uint8_t *text = data + offsets[i];
        /* There are 64 bytes behind the data, so that 12 can always be read. */
        const uint64_t low = load64(text);
        uint32_t high;
        memcpy(&high, text + 8, sizeof high);
        duck_string s;
        s.length = length;
        if (length > DUCK_INLINE) {
            memcpy(s.prefix, text, sizeof s.prefix);
            s.at.data = (const char *)text;
        } else {
            const uint64_t kept = length >= 8 ? low : low & (((uint64_t)1 << 8 * length) - 1);
            const uint32_t more = length >= 12 ? high : length > 8 ? high & ((1u << 8 * (length - 8)) - 1) : 0;
            memcpy(s.prefix, &kept, sizeof s.prefix);
            const uint64_t rest = kept >> 32 | (uint64_t)more << 32;
            memcpy(s.at.rest, &rest, sizeof rest);
        }
        out[i] = s;
    }
}

/* Decimals of up to 18 digits are narrower in DuckDB; the low word has them. */
static void put_decimals(void *out, uint64_t at, const uint8_t *values, uint64_t count, int32_t precision) {
    const int64_t *words = (const int64_t *)(const void *)values;
    if (precision <= 4) {
        int16_t *to = (int16_t *)out + at;
        for (uint64_t i = 0; i < count; i++) to[i] = (int16_t)words[2 * i];
    } else if (precision <= 9) {
        int32_t *to = (int32_t *)out + at;
        for (uint64_t i = 0; i < count; i++) to[i] = (int32_t)words[2 * i];
    } else if (precision <= 18) {
        int64_t *to = (int64_t *)out + at;
        for (uint64_t i = 0; i < count; i++) to[i] = words[2 * i];
    } else {
        memcpy((uint8_t *)out + 16 * at, values, 16 * count);
    }
}

static void fill_field(const filler *f, const ov_node *n, duck_vector vector, uint64_t at, uint64_t count) {
    const ov_unit *unit = f->unit;
    const int32_t *row = ov_column_row(unit, f->query->projection.columns[n->column]);
    const uint8_t *values = unit->slab + row[OV_COLUMN_VALUES];
    uint8_t *out = duck_data(vector);
    switch (n->type) {
    case OV_TYPE_UTF8:
        put_texts((duck_string *)(void *)out + at, (const int32_t *)(const void *)values,
                  unit->slab + row[OV_COLUMN_DATA], count);
        break;
    case OV_TYPE_DECIMAL128: put_decimals(out, at, values, count, n->precision); break;
    case OV_TYPE_INT32:
    case OV_TYPE_FLOAT32: memcpy(out + 4 * at, values, 4 * count); break;
    default: memcpy(out + 8 * at, values, 8 * count); break;
    }
    put_validity(vector, at, unit->slab + row[OV_COLUMN_VALIDITY], count);
}

/* live: which of the slots are in a selected alternative; NULL: all. */
static void fill_node(const filler *f, int32_t at_node, duck_vector vector, uint64_t at, uint64_t count,
                      const uint8_t *live) {
    const ov_node *n = &f->query->file->nodes[at_node];
    const ov_unit *unit = f->unit;
    if (n->select >= 0) {
        const int32_t frame = f->query->projection.frames[n->select];
        live = unit->slab + ov_frame_row(unit, frame)[OV_FRAME_VALIDITY];
    }
    if (n->kind == OV_NODE_FIELD) {
        fill_field(f, n, vector, at, count);
        return;
    }
    if (live) put_validity(vector, at, live, count);
    if (n->kind == OV_NODE_GROUP) {
        int32_t child = at_node + 1;
        for (int32_t i = 0; i < n->children; i++) {
            fill_node(f, child, duck_struct_child(vector, (uint64_t)i), at, count, live);
            child = f->query->file->nodes[child].next;
        }
        return;
    }
    const uint64_t items = (uint64_t)ov_head(unit)[OV_HEAD_SPACES + f->query->projection.spaces[n->space]];
    const uint64_t base = duck_list_size(vector);
    duck_list *lists = (duck_list *)duck_data(vector) + at;
    if (n->size >= 0) {
        for (uint64_t i = 0; i < count; i++) lists[i] = (duck_list){base + i * (uint64_t)n->size, (uint64_t)n->size};
    } else {
        const int32_t place = ov_frame_row(unit, f->query->projection.frames[n->frame])[OV_FRAME_LIST_OFFSETS];
        const int32_t *offsets = (const int32_t *)(const void *)(unit->slab + place);
        for (uint64_t i = 0; i < count; i++)
            lists[i] = (duck_list){base + (uint64_t)offsets[i], (uint64_t)(offsets[i + 1] - offsets[i])};
    }
    duck_reserve_list(vector, base + items);
    fill_node(f, at_node + 1, duck_list_child(vector), base, items, NULL);
    duck_set_list_size(vector, base + items);
}

/* The fields that were bad in each row; the unit's faults are listed. */
static void fill_bad(const ov_lane *lane, duck_vector vector, uint64_t at, uint32_t rows) {
    const uint64_t base = duck_list_size(vector);
    duck_list *lists = (duck_list *)duck_data(vector) + at;
    duck_reserve_list(vector, base + lane->fault_count);
    duck_vector child = duck_list_child(vector);
    uint32_t k = 0;
    for (uint32_t row = 0; row < rows; row++) {
        const uint32_t first = k;
        for (; k < lane->fault_count && lane->faults[k].row == row; k++)
            duck_assign_string(child, base + k, lane->faults[k].field, strlen(lane->faults[k].field));
        lists[row] = (duck_list){base + first, k - first};
    }
    duck_set_list_size(vector, base + lane->fault_count);
}

void ov_fill(const ov_query *query, const ov_lane *lane, const ov_unit *unit, duck_chunk chunk, uint64_t at,
             uint32_t rows) {
    const filler f = {query, unit};
    for (uint32_t column = 0; column < query->wanted_count; column++) {
        const int32_t node = query->wanted[column];
        if (node == OV_COLUMN_NONE) continue;
        duck_vector vector = duck_column(chunk, column);
        if (node == OV_COLUMN_RECORD) {
            int64_t *numbers = (int64_t *)duck_data(vector) + at;
            for (uint32_t i = 0; i < rows; i++) numbers[i] = (int64_t)ov_lane_number(lane, lane->part_done + i) + 1;
        } else if (node == OV_COLUMN_BAD_FIELDS) {
            fill_bad(lane, vector, at, rows);
        } else {
            fill_node(&f, node, vector, at, rows, NULL);
        }
    }
}
