/* Text at 32 bytes a step with AVX2: a row of sixteen characters is one shuffle, and twelve rows (x'40' to x'FF') are
 * tried for every byte. What is not ASCII, lies below x'40' or too near the end of the data goes through the portable
 * code.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "../levels.h"

#if defined(__GNUC__) && defined(__x86_64__)
#include <immintrin.h>

#include "../decimal.h"
#include "../kernels.h"

#define TARGET __attribute__((target("avx2,bmi2,lzcnt")))
#define FIRST_ROW 4
#define ROWS 12

typedef struct table {
    __m256i row[ROWS];
} table;

#define INLINE TARGET static inline __attribute__((always_inline))

/* Every row by the low four bits, then the right one by the high four, a bit at a time: blends go by the top bit. */
INLINE __m256i translate(const table *t, __m256i x) {
    const __m256i low = _mm256_and_si256(x, _mm256_set1_epi8(15));
    const __m256i bit6 = _mm256_add_epi8(x, x), bit5 = _mm256_add_epi8(bit6, bit6), bit4 = _mm256_add_epi8(bit5, bit5);
    __m256i pair[ROWS / 2];
    for (int i = 0; i < ROWS / 2; i++)
        pair[i] = _mm256_blendv_epi8(_mm256_shuffle_epi8(t->row[2 * i], low),
                                     _mm256_shuffle_epi8(t->row[2 * i + 1], low), bit4);
    const __m256i four = _mm256_blendv_epi8(pair[0], pair[1], bit5), eight = _mm256_blendv_epi8(pair[2], pair[3], bit5);
    const __m256i twelve = _mm256_blendv_epi8(pair[4], pair[5], bit5);
    return _mm256_blendv_epi8(four, _mm256_blendv_epi8(eight, twelve, bit6), x);
}

/* A bit for each byte below x'40', which no row was there for. */
INLINE uint32_t below_rows(__m256i x) {
    return ~(uint32_t)_mm256_movemask_epi8(_mm256_or_si256(x, _mm256_add_epi8(x, x)));
}

INLINE uint32_t bytes_equal(__m256i a, __m256i b) { return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(a, b)); }

INLINE table rows_of(const ov_field *field) {
    table t;
    for (int r = 0; r < ROWS; r++)
        t.row[r] = _mm256_broadcastsi128_si256(
            _mm_loadu_si128((const __m128i *)(field->pool + OV_TEXT_POOL + 16 * (r + FIRST_ROW))));
    return t;
}

/* A bit for each byte that is neither pad nor x'00'; a pad has one bit set, so what has any other is text. */
INLINE uint32_t text_bytes(__m256i x, __m256i not_pad) {
    return ~bytes_equal(_mm256_and_si256(x, not_pad), _mm256_setzero_si256());
}

/* A bit for each byte that was not translated to ASCII (or Latin-1). */
INLINE uint32_t other_bytes(__m256i x, __m256i y, uint32_t above_ascii) {
    return ((uint32_t)_mm256_movemask_epi8(y) & above_ascii) | bytes_equal(y, _mm256_setzero_si256()) | below_rows(x);
}

/* One item by the portable code. Its end comes back by value: in a loop the end must stay in a register. */
static int32_t text_slowly(const ov_field *field, const uint8_t *p, uint8_t *data, int32_t end, uint32_t k,
                           ov_bits *valid, ov_bits *bad) {
    ov_outcome outcome = ov_text_value(field, p, data, &end);
    if (outcome == OV_VALUE)
        ov_bits_set(valid, k);
    else if (outcome == OV_BAD)
        ov_bits_set(bad, k);
    return end;
}

/* Up to 32 bytes: one register. */
TARGET static void short_text(const ov_field *field, const ov_items *items, int32_t *offsets, uint8_t *data,
                              ov_bits *valid, ov_bits *bad) {
    const table t = rows_of(field);
    const __m256i not_pad = _mm256_set1_epi8((char)~ov_pad(field));
    const uint32_t whole = _bzhi_u32(~0u, (uint32_t)field->length);
    const uint32_t all = field->flags & OV_FLAG_TRIM_RIGHT ? 0 : whole;
    const uint32_t above_ascii = field->flags & OV_FLAG_LATIN1 ? 0 : ~0u;
    ov_bits_clear(valid);
    ov_bits_clear(bad);
    int32_t end = offsets[0];
    for (uint32_t k = 0; k < items->count; k++) {
        const uint8_t *p = ov_item(items, k);
        if (__builtin_expect((size_t)(items->high - p) < 32 || (uint8_t)(p[0] + 1) < 2, 0)) {
            end = text_slowly(field, p, data, end, k, valid, bad);
        } else {
            __m256i x = _mm256_loadu_si256((const __m256i *)p), y = translate(&t, x);
            _mm256_storeu_si256((__m256i *)(data + end), y);
            uint32_t length = 32 - _lzcnt_u32((text_bytes(x, not_pad) & whole) | all);
            if (__builtin_expect(_bzhi_u32(other_bytes(x, y, above_ascii), length) != 0, 0)) {
                end = text_slowly(field, p, data, end, k, valid, bad);
            } else {
                end += (int32_t)length;
                ov_bits_set(valid, k);
            }
        }
        offsets[k + 1] = end;
    }
}

/* Any length: the last register with text in it, then all up to there. */
TARGET static void long_text(const ov_field *field, const ov_items *items, int32_t *offsets, uint8_t *data,
                             ov_bits *valid, ov_bits *bad) {
    const table t = rows_of(field);
    const __m256i not_pad = _mm256_set1_epi8((char)~ov_pad(field));
    const uint32_t above_ascii = field->flags & OV_FLAG_LATIN1 ? 0 : ~0u;
    const uint32_t length = (uint32_t)field->length, reach = (length + 31) & ~31u;
    const int trims = (field->flags & OV_FLAG_TRIM_RIGHT) != 0;
    ov_bits_clear(valid);
    ov_bits_clear(bad);
    int32_t end = offsets[0];
    for (uint32_t k = 0; k < items->count; k++) {
        const uint8_t *p = ov_item(items, k);
        int easy = (size_t)(items->high - p) >= reach && (uint8_t)(p[0] + 1) >= 2;
        uint32_t kept = easy ? length : 0;
        for (uint32_t at = reach; trims && easy && at > 0;) {
            at -= 32;
            uint32_t text = text_bytes(_mm256_loadu_si256((const __m256i *)(p + at)), not_pad);
            if (length - at < 32) text = _bzhi_u32(text, length - at);
            kept = at + 32 - _lzcnt_u32(text);
            if (text) break;
        }
        for (uint32_t at = 0; easy && at < kept; at += 32) {
            __m256i x = _mm256_loadu_si256((const __m256i *)(p + at)), y = translate(&t, x);
            _mm256_storeu_si256((__m256i *)(data + end + at), y);
            uint32_t other = other_bytes(x, y, above_ascii);
            if (kept - at < 32) other = _bzhi_u32(other, kept - at);
            easy = other == 0;
        }
        if (easy) {
            end += (int32_t)kept;
            ov_bits_set(valid, k);
        } else {
            end = text_slowly(field, p, data, end, k, valid, bad);
        }
        offsets[k + 1] = end;
    }
}

ov_text_kernel *ov_avx2_text(const ov_field *field) {
    if (field->flags & OV_FLAG_TRIM_LEFT) return NULL;
    return field->length <= 32 ? short_text : long_text;
}

#endif
