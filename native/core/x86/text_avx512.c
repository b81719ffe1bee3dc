/* Text at 64 bytes a step with AVX-512 VBMI: one lookup in a table of 256 bytes held in four registers; short fields
 * share a register, two or four items at a time. Registers with characters of Latin-1 beyond ASCII are written by
 * arithmetic; with others they go through expand_avx512.h, and what no fast path is sure of through the portable code.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "../levels.h"

#if defined(__GNUC__) && defined(__x86_64__)
#include "expand_avx512.h"

/* With so many items of 64 that are beyond Latin-1, all of the next 64 are expanded: no branch is then to be guessed.
 */
enum { MANY = 6 };
/* Up to so many such characters of an item are put in one by one. */
enum { FEW = 3 };

/* What a tile's items are decoded to. */
typedef struct texts {
    const ov_field *field;
    const ov_items *items;
    uint8_t *data;
    ov_bits *valid, *bad;
    expander expander;
} texts;

/* What loops hold in registers. */
typedef struct table {
    __m512i low[2], high[2];
    __m512i not_pad; /* a pad has one bit set: what has any other is neither pad nor x'00' */
    __m512i most;    /* the last byte that is a character of one byte */
    uint64_t absent; /* all bits where items may be absent */
} table;

INLINE table table_of(const ov_field *field) {
    const uint8_t *pool = field->pool + OV_TEXT_POOL;
    /* items that may be absent begin with x'00' or x'FF': they are taken out with those that are not ASCII */
    const uint64_t absent = (field->flags & OV_FLAG_ABSENT) != 0;
    const table t = {{_mm512_maskz_loadu_epi8(~absent, pool), _mm512_loadu_si512(pool + 64)},
                     {_mm512_loadu_si512(pool + 128), _mm512_maskz_loadu_epi8(~(absent << 63), pool + 192)},
                     _mm512_set1_epi8((char)~ov_pad(field)),
                     _mm512_set1_epi8(field->flags & OV_FLAG_LATIN1 ? (char)0xFE : 0x7E),
                     0 - absent};
    return t;
}

INLINE __m512i translate(const table *t, __m512i x) {
    return _mm512_mask_blend_epi8(_mm512_movepi8_mask(x), _mm512_permutex2var_epi8(t->low[0], x, t->low[1]),
                                  _mm512_permutex2var_epi8(t->high[0], x, t->high[1]));
}

/* What was no character of one byte, in either register: 0 and, but for Latin-1, what is not ASCII. */
INLINE uint64_t others_of_two(const table *t, __m512i y, __m512i z) {
    const __m512i one = _mm512_set1_epi8(1);
    return _mm512_cmpgt_epu8_mask(_mm512_max_epu8(_mm512_sub_epi8(y, one), _mm512_sub_epi8(z, one)), t->most);
}

INLINE uint64_t others(const table *t, __m512i y) { return others_of_two(t, y, y); }

INLINE uint64_t first_bits(uint32_t count) { return _bzhi_u64(~(uint64_t)0, count); }

INLINE void begin(texts *t, const ov_field *field, const ov_items *items, uint8_t *data, ov_bits *valid, ov_bits *bad) {
    t->field = field;
    t->items = items;
    t->data = data;
    t->valid = valid;
    t->bad = bad;
    t->expander.planes = 0;
    ov_bits_fill(valid, items->count);
    ov_bits_clear(bad);
}

/* One item by the letter of the rules. Ends come back by value: in a loop the end must stay in a register. */
static int32_t text_slowly(texts *t, const uint8_t *p, uint32_t k, int32_t end) {
    const ov_outcome outcome = ov_text_value(t->field, p, t->data, &end);
    if (outcome != OV_VALUE) t->valid->words[k >> 6] &= ~((uint64_t)1 << (k & 63));
    if (outcome == OV_BAD) ov_bits_set(t->bad, k);
    return end;
}

INLINE int may_be_absent(const texts *t, const uint8_t *p) {
    return (t->field->flags & OV_FLAG_ABSENT) && (uint8_t)(p[0] + 1) < 2;
}

