/* Bytes by a table of 256: text of a whole message at once, untrimmed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "levels.h"
#include "message.h"

void ov_translate(ov_level level, const uint8_t *table, const uint8_t *from, uint8_t *to, size_t length) {
#if defined(__GNUC__) && defined(__x86_64__)
    if (level >= OV_LEVEL_AVX512) {
        ov_avx512_translate(table, from, to, length);
        return;
    }
#endif
    (void)level;
    for (size_t i = 0; i < length; i++) to[i] = table[from[i]];
}
