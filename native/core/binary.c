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

static inline uint32_t get16(const uint8_t *p, int little) {
    return little ? (uint32_t)p[1] << 8 | p[0] : (uint32_t)p[0] << 8 | p[1];
}

static inline uint32_t get32(const uint8_t *p, int little) {
    const uint32_t v = ov_load32(p);
    return little ? v : (uint32_t)(ov_swap64(v) >> 32);
}

static inline int64_t get64(const uint8_t *p, int little) {
    const uint64_t v = ov_load64(p);
    return (int64_t)(little ? v : ov_swap64(v));
}

static inline void put32(uint8_t *out, uint32_t k, int32_t v) { memcpy(out + (size_t)k * 4, &v, 4); }
static inline void put64(uint8_t *out, uint32_t k, int64_t v) { memcpy(out + (size_t)k * 8, &v, 8); }
static inline void put128(uint8_t *out, uint32_t k, int64_t v, int64_t high) {
    put64(out, 2 * k, v);
    put64(out, 2 * k + 1, high);
}

/* Loops that the compiler can unroll: one length, sign, type and byte order each. */
#define ORDERED_LOOP(name, is_little, put)                                                                             \
    static void name(const ov_field *field, const ov_items *items, uint8_t *out, ov_bits *valid, ov_bits *bad) {       \
        enum { little = is_little };                                                                                   \
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
#define LOOP(name, put)                                                                                                \
    ORDERED_LOOP(name##_big, 0, put)                                                                                   \
    ORDERED_LOOP(name##_little, 1, put)                                                                                \
    static ov_number_kernel *const name[2] = {name##_big, name##_little};

LOOP(signed2, put32(out, k, (int16_t)get16(p, little)))
LOOP(unsigned2, put32(out, k, (int32_t)get16(p, little)))
LOOP(signed4, put32(out, k, (int32_t)get32(p, little)))
LOOP(unsigned4, put64(out, k, get32(p, little)))
LOOP(signed8, put64(out, k, get64(p, little)))
LOOP(signed2_wide, put128(out, k, (int16_t)get16(p, little), (int64_t)(int16_t)get16(p, little) >> 63))
LOOP(unsigned2_wide, put128(out, k, get16(p, little), 0))
LOOP(signed4_wide, put128(out, k, (int32_t)get32(p, little), (int64_t)(int32_t)get32(p, little) >> 63))
LOOP(unsigned4_wide, put128(out, k, get32(p, little), 0))
LOOP(signed8_wide, put128(out, k, get64(p, little), get64(p, little) >> 63))
LOOP(unsigned8_wide, put128(out, k, get64(p, little), 0))

/* With a scale, or beyond 64 bits. */
static ov_number_kernel *wide_kernel(int32_t length, int is_signed, int little) {
    switch (length) {
    case 2: return (is_signed ? signed2_wide : unsigned2_wide)[little];
    case 4: return (is_signed ? signed4_wide : unsigned4_wide)[little];
    case 8: return (is_signed ? signed8_wide : unsigned8_wide)[little];
    default: return any;
    }
}

ov_number_kernel *ov_binary_kernel(const ov_field *field) {
    if (field->flags & OV_FLAG_LIMITED) return limited;
    if (field->up != 0) return any;
    const int is_signed = (field->flags & OV_FLAG_SIGNED) != 0, little = (field->flags & OV_FLAG_LITTLE) != 0;
    const int32_t type = field->type;
    if (type == OV_TYPE_DECIMAL128) return wide_kernel(field->length, is_signed, little);
    if (field->length == 2 && type == OV_TYPE_INT32) return (is_signed ? signed2 : unsigned2)[little];
    if (field->length == 4 && type == (is_signed ? OV_TYPE_INT32 : OV_TYPE_INT64))
        return (is_signed ? signed4 : unsigned4)[little];
    return field->length == 8 && is_signed && type == OV_TYPE_INT64 ? signed8[little] : any;
}
