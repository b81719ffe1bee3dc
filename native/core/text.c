/* Text: single-byte code pages to UTF-8 or Latin-1 by a table, and UTF-16 (NATIONAL) to UTF-8; trimming.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "text.h"

#include "levels.h"

/* Longer fields are mostly blanks, too many to translate for nothing. */
enum { MOSTLY_TEXT = 64 };

static inline int is_pad(uint8_t c, uint8_t pad) { return c == pad || c == 0; }

/* The high bit of each byte that is not 0. */
static inline uint64_t not_zero(uint64_t x) {
    const uint64_t sevens = 0x7F7F7F7F7F7F7F7Fu;
    return (((x & sevens) + sevens) | x) & ~sevens;
}

/* Bytes up to the last one of eight whose high bit is set; not 0. */
static inline int32_t bytes_to_last(uint64_t bits) {
#if defined(__GNUC__)
    return 8 - __builtin_clzll(bits) / 8;
#else
    int32_t n = 8;
    for (; !(bits >> 63); bits <<= 8) n--;
    return n;
#endif
}

/* The length of p[0, n) without pads and x'00' at its end. All of it is looked at: how far text goes is hard to guess,
 * and a wrong guess costs more. */
static inline int32_t trim_right(const uint8_t *p, int32_t n, uint8_t pad) {
    /* a pad has one bit set: what has any other is neither pad nor x'00' */
    const uint64_t others = 0x0101010101010101u * (uint8_t)~pad;
    int32_t kept = 0, at = 0;
    if (n < 8) {
        for (; at < n; at++) kept = p[at] & (uint8_t)~pad ? at + 1 : kept;
        return kept;
    }
    for (;;) {
        const uint64_t text = not_zero(ov_load64(p + at) & others);
        const int32_t here = at + bytes_to_last(text | 1);
        kept = text ? here : kept;
        if (at + 8 == n) return kept;
        at = at + 16 <= n ? at + 8 : n - 8;
    }
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

/* UTF-8, trimmed at the right: the whole field is translated, whatever of it is text, so that nothing depends on its
 * length but where the next one begins. */
static void trimmed(const ov_field *field, const ov_items *items, int32_t *offsets, uint8_t *data, ov_bits *valid,
                    ov_bits *bad) {
    const size_t n = (size_t)field->length;
    const uint8_t pad = ov_pad(field), *single = field->pool + OV_TEXT_POOL;
    /* ASCII; what is none, x'00' and where an item may begin that is absent have the high bit */
    uint8_t table[256];
    for (size_t i = 0; i < sizeof table; i++) table[i] = single[i] ? single[i] : 0x80;
    if (field->flags & OV_FLAG_ABSENT) table[0] = table[0xFF] = 0x80;
    ov_bits_fill(valid, items->count);
    ov_bits_clear(bad);
    int32_t end = offsets[0];
    for (uint32_t k = 0; k < items->count; k++) {
        const uint8_t *p = ov_item(items, k);
        uint8_t *to = data + end;
        uint32_t any = 0;
        for (size_t i = 0; i < n; i++) {
            const uint32_t c = table[p[i]];
            any |= c;
            to[i] = (uint8_t)c;
        }
        if (any & 0x80) {
            const ov_outcome outcome = ov_text_value(field, p, data, &end);
            if (outcome != OV_VALUE) valid->words[k >> 6] &= ~((uint64_t)1 << (k & 63));
            if (outcome == OV_BAD) ov_bits_set(bad, k);
        } else {
            end += trim_right(p, (int32_t)n, pad);
        }
        offsets[k + 1] = end;
    }
}

ov_text_kernel *ov_text_kernel_at(const ov_field *field, ov_level level) {
    ov_text_kernel *wide = ov_wide_text(field, level);
    if (wide) return wide;
    const int32_t flags =
        field->flags & (OV_FLAG_TRIM_RIGHT | OV_FLAG_TRIM_LEFT | OV_FLAG_LATIN1 | OV_FIELD_BOTH_TABLES);
    return flags == (OV_FLAG_TRIM_RIGHT | OV_FIELD_BOTH_TABLES) && field->length <= MOSTLY_TEXT ? trimmed : portable;
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
