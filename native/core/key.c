/* Keys: rows of bytes that compare as the values of columns do, and hashes of them. A part is a byte that says whether
 * there is a value, then the value: numbers with the high byte first and the sign bit turned, so that negative ones
 * come before positive ones; text filled up to its longest.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdbool.h>

#include "hash.h"

typedef struct part {
    int32_t type;
    const uint8_t *values, *validity, *bad, *data;
    size_t data_length, at, width;
    uint8_t flip, pad;
    bool bad_as_absent;
} part;

static bool inside(int32_t place, uint64_t bytes, size_t length) {
    return place >= 0 && (uint64_t)place + bytes <= length;
}

/* Bytes of a value in the column; 0: no such type, or this width is not possible. */
static uint32_t value_width(int32_t type, int32_t width) {
    switch (type) {
    case OV_TYPE_INT32:
    case OV_TYPE_FLOAT32: return width == 4 ? 4 : 0;
    case OV_TYPE_INT64:
    case OV_TYPE_FLOAT64: return width == 8 ? 8 : 0;
    case OV_TYPE_DECIMAL128: return width == 8 || width == 16 ? 16 : 0;
    case OV_TYPE_UTF8: return width >= 0 && width < OV_MAX_KEY ? 4 : 0;
    default: return 0;
    }
}

static bool read_part(const int32_t *w, const uint8_t *slab, size_t slab_length, uint32_t count, part *p) {
    const uint32_t bytes = value_width(w[OV_KEYW_TYPE], w[OV_KEYW_WIDTH]);
    const bool text = w[OV_KEYW_TYPE] == OV_TYPE_UTF8;
    const uint64_t bitmap = ((uint64_t)count + 7) / 8;
    if (bytes == 0 || !inside(w[OV_KEYW_VALUES], ((uint64_t)count + text) * bytes, slab_length) ||
        !inside(w[OV_KEYW_VALIDITY], bitmap, slab_length) || !inside(w[OV_KEYW_BAD], bitmap, slab_length) ||
        w[OV_KEYW_VALUES] % 4 != 0)
        return false;
    if (text && (w[OV_KEYW_DATA_LENGTH] < 0 || !inside(w[OV_KEYW_DATA], (uint64_t)w[OV_KEYW_DATA_LENGTH], slab_length)))
        return false;
    *p = (part){.type = w[OV_KEYW_TYPE],
                .values = slab + w[OV_KEYW_VALUES],
                .validity = slab + w[OV_KEYW_VALIDITY],
                .bad = slab + w[OV_KEYW_BAD],
                .data = text ? slab + w[OV_KEYW_DATA] : slab,
                .data_length = text ? (size_t)w[OV_KEYW_DATA_LENGTH] : 0,
                .at = (size_t)w[OV_KEYW_AT],
                .width = (size_t)w[OV_KEYW_WIDTH],
                .flip = w[OV_KEYW_FLAGS] & OV_KEYFLAG_DESCENDING ? 0xff : 0,
                .pad = (uint8_t)w[OV_KEYW_PAD],
                .bad_as_absent = (w[OV_KEYW_FLAGS] & OV_KEYFLAG_BAD_AS_ABSENT) != 0};
    return true;
}

static inline bool bit(const uint8_t *bitmap, uint32_t row) { return bitmap[row >> 3] >> (row & 7) & 1; }

/* Writes the class of a row; true where a value follows. */
static inline bool put_class(const part *p, uint32_t row, uint8_t *key) {
    if (bit(p->validity, row)) {
        key[0] = OV_KEYCLASS_VALUE ^ p->flip;
        return true;
    }
    key[0] = (bit(p->bad, row) && !p->bad_as_absent ? OV_KEYCLASS_BAD : OV_KEYCLASS_ABSENT) ^ p->flip;
    memset(key + 1, p->flip, p->width);
    return false;
}

static inline void put32(uint8_t *to, uint32_t v) {
    v = (uint32_t)(ov_swap64(v) >> 32);
    memcpy(to, &v, 4);
}

static inline void put64(uint8_t *to, uint64_t v) {
    v = ov_swap64(v);
    memcpy(to, &v, 8);
}

#define SIGN64 ((uint64_t)1 << 63)

/* Floats order as sign and magnitude. */
static inline uint64_t ordered64(uint64_t bits) { return bits & SIGN64 ? ~bits : bits | SIGN64; }
static inline uint32_t ordered32(uint32_t bits) { return bits >> 31 ? ~bits : bits | (uint32_t)1 << 31; }

