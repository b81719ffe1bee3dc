/* Text in JSON and CSV: most of it is copied eight bytes at a time, what is special byte by byte.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "write.h"

#define ONES 0x0101010101010101u
#define HIGHS 0x8080808080808080u

/* The high bit of each byte that is `c`, and of bytes behind it that need not be. */
static inline uint64_t is_byte(uint64_t x, uint8_t c) {
    x ^= c * ONES;
    return (x - ONES) & ~x & HIGHS;
}

/* The same for bytes below x'20'. */
static inline uint64_t is_control(uint64_t x) { return (x - 0x20 * ONES) & ~x & HIGHS; }

static uint8_t *latin1_character(uint8_t c, uint8_t *at) {
    at[0] = (uint8_t)(0xC0 | c >> 6);
    at[1] = (uint8_t)(0x80 | (c & 0x3F));
    return at + 2;
}

static uint8_t *json_character(uint8_t c, uint8_t *at) {
    static const char letters[] = "........btn.fr..", digits[] = "0123456789abcdef";
    if (c >= 0x80) return latin1_character(c, at);
    *at++ = '\\';
    if (c >= 0x20) {
        *at = c;
        return at + 1;
    }
    if (c >= 8 && c <= 13 && c != 11) {
        *at = (uint8_t)letters[c];
        return at + 1;
    }
    memcpy(at, "u00", 3);
    at[3] = (uint8_t)digits[c >> 4];
    at[4] = (uint8_t)digits[c & 15];
    return at + 5;
}

/* Eight bytes are written at once, so that up to seven behind the text are read and overwritten. */
uint8_t *ov_write_json_text(const uint8_t *text, size_t length, bool latin1, uint8_t *at) {
    const uint64_t expands = latin1 ? HIGHS : 0;
    for (size_t i = 0; i < length;) {
        const uint64_t x = ov_load64(text + i);
        const size_t count = length - i < 8 ? length - i : 8;
        const uint64_t special = (is_control(x) | is_byte(x, '"') | is_byte(x, '\\') | (x & expands)) &
                                 (count < 8 ? ((uint64_t)1 << 8 * count) - 1 : ~(uint64_t)0);
        ov_store64(at, x);
        if (!special) {
            at += count;
            i += count;
            continue;
        }
        const size_t plain = (size_t)__builtin_ctzll(special) / 8;
        at = json_character(text[i + plain], at + plain);
        i += plain + 1;
    }
    *at = '"';
    return at + 1;
}

uint8_t *ov_write_csv_text(const uint8_t *text, size_t length, bool latin1, uint8_t *at) {
    bool quoted = length == 0;
    for (size_t i = 0; i < length && !quoted; i += 8) {
        const uint64_t x = ov_load64(text + i);
        const uint64_t special = is_byte(x, ',') | is_byte(x, '"') | is_byte(x, '\r') | is_byte(x, '\n');
        quoted = (special & (length - i < 8 ? ((uint64_t)1 << 8 * (length - i)) - 1 : ~(uint64_t)0)) != 0;
    }
    if (quoted) *at++ = '"';
    const uint64_t expands = latin1 ? HIGHS : 0;
    for (size_t i = 0; i < length;) {
        const uint64_t x = ov_load64(text + i);
        const size_t count = length - i < 8 ? length - i : 8;
        const uint64_t special =
            (is_byte(x, '"') | (x & expands)) & (count < 8 ? ((uint64_t)1 << 8 * count) - 1 : ~(uint64_t)0);
        ov_store64(at, x);
        if (!special) {
            at += count;
            i += count;
            continue;
        }
        const size_t plain = (size_t)__builtin_ctzll(special) / 8;
        const uint8_t c = text[i + plain];
        at += plain;
        if (c == '"') {
            *at++ = '"';
            *at++ = '"';
        } else {
            at = latin1_character(c, at);
        }
        i += plain + 1;
    }
    if (quoted) *at++ = '"';
    *at = ',';
    return at + 1;
}
