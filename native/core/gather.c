/* Writes records in a given order, with their keys in front or the bytes that frame them. Records that come up soon are
 * fetched ahead, into the second-level cache: it can wait for about twice as many lines at a time as the first.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdbool.h>
#include <string.h>

#include "overpunch.h"

enum { AHEAD_PLACES = 64, AHEAD_BYTES = 32, LINE = 64, MOST_LINES = 8, FEW_PIECES = 16 };

#define ALWAYS __attribute__((always_inline)) static inline
#define FETCH(place) __builtin_prefetch(place, 0, 2)

/* The last piece that begins at the record or before. Which one it is can't be foreseen: no branch depends on it. */
static inline const ov_piece *piece_of(const ov_store *s, uint32_t number) {
    const ov_piece *p = s->pieces;
    size_t count = s->piece_count;
    while (count > FEW_PIECES) {
        const size_t half = count / 2;
        p += p[half].first <= number ? half : 0;
        count -= half;
    }
    size_t index = 0;
    for (size_t i = 1; i < count; i++) index += p[i].first <= number;
    return p + index;
}

/* The record with what belongs to it; false where it is not inside its piece. */
static inline bool locate(const ov_store *s, uint32_t number, const uint8_t **bytes, size_t *length) {
    if (number >= s->count) return false;
    const ov_piece *p = piece_of(s, number);
    if (number < p->first) return false;
    size_t start, end;
    if (s->starts) {
        start = s->starts[number];
        end = s->ends[number];
        if (start < s->before || start > end) return false;
        start -= s->before;
    } else {
        start = (size_t)(number - p->first) * s->stride;
        end = start + s->stride;
    }
    if (end > p->length) return false;
    *bytes = p->data + start;
    *length = end - start;
    return true;
}

static inline void fetch(const ov_store *s, const uint32_t *order, uint32_t k, uint32_t to) {
    if (to - k > AHEAD_PLACES) {
        const uint32_t number = order[k + AHEAD_PLACES];
        if (number < s->count) {
            if (s->starts) {
                FETCH(s->starts + number);
                FETCH(s->ends + number);
            }
            if (s->keys) FETCH(s->keys + number * s->key_width);
        }
    }
    if (to - k > AHEAD_BYTES) {
        const uint8_t *bytes;
        size_t length;
        if (!locate(s, order[k + AHEAD_BYTES], &bytes, &length)) return;
        if (length > LINE * MOST_LINES) length = LINE * MOST_LINES;
        for (size_t i = 0; i < length; i += LINE) FETCH(bytes + i);
        if (length > 0) FETCH(bytes + length - 1);
    }
}

static inline uint8_t *put(uint8_t *out, const uint8_t *bytes, size_t length) {
    if (length > 0) memcpy(out, bytes, length);
    return out + length;
}

/* As put, of a length that seldom changes: what it takes is foreseen, and costs less than a call. */
static inline uint8_t *put_record(uint8_t *out, const uint8_t *bytes, size_t length) {
    if (length < 16 || length > LINE * MOST_LINES) return put(out, bytes, length);
    for (size_t i = 0; i + 16 < length; i += 16) memcpy(out + i, bytes + i, 16);
    memcpy(out + length - 16, bytes + length - 16, 16);
    return out + length;
}

static inline void copy_line(uint8_t *out, const uint8_t *bytes) {
    for (size_t i = 0; i < LINE; i += 16) memcpy(out + i, bytes + i, 16);
}

/* Where a record of one length lies; null where it is not inside its piece. */
ALWAYS const uint8_t *fixed_at(const ov_store *s, uint32_t number) {
    const ov_piece *p = s->piece_count == 1 ? s->pieces : piece_of(s, number);
    const bool inside = number < s->count && number >= p->first;
    const size_t start = (size_t)(number - p->first) * s->stride;
    return inside && start + s->stride <= p->length ? p->data + start : NULL;
}