#define EACH_ROW                                                                                                       \
    for (uint32_t row = 0; row < count; row++, key += stride)                                                          \
        if (put_class(p, row, key))

static void put_numbers(const part *p, uint32_t count, uint8_t *key, size_t stride) {
    const uint8_t *v = p->values;
    const uint64_t flip = p->flip ? ~(uint64_t)0 : 0;
    switch (p->type) {
    case OV_TYPE_INT32:
        EACH_ROW put32(key + 1, (ov_load32(v + (size_t)row * 4) ^ (uint32_t)1 << 31) ^ (uint32_t)flip);
        return;
    case OV_TYPE_FLOAT32: EACH_ROW put32(key + 1, ordered32(ov_load32(v + (size_t)row * 4)) ^ (uint32_t)flip); return;
    case OV_TYPE_INT64: EACH_ROW put64(key + 1, ov_load64(v + (size_t)row * 8) ^ SIGN64 ^ flip); return;
    case OV_TYPE_FLOAT64: EACH_ROW put64(key + 1, ordered64(ov_load64(v + (size_t)row * 8)) ^ flip); return;
    default:
        if (p->width == 8) {
            EACH_ROW put64(key + 1, ov_load64(v + (size_t)row * 16) ^ SIGN64 ^ flip);
        } else {
            EACH_ROW {
                put64(key + 1, ov_load64(v + (size_t)row * 16 + 8) ^ SIGN64 ^ flip);
                put64(key + 9, ov_load64(v + (size_t)row * 16) ^ flip);
            }
        }
    }
}

static inline void copy(uint8_t *to, const uint8_t *from, size_t length) {
    if (length >= 8) {
        for (size_t i = 0; i + 8 < length; i += 8) memcpy(to + i, from + i, 8);
        memcpy(to + length - 8, from + length - 8, 8);
    } else {
        for (size_t i = 0; i < length; i++) to[i] = from[i];
    }
}

static bool put_text(const part *p, uint32_t row, uint8_t *key) {
    if (!put_class(p, row, key)) return true;
    const uint32_t start = ov_load32(p->values + (size_t)row * 4), end = ov_load32(p->values + (size_t)row * 4 + 4);
    if (start > end || end > p->data_length || end - start > p->width) return false;
    const size_t length = end - start;
    copy(key + 1, p->data + start, length);
    if (length < p->width) memset(key + 1 + length, p->pad, p->width - length);
    if (p->flip)
        for (size_t i = 1; i <= p->width; i++) key[i] ^= 0xff;
    return true;
}

/* The first `length` bytes of a word, filled up with those of `pads`. */
static inline uint64_t filled(uint64_t word, uint64_t pads, uint32_t length) {
    static const uint64_t keep[9] = {
        0, 0xff, 0xffff, 0xffffff, 0xffffffff, 0xffffffffff, 0xffffffffffff, 0xffffffffffffff, 0xffffffffffffffff};
    return pads ^ ((word ^ pads) & keep[length < 8 ? length : 8]);
}

#define ALWAYS __attribute__((always_inline)) static inline

/* 64 texts of 8 to 16 bytes at most, none of which is absent: a word, or two whose bytes overlap. */
ALWAYS bool put_words(const part *p, uint32_t from, uint8_t *key, size_t stride, bool is_word) {
    const uint8_t *const data = p->data, *const values = p->values;
    const size_t width = p->width, most = p->data_length < width ? 0 : p->data_length - width;
    const uint32_t last = is_word ? 0 : (uint32_t)width - 8;
    const uint64_t pads = 0x0101010101010101u * p->pad, flip = p->flip ? ~(uint64_t)0 : 0;
    const uint8_t first = OV_KEYCLASS_VALUE ^ p->flip;
    uint32_t start = ov_load32(values + (size_t)from * 4);
    for (uint32_t row = from; row < from + 64; row++, key += stride) {
        const uint32_t end = ov_load32(values + (size_t)row * 4 + 4), length = end - start;
        if (length > width || start > most) {
            if (!put_text(p, row, key)) return false; /* the last ones, or what is not sound */
            start = end;
            continue;
        }
        const uint8_t *text = data + start;
        start = end;
        key[0] = first;
        ov_store64(key + 1, filled(ov_load64(text), pads, length) ^ flip);
        if (is_word) continue;
        ov_store64(key + 1 + last, filled(ov_load64(text + last), pads, length > last ? length - last : 0) ^ flip);
    }
    return true;
}