/* One item of up to 64 bytes with any characters; `length` of them are left after trimming at the right. */
TARGET __attribute__((noinline)) static int32_t text_wide(texts *t, const uint8_t *p, uint32_t length, uint32_t k,
                                                          int32_t end) {
    if (may_be_absent(t, p) || !expander_ready(&t->expander, t->field)) return text_slowly(t, p, k, end);
    const int32_t size = expand(&t->expander, _mm512_maskz_loadu_epi8(first_bits(length), p), length, t->data + end);
    return size < 0 ? text_slowly(t, p, k, end) : end + size;
}

/* The first bit of each item in a register. */
INLINE uint64_t first_of(int width) { return width == 64 ? 1 : width == 32 ? 0x100000001 : 0x0001000100010001; }

/* As many items as a register holds, from k on. */
INLINE __m512i load(const uint8_t *const *p, int width) {
    if (width == 64) return _mm512_loadu_si512((const void *)p[0]);
    if (width == 32) {
        const __m256i first = _mm256_loadu_si256((const __m256i *)p[0]);
        return _mm512_inserti64x4(_mm512_castsi256_si512(first), _mm256_loadu_si256((const __m256i *)p[1]), 1);
    }
    const __m128i a = _mm_loadu_si128((const __m128i *)p[0]), c = _mm_loadu_si128((const __m128i *)p[2]);
    const __m256i first = _mm256_inserti128_si256(_mm256_castsi128_si256(a), _mm_loadu_si128((const __m128i *)p[1]), 1);
    const __m256i second =
        _mm256_inserti128_si256(_mm256_castsi128_si256(c), _mm_loadu_si128((const __m128i *)p[3]), 1);
    return _mm512_inserti64x4(_mm512_castsi256_si512(first), second, 1);
}

INLINE void store(uint8_t *to, __m512i y, int width, int i) {
    if (width == 64) {
        _mm512_storeu_si512(to, y);
    } else if (width == 32) {
        _mm256_storeu_si256((__m256i *)to, i ? _mm512_extracti64x4_epi64(y, 1) : _mm512_castsi512_si256(y));
    } else {
        const __m256i half = i & 2 ? _mm512_extracti64x4_epi64(y, 1) : _mm512_castsi512_si256(y);
        _mm_storeu_si128((__m128i *)to, i & 1 ? _mm256_extracti128_si256(half, 1) : _mm256_castsi256_si128(half));
    }
}

/* Length up to the last bit of item i's part of the mask. */
INLINE uint32_t length_in(uint64_t mask, int width, int i) {
    if (width == 64) return 64 - (uint32_t)_lzcnt_u64(mask);
    return 32 - (uint32_t)_lzcnt_u32((uint32_t)(mask >> (i * width)) & (width == 32 ? ~0u : 0xFFFFu));
}

/* Text of a register's items, all of it ASCII. Ends come back by value. */
INLINE int32_t put_ascii(uint8_t *data, int32_t end, int32_t *offsets, __m512i y, uint64_t text, int width) {
    for (int i = 0; i < 64 / width; i++) {
        store(data + end, y, width, i);
        end += (int32_t)length_in(text, width, i);
        offsets[i] = end;
    }
    return end;
}

/* Bits of each item in a register: its bytes up to the last one of `text`. */
INLINE uint64_t units_of(uint64_t text, int width) {
    uint64_t units = 0;
    for (int i = 0; i < 64 / width; i++) units |= first_bits(length_in(text, width, i)) << (i * width);
    return units;
}

/* Whether a register's characters are all of Latin-1, and none of its items may be absent. */
INLINE int is_latin(const table *t, __m512i y, uint64_t units, int width) {
    return _mm512_mask_testn_epi8_mask(units | (first_of(width) & t->absent), y, y) == 0;
}

