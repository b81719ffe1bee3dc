/* Text: single-byte code pages to UTF-8 or Latin-1 by a table, and UTF-16 (NATIONAL) to UTF-8; trimming.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "text.h"

#include "x86/levels.h"

static inline int is_pad(uint8_t c, uint8_t pad) { return c == pad || c == 0; }

/* Not zero in the high bit of each byte that is not 0 (exact). */
static inline uint64_t not_zero(uint64_t x) {
    const uint64_t sevens = 0x7F7F7F7F7F7F7F7Fu;
    return ((x & sevens) + sevens) | x;
}

/* The length of p[0, n) without pads and x'00' at its end. */
static inline int32_t trim_right(const uint8_t *p, int32_t n, uint8_t pad) {
    const uint64_t pads = pad * 0x0101010101010101u;
    while (n >= 8) {
        uint64_t x = ov_load64(p + n - 8);
        uint64_t text = not_zero(x) & not_zero(x ^ pads) & 0x8080808080808080u;
        if (text) {
            while (is_pad(p[n - 1], pad)) n--;
            return n;
        }
        n -= 8;
    }
    while (n > 0 && is_pad(p[n - 1], pad)) n--;
    return n;
}

ov_outcome ov_text_value(const ov_field *field, const uint8_t *p, uint8_t *data, int32_t *end) {
    const uint8_t *pool = field->pool, pad = ov_pad(field);
    int32_t n = field->length;
    if ((field->flags & OV_FLAG_ABSENT) && ov_is_nothing(p, n)) return OV_ABSENT;
    if (field->flags & OV_FLAG_TRIM_RIGHT) n = trim_right(p, n, pad);
    if (field->flags & OV_FLAG_TRIM_LEFT)
        for (; n > 0 && is_pad(p[0], pad); p++) n--;
    uint8_t *to = data + *end;
    if (field->flags & OV_FLAG_LATIN1) {
        uint8_t known = 1;
        for (int32_t i = 0; i < n; i++) {
            to[i] = pool[OV_TEXT_POOL + p[i]];
            known &= pool[4 * p[i]] != 0;
        }
        if (!known) return OV_BAD;
        *end += n;
        return OV_VALUE;
    }
    /* most text is ASCII: one byte each */
    uint32_t other = 0;
    for (int32_t i = 0; i < n; i++) {
        uint32_t entry = ov_load32(pool + 4 * p[i]);
        other |= (entry & 0xFF) ^ 1;
        to[i] = (uint8_t)(entry >> 8);
    }
    if (!other) {
        *end += n;
        return OV_VALUE;
    }
    for (int32_t i = 0; i < n; i++) {
        const uint8_t *entry = pool + 4 * p[i];
        if (entry[0] == 0) return OV_BAD;
        to[0] = entry[1];
        if (entry[0] > 1) to[1] = entry[2];
        if (entry[0] > 2) to[2] = entry[3];
        to += entry[0];
    }
    *end = (int32_t)(to - data);
    return OV_VALUE;
}

static void portable(const ov_field *field, const ov_items *items, int32_t *offsets, uint8_t *data, ov_bits *valid,
                     ov_bits *bad) {
    ov_each_text(ov_text_value, field, items, offsets, data, valid, bad);
}

ov_text_kernel *ov_text_kernel_at(const ov_field *field, ov_level level) {
    ov_text_kernel *wide = ov_x86_text(field, level);
    return wide ? wide : portable;
}

static inline uint32_t unit(const uint8_t *p, int32_t i) { return (uint32_t)p[2 * i] << 8 | p[2 * i + 1]; }

static inline int is_pad_unit(uint32_t u) { return u == 0x20 || u == 0; }

static ov_outcome national(const ov_field *field, const uint8_t *p, uint8_t *data, int32_t *end) {
    int32_t from = 0, n = field->length / 2;
    if ((field->flags & OV_FLAG_ABSENT) && ov_is_nothing(p, 2 * n)) return OV_ABSENT;
    if (field->flags & OV_FLAG_TRIM_RIGHT)
        while (n > 0 && is_pad_unit(unit(p, n - 1))) n--;
    if (field->flags & OV_FLAG_TRIM_LEFT)
        while (from < n && is_pad_unit(unit(p, from))) from++;
    uint8_t *to = data + *end;
    for (int32_t i = from; i < n; i++) {
        uint32_t c = unit(p, i);
        if (c >= 0xD800 && c < 0xE000) {
            uint32_t second = i + 1 < n ? unit(p, i + 1) : 0;
            if (c >= 0xDC00 || second < 0xDC00 || second >= 0xE000) return OV_BAD;
            c = 0x10000 + ((c - 0xD800) << 10) + (second - 0xDC00);
            i++;
        }
        if (c < 0x80) {
            *to++ = (uint8_t)c;
        } else if (c < 0x800) {
            *to++ = (uint8_t)(0xC0 | c >> 6);
            *to++ = (uint8_t)(0x80 | (c & 63));
        } else if (c < 0x10000) {
            *to++ = (uint8_t)(0xE0 | c >> 12);
            *to++ = (uint8_t)(0x80 | (c >> 6 & 63));
            *to++ = (uint8_t)(0x80 | (c & 63));
        } else {
            *to++ = (uint8_t)(0xF0 | c >> 18);
            *to++ = (uint8_t)(0x80 | (c >> 12 & 63));
            *to++ = (uint8_t)(0x80 | (c >> 6 & 63));
            *to++ = (uint8_t)(0x80 | (c & 63));
        }
    }
    *end = (int32_t)(to - data);
    return OV_VALUE;
}

void ov_national_kernel(const ov_field *field, const ov_items *items, int32_t *offsets, uint8_t *data, ov_bits *valid,
                        ov_bits *bad) {
    ov_each_text(national, field, items, offsets, data, valid, bad);
}
