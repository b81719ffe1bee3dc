/* Text in UTF-8: checked, trimmed, copied.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "text.h"

enum { BROKEN = 0, UNFINISHED = -1 };

/* Bytes of the character at p of n bytes; UNFINISHED: they begin one that goes on behind them. (The Unicode Standard,
 * table 3-7: no overlong forms, no surrogates, nothing beyond U+10FFFF.) */
static int32_t character(const uint8_t *p, int32_t n) {
    const uint8_t c = p[0];
    if (c < 0x80) return 1;
    if (c < 0xC2 || c > 0xF4) return BROKEN;
    const int32_t size = c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
    const uint8_t least = c == 0xE0 ? 0xA0 : c == 0xF0 ? 0x90 : 0x80;
    const uint8_t most = c == 0xED ? 0x9F : c == 0xF4 ? 0x8F : 0xBF;
    if (n > 1 && (p[1] < least || p[1] > most)) return BROKEN;
    for (int32_t i = 2; i < size && i < n; i++)
        if ((p[i] & 0xC0) != 0x80) return BROKEN;
    return size <= n ? size : UNFINISHED;
}

static inline int is_pad(uint8_t c) { return c == 0x20 || c == 0; }

static ov_outcome utf8(const ov_field *field, const uint8_t *p, uint8_t *data, int32_t *end) {
    int32_t n = field->length, at = 0;
    if ((field->flags & OV_FLAG_ABSENT) && ov_is_nothing(p, n)) return OV_ABSENT;
    if (field->flags & OV_FLAG_TRIM_RIGHT)
        while (n > 0 && is_pad(p[n - 1])) n--;
    if (field->flags & OV_FLAG_TRIM_LEFT)
        for (; n > 0 && is_pad(p[0]); p++) n--;
    while (at < n) {
        if (n - at >= 8 && !(ov_load64(p + at) & 0x8080808080808080u)) {
            at += 8;
            continue;
        }
        const int32_t size = character(p + at, n - at);
        if (size > 0) {
            at += size;
            continue;
        }
        if (size == BROKEN || !(field->flags & OV_FIELD_CUT)) return OV_BAD;
        break;
    }
    memcpy(data + *end, p, (size_t)at);
    *end += at;
    return OV_VALUE;
}

void ov_utf8_kernel(const ov_field *field, const ov_items *items, int32_t *offsets, uint8_t *data, ov_bits *valid,
                    ov_bits *bad) {
    ov_each_text(utf8, field, items, offsets, data, valid, bad);
}
