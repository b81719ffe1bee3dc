/* COMP-1 and COMP-2: IBM hexadecimal floating point (z/Architecture Principles of Operation,
 * "Hexadecimal-Floating-Point Formats") and IEEE 754, as IEEE values.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "decimal.h"
#include "kernels.h"

static inline uint64_t load(const ov_field *field, const uint8_t *p) {
    uint64_t v = 0;
    for (int32_t i = 0; i < field->length; i++)
        v = v << 8 | p[field->flags & OV_FLAG_LITTLE ? field->length - 1 - i : i];
    return v;
}

/* fraction * 16^(characteristic - 64): a fraction of 56 bits is rounded once, to nearest even, by its conversion; the
 * scaling is exact, since 16^-64 to 16^63 lie well inside a double's range. */
static double hexadecimal(uint64_t bits, int32_t length) {
    int shift = length == 4 ? 24 : 56;
    uint64_t fraction = bits & (((uint64_t)1 << shift) - 1);
    if (fraction == 0) return 0;
    int exponent = 4 * ((int)(bits >> shift & 127) - 64) - shift;
    uint64_t power = (uint64_t)(exponent + 1023) << 52;
    double scale, value;
    memcpy(&scale, &power, 8);
    value = (double)(int64_t)fraction * scale;
    return bits >> (8 * length - 1) & 1 ? -value : value;
}

static double ieee(uint64_t bits, int32_t length) {
    double value;
    if (length == 4) {
        uint32_t half = (uint32_t)bits;
        float narrow;
        memcpy(&narrow, &half, 4);
        value = narrow;
    } else {
        memcpy(&value, &bits, 8);
    }
    return value == 0 ? 0 : value;
}

double ov_float_value(const ov_field *field, const uint8_t *p) {
    uint64_t bits = load(field, p);
    return field->flags & OV_FLAG_IEEE ? ieee(bits, field->length) : hexadecimal(bits, field->length);
}

/* One length and form each, so that the compiler sees straight loops. */
static inline void floats(const ov_field *field, const ov_items *items, uint8_t *out, ov_bits *valid, ov_bits *bad,
                          int32_t length, int is_ieee, int32_t type) {
    static const uint32_t nan32 = 0x7FC00000u;
    static const uint64_t nan64 = 0x7FF8000000000000u;
    const int little = field->flags & OV_FLAG_LITTLE;
    ov_bits_clear(valid);
    ov_bits_clear(bad);
    for (uint32_t k = 0; k < items->count; k++) {
        const uint8_t *p = ov_item(items, k);
        uint64_t bits;
        if (length == 4)
            bits = little ? ov_load32(p) : ov_swap64(ov_load32(p)) >> 32;
        else
            bits = little ? ov_load64(p) : ov_swap64(ov_load64(p));
        const double value = is_ieee ? ieee(bits, length) : hexadecimal(bits, length);
        if (type == OV_TYPE_FLOAT32) {
            const float narrow = (float)value;
            memcpy(out + (size_t)k * 4, value != value ? (const void *)&nan32 : (const void *)&narrow, 4);
        } else {
            memcpy(out + (size_t)k * 8, value != value ? (const void *)&nan64 : (const void *)&value, 8);
        }
    }
    ov_bits_fill(valid, items->count);
}

void ov_float_kernel(const ov_field *field, const ov_items *items, uint8_t *out, ov_bits *valid, ov_bits *bad) {
    if (!(field->flags & OV_FLAG_IEEE)) {
        if (field->length == 4)
            floats(field, items, out, valid, bad, 4, 0, OV_TYPE_FLOAT64);
        else
            floats(field, items, out, valid, bad, 8, 0, OV_TYPE_FLOAT64);
    } else if (field->length == 8) {
        floats(field, items, out, valid, bad, 8, 1, OV_TYPE_FLOAT64);
    } else if (field->type == OV_TYPE_FLOAT32) {
        floats(field, items, out, valid, bad, 4, 1, OV_TYPE_FLOAT32);
    } else {
        floats(field, items, out, valid, bad, 4, 1, OV_TYPE_FLOAT64);
    }
}
