/* Columns of a group-by's result out of the rows of its groups, in any order: parts of keys become values again, sums
 * are held to the digits that a column may have, averages are rounded.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdbool.h>

#include "decimal.h"

enum { TOGETHER = 128, AHEAD = 24, LINE = 64, MOST_LINES = 4, MOST_DIGITS = 38, SPACE = 0x20 };

typedef struct result {
    int32_t kind, type, up, down;
    ov_wide limit; /* the least number with more digits than there may be */
    uint8_t *values, *validity, *data;
    size_t data_length, at, width;
    bool is_latin1;
} result;

static size_t size_of(int32_t type) {
    static const uint8_t sizes[] = {0, 4, 8, 16, 4, 8, 4};
    return type >= OV_TYPE_INT32 && type <= OV_TYPE_UTF8 ? sizes[type] : 0;
}

/* Whether a part of this width can be of this type, and the bytes that it takes in a row; 0 where it can't. */
static size_t part_bytes(int32_t type, int32_t width) {
    if (type == OV_TYPE_UTF8) return width >= 0 && width < OV_MAX_KEY ? 1 + (size_t)width : 0;
    const bool fits = type == OV_TYPE_DECIMAL128 ? width == 8 || width == 16 : (size_t)width == size_of(type);
    return fits ? 1 + (size_t)width : 0;
}

static size_t state_bytes(const int32_t *w) {
    const int32_t type = w[OV_RESULTW_TYPE];
    switch (w[OV_RESULTW_KIND]) {
    case OV_RESULT_PART: return part_bytes(type, w[OV_RESULTW_WIDTH]);
    case OV_RESULT_COUNT: return type == OV_TYPE_INT64 ? 8 : 0;
    case OV_RESULT_SUM:
    case OV_RESULT_AVERAGE: return type == OV_TYPE_INT64 || type == OV_TYPE_DECIMAL128 ? 32 : 0;
    case OV_RESULT_SUM_FLOAT:
    case OV_RESULT_AVERAGE_FLOAT: return type == OV_TYPE_FLOAT64 ? 16 : 0;
    default: return 0;
    }
}

static bool inside(int32_t place, uint64_t bytes, size_t length) {
    return place >= 0 && (uint64_t)place + bytes <= length;
}

static bool in_range(int32_t v, int32_t low, int32_t high) { return v >= low && v <= high; }

static bool read_result(const int32_t *w, size_t row_width, uint8_t *slab, size_t length, uint32_t count, result *r) {
    const int32_t type = w[OV_RESULTW_TYPE];
    const bool text = type == OV_TYPE_UTF8;
    const size_t state = state_bytes(w);
    if (state == 0 || !inside(w[OV_RESULTW_AT], state, row_width) ||
        !inside(w[OV_RESULTW_VALUES], ((uint64_t)count + text) * size_of(type), length) ||
        !inside(w[OV_RESULTW_VALIDITY], ((uint64_t)count + 7) / 8, length))
        return false;
    if (text &&
        (w[OV_RESULTW_DATA_LENGTH] < 0 || !inside(w[OV_RESULTW_DATA], (uint64_t)w[OV_RESULTW_DATA_LENGTH], length)))
        return false;
    const int32_t most = type == OV_TYPE_INT64 ? 18 : MOST_DIGITS;
    if ((w[OV_RESULTW_KIND] == OV_RESULT_SUM || w[OV_RESULTW_KIND] == OV_RESULT_AVERAGE) &&
        (!in_range(w[OV_RESULTW_DIGITS], 1, most) || !in_range(w[OV_RESULTW_UP], 0, MOST_DIGITS) ||
         !in_range(w[OV_RESULTW_DOWN], 0, w[OV_RESULTW_UP] == 0 ? MOST_DIGITS : 0)))
        return false;
    *r = (result){.kind = w[OV_RESULTW_KIND],
                  .type = type,
                  .up = w[OV_RESULTW_UP],
                  .down = w[OV_RESULTW_DOWN],
                  .values = slab + w[OV_RESULTW_VALUES],
                  .validity = slab + w[OV_RESULTW_VALIDITY],
                  .data = text ? slab + w[OV_RESULTW_DATA] : NULL,
                  .data_length = text ? (size_t)w[OV_RESULTW_DATA_LENGTH] : 0,
                  .at = (size_t)w[OV_RESULTW_AT],
                  .width = (size_t)w[OV_RESULTW_WIDTH],
                  .is_latin1 = w[OV_RESULTW_LATIN1] != 0};
    if (r->kind == OV_RESULT_SUM || r->kind == OV_RESULT_AVERAGE)
        r->limit = ov_wide_scale((ov_wide){1, 0}, w[OV_RESULTW_DIGITS]);
    return true;
}

static inline void set_valid(const result *r, uint32_t slot) { r->validity[slot >> 3] |= (uint8_t)(1 << (slot & 7)); }

