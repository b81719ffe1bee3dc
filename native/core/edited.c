/* Edited pictures: the number that they show, read position by position (classes in opcodes.h, OV_EDIT_*).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "decimal.h"
#include "kernels.h"

ov_outcome ov_edited_value(const ov_field *field, const uint8_t *p, ov_int128 *value) {
    const int ascii = field->flags & OV_FLAG_ASCII;
    const uint8_t pad = ov_pad(field), zone = ascii ? 0x30 : 0xF0;
    const uint8_t plus = ascii ? 0x2B : 0x4E, minus = ascii ? 0x2D : 0x60, star = ascii ? 0x2A : 0x5C;
    if ((field->flags & (OV_FLAG_ABSENT | OV_FLAG_LENIENT)) && ov_is_blank(p, field->length, pad)) {
        if ((field->flags & OV_FLAG_LENIENT) && p[0] == pad) { /* BLANK WHEN ZERO */
            *value = (ov_int128){0, 0};
            return OV_VALUE;
        }
        if (field->flags & OV_FLAG_ABSENT) return OV_ABSENT;
    }

    ov_wide wide = {0, 0};
    int negative = 0, seen = 0, letters = 0;
    int stars = 0, starred = 0; /* suppressed digits shown as *; so is the sign where the number is 0 */
    uint8_t second = pad;       /* behind the first of CR or DB, if that is not there */
    for (int32_t i = 0; i < field->length; i++) {
        const uint8_t class = field->pool[3 * i], symbol = field->pool[3 * i + 1], floating = field->pool[3 * i + 2];
        const uint8_t c = p[i];
        const int digit = (uint8_t)(c - zone) <= 9;
        /* a floating + shows a minus too */
        const int is_floating = floating && (c == floating || (floating == plus && c == minus));
        switch (class) {
        case OV_EDIT_DIGIT:
        case OV_EDIT_SUPPRESS:
        case OV_EDIT_ASTERISK:
        case OV_EDIT_FLOATING:
            if (digit) {
                seen = 1;
                wide = ov_wide_step(wide, 10, c - zone);
                continue;
            }
            if (seen || class == OV_EDIT_DIGIT) return OV_BAD;
            wide = ov_wide_step(wide, 10, 0);
            if (class == OV_EDIT_ASTERISK) stars = 1;
            if (class == OV_EDIT_ASTERISK ? c == star : c == pad) continue;
            if (class != OV_EDIT_FLOATING || !is_floating) return OV_BAD;
            negative |= c == minus;
            continue;
        case OV_EDIT_FLOATING_FIRST:
            if (c == pad) continue;
            if (!is_floating) return OV_BAD;
            negative |= c == minus;
            continue;
        case OV_EDIT_SIGN:
            if (c == minus)
                negative = 1;
            else if (c == star)
                starred = 1;
            else if (c != pad && !(c == plus && symbol == plus))
                return OV_BAD;
            continue;
        case OV_EDIT_CREDIT:
            letters = c == symbol;
            second = c == star ? star : pad;
            starred |= c == star;
            if (!letters && c != second) return OV_BAD;
            negative |= letters;
            continue;
        case OV_EDIT_PAIR:
            if (c != (letters ? symbol : second)) return OV_BAD;
            continue;
        default:
            if (c == symbol) continue;
            if (seen) return OV_BAD;
            if (c == pad || c == star) continue;
            if (!is_floating) return OV_BAD;
            negative |= c == minus;
        }
    }
    if (starred && (seen || !stars)) return OV_BAD;
    *value = ov_wide_signed(ov_wide_scale(wide, field->up), negative);
    return OV_VALUE;
}

void ov_edited_kernel(const ov_field *field, const ov_items *items, uint8_t *out, ov_bits *valid, ov_bits *bad) {
    ov_bits_clear(valid);
    ov_bits_clear(bad);
    for (uint32_t k = 0; k < items->count; k++) {
        ov_int128 value = {0, 0};
        ov_outcome outcome = ov_edited_value(field, ov_item(items, k), &value);
        ov_put(field, out, k, outcome, value, valid, bad);
    }
}
