/* Columns of numbers as text.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "write.h"

size_t ov_decimals(const uint8_t *values, const uint8_t *validity, size_t from, size_t count, int32_t scale,
                   uint8_t *out, int32_t *ends) {
    uint8_t *at = out;
    ends[0] = 0;
    for (size_t i = from; i < from + count; i++) {
        if (validity[i >> 3] >> (i & 7) & 1) {
            uint64_t words[2];
            memcpy(words, values + 16 * i, sizeof words);
            const uint64_t minus = 0 - (words[1] >> 63); /* signs are random: no branch */
            const uint64_t low = (words[0] ^ minus) - minus;
            const uint64_t high = (words[1] ^ minus) + (minus & (low == 0));
            at = ov_write_digits(high, low, minus != 0, scale, at);
        }
        ends[i - from + 1] = (int32_t)(at - out);
    }
    return (size_t)(at - out);
}
