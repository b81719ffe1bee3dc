/* Text of records and rows with AVX-512 VBMI. The digits of a number are bytes of a register; one permutation lays them
 * out with the point, another moves them over leading zeros. From records they come straight from the nibbles.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "writers.h"

#if defined(__GNUC__) && defined(__x86_64__)
#include <immintrin.h>

#include "../rows.h"

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi,avx512vbmi2,bmi,bmi2,lzcnt")))
#define INLINE TARGET static inline __attribute__((always_inline))

/* A mask that is tested as well as counted in: kept out of the mask registers, whose test would take longer. */
INLINE uint32_t in_register(uint32_t mask) {
    __asm__("" : "+r"(mask));
    return mask;
}

/* Masks straight from memory, and not by way of another register. */
INLINE __mmask16 mask16(const void *mask) { return _load_mask16((__mmask16 *)(uintptr_t)mask); }
INLINE __mmask32 mask32(const void *mask) { return _load_mask32((__mmask32 *)(uintptr_t)mask); }

/* The bytes that are not zero. */
INLINE uint32_t some_of(__m256i digits) { return in_register(_mm256_test_epi8_mask(digits, digits)); }

/* Of these digits the first that is not zero, known before they are. */
INLINE uint64_t first_of(uint64_t n, uint32_t width) {
    const uint32_t about = (64 - (uint32_t)_lzcnt_u64(n | 1)) * 1233 >> 12;
    return (uint64_t)1 << (width - about - (n >= ov_powers10[about]));
}

/* Writes a number with prefix and suffix from its digits; NULL: it is zero with a sign. Where it ends is found first,
 * and without that sign's branch would wait for its digits: what is written next should know soon where it goes. */
