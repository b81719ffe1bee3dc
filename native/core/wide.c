/* Numbers of USAGE NATIONAL: zoned and edited, a character of UTF-16 where others have a byte.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "decimal.h"
#include "kernels.h"

/* What no digit, sign or space is. */
enum { NOTHING = 1 };

/* One byte a character: ASCII as it is, U+FFFF x'FF' (all bits on is absent in any width), NOTHING for all others. */
static void narrow(const uint8_t *p, int32_t count, uint8_t *out) {
    for (int32_t i = 0; i < count; i++, p += 2) {
        const uint32_t unit = (uint32_t)p[0] << 8 | p[1];
        out[i] = (uint8_t)(unit < 0xFF || unit == 0xFFFF ? unit : NOTHING);
    }
}

ov_outcome ov_wide_value(const ov_field *field, const uint8_t *p, ov_int128 *value) {
    uint8_t bytes[OV_MAX_WIDE / 2];
    ov_field one = *field;
    one.length /= 2;
    narrow(p, one.length, bytes);
    return one.op == OV_OP_ZONED ? ov_zoned_value(&one, bytes, value) : ov_edited_value(&one, bytes, value);
}

void ov_wide_kernel(const ov_field *field, const ov_items *items, uint8_t *out, ov_bits *valid, ov_bits *bad) {
    ov_bits_clear(valid);
    ov_bits_clear(bad);
    for (uint32_t k = 0; k < items->count; k++) {
        ov_int128 value = {0, 0};
        ov_outcome outcome = ov_wide_value(field, ov_item(items, k), &value);
        ov_put(field, out, k, outcome, value, valid, bad);
    }
}