/* Text of a register's items, of which that is so: in UTF-8 of two bytes where it is not ASCII. */
INLINE int32_t put_latin(const table *t, uint8_t *data, int32_t end, int32_t *offsets, __m512i y, uint64_t units,
                         int width) {
    const uint64_t two = others(t, y) & units;
    for (int half = 0; half < 2; half++) {
        const __m512i c = _mm512_cvtepu8_epi16(half ? _mm512_extracti64x4_epi64(y, 1) : _mm512_castsi512_si256(y));
        const __m512i last = _mm512_slli_epi16(c, 8);
        const __m512i lead = _mm512_or_si512(_mm512_srli_epi16(c, 6), _mm512_set1_epi16(0xC0));
        const __m512i pair = _mm512_or_si512(_mm512_and_si512(last, _mm512_set1_epi16((short)0xBF00)), lead);
        const uint32_t here = (uint32_t)(units >> (32 * half)), pairs = (uint32_t)(two >> (32 * half));
        const uint64_t bytes = _pdep_u64(here, 0xAAAAAAAAAAAAAAAAu) | _pdep_u64(pairs, 0x5555555555555555u);
        const __m512i all = _mm512_mask_mov_epi16(last, pairs, pair);
        _mm512_storeu_si512(data + end, _mm512_maskz_compress_epi8(bytes, all));
        if (width == 16) *offsets++ = end + (int32_t)_mm_popcnt_u32((uint32_t)bytes);
        end += (int32_t)_mm_popcnt_u64(bytes);
        if (width < 64 || half) *offsets++ = end;
    }
    return end;
}

/* One item of which few characters, those of `other`, are not of one byte: they are put between the others. */
INLINE int32_t text_few(texts *t, const uint8_t *p, __m512i y, uint64_t other, uint32_t length, uint32_t k,
                        int32_t end) {
    uint8_t bytes[128]; /* the second half only ends up behind the text */
    uint8_t *to = t->data + end;
    int32_t size = (int32_t)length;
    if (t->field->flags & OV_FLAG_LATIN1) return text_slowly(t, p, k, end);
    _mm512_storeu_si512(bytes, y);
    _mm512_storeu_si512(bytes + 64, y);
    _mm512_storeu_si512(to, y);
    for (; other != 0; other &= other - 1) {
        const uint32_t at = (uint32_t)_tzcnt_u64(other);
        const uint8_t *entry = t->field->pool + 4 * p[at];
        if (entry[0] == 0) return text_slowly(t, p, k, end);
        const uint32_t character = ov_load32(entry) >> 8;
        memcpy(to + at, &character, sizeof character);
        to += entry[0] - 1;
        size += entry[0] - 1;
        _mm512_storeu_si512(to + at + 1, _mm512_loadu_si512(bytes + at + 1));
    }
    return end + size;
}

/* One item of up to 64 bytes, reading none but these. */
INLINE int32_t text_alone(texts *t, const table *table, uint32_t k, int32_t *offsets, int trims, uint32_t *wide) {
    const uint8_t *p = ov_item(t->items, k);
    const uint64_t whole = first_bits((uint32_t)t->field->length);
    const __m512i x = _mm512_maskz_loadu_epi8(whole, p), y = translate(table, x);
    const uint64_t text = trims ? _mm512_mask_test_epi8_mask(whole, x, table->not_pad) : whole;
    const uint64_t units = units_of(text, 64);
    if ((others(table, y) & (units | (table->absent & 1))) == 0)
        return put_ascii(t->data, offsets[k], offsets + k + 1, y, text, 64);
    if (is_latin(table, y, units, 64)) return put_latin(table, t->data, offsets[k], offsets + k + 1, y, units, 64);
    ++*wide;
    const uint32_t length = length_in(text, 64, 0);
    const uint64_t other = others(table, y) & units;
    if (_mm_popcnt_u64(other) > FEW || may_be_absent(t, p))
        return offsets[k + 1] = text_wide(t, p, length, k, offsets[k]);
    return offsets[k + 1] = text_few(t, p, y, other, length, k, offsets[k]);
}

/* Items [from, to), as many at a time as two registers hold, up to those with a character beyond Latin-1; returns where
 * it stopped. Nothing is called in the loop: a call would push the table out of its registers. */
