/* Zoned and packed decimals, two items a step with NEON, which every processor of this kind has.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "../levels.h"

#if defined(__GNUC__) && defined(__aarch64__)
#include <arm_neon.h>

#include "../decimal.h"

#define TARGET
#define INLINE static inline __attribute__((always_inline))

#define LANES 2
typedef uint64x2_t lanes;
typedef uint64x2_t signs; /* all bits of a lane */

INLINE uint8x16_t bytes(lanes x) { return vreinterpretq_u8_u64(x); }
INLINE lanes lane_bytes(uint8x16_t x) { return vreinterpretq_u64_u8(x); }

INLINE lanes lane_set(uint64_t x) { return vdupq_n_u64(x); }
INLINE lanes lane_of(uint64_t a, uint64_t b) { return vcombine_u64(vcreate_u64(a), vcreate_u64(b)); }
INLINE lanes lane_and(lanes a, lanes b) { return vandq_u64(a, b); }
INLINE lanes lane_add(lanes a, lanes b) { return vaddq_u64(a, b); }
INLINE lanes lane_move_up(lanes x, int bits) { return vshlq_u64(x, vdupq_n_s64(bits)); }
INLINE lanes lane_shift_left(lanes x, int bits) { return vshlq_u64(x, vdupq_n_s64(bits)); }
INLINE lanes lane_shift_right(lanes x, int bits) { return vshlq_u64(x, vdupq_n_s64(-bits)); }
INLINE lanes lane_pick(lanes x, lanes flip, lanes keep) { return vandq_u64(veorq_u64(x, flip), keep); }
INLINE lanes lane_mark(lanes x, lanes keep, lanes more) { return vorrq_u64(vandq_u64(x, keep), more); }
INLINE lanes lane_or3(lanes a, lanes b, lanes c) { return vorrq_u64(vorrq_u64(a, b), c); }
INLINE lanes lane_above(lanes x, lanes most) { return lane_bytes(vqsubq_u8(bytes(x), bytes(most))); }
INLINE lanes lane_high(lanes x) { return vshrq_n_u64(x, 32); }
INLINE lanes lane_low(lanes x, lanes f) { return vmull_u32(vmovn_u64(x), vmovn_u64(f)); }

INLINE lanes lane_times(lanes x, uint64_t f) {
    const lanes crossed = lane_add(lane_low(lane_high(x), lane_set(f)), lane_low(x, lane_set(f >> 32)));
    return lane_add(lane_low(x, lane_set(f)), vshlq_n_u64(crossed, 32));
}

INLINE lanes lane_table(const uint8_t *table) { return lane_bytes(vld1q_u8(table)); }
/* What is looked up is a nibble, or has its top bit: beyond the table, which gives 0. */
INLINE lanes lane_look(lanes table, lanes x) { return lane_bytes(vqtbl1q_u8(bytes(table), bytes(x))); }

INLINE lanes lane_tens(lanes ones, lanes tens) {
    return lane_bytes(vmlaq_u8(bytes(ones), bytes(tens), vdupq_n_u8(10)));
}

/* Neighbours in pairs, the first `weight` times: bytes to 16 bits, 16 bits to 32. */
INLINE uint16x8_t pair8(uint8x16_t x, uint8_t weight) {
    const uint8x16_t first = vuzp1q_u8(x, x), second = vuzp2q_u8(x, x);
    return vmlal_u8(vmovl_u8(vget_low_u8(second)), vget_low_u8(first), vdup_n_u8(weight));
}
INLINE uint32x4_t pair16(uint16x8_t x, uint16_t weight) {
    const uint16x8_t first = vuzp1q_u16(x, x), second = vuzp2q_u16(x, x);
    return vmlal_u16(vmovl_u16(vget_low_u16(second)), vget_low_u16(first), vdup_n_u16(weight));
}

INLINE lanes lane_pairs(lanes x) { return vreinterpretq_u64_u32(pair16(pair8(bytes(x), 100), 10000)); }

INLINE lanes lane_digits(lanes x) {
    const lanes fours = vreinterpretq_u64_u32(pair16(pair8(bytes(x), 10), 100));
    return vmlal_u32(lane_high(fours), vmovn_u64(fours), vdup_n_u32(10000));
}

INLINE signs lane_signs(lanes x) { return vcltzq_s64(vreinterpretq_s64_u64(x)); }
INLINE lanes lane_negate(signs negative, lanes x) { return vsubq_u64(veorq_u64(x, negative), negative); }
INLINE lanes lane_extend(lanes x) { return lane_signs(x); }
INLINE void lane_negate_wide(signs negative, lanes *low, lanes *high) {
    const lanes none = vceqzq_u64(*low);
    *high = vsubq_u64(veorq_u64(*high, negative), vandq_u64(negative, none));
    *low = lane_negate(negative, *low);
}

INLINE unsigned lane_good(lanes x, lanes mask) {
    const lanes wrong = vandq_u64(x, mask);
    return (vgetq_lane_u64(wrong, 0) == 0) | (unsigned)(vgetq_lane_u64(wrong, 1) == 0) << 1;
}

INLINE void lane_store32(uint8_t *to, lanes x) { vst1_u8(to, vreinterpret_u8_u32(vmovn_u64(x))); }
INLINE void lane_store64(uint8_t *to, lanes x) { vst1q_u8(to, bytes(x)); }
INLINE void lane_store128(uint8_t *to, lanes low, lanes high) {
    vst1q_u8(to, bytes(vzip1q_u64(low, high)));
    vst1q_u8(to + 16, bytes(vzip2q_u64(low, high)));
}

#include "../lanes.h"

ov_number_kernel *ov_neon_packed(const ov_field *field) { return packed_for(field); }
ov_number_kernel *ov_neon_zoned(const ov_field *field) { return zoned_for(field); }

#else
typedef int ov_no_neon_numbers; /* a file needs something in it */
#endif
