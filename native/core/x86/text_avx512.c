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

static inline __mmask64 first_bytes(uint32_t n) { return n >= 64 ? ~(__mmask64)0 : ((__mmask64)1 << n) - 1; }

/* Fields of up to 64 bytes, right-trimmed or not: one register each. */
TARGET static void short_fields(const ov_field *field, const ov_items *items, int32_t *offsets, uint8_t *data,
                                ov_bits *valid, ov_bits *bad) {
    table t;
    for (int i = 0; i < 4; i++) t.part[i] = _mm512_loadu_si512(field->pool + OV_TEXT_POOL + 64 * i);
    const __m512i pads = _mm512_set1_epi8((char)ov_pad(field)), zero = _mm512_setzero_si512();
    const __mmask64 whole = first_bytes((uint32_t)field->length);
    const int trims = (field->flags & OV_FLAG_TRIM_RIGHT) != 0, latin1 = (field->flags & OV_FLAG_LATIN1) != 0;
    ov_bits_clear(bad);
    int32_t end = offsets[0];
    for (uint32_t from = 0; from < OV_TILE_BITS; from += 64) {
        uint64_t bits = 0;
        const uint32_t to = items->count < from + 64 ? items->count : from + 64;
        for (uint32_t k = from; k < to; k++) {
            const uint8_t *p = ov_item(items, k);
            __m512i x = _mm512_maskz_loadu_epi8(whole, p);
            __mmask64 text = trims ? _mm512_mask_cmpneq_epi8_mask(whole, x, pads) & _mm512_test_epi8_mask(x, x) : whole;
            uint32_t length = 64 - (uint32_t)_lzcnt_u64(text);
            __mmask64 kept = first_bytes(length);
            __m512i y = translate(&t, x);
            _mm512_storeu_si512(data + end, y);
            __mmask64 other = latin1 ? 0 : _mm512_movepi8_mask(y) & kept;
            other |= _mm512_mask_cmpeq_epi8_mask(kept, y, zero);
            if (__builtin_expect(other != 0 || p[0] == 0 || p[0] == 0xFF, 0)) {
                ov_outcome outcome = ov_text_value(field, p, data, &end);
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

ov_text_kernel *ov_avx512_text(const ov_field *field) {
    return field->length > 64 || (field->flags & OV_FLAG_TRIM_LEFT) ? NULL : short_fields;
}

#endif