INLINE uint8_t *put_digits(const ov_op *op, const ov_digits *d, __m256i digits, uint64_t some, int negative,
                           uint8_t *at) {
    some &= d->significant;
    if (__builtin_expect(negative & (some == 0), 0)) return NULL;
    const uint32_t first = (uint32_t)_tzcnt_u64(some | d->keep) - d->skip;
    at = ov_write_template(at, op->prefix, op->prefix_length + 1) - 1 + negative; /* with a sign, or over it */
    if (__builtin_expect(d->length <= 32, 1)) {
        const __m256i iota = _mm256_set_epi8(31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13,
                                             12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
        __m256i y = _mm256_maskz_permutexvar_epi8(mask32(&d->digits),
                                                  _mm256_loadu_si256((const __m256i *)(const void *)d->place), digits);
        y = _mm256_or_si256(y, _mm256_loadu_si256((const __m256i *)(const void *)d->constant));
        y = _mm256_permutexvar_epi8(_mm256_add_epi8(iota, _mm256_set1_epi8((char)first)), y);
        _mm256_storeu_si256((__m256i *)(void *)at, y);
    } else {
        const __m512i iota =
            _mm512_set_epi8(63, 62, 61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47, 46, 45, 44, 43, 42, 41,
                            40, 39, 38, 37, 36, 35, 34, 33, 32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18,
                            17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
        __m512i y =
            _mm512_maskz_permutexvar_epi8(d->digits, _mm512_loadu_si512(d->place), _mm512_castsi256_si512(digits));
        y = _mm512_or_si512(y, _mm512_loadu_si512(d->constant));
        y = _mm512_permutexvar_epi8(_mm512_add_epi8(iota, _mm512_set1_epi8((char)first)), y);
        _mm512_storeu_si512(at, y);
    }
    return at + (d->length - first);
}

/* Eight digits each of four numbers below 10^8. */
INLINE __m256i eight_digits(__m256i n) {
    const __m256i four = _mm256_srli_epi64(_mm256_mul_epu32(n, _mm256_set1_epi64x(0xD1B71759)), 45);
    const __m256i low = _mm256_sub_epi32(n, _mm256_mul_epu32(four, _mm256_set1_epi64x(10000)));
    const __m256i w = _mm256_or_si256(four, _mm256_slli_epi64(low, 32));
    const __m256i two = _mm256_srli_epi16(_mm256_mulhi_epu16(w, _mm256_set1_epi32(5243)), 3);
    const __m256i rest = _mm256_sub_epi16(w, _mm256_mullo_epi16(two, _mm256_set1_epi32(100)));
    const __m256i z = _mm256_or_si256(two, _mm256_slli_epi32(rest, 16));
    const __m256i ten = _mm256_mulhi_epu16(z, _mm256_set1_epi16(6554));
    const __m256i one = _mm256_sub_epi16(z, _mm256_mullo_epi16(ten, _mm256_set1_epi16(10)));
    return _mm256_or_si256(ten, _mm256_slli_epi16(one, 8));
}

#define TEN8 100000000u
#define TEN16 10000000000000000u

/* Sixteen digits of a number below 10^16, in the lower half. */
INLINE __m256i sixteen(uint64_t n) {
    return eight_digits(
        _mm256_castsi128_si256(_mm_insert_epi64(_mm_cvtsi64_si128((long long)(n / TEN8)), (long long)(n % TEN8), 1)));
}

/* Thirty-two digits of high * 10^16 + low, both below 10^16. */
INLINE __m256i thirty_two(uint64_t high, uint64_t low) {
    return eight_digits(_mm256_set_epi64x((long long)(low % TEN8), (long long)(low / TEN8), (long long)(high % TEN8),
                                          (long long)(high / TEN8)));
}

/* Rows. */

TARGET static uint8_t *json_text(const uint8_t *text, size_t length, bool latin1, uint8_t *at) {
    const __m512i expands = _mm512_set1_epi8(latin1 ? (char)0x80 : 0);
    for (size_t i = 0; i < length; i += 64) {
        const uint32_t count = length - i < 64 ? (uint32_t)(length - i) : 64;
        const __mmask64 there = _bzhi_u64(~(uint64_t)0, count);
        const __m512i x = _mm512_maskz_loadu_epi8(there, text + i);
        _mm512_storeu_si512(at, x);
        const __mmask64 special = _mm512_mask_cmplt_epu8_mask(there, x, _mm512_set1_epi8(0x20)) |
                                  _mm512_cmpeq_epi8_mask(x, _mm512_set1_epi8('"')) |
                                  _mm512_cmpeq_epi8_mask(x, _mm512_set1_epi8('\\')) | _mm512_test_epi8_mask(x, expands);
        if (__builtin_expect(special != 0, 0)) {
            const uint32_t plain = (uint32_t)_tzcnt_u64(special);
            return ov_write_json_text(text + i + plain, length - i - plain, latin1, at + plain);
        }
        at += count;
    }
    *at = '"';
    return at + 1;
}

TARGET static uint8_t *csv_text(const uint8_t *text, size_t length, bool latin1, uint8_t *at) {
    if (length - 1 >= 64) return ov_write_csv_text(text, length, latin1, at);
    const __m512i expands = _mm512_set1_epi8(latin1 ? (char)0x80 : 0);
    const __m512i x = _mm512_maskz_loadu_epi8(_bzhi_u64(~(uint64_t)0, (uint32_t)length), text);
    const __mmask64 special = _mm512_cmpeq_epi8_mask(x, _mm512_set1_epi8(',')) |
                              _mm512_cmpeq_epi8_mask(x, _mm512_set1_epi8('"')) |
                              _mm512_cmpeq_epi8_mask(x, _mm512_set1_epi8('\r')) |
                              _mm512_cmpeq_epi8_mask(x, _mm512_set1_epi8('\n')) | _mm512_test_epi8_mask(x, expands);
    if (__builtin_expect(special != 0, 0)) return ov_write_csv_text(text, length, latin1, at);
    _mm512_storeu_si512(at, x);
    at[length] = ',';
    return at + length + 1;
}

TARGET static uint8_t *integer(const ov_op *op, ov_int128 value, uint8_t *at) {
    const int negative = value.high < 0;
    uint64_t low = value.low, high = (uint64_t)value.high;
    if (negative) {
        low = 0 - low;
        high = ~high + (low == 0);
    }
    if (op->type == OV_TYPE_INT32) return put_digits(op, op->digits, sixteen(low), first_of(low, 16), negative, at);
    /* 10^32 is 5421010862427 * 2^64 and a little */
    if (__builtin_expect(high >= 5421010862427u, 0)) return ov_write_integer(op, value, at);
    if ((op->flags & OV_WRITEFLAG_QUOTED_BEYOND) && (high || low > OV_MOST_SAFE))
        return ov_write_integer(op, value, at);
    uint64_t upper, lower;
    if (high == 0) {
        upper = low / TEN16;
        lower = low % TEN16;
    } else {
        const unsigned __int128 n = (unsigned __int128)high << 64 | low;
        upper = (uint64_t)(n / TEN16);
        lower = low - upper * TEN16;
    }
    const __m256i digits = thirty_two(upper, lower);
    return put_digits(op, op->digits, digits, some_of(digits), negative, at);
}

TARGET static uint8_t *row(ov_text_out *out, const ov_op *op, uint32_t i, uint8_t *at) {
    return ov_row(out, op, i, at, json_text, csv_text, integer, row);
}

ov_row_writer *ov_avx512_row_writer(void) { return row; }

/* Records. */

INLINE uint8_t *put_checked(ov_text_out *out, const ov_op *op, const uint8_t *p, __m256i digits, __mmask32 wrong,
                            uint32_t sign, uint8_t *at) {
    const ov_digits *d = op->direct;
    if (__builtin_expect(wrong != 0, 0) || __builtin_expect(d->wrong_signs >> sign & 1, 0))
        return ov_write_item(out, op, p, at);
    uint8_t *const next = put_digits(op, d, digits, some_of(digits), (int)(0x2800u >> sign & 1), at);
    return __builtin_expect(next != NULL, 1) ? next : ov_write_item(out, op, p, at);
}

INLINE uint32_t sign_of(const ov_digits *d, const uint8_t *p) {
    return __builtin_ia32_bextr_u32(p[d->sign_at], d->sign_bits);
}

INLINE __m256i load256(const uint8_t *p) { return _mm256_loadu_si256((const __m256i *)(const void *)p); }

INLINE uint8_t *packed(ov_text_out *out, const ov_op *op, const uint8_t *p, uint8_t *at) {
    const ov_digits *d = op->direct;
    const __m128i x = _mm_maskz_loadu_epi8(mask16(&d->loads), p + (ptrdiff_t)op->length - 16);
    /* of each four bytes eight nibbles, the high one of a byte first */
    const __m256i nibbles =
        _mm256_and_si256(_mm256_multishift_epi64_epi8(_mm256_set1_epi64x(0x181C1014080C0004), _mm256_cvtepu32_epi64(x)),
                         load256(d->mask));
    const __mmask32 wrong = _mm256_cmpgt_epu8_mask(nibbles, load256(d->most));
    return put_checked(out, op, p, nibbles, wrong, sign_of(d, p), at);
}

INLINE uint8_t *zoned(ov_text_out *out, const ov_op *op, const uint8_t *p, uint8_t *at, int width) {
    const ov_digits *d = op->direct;
    const uint8_t *from = p + (ptrdiff_t)op->length - width;
    const __m256i x = width == 16 ? _mm256_castsi128_si256(_mm_maskz_loadu_epi8(mask16(&d->loads), from))
                                  : _mm256_maskz_loadu_epi8(mask32(&d->loads), from);
    const __m256i flip = _mm256_set1_epi8((char)d->flip);
    const __m256i digits = _mm256_and_si256(_mm256_xor_si256(x, flip), load256(d->mask));
    const __mmask32 wrong = _mm256_cmpgt_epu8_mask(digits, load256(d->most));
    return put_checked(out, op, p, digits, wrong, sign_of(d, p), at);
}

INLINE uint8_t *binary(ov_text_out *out, const ov_op *op, const uint8_t *p, uint8_t *at, int width) {
    const uint32_t length = op->length, bits = 64 - 8 * length;
    uint64_t n;
    if (op->field.flags & OV_FLAG_LITTLE) {
        n = (uint64_t)_mm_cvtsi128_si64(_mm_maskz_loadu_epi8((__mmask16)((1u << length) - 1), p)) << bits;
    } else {
        const __mmask16 loads = (__mmask16)(0xFFu & 0xFFu << (8 - length));
        n = ov_swap64((uint64_t)_mm_cvtsi128_si64(_mm_maskz_loadu_epi8(loads, p + (ptrdiff_t)length - 8))) << bits;
    }
    int negative = 0;
    if (op->field.flags & OV_FLAG_SIGNED) {
        negative = (int64_t)n < 0;
        n = (uint64_t)((int64_t)n >> bits);
        n = negative ? 0 - n : n;
    } else {
        n >>= bits;
    }
    if (__builtin_expect(n > op->direct->limit, 0)) return ov_write_item(out, op, p, at);
    if (width == 16) return put_digits(op, op->direct, sixteen(n), first_of(n, 16), negative, at);
    return put_digits(op, op->direct, thirty_two(n / TEN16, n % TEN16), first_of(n, 32), negative, at);
}

/* Text of up to `width` bytes: one lookup in a table of 256 bytes held in four registers. */
INLINE uint8_t *text(ov_text_out *out, const ov_op *op, const uint8_t *p, uint8_t *at, int width) {
    const uint8_t *t = op->table;
    const __m512i x = width == 32 ? _mm512_castsi256_si512(_mm256_maskz_loadu_epi8((__mmask32)op->whole, p))
                                  : _mm512_maskz_loadu_epi8(op->whole, p);
    /* a pad has one bit set: what has any other is neither pad nor x'00' */
    const __mmask64 ends = _mm512_test_epi8_mask(x, _mm512_set1_epi8((char)op->not_pad)) | op->kept;
    const uint32_t length = 64 - (uint32_t)_lzcnt_u64(ends);
    const __m512i low = _mm512_permutex2var_epi8(_mm512_loadu_si512(t), x, _mm512_loadu_si512(t + 64));
    const __m512i high = _mm512_permutex2var_epi8(_mm512_loadu_si512(t + 128), x, _mm512_loadu_si512(t + 192));
    const __m512i y = _mm512_mask_blend_epi8(_mm512_movepi8_mask(x), low, high);
    const uint64_t special = _bzhi_u64(_mm512_movepi8_mask(y), length);
    /* x'00' and x'FF' throughout may be absent; empty text has quotes in CSV */
    const uint32_t unusual = ((uint8_t)(p[0] + 1) < 2) | (out->is_csv & (length == 0));
    if (__builtin_expect((special | unusual) != 0, 0)) return ov_write_item(out, op, p, at);
    at = ov_write_template(at, op->prefix, op->prefix_length);
    if (width == 32)
        _mm256_storeu_si256((__m256i *)(void *)at, _mm512_castsi512_si256(y));
    else
        _mm512_storeu_si512(at, y);
    at[length] = op->suffix;
    return at + length + 1;
}

TARGET static uint8_t *record(ov_text_out *out, const ov_op *op, const uint8_t *base, uint8_t *at);

TARGET static uint8_t *list(ov_text_out *out, const ov_op *op, const uint8_t *base, uint8_t *at) {
    at = ov_open_list(out, op, at);
    uint8_t *const start = at;
    uint32_t count = (uint32_t)op->size;
    if (out->is_csv && count > op->most) count = op->most;
    const uint8_t *item = base + op->offset;
    for (uint32_t k = 0; k < count; k++, item += op->length) {
        if (!ov_has_room(out, at, 0)) return ov_stop(&out->is_full);
        at = record(out, op + 1, item, at);
        if (!at) return NULL;
    }
    return ov_close_list(out, op, count, start, at);
}

TARGET static uint8_t *record(ov_text_out *out, const ov_op *op, const uint8_t *base, uint8_t *at) {
    for (;; op++) {
        const uint8_t *p = base + op->offset;
        switch ((ov_direct_kind)op->kind) {
        case OV_DIRECT_TEXT32: at = text(out, op, p, at, 32); break;
        case OV_DIRECT_TEXT64: at = text(out, op, p, at, 64); break;
        case OV_DIRECT_PACKED: at = packed(out, op, p, at); break;
        case OV_DIRECT_ZONED16: at = zoned(out, op, p, at, 16); break;
        case OV_DIRECT_ZONED32: at = zoned(out, op, p, at, 32); break;
        case OV_DIRECT_BINARY16: at = binary(out, op, p, at, 16); break;
        case OV_DIRECT_BINARY32: at = binary(out, op, p, at, 32); break;
        case OV_DIRECT_ITEM: at = ov_write_item(out, op, p, at); break;
        case OV_DIRECT_OPEN:
            at = ov_write_template(at, op->prefix, op->prefix_length);
            out->opened[op->end] = at;
            continue;
        case OV_DIRECT_CLOSE: at = ov_close_object(out, op, at); continue;
        case OV_DIRECT_LIST:
            at = list(out, op, base, at);
            op = out->ops + op->end;
            break;
        case OV_DIRECT_END: return ov_end_line(out, at);
        case OV_DIRECT_END_LIST: return at;
        case OV_DIRECT_NONE: continue;
        default: __builtin_unreachable(); /* saves a comparison each */
        }
        if (__builtin_expect(!at, 0)) return NULL;
    }
}

ov_record_writer *ov_avx512_record_writer(void) { return record; }

#endif
