/* What every file of the core needs: unaligned loads and stores, counting bits, and bitmaps that grow at any bit.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OV_COMMON_H
#define OV_COMMON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if !defined(__BYTE_ORDER__) || __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the core is written for little-endian machines and compilers like GCC and Clang"
#endif
_Static_assert(sizeof(void *) >= 4 && sizeof(float) == 4 && sizeof(double) == 8, "unusual machine");

/* Bytes behind every part of a slab that may be overwritten; slab.ts leaves as many. */
#define OV_SLACK 64
/* Longest data: every position in it, and behind it by a record, fits 31 bits. */
#define OV_MAX_DATA ((size_t)1 << 30)

static inline uint64_t ov_load64(const void *p) {
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static inline void ov_store64(void *p, uint64_t v) { memcpy(p, &v, sizeof v); }

/* Without an instruction for it, __builtin_popcountll is a call. */
static inline uint32_t ov_count_bits(uint64_t v) {
    v -= (v >> 1) & 0x5555555555555555u;
    v = (v & 0x3333333333333333u) + ((v >> 2) & 0x3333333333333333u);
    return (uint32_t)((((v + (v >> 4)) & 0x0f0f0f0f0f0f0f0fu) * 0x0101010101010101u) >> 56);
}

static inline uint32_t ov_min32(uint32_t a, uint32_t b) { return a < b ? a : b; }

static inline bool ov_get_bit(const uint64_t *words, uint32_t bit) { return (words[bit >> 6] >> (bit & 63)) & 1; }

static inline void ov_set_bit(uint64_t *words, uint32_t bit) { words[bit >> 6] |= (uint64_t)1 << (bit & 63); }

/* Appends count bits (the words' bits behind them are 0) to a bitmap that has `from` bits. The bits behind the last one
 * become 0, as far as its byte; up to 16 bytes from the last one's on are written. */
static inline void ov_append_bits(uint8_t *bitmap, size_t from, const uint64_t *words, uint32_t count) {
    uint8_t *p = bitmap + (from >> 3);
    const unsigned shift = from & 7;
    if (shift == 0) {
        for (uint32_t done = 0; done < count; done += 64) ov_store64(p + done / 8, words[done / 64]);
        return;
    }
    uint64_t carry = p[0] & ((1u << shift) - 1);
    for (uint32_t done = 0; done < count; done += 64, p += 8) {
        const uint64_t word = words[done / 64];
        ov_store64(p, word << shift | carry);
        carry = word >> (64 - shift);
    }
    *p = (uint8_t)carry;
}

/* Reads count bits (1 to 256) of a bitmap from bit `from` on into whole words, with zeros behind them. */
static inline void ov_read_bits(const uint8_t *bitmap, size_t from, uint32_t count, uint64_t *words) {
    const uint8_t *p = bitmap + (from >> 3);
    const unsigned shift = from & 7;
    for (uint32_t done = 0; done < count; done += 64, p += 8) {
        uint64_t word = ov_load64(p) >> shift;
        if (shift != 0) word |= (uint64_t)p[8] << (64 - shift);
        words[done / 64] = count - done < 64 ? word & (((uint64_t)1 << (count - done)) - 1) : word;
    }
}

#endif
