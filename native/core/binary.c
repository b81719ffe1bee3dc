/* BINARY: two's complement or unsigned, 1 to 8 bytes, either byte order. Every bit pattern is a value, but for those
 * that LIMITED forbids.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "decimal.h"
#include "kernels.h"

/* The bytes as an unsigned number. */
static inline uint64_t raw(const uint8_t *p, int32_t length, int little) {
    uint64_t v = 0;
    if (little)
        for (int32_t i = length; i-- > 0;) v = v << 8 | p[i];
    else
        for (int32_t i = 0; i < length; i++) v = v << 8 | p[i];
    return v;
}

static inline int64_t extend(uint64_t v, int32_t length) {
    int shift = 64 - 8 * length;
    return (int64_t)(v << shift) >> shift;
}

ov_outcome ov_binary_value(const ov_field *field, const uint8_t *p, ov_int128 *value) {
    uint64_t v = raw(p, field->length, field->flags & OV_FLAG_LITTLE);
    int negative = 0;
    if (field->flags & OV_FLAG_SIGNED) {
        int64_t s = extend(v, field->length);
        negative = s < 0;
        v = negative ? 0 - (uint64_t)s : (uint64_t)s;
    }
    if ((field->flags & OV_FLAG_LIMITED) && v >= ov_powers10[field->digits]) return OV_BAD;
    *value = ov_wide_signed(ov_wide_scale((ov_wide){v, 0}, field->up), negative);
    return OV_VALUE;
}

static void all_valid(uint32_t count, ov_bits *valid, ov_bits *bad) {
    ov_bits_clear(bad);
    ov_bits_fill(valid, count);
}

static void any(const ov_field *field, const ov_items *items, uint8_t *out, ov_bits *valid, ov_bits *bad) {
    for (uint32_t k = 0; k < items->count; k++) {
        ov_int128 value = {0, 0};
        (void)ov_binary_value(field, ov_item(items, k), &value);
        ov_store_integer(field->type, out, k, value);
    }
    all_valid(items->count, valid, bad);
}

static void limited(const ov_field *field, const ov_items *items, uint8_t *out, ov_bits *valid, ov_bits *bad) {
    ov_bits_clear(valid);
    ov_bits_clear(bad);
    for (uint32_t k = 0; k < items->count; k++) {
        ov_int128 value = {0, 0};
        ov_outcome outcome = ov_binary_value(field, ov_item(items, k), &value);
        ov_put(field, out, k, outcome, value, valid, bad);
    }
}

/* Loops that the compiler can unroll: one length, sign and type each, big-endian. */
#define LOOP(name, put)                                                                                                \
    static void name(const ov_field *field, const ov_items *items, uint8_t *out, ov_bits *valid, ov_bits *bad) {       \
        (void)field;                                                                                                   \
        uint32_t count = items->count;                                                                                 \
        if (items->positions) {                                                                                        \
            for (uint32_t k = 0; k < count; k++) {                                                                     \
                const uint8_t *p = items->origin + items->positions[k];                                                \
                put;                                                                                                   \
            }                                                                                                          \
        } else {                                                                                                       \
            const uint8_t *p = items->origin;                                                                          \
            for (uint32_t k = 0; k < count; k++, p += items->stride) {                                                 \
                put;                                                                                                   \
            }                                                                                                          \
        }                                                                                                              \
        all_valid(count, valid, bad);                                                                                  \
    }

static inline void put32(uint8_t *out, uint32_t k, int32_t v) { memcpy(out + (size_t)k * 4, &v, 4); }
static inline void put64(uint8_t *out, uint32_t k, int64_t v) { memcpy(out + (size_t)k * 8, &v, 8); }
static inline void put128(uint8_t *out, uint32_t k, int64_t v, int64_t high) {
    put64(out, 2 * k, v);
    put64(out, 2 * k + 1, high);
}

static inline uint32_t big16(const uint8_t *p) { return (uint32_t)p[0] << 8 | p[1]; }

static inline uint32_t big32(const uint8_t *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline int64_t big64(const uint8_t *p) { return (int64_t)ov_swap64(ov_load64(p)); }

LOOP(signed2, put32(out, k, (int16_t)big16(p)))
LOOP(unsigned2, put32(out, k, (int32_t)big16(p)))
LOOP(signed4, put32(out, k, (int32_t)big32(p)))
LOOP(unsigned4, put64(out, k, big32(p)))
LOOP(signed8, put64(out, k, big64(p)))
LOOP(signed2_wide, put128(out, k, (int16_t)big16(p), (int64_t)(int16_t)big16(p) >> 63))
LOOP(unsigned2_wide, put128(out, k, big16(p), 0))
LOOP(signed4_wide, put128(out, k, (int32_t)big32(p), (int64_t)(int32_t)big32(p) >> 63))
LOOP(unsigned4_wide, put128(out, k, big32(p), 0))
LOOP(signed8_wide, put128(out, k, big64(p), big64(p) >> 63))
LOOP(unsigned8_wide, put128(out, k, big64(p), 0))

/* With a scale, or beyond 64 bits. */
static ov_number_kernel *wide_kernel(int32_t length, int is_signed) {
    switch (length) {
    case 2: return is_signed ? signed2_wide : unsigned2_wide;
    case 4: return is_signed ? signed4_wide : unsigned4_wide;
    case 8: return is_signed ? signed8_wide : unsigned8_wide;
    default: return any;
    }
}

ov_number_kernel *ov_binary_kernel(const ov_field *field) {
    if (field->flags & OV_FLAG_LIMITED) return limited;
    if ((field->flags & OV_FLAG_LITTLE) || field->up != 0) return any;
    int is_signed = field->flags & OV_FLAG_SIGNED;
    if (field->type == OV_TYPE_DECIMAL128) return wide_kernel(field->length, is_signed);
    switch (field->length) {
    case 2: return field->type != OV_TYPE_INT32 ? any : is_signed ? signed2 : unsigned2;
    case 4:
        return is_signed ? (field->type == OV_TYPE_INT32 ? signed4 : any)
                         : (field->type == OV_TYPE_INT64 ? unsigned4 : any);
    case 8: return is_signed && field->type == OV_TYPE_INT64 ? signed8 : any;
    default: return any;
    }
}
