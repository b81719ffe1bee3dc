/* A row of the slab as text, for each level to compile with its own ways of writing text and integers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OV_ROWS_H
#define OV_ROWS_H

#include "decimal.h"
#include "write.h"

typedef uint8_t *ov_text_writer(const uint8_t *text, size_t length, bool latin1, uint8_t *at);
typedef uint8_t *ov_integer_writer(const ov_op *op, ov_int128 value, uint8_t *at);

static inline bool ov_row_bit(const uint8_t *bitmap, uint32_t i) { return bitmap[i >> 3] >> (i & 7) & 1; }

static inline ov_int128 ov_row_integer(const ov_op *op, uint32_t i) {
    ov_int128 v;
    if (op->type == OV_TYPE_INT32) {
        int32_t n;
        memcpy(&n, op->values + (size_t)i * 4, 4);
        v.low = (uint64_t)(int64_t)n;
        v.high = n < 0 ? -1 : 0;
    } else if (op->type == OV_TYPE_INT64) {
        memcpy(&v.low, op->values + (size_t)i * 8, 8);
        v.high = (int64_t)v.low < 0 ? -1 : 0;
    } else {
        memcpy(&v.low, op->values + (size_t)i * 16, 8);
        memcpy(&v.high, op->values + (size_t)i * 16 + 8, 8);
    }
    return v;
}

static inline double ov_row_float(const ov_op *op, uint32_t i) {
    double value;
    float small;
    if (op->type == OV_TYPE_FLOAT32) {
        memcpy(&small, op->values + (size_t)i * 4, 4);
        return small;
    }
    memcpy(&value, op->values + (size_t)i * 8, 8);
    return value;
}

/* The items of slot i; false: offsets that no decoder writes. */
static inline bool ov_row_items(const ov_op *op, uint32_t i, uint32_t *from, uint32_t *to) {
    if (op->list) {
        *from = (uint32_t)op->list[i];
        *to = (uint32_t)op->list[i + 1];
        return *from <= *to && *to <= op->capacity;
    }
    const uint64_t first = (uint64_t)i * (uint32_t)op->size;
    if (first + (uint32_t)op->size > op->capacity) return false;
    *from = (uint32_t)first;
    *to = (uint32_t)first + (uint32_t)op->size;
    return true;
}

static inline uint8_t *ov_stop(bool *reason) {
    *reason = true;
    return NULL;
}

/* CSV: the columns of items that there could be are there. */
static inline uint8_t *ov_missing_items(ov_text_out *out, const ov_op *op, uint32_t items, uint8_t *at) {
    const uint64_t commas = (uint64_t)(op->most - items) * op->columns;
    if (!ov_has_room(out, at, commas)) return ov_stop(&out->is_full);
    memset(at, ',', (size_t)commas);
    return at + commas;
}

/* What precedes and follows the items of a list; `count` of them are written. */
static inline uint8_t *ov_open_list(ov_text_out *out, const ov_op *op, uint8_t *at) {
    return out->is_csv ? at : ov_write_template(at, op->prefix, op->prefix_length);
}

static inline uint8_t *ov_close_list(ov_text_out *out, const ov_op *op, uint32_t count, uint8_t *start, uint8_t *at) {
    if (out->is_csv) return ov_missing_items(out, op, count, at);
    if (at == start) at++;
    *start = '[';
    *at = ']';
    return at + 1;
}

static inline uint8_t *ov_close_object(const ov_text_out *out, const ov_op *op, uint8_t *at) {
    uint8_t *start = out->opened[op->end];
    if (at == start) at++;
    *start = '{';
    *at = '}';
    return at + 1;
}

static inline uint8_t *ov_end_line(const ov_text_out *out, uint8_t *at) {
    if (out->is_csv && at > out->line) at--; /* over the last comma */
    *at = '\n';
    return at + 1;
}

/* Instructions from `op` on, for slot i, to the end of the list's item or the record. */
#define OV_ALWAYS static inline __attribute__((always_inline))
OV_ALWAYS uint8_t *ov_row(ov_text_out *out, const ov_op *op, uint32_t i, uint8_t *at, ov_text_writer *json,
                          ov_text_writer *csv, ov_integer_writer *integer, ov_row_writer *self) {
    for (;; op++) {
        switch (op->op) {
        case OV_WRITE_TEXT: {
            if (!ov_row_bit(op->validity, i)) {
                at = ov_write_nothing(op, at);
                break;
            }
            const uint32_t from = ov_load32(op->values + (size_t)i * 4), to = ov_load32(op->values + (size_t)i * 4 + 4);
            if (from > to || to > op->data_length) return ov_stop(&out->is_broken);
            if (!ov_has_room(out, at, 6 * (uint64_t)(to - from))) return ov_stop(&out->is_full);
            at = ov_write_template(at, op->prefix, op->prefix_length);
            at = (out->is_csv ? csv : json)(op->data + from, to - from, op->latin1, at);
            break;
        }
        case OV_WRITE_NUMBER:
            if (ov_row_bit(op->validity, i))
                at = integer(op, ov_row_integer(op, i), at);
            else
                at = ov_write_nothing(op, at);
            break;
        case OV_WRITE_FLOAT:
            if (ov_row_bit(op->validity, i))
                at = ov_write_float(op, ov_row_float(op, i), at);
            else
                at = ov_write_nothing(op, at);
            break;
        case OV_WRITE_SELECT:
            if (ov_row_bit(op->validity, i)) break;
            at = ov_write_nothing(op, at);
            op = out->ops + op->end;
            break;
        case OV_WRITE_OPEN:
            at = ov_write_template(at, op->prefix, op->prefix_length);
            out->opened[op->end] = at;
            break;
        case OV_WRITE_CLOSE: at = ov_close_object(out, op, at); break;
        case OV_WRITE_LIST: {
            uint32_t from, to;
            if (!ov_row_items(op, i, &from, &to)) return ov_stop(&out->is_broken);
            if (out->is_csv && to - from > op->most) to = from + op->most;
            at = ov_open_list(out, op, at);
            uint8_t *const start = at;
            for (uint32_t k = from; k < to; k++) {
                if (!ov_has_room(out, at, 0)) return ov_stop(&out->is_full);
                at = self(out, op + 1, k, at);
                if (!at) return NULL;
            }
            at = ov_close_list(out, op, to - from, start, at);
            if (!at) return NULL;
            op = out->ops + op->end;
            break;
        }
        case OV_WRITE_END: return ov_end_line(out, at);
        case OV_WRITE_END_LIST: return at;
        default: break; /* END_SELECT */
        }
    }
}

#endif