static inline bool store32(const result *r, uint32_t slot, uint32_t v) {
    memcpy(r->values + (size_t)slot * 4, &v, 4);
    return true;
}

static inline bool store64(const result *r, uint32_t slot, uint64_t v) {
    ov_store64(r->values + (size_t)slot * 8, v);
    return true;
}

static inline bool store_double(const result *r, uint32_t slot, double v) {
    uint64_t bits = 0; /* of -0 too */
    if (v != 0) memcpy(&bits, &v, 8);
    return store64(r, slot, v == v ? bits : 0x7ff8000000000000u);
}

#define SIGN64 ((uint64_t)1 << 63)
#define SIGN32 ((uint32_t)1 << 31)

static bool put_number(const result *r, uint32_t slot, const uint8_t *part) {
    const uint32_t high = (uint32_t)(ov_swap64(ov_load32(part)) >> 32);
    if (r->type == OV_TYPE_INT32) return store32(r, slot, high ^ SIGN32);
    if (r->type == OV_TYPE_FLOAT32) return store32(r, slot, high & SIGN32 ? high ^ SIGN32 : ~high);
    const uint64_t word = ov_swap64(ov_load64(part)), turned = word ^ SIGN64;
    if (r->type == OV_TYPE_INT64) return store64(r, slot, turned);
    if (r->type == OV_TYPE_FLOAT64) return store64(r, slot, word & SIGN64 ? turned : ~word);
    const bool is_narrow = r->width == 8;
    store64(r, 2 * slot, is_narrow ? turned : ov_swap64(ov_load64(part + 8)));
    return store64(r, 2 * slot + 1, is_narrow ? (uint64_t)((int64_t)turned >> 63) : turned);
}

/* Writes text without the spaces at its end to data[end..]; answers where it ends, or more than there is room for. */
static size_t put_text(const result *r, const uint8_t *text, size_t end) {
    size_t length = r->width;
    while (length >= 8 && ov_load64(text + length - 8) == 0x2020202020202020u) length -= 8;
    while (length > 0 && text[length - 1] == SPACE) length--;
    if (length > r->data_length - end) return SIZE_MAX;
    uint8_t any = 0;
    for (size_t i = 0; i < length; i++) any |= text[i];
    if (any < 0x80 || !r->is_latin1) {
        memcpy(r->data + end, text, length);
        return end + length;
    }
    for (size_t i = 0; i < length; i++) {
        if (r->data_length - end < 2) return SIZE_MAX;
        if (text[i] < 0x80) {
            r->data[end++] = text[i];
        } else {
            r->data[end++] = (uint8_t)(0xc0 | text[i] >> 6);
            r->data[end++] = (uint8_t)(0x80 | (text[i] & 0x3f));
        }
    }
    return end;
}

/* The magnitude of a sum while an average is made of it: |sum| < 2^191, moved up by at most 38 digits and doubled,
 * fits. */
enum { WORDS = 6 };
typedef struct magnitude {
    uint64_t words[WORDS];
} magnitude;

static void multiply(magnitude *m, uint64_t by) {
    uint64_t carry = 0;
    for (int i = 0; i < WORDS; i++) {
        ov_wide product = ov_wide_multiply(m->words[i], by);
        product.low += carry;
        carry = product.high + (product.low < carry);
        m->words[i] = product.low;
    }
}

static void scale(magnitude *m, int32_t digits) {
    for (; digits > 19; digits -= 19) multiply(m, ov_powers10[19]);
    if (digits > 0) multiply(m, ov_powers10[digits]);
}

static void add(magnitude *m, const magnitude *other) {
    uint64_t carry = 0;
    for (int i = 0; i < WORDS; i++) {
        const uint64_t sum = m->words[i] + other->words[i];
        const uint64_t next = sum + carry;
        carry = (sum < other->words[i]) | (next < carry);
        m->words[i] = next;
    }
}

static void divide(magnitude *m, uint64_t by) {
    uint64_t rest = 0;
    for (int i = WORDS - 1; i >= 0; i--) {
#if defined(__SIZEOF_INT128__)
        const unsigned __int128 all = (unsigned __int128)rest << 64 | m->words[i];
        m->words[i] = (uint64_t)(all / by);
        rest = (uint64_t)(all % by);
#else
        uint64_t quotient = 0;
        for (int bit = 63; bit >= 0; bit--) {
            const bool over = rest >> 63;
            rest = rest << 1 | (m->words[i] >> bit & 1);
            const bool fits = over || rest >= by;
            if (fits) rest -= by;
            quotient = quotient << 1 | fits;
        }
        m->words[i] = quotient;
#endif
    }
}

/* The sum, moved and divided by `count`, to the nearest, halves up: (2 * sum + d) / (2 * d) for the divisor d. */
static void average(const result *r, magnitude *m, uint64_t count) {
    magnitude divisor = {{count}};
    scale(&divisor, r->down);
    scale(m, r->up);
    multiply(m, 2);
    add(m, &divisor);
    divide(m, count);
    for (int32_t down = r->down; down > 0; down -= 19) divide(m, ov_powers10[down < 19 ? down : 19]);
    divide(m, 2);
}