INLINE uint32_t text_run(const texts *t, const table *in, uint32_t from, uint32_t to, int32_t *offsets, int width,
                         int trims, int strided) {
    const uint32_t each = 64 / (uint32_t)width;
    const table table = *in;
    const ov_items items = *t->items;
    uint8_t *const data = t->data;
    const uint64_t whole = first_bits((uint32_t)t->field->length) * first_of(width);
    const uint8_t *next = items.origin + (strided ? from * items.stride : 0);
    int32_t end = offsets[from];
    uint32_t k = from;
    for (; k < to; k += 2 * each) {
        __m512i y[2];
        uint64_t text[2];
        for (uint32_t j = 0; j < 2; j++) {
            const uint8_t *p[4];
            for (uint32_t i = 0; i < each; i++, next += items.stride)
                p[i] = strided ? next : items.origin + items.positions[k + j * each + i];
            const __m512i x = load(p, width);
            y[j] = translate(&table, x);
            text[j] = trims ? _mm512_mask_test_epi8_mask(whole, x, table.not_pad) : whole;
        }
        int32_t *const out = offsets + k + 1;
        if (__builtin_expect((others_of_two(&table, y[0], y[1]) & whole) == 0, 1)) {
            end = put_ascii(data, end, out, y[0], text[0], width);
            end = put_ascii(data, end, out + each, y[1], text[1], width);
            continue;
        }
        for (uint32_t j = 0; j < 2; j++) {
            const uint64_t units = units_of(text[j], width);
            if (!is_latin(&table, y[j], units, width)) return k;
            end = put_latin(&table, data, end, out + j * each, y[j], units, width);
        }
    }
    return k;
}

/* Items [from, to), each alone. Returns how many of them had to be expanded. */
INLINE uint32_t text_each(texts *t, const table *table, uint32_t from, uint32_t to, int32_t *offsets, int trims) {
    uint32_t wide = 0;
    for (uint32_t k = from; k < to; k++) text_alone(t, table, k, offsets, trims, &wide);
    return wide;
}

/* Items [from, to), all of them expanded; returns for how many that was needed. */
INLINE uint32_t wide_run(texts *t, uint32_t from, uint32_t to, int32_t *offsets, int trims) {
    const uint64_t whole = first_bits((uint32_t)t->field->length);
    const __m512i not_pad = _mm512_set1_epi8((char)~ov_pad(t->field));
    uint32_t wide = 0;
    int32_t end = offsets[from];
    for (uint32_t k = from; k < to; k++) {
        const uint8_t *p = ov_item(t->items, k);
        const uint64_t text =
            trims ? _mm512_mask_test_epi8_mask(whole, _mm512_maskz_loadu_epi8(whole, p), not_pad) : whole;
        const uint32_t length = 64 - (uint32_t)_lzcnt_u64(text);
        const int32_t begin = end;
        end = text_wide(t, p, length, k, end);
        wide += (uint32_t)(end - begin) != length;
        offsets[k + 1] = end;
    }
    return wide;
}

INLINE void tile(const ov_field *field, const ov_items *items, int32_t *offsets, uint8_t *data, ov_bits *valid,
                 ov_bits *bad, int width, int trims) {
    texts t;
    begin(&t, field, items, data, valid, bad);
    const table table = table_of(field);
    const uint32_t safe = ov_items_within(items, (size_t)width), step = 128 / (uint32_t)width;
    uint32_t wide = 0;
    for (uint32_t from = 0; from < items->count; from += 64) {
        const uint32_t to = ov_min32(from + 64, items->count);
        if (wide > MANY && !(field->flags & OV_FLAG_LATIN1)) {
            wide = wide_run(&t, from, to, offsets, trims);
            continue;
        }
        wide = 0;
        const uint32_t easy = from + (ov_min32(to, safe > from ? safe : from) - from) / step * step;
        for (uint32_t k = from; k < to;) {
            if (k < easy && items->positions)
                k = text_run(&t, &table, k, easy, offsets, width, trims, 0);
            else if (k < easy)
                k = text_run(&t, &table, k, easy, offsets, width, trims, 1);
            const uint32_t next = k < easy ? k + step : to;
            wide += text_each(&t, &table, k, next, offsets, trims);
            k = next;
        }
    }
}

