/* Text of mixed single and double bytes, and of double bytes alone, to UTF-8 by the tables of a mixed code page.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "text.h"

enum { SHIFT_OUT = 0x0E, SHIFT_IN = 0x0F, DOUBLE_SPACE = 0x40 };

/* Writes the character of the pair at p; returns its end, or NULL where there is none. */
static inline uint8_t *put_pair(const ov_field *field, const uint8_t *p, uint8_t *to) {
    const uint8_t *pool = field->pool;
    const uint32_t table = pool[OV_DOUBLE_WARDS + p[0]];
    if (table == 0) return NULL;
    const uint8_t *entry = pool + OV_DOUBLE_TABLES + (table - 1) * OV_DOUBLE_TABLE + 2u * p[1];
    const uint32_t c = entry[0] | (uint32_t)entry[1] << 8;
    if (c >= 0xD800 && c <= 0xDFFF) {
        const uint8_t *extra = pool + OV_DOUBLE_TABLES + (c - 0xD800) * OV_DOUBLE_EXTRA;
        memcpy(to, extra + 1, extra[0]);
        return to + extra[0];
    }
    if (c >= 0x800) {
        to[0] = (uint8_t)(0xE0 | c >> 12);
        to[1] = (uint8_t)(0x80 | (c >> 6 & 63));
        to[2] = (uint8_t)(0x80 | (c & 63));
        return to + 3;
    }
    if (c >= 0x80) {
        to[0] = (uint8_t)(0xC0 | c >> 6);
        to[1] = (uint8_t)(0x80 | (c & 63));
        return to + 2;
    }
    to[0] = (uint8_t)c;
    return c ? to + 1 : NULL;
}

/* Text with shifts. What is trimmed is known only in order: a byte is a space or half of a character by what is before
 * it. Spaces of either width are cut, and x'00' outside of pairs. */
static ov_outcome shifted(const ov_field *field, const uint8_t *p, uint8_t *data, int32_t *end) {
    const uint8_t *stop = p + field->length, pad = ov_pad(field);
    const int left = field->flags & OV_FLAG_TRIM_LEFT;
    uint8_t *const from = data + *end;
    uint8_t *to = from, *kept = from;
    int is_double = 0;
    while (p < stop) {
        int is_space;
        uint8_t *next;
        if (*p == (is_double ? SHIFT_IN : SHIFT_OUT)) {
            is_double = !is_double;
            p++;
            continue;
        }
        if (is_double) {
            if (stop - p == 1) {
                if (field->flags & OV_FIELD_CUT) break;
                return OV_BAD;
            }
            next = put_pair(field, p, to);
            if (!next) return OV_BAD;
            is_space = p[0] == DOUBLE_SPACE && p[1] == DOUBLE_SPACE;
            p += 2;
        } else {
            const uint8_t *entry = field->pool + 4 * *p;
            if (entry[0] == 0) return OV_BAD;
            for (uint32_t i = 0; i < entry[0]; i++) to[i] = entry[1 + i];
            next = to + entry[0];
            is_space = *p == pad || *p == 0;
            p++;
        }
        if (is_space && left && to == from) continue;
        to = next;
        if (!is_space) kept = to;
    }
    *end = (int32_t)((field->flags & OV_FLAG_TRIM_RIGHT ? kept : to) - data);
    return OV_VALUE;
}

static ov_outcome mixed(const ov_field *field, const uint8_t *p, uint8_t *data, int32_t *end) {
    if (!memchr(p, SHIFT_OUT, (size_t)field->length)) return ov_text_value(field, p, data, end);
    return shifted(field, p, data, end);
}

static inline int is_pad_pair(const uint8_t *p) { return p[0] == p[1] && (p[0] == DOUBLE_SPACE || p[0] == 0); }

static ov_outcome dbcs(const ov_field *field, const uint8_t *p, uint8_t *data, int32_t *end) {
    if ((field->flags & OV_FLAG_ABSENT) && ov_is_nothing(p, field->length)) return OV_ABSENT;
    if (p[0] == SHIFT_OUT) return shifted(field, p, data, end);
    const uint8_t *stop = p + (field->length & ~1);
    if (field->flags & OV_FLAG_TRIM_RIGHT)
        while (stop > p && is_pad_pair(stop - 2)) stop -= 2;
    if (field->flags & OV_FLAG_TRIM_LEFT)
        while (stop > p && is_pad_pair(p)) p += 2;
    uint8_t *to = data + *end;
    for (; p < stop; p += 2) {
        to = put_pair(field, p, to);
        if (!to) return OV_BAD;
    }
    *end = (int32_t)(to - data);
    return OV_VALUE;
}

void ov_mixed_kernel(const ov_field *field, const ov_items *items, int32_t *offsets, uint8_t *data, ov_bits *valid,
                     ov_bits *bad) {
    ov_each_text(mixed, field, items, offsets, data, valid, bad);
}

void ov_dbcs_kernel(const ov_field *field, const ov_items *items, int32_t *offsets, uint8_t *data, ov_bits *valid,
                    ov_bits *bad) {
    ov_each_text(dbcs, field, items, offsets, data, valid, bad);
}