/* False where the value has more digits than it may have. */
static bool put_sum(const result *r, uint32_t slot, const uint8_t *state, uint64_t count) {
    uint64_t low = ov_load64(state + 8), middle = ov_load64(state + 16), top = ov_load64(state + 24);
    const bool minus = top >> 63;
    if (minus) {
        low = 0 - low;
        middle = ~middle + (low == 0);
        top = ~top + (low == 0 && middle == 0);
    }
    if (r->kind == OV_RESULT_AVERAGE) {
        magnitude m = {{low, middle, top}};
        average(r, &m, count);
        low = m.words[0];
        middle = m.words[1];
        top = m.words[2] | m.words[3] | m.words[4] | m.words[5];
    }
    if (top != 0 || middle > r->limit.high || (middle == r->limit.high && low >= r->limit.low)) return false;
    const ov_int128 value = ov_wide_signed((ov_wide){low, middle}, minus);
    ov_store_integer(r->type, r->values, slot, value);
    return true;
}

static bool put_float(const result *r, uint32_t slot, const uint8_t *state, uint64_t count) {
    double sum;
    memcpy(&sum, state + 8, 8);
    return store_double(r, slot, r->kind == OV_RESULT_AVERAGE_FLOAT ? sum / (double)count : sum);
}

/* Values of `some` rows to slots from `slot` on; false where one has too many digits, or there is no room for text. */
static bool put_values(const result *r, const uint8_t *const *rows, uint32_t some, uint32_t slot) {
    for (uint32_t k = 0; k < some; k++, slot++) {
        const uint8_t *state = rows[k] + r->at;
        bool is_there = true;
        if (r->kind == OV_RESULT_PART) {
            is_there = state[0] == OV_KEYCLASS_VALUE;
            if (r->type == OV_TYPE_UTF8) {
                const uint32_t from = ov_load32(r->values + (size_t)slot * 4);
                const size_t end = is_there ? put_text(r, state + 1, from) : from;
                if (end > r->data_length) return false;
                store32(r, slot + 1, (uint32_t)end);
            } else if (is_there) {
                put_number(r, slot, state + 1);
            }
        } else if (r->kind == OV_RESULT_COUNT) {
            store64(r, slot, ov_load64(state));
        } else {
            const uint64_t count = ov_load64(rows[k] + OV_GROUPROW_RECORDS) - ov_load64(state);
            is_there = count != 0;
            const bool is_float = r->kind == OV_RESULT_SUM_FLOAT || r->kind == OV_RESULT_AVERAGE_FLOAT;
            if (is_there && !(is_float ? put_float : put_sum)(r, slot, state, count)) return false;
        }
        if (is_there) set_valid(r, slot);
    }
    return true;
}

ov_status ov_group_results(const int32_t *program, size_t words, const uint8_t *rows, size_t row_width, uint32_t count,
                           const uint32_t *order, uint32_t from, uint32_t to, uint8_t *slab, size_t slab_length,
                           int32_t *failed) {
    if (!failed || from > to || words % OV_RESULT_WORDS != 0 || (words > 0 && (!program || !slab)) ||
        (to > from && (!rows || !order)) || row_width < OV_GROUPROW_KEY)
        return OV_BAD_ARGUMENT;
    *failed = -1;
    result r;
    for (size_t at = 0; at < words; at += OV_RESULT_WORDS) {
        if (!read_result(program + at, row_width, slab, slab_length, to - from, &r)) return OV_BAD_ARGUMENT;
        if (r.type == OV_TYPE_UTF8) store32(&r, 0, 0);
    }
    for (uint32_t k = from; k < to; k++)
        if (order[k] >= count) return OV_BAD_ARGUMENT;
    const size_t lines = row_width < LINE * MOST_LINES ? row_width : LINE * MOST_LINES;
    for (uint32_t first = from, some; first < to; first += some) {
        const uint8_t *at[TOGETHER];
        some = to - first < TOGETHER ? to - first : TOGETHER;
        for (uint32_t k = 0; k < some; k++) {
            at[k] = rows + order[first + k] * row_width;
            if (first + k + TOGETHER >= to) continue;
            const uint8_t *next = rows + order[first + k + TOGETHER] * row_width;
            for (size_t i = 0; i < lines; i += LINE) __builtin_prefetch(next + i, 0, 2);
            __builtin_prefetch(next + lines - 1, 0, 2);
        }
        for (size_t w = 0; w < words; w += OV_RESULT_WORDS) {
            read_result(program + w, row_width, slab, slab_length, to - from, &r);
            if (put_values(&r, at, some, first - from)) continue;
            if (r.type == OV_TYPE_UTF8) return OV_BAD_ARGUMENT;
            *failed = (int32_t)(w / OV_RESULT_WORDS);
            return OV_OK;
        }
    }
    return OV_OK;
}