/* An item of any length, trimmed at either side. */
INLINE int32_t long_text(texts *t, const table *table, const uint8_t *p, uint32_t k, int32_t end) {
    const int32_t begin = end;
    const uint8_t *const item = p;
    if (may_be_absent(t, p)) return text_slowly(t, p, k, end);
    uint32_t left = (uint32_t)t->field->length;
    while (t->field->flags & OV_FLAG_TRIM_RIGHT && left > 0) {
        const uint32_t last = (left - 1) & ~63u;
        const __mmask64 mask = first_bits(left - last);
        const uint64_t text = _mm512_mask_test_epi8_mask(mask, _mm512_maskz_loadu_epi8(mask, p + last), table->not_pad);
        left = last + 64 - (uint32_t)_lzcnt_u64(text);
        if (text) break;
    }
    while (t->field->flags & OV_FLAG_TRIM_LEFT && left > 0) {
        const __mmask64 mask = first_bits(ov_min32(left, 64));
        const uint64_t text = _mm512_mask_test_epi8_mask(mask, _mm512_maskz_loadu_epi8(mask, p), table->not_pad);
        const uint32_t pads = ov_min32((uint32_t)_tzcnt_u64(text), left);
        p += pads;
        left -= pads;
        if (text) break;
    }
    while (left > 0) {
        const uint32_t length = ov_min32(left, 64);
        const uint64_t units = first_bits(length);
        const __m512i x = _mm512_maskz_loadu_epi8(units, p), y = translate(table, x);
        if (__builtin_expect((others(table, y) & units) == 0, 1)) {
            _mm512_storeu_si512(t->data + end, y);
            end += (int32_t)length;
        } else if (_mm512_mask_testn_epi8_mask(units, y, y) == 0) {
            int32_t ignored;
            end = put_latin(table, t->data, end, &ignored, y, units, 64);
        } else {
            if (!expander_ready(&t->expander, t->field)) return text_slowly(t, item, k, begin);
            const int32_t size = expand(&t->expander, x, length, t->data + end);
            if (size < 0) return text_slowly(t, item, k, begin);
            end += size;
        }
        p += length;
        left -= length;
    }
    return end;
}

TARGET static void texts_long(const ov_field *field, const ov_items *items, int32_t *offsets, uint8_t *data,
                              ov_bits *valid, ov_bits *bad) {
    texts t;
    const table table = table_of(field);
    begin(&t, field, items, data, valid, bad);
    int32_t end = offsets[0];
    for (uint32_t k = 0; k < items->count; k++) offsets[k + 1] = end = long_text(&t, &table, ov_item(items, k), k, end);
}

#define TEXTS(name, width, trims)                                                                                      \
    TARGET static void name(const ov_field *field, const ov_items *items, int32_t *offsets, uint8_t *data,             \
                            ov_bits *valid, ov_bits *bad) {                                                            \
        tile(field, items, offsets, data, valid, bad, width, trims);                                                   \
    }
TEXTS(trimmed16, 16, 1)
TEXTS(trimmed32, 32, 1)
TEXTS(trimmed64, 64, 1)
TEXTS(whole16, 16, 0)
TEXTS(whole32, 32, 0)
TEXTS(whole64, 64, 0)

ov_text_kernel *ov_avx512_text(const ov_field *field) {
    if (field->length > 64 || (field->flags & OV_FLAG_TRIM_LEFT)) return texts_long;
    const int trims = field->flags & OV_FLAG_TRIM_RIGHT;
    if (field->length <= 16) return trims ? trimmed16 : whole16;
    if (field->length <= 32) return trims ? trimmed32 : whole32;
    return trims ? trimmed64 : whole64;
}

#endif
