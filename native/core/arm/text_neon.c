/* Text at 16 bytes a step with NEON: the table of 256 bytes fills sixteen registers. What is not all of one byte a
 * character, or too near the end of the data, goes through the portable code.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "../levels.h"

#if defined(__GNUC__) && defined(__aarch64__)
#include <arm_neon.h>

#include "../text.h"

#define INLINE static inline __attribute__((always_inline))

typedef struct table {
    uint8x16x4_t part[4];
    uint8x16_t not_pad; /* a pad has one bit set: what has any other is neither pad nor x'00' */
    uint8x16_t most;    /* the last byte that is a character of one byte, less 1 */
} table;

INLINE table table_of(const ov_field *field) {
    table t;
    for (int i = 0; i < 4; i++) t.part[i] = vld1q_u8_x4(field->pool + OV_TEXT_POOL + 64 * i);
    t.not_pad = vdupq_n_u8((uint8_t)~ov_pad(field));
    t.most = vdupq_n_u8(field->flags & OV_FLAG_LATIN1 ? 0xFE : 0x7E);
    return t;
}

/* A lookup beyond its 64 bytes leaves what the one before found. */
INLINE uint8x16_t translate(const table *t, uint8x16_t x) {
    uint8x16_t y = vqtbl4q_u8(t->part[0], x);
    y = vqtbx4q_u8(y, t->part[1], vsubq_u8(x, vdupq_n_u8(64)));
    y = vqtbx4q_u8(y, t->part[2], vsubq_u8(x, vdupq_n_u8(128)));
    return vqtbx4q_u8(y, t->part[3], vsubq_u8(x, vdupq_n_u8(192)));
}

/* Four bits for each byte that is all ones. */
INLINE uint64_t nibbles(uint8x16_t x) {
    return vget_lane_u64(vreinterpret_u64_u8(vshrn_n_u16(vreinterpretq_u16_u8(x), 4)), 0);
}

INLINE uint64_t first_nibbles(uint32_t count) { return count >= 16 ? ~(uint64_t)0 : ((uint64_t)1 << (4 * count)) - 1; }

/* Bytes without what is trimmed at the right: the last sixteen with text in them are looked for. */
INLINE uint32_t kept_bytes(const table *t, const uint8_t *p, uint32_t length) {
    for (uint32_t at = (length + 15) & ~15u; at > 0;) {
        at -= 16;
        const uint8x16_t text = vtstq_u8(vld1q_u8(p + at), t->not_pad);
        const uint64_t bits = nibbles(text) & first_nibbles(length - at);
        if (bits) return at + 16 - (uint32_t)__builtin_clzll(bits) / 4;
    }
    return 0;
}

static int32_t text_slowly(const ov_field *field, const uint8_t *p, uint8_t *data, int32_t end, uint32_t k,
                           ov_bits *valid, ov_bits *bad) {
    const ov_outcome outcome = ov_text_value(field, p, data, &end);
    if (outcome != OV_VALUE) valid->words[k >> 6] &= ~((uint64_t)1 << (k & 63));
    if (outcome == OV_BAD) ov_bits_set(bad, k);
    return end;
}

static void texts(const ov_field *field, const ov_items *items, int32_t *offsets, uint8_t *data, ov_bits *valid,
                  ov_bits *bad) {
    const table t = table_of(field);
    const uint32_t length = (uint32_t)field->length, reach = (length + 15) & ~15u;
    const int trims = field->flags & OV_FLAG_TRIM_RIGHT;
    ov_bits_fill(valid, items->count);
    ov_bits_clear(bad);
    int32_t end = offsets[0];
    for (uint32_t k = 0; k < items->count; k++) {
        const uint8_t *p = ov_item(items, k);
        int easy = (size_t)(items->high - p) >= reach && (uint8_t)(p[0] + 1) >= 2;
        const uint32_t kept = !easy ? 0 : trims ? kept_bytes(&t, p, length) : length;
        for (uint32_t at = 0; easy && at < kept; at += 16) {
            const uint8x16_t y = translate(&t, vld1q_u8(p + at));
            vst1q_u8(data + end + at, y);
            /* 0 (no character) and, but for Latin-1, what is not ASCII */
            const uint8x16_t other = vcgtq_u8(vsubq_u8(y, vdupq_n_u8(1)), t.most);
            easy = (nibbles(other) & first_nibbles(kept - at)) == 0;
        }
        if (easy)
            end += (int32_t)kept;
        else
            end = text_slowly(field, p, data, end, k, valid, bad);
        offsets[k + 1] = end;
    }
}

ov_text_kernel *ov_neon_text(const ov_field *field) { return field->flags & OV_FLAG_TRIM_LEFT ? NULL : texts; }

#else
typedef int ov_no_neon_text; /* a file needs something in it */
#endif