/* Records of one length, and nothing but them: from..to-1 of the order, which all fit. Answers where it stopped: at an
 * entry that names no record inside its piece. How much there is to do between two fetches decides how many of them are
 * under way; so the compiler is told how long records are. */
ALWAYS uint32_t gather_lines(const ov_store *s, const uint32_t *order, uint32_t from, uint32_t to, uint8_t *out,
                             size_t lines) {
    const size_t stride = s->stride, fetched = stride < MOST_LINES * LINE ? stride : MOST_LINES * LINE;
    for (uint32_t k = from; k < to; k++, out += stride) {
        if (to - k > AHEAD_BYTES) {
            const uint8_t *bytes = fixed_at(s, order[k + AHEAD_BYTES]);
            if (!bytes) bytes = s->pieces->data;
            for (size_t i = 0; i < lines && i * LINE < fetched; i++) FETCH(bytes + i * LINE);
            FETCH(bytes + fetched - 1);
        }
        const uint8_t *bytes = fixed_at(s, order[k]);
        if (!bytes) return k;
        if (lines > MOST_LINES || stride < LINE) {
            put(out, bytes, stride);
            continue;
        }
        for (size_t i = 0; i + 1 < lines; i++) copy_line(out + i * LINE, bytes + i * LINE);
        copy_line(out + stride - LINE, bytes + stride - LINE);
    }
    return to;
}

static uint32_t gather_fixed(const ov_store *s, const uint32_t *order, uint32_t from, uint32_t to, uint8_t *out) {
    switch ((s->stride + LINE - 1) / LINE) {
    case 1: return gather_lines(s, order, from, to, out, 1);
    case 2: return gather_lines(s, order, from, to, out, 2);
    case 3: return gather_lines(s, order, from, to, out, 3);
    case 4: return gather_lines(s, order, from, to, out, 4);
    default: return gather_lines(s, order, from, to, out, MOST_LINES + 1);
    }
}

ov_status ov_gather_records(const ov_store *s, const uint32_t *order, uint32_t from, uint32_t to, uint8_t *out,
                            size_t capacity, uint32_t *taken, size_t *written, ov_error *error) {
    if (!s || !taken || !written || !error || (!out && capacity > 0) || from > to || !s->starts != !s->ends ||
        (s->count > 0 && (!s->pieces || s->piece_count == 0)) || (s->after_length > 0 && !s->after))
        return OV_BAD_ARGUMENT;
    const size_t key_width = s->keys ? s->key_width : 0;
    uint8_t *end = out;
    uint32_t k = from;
    ov_status status = OV_OK;
    if (order && !s->starts && s->stride > 0 && key_width == 0 && !s->lengths && s->after_length == 0) {
        const size_t room = capacity / s->stride;
        const uint32_t stop = to - from < room ? to : from + (uint32_t)room;
        k = gather_fixed(s, order, from, stop, out);
        end += (k - from) * s->stride;
        to = stop;
    }
    for (; k < to; k++) {
        const uint32_t number = order ? order[k] : k;
        const uint8_t *bytes;
        size_t length;
        if (order) fetch(s, order, k, to);
        if (!locate(s, number, &bytes, &length)) {
            error->at = (int32_t)(k - from);
            status = OV_BAD_RECORDS;
            break;
        }
        const size_t all = length + s->after_length;
        if (capacity - (size_t)(end - out) < all + key_width + (s->lengths ? 4 : 0)) break;
        if (s->lengths) {
            const uint8_t digits[4] = {(uint8_t)all, (uint8_t)(all >> 8), (uint8_t)(all >> 16), (uint8_t)(all >> 24)};
            end = put(end, digits, 4);
        }
        if (key_width > 0) end = put(end, s->keys + number * key_width, key_width);
        end = put_record(end, bytes, length);
        end = put(end, s->after, s->after_length);
    }
    *taken = k - from;
    *written = (size_t)(end - out);
    return status;
}
