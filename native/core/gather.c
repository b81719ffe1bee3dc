/* Writes records in a given order, with their keys in front or the bytes that frame them. Records that come up soon are
 * fetched into the cache ahead.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdbool.h>
#include <string.h>

#include "overpunch.h"

enum { AHEAD_PLACES = 32, AHEAD_BYTES = 20, LINE = 64, MOST_LINES = 8 };

#define FETCH(place) __builtin_prefetch(place)

static inline const ov_piece *piece_of(const ov_store *s, uint32_t number) {
    const ov_piece *p = s->pieces + s->piece_count - 1;
    while (p > s->pieces && p->first > number) p--;
    return p;
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

ov_status ov_gather_records(const ov_store *s, const uint32_t *order, uint32_t from, uint32_t to, uint8_t *out,
                            size_t capacity, uint32_t *taken, size_t *written, ov_error *error) {
    if (!s || !taken || !written || !error || (!out && capacity > 0) || from > to || !s->starts != !s->ends ||
        (s->count > 0 && (!s->pieces || s->piece_count == 0)) || (s->after_length > 0 && !s->after))
        return OV_BAD_ARGUMENT;
    const size_t key_width = s->keys ? s->key_width : 0;
    uint8_t *end = out;
    uint32_t k = from;
    ov_status status = OV_OK;
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
        end = put(end, bytes, length);
        end = put(end, s->after, s->after_length);
    }
    *taken = k - from;
    *written = (size_t)(end - out);
    return status;
}