/* Whether each of 64 texts is as long as any can be. */
static bool are_full(const part *p, uint32_t from) {
    const uint8_t *offsets = p->values + (size_t)from * 4;
    const uint32_t width = (uint32_t)p->width, first = ov_load32(offsets);
    uint32_t differ = 0;
    for (uint32_t i = 1; i <= 64; i++) differ |= ov_load32(offsets + (size_t)i * 4) ^ (first + i * width);
    return differ == 0 && first + 64 * p->width <= p->data_length;
}

ALWAYS void put_full(const part *p, uint32_t from, uint8_t *key, size_t stride, bool is_word) {
    const uint8_t *text = p->data + ov_load32(p->values + (size_t)from * 4);
    const size_t width = p->width;
    const uint64_t flip = p->flip ? ~(uint64_t)0 : 0;
    const uint8_t first = OV_KEYCLASS_VALUE ^ p->flip;
    for (uint32_t k = 0; k < 64; k++, key += stride, text += width) {
        key[0] = first;
        ov_store64(key + 1, ov_load64(text) ^ flip);
        if (!is_word) ov_store64(key + width - 7, ov_load64(text + width - 8) ^ flip);
    }
}

static bool put_64_texts(const part *p, uint32_t row, uint8_t *key, size_t stride) {
    const bool is_word = p->width == 8;
    if (!are_full(p, row))
        return is_word ? put_words(p, row, key, stride, true) : put_words(p, row, key, stride, false);
    if (is_word)
        put_full(p, row, key, stride, true);
    else
        put_full(p, row, key, stride, false);
    return true;
}

static bool put_texts(const part *p, uint32_t count, uint8_t *key, size_t stride) {
    const bool is_short = p->width >= 8 && p->width <= 16;
    for (uint32_t row = 0; row < count;) {
        if (is_short && count - row >= 64 && row % 64 == 0 && ov_load64(p->validity + row / 8) == UINT64_MAX) {
            if (!put_64_texts(p, row, key, stride)) return false;
            row += 64;
            key += 64 * stride;
            continue;
        }
        if (!put_text(p, row++, key)) return false;
        key += stride;
    }
    return true;
}

/* Eight bytes of every key at a time; the last eight overlap those before. */
static void gather_varying(const uint8_t *keys, size_t width, uint32_t count, uint8_t *varying) {
    if (width < 8) {
        for (size_t i = 0; i < width; i++) {
            uint8_t all = 0xff, any = 0;
            for (uint32_t row = 0; row < count; row++) {
                all &= keys[row * width + i];
                any |= keys[row * width + i];
            }
            varying[i] &= all;
            varying[width + i] |= any;
        }
        return;
    }
    for (size_t at = 0;; at = at + 16 <= width ? at + 8 : width - 8) {
        uint64_t all = ov_load64(varying + at), any = ov_load64(varying + width + at);
        const uint8_t *key = keys + at;
        for (uint32_t row = 0; row < count; row++, key += width) {
            const uint64_t v = ov_load64(key);
            all &= v;
            any |= v;
        }
        memcpy(varying + at, &all, 8);
        memcpy(varying + width + at, &any, 8);
        if (at + 8 == width) return;
    }
}

ov_status ov_keys(const int32_t *parts, size_t words, const uint8_t *slab, size_t slab_length, uint32_t count,
                  uint8_t *keys, size_t width, uint8_t *varying) {
    if ((words > 0 && (!parts || !slab)) || (!keys && width > 0 && count > 0) || width > OV_MAX_KEY ||
        words % OV_KEY_WORDS != 0)
        return OV_BAD_ARGUMENT;
    size_t end = 0;
    for (size_t at = 0; at < words; at += OV_KEY_WORDS) {
        part p;
        if (!read_part(parts + at, slab, slab_length, count, &p) || p.at != end || end + 1 + p.width > width)
            return OV_BAD_ARGUMENT;
        end += 1 + p.width;
    }
    if (end != width) return OV_BAD_ARGUMENT;
    for (size_t at = 0; at < words; at += OV_KEY_WORDS) {
        part p = {0};
        read_part(parts + at, slab, slab_length, count, &p);
        if (p.type != OV_TYPE_UTF8)
            put_numbers(&p, count, keys + p.at, width);
        else if (!put_texts(&p, count, keys + p.at, width))
            return OV_BAD_ARGUMENT;
    }
    if (varying && width > 0 && count > 0) gather_varying(keys, width, count, varying);
    return OV_OK;
}

void ov_hash_keys(const uint8_t *keys, size_t width, uint32_t count, uint8_t *hashes) {
    for (uint32_t row = 0; row < count; row++) {
        const uint64_t hash = ov_hash(keys + row * width, width);
        memcpy(hashes + (size_t)row * 8, &hash, 8);
    }
}
