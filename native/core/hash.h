/* A hash of a few bytes: eight at a time, multiplied into 128 bits whose halves are put together.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OV_HASH_H
#define OV_HASH_H

#include "decimal.h"

static inline uint64_t ov_mix(uint64_t a, uint64_t b) {
#if defined(__SIZEOF_INT128__)
    const unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
#else
    const ov_wide product = ov_wide_multiply(a, b);
    return product.low ^ product.high;
#endif
}

#define OV_HASH_FIRST 0x9e3779b97f4a7c15u
#define OV_HASH_SECOND 0xd1b54a32d192ed03u

/* Of 8 to 16 bytes: both words at once. */
static inline uint64_t ov_hash_short(const uint8_t *key, size_t width) {
    return ov_mix(ov_mix(ov_load64(key) ^ OV_HASH_FIRST, ov_load64(key + width - 8) ^ OV_HASH_SECOND), OV_HASH_FIRST);
}

/* Keys of one table have one width, so it need not be in the hash. Odd constants with as many ones as zeros. */
static inline uint64_t ov_hash(const uint8_t *key, size_t width) {
    const uint64_t first = OV_HASH_FIRST, second = OV_HASH_SECOND;
    if (width >= 8 && width <= 16) return ov_hash_short(key, width);
    uint64_t hash = first;
    size_t at = 0;
    for (; at + 8 <= width; at += 8) hash = ov_mix(hash ^ ov_load64(key + at), second);
    if (at < width) {
        uint64_t rest = 0;
        if (width >= 8)
            rest = ov_load64(key + width - 8);
        else
            for (size_t i = at; i < width; i++) rest = rest << 8 | key[i];
        hash = ov_mix(hash ^ rest, second);
    }
    return ov_mix(hash, first);
}

#endif
