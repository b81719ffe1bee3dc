/* Text at 64 bytes a step with AVX-512 VBMI: one lookup in a table of 256 bytes held in four registers. Masked loads
 * keep to the field's bytes. Only ASCII is written here; an item with anything else goes through the portable code.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "levels.h"

#if defined(__GNUC__) && defined(__x86_64__)
#include <immintrin.h>

#include "../decimal.h"
#include "../kernels.h"

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi,avx512vbmi2,bmi2,lzcnt")))

typedef struct table {
    __m512i part[4];
} table;

TARGET static inline __m512i translate(const table *t, __m512i x) {
    __m512i low = _mm512_permutex2var_epi8(t->part[0], x, t->part[1]);
    __m512i high = _mm512_permutex2var_epi8(t->part[2], x, t->part[3]);
    return _mm512_mask_blend_epi8(_mm512_movepi8_mask(x), low, high);
}

/* Up to 64 bytes in one register; loads and stores are no wider than the field needs, since what crosses a cache line
 * costs twice. */
#define INLINE TARGET static inline __attribute__((always_inline))

INLINE __m512i load(const uint8_t *p, __mmask64 whole, int width) {
    if (width == 16) return _mm512_castsi128_si512(_mm_maskz_loadu_epi8((__mmask16)whole, p));
    if (width == 32) return _mm512_castsi256_si512(_mm256_maskz_loadu_epi8((__mmask32)whole, p));
    return _mm512_maskz_loadu_epi8(whole, p);
}

INLINE void store(uint8_t *to, __m512i y, int width) {
    if (width == 16)
        _mm_storeu_si128((__m128i *)to, _mm512_castsi512_si128(y));
    else if (width == 32)
        _mm256_storeu_si256((__m256i *)to, _mm512_castsi512_si256(y));
    else
        _mm512_storeu_si512(to, y);
}

INLINE void texts(const ov_field *field, const ov_items *items, int32_t *offsets, uint8_t *data, ov_bits *valid,
                  ov_bits *bad, int width) {
    table t;
    for (int i = 0; i < 4; i++) t.part[i] = _mm512_loadu_si512(field->pool + OV_TEXT_POOL + 64 * i);
    /* a pad has one bit set: what has any other is neither pad nor x'00' */
    const __m512i not_pad = _mm512_set1_epi8((char)~ov_pad(field)), one = _mm512_set1_epi8(1);
    const __m512i most = _mm512_set1_epi8(field->flags & OV_FLAG_LATIN1 ? (char)0xFE : 0x7E);
    const __mmask64 whole = _bzhi_u64(~(uint64_t)0, (uint32_t)field->length);
    const int trims = (field->flags & OV_FLAG_TRIM_RIGHT) != 0;
    ov_bits_clear(bad);
    int32_t end = offsets[0];
    for (uint32_t from = 0; from < OV_TILE_BITS; from += 64) {
        uint64_t bits = 0;
        const uint32_t to = items->count < from + 64 ? items->count : from + 64;
        for (uint32_t k = from; k < to; k++) {
            const uint8_t *p = ov_item(items, k);
            __m512i x = load(p, whole, width);
            __mmask64 text = trims ? _mm512_mask_test_epi8_mask(whole, x, not_pad) : whole;
            uint32_t length = 64 - (uint32_t)_lzcnt_u64(text);
            __m512i y = translate(&t, x);
            store(data + end, y, width);
            /* 0 (no character) and, but for Latin-1, what is not ASCII */
            __mmask64 other =
                _mm512_mask_cmpgt_epu8_mask(_bzhi_u64(~(uint64_t)0, length), _mm512_sub_epi8(y, one), most);
            if (__builtin_expect(other != 0 || (uint8_t)(p[0] + 1) < 2, 0)) {
                int32_t slow_end = end; /* end itself stays in a register */
                ov_outcome outcome = ov_text_value(field, p, data, &slow_end);
                end = slow_end;
                bits |= (uint64_t)(outcome == OV_VALUE) << (k - from);
                if (outcome == OV_BAD) ov_bits_set(bad, k);
            } else {
                end += (int32_t)length;
                bits |= (uint64_t)1 << (k - from);
            }
            offsets[k + 1] = end;
        }
        valid->words[from / 64] = bits;
    }
}

#define TEXTS(name, width)                                                                                             \
    TARGET static void name(const ov_field *field, const ov_items *items, int32_t *offsets, uint8_t *data,             \
                            ov_bits *valid, ov_bits *bad) {                                                            \
        texts(field, items, offsets, data, valid, bad, width);                                                         \
    }
TEXTS(texts16, 16)
TEXTS(texts32, 32)
TEXTS(texts64, 64)

ov_text_kernel *ov_avx512_text(const ov_field *field) {
    if (field->length > 64 || (field->flags & OV_FLAG_TRIM_LEFT)) return NULL;
    return field->length <= 16 ? texts16 : field->length <= 32 ? texts32 : texts64;
}

#endif
