/* Keys against a constant, LANES of them at a time. Included once for each instruction set, with these defined:
 * VEC, LANES, TARGET, LOAD, SET, AND, OR, XOR, ADD, SUB, SHL, SHR (by any number of bits), SWAP (bytes of a lane), and
 * EQ and GT (signed), which answer a bit a lane.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "predicate.h"

#define OV_EACH_LANE(count)                                                                                            \
    memset(out, 0, sizeof *out);                                                                                       \
    for (uint32_t word = 0; word * 64 < (count); word++)                                                               \
        for (uint32_t lane = 0; lane < 64; lane += LANES)
#define OV_PUT(bits, mask) out->bits.words[word] |= (uint64_t)(mask) << lane

static const unsigned all_lanes = (1u << LANES) - 1;
static const uint64_t top_bit = (uint64_t)1 << 63;

TARGET static void lanes_packed(const ov_key *key, const uint64_t *low, const uint64_t *high, uint32_t count,
                                ov_key_bits *out) {
    const VEC fours = SET(0x4444444444444444u), twos = SET(0x2222222222222222u), eights = SET(0x8888888888888888u);
    const VEC none = SET(0), flip = SET(top_bit);
    const VEC constant = SET(key->low), constant_high = SET(key->high ^ top_bit);
    OV_EACH_LANE(count) {
        const VEC x = AND(SWAP(LOAD(low + word * 64 + lane)), SET(key->mask));
        const VEC sign = AND(x, SET(15)), digits = SHR(x, 4);
        VEC wrong = AND(AND(digits, OR(SHL(AND(digits, fours), 1), SHL(AND(digits, twos), 2))), eights);
        wrong = OR(wrong, AND(x, SET(key->unused_low)));
        unsigned same = EQ(digits, constant), above = GT(digits, constant);
        if (key->two) {
            const VEC h = SHR(SWAP(LOAD(high + word * 64 + lane)), key->down);
            wrong = OR(wrong, AND(AND(h, OR(SHL(AND(h, fours), 1), SHL(AND(h, twos), 2))), eights));
            wrong = OR(wrong, AND(h, SET(key->unused_high)));
            const unsigned same_high = EQ(XOR(h, flip), constant_high);
            above = GT(XOR(h, flip), constant_high) | (same_high & above);
            same &= same_high;
        }
        const unsigned minus = EQ(sign, SET(11)) | EQ(sign, SET(13));
        const unsigned good = EQ(wrong, none) & GT(sign, SET(9)) & (key->is_signed ? all_lanes : ~minus);
        OV_PUT(above, above);
        OV_PUT(same, same);
        OV_PUT(below_zero, minus);
        OV_PUT(again, ~good & all_lanes);
    }
}

TARGET static void lanes_zoned(const ov_key *key, const uint64_t *low, const uint64_t *high, uint32_t count,
                               ov_key_bits *out) {
    const VEC sixes = SET(0x0606060606060606u), tens = SET(0x1010101010101010u), nibbles = SET(0x0F0F0F0F0F0F0F0Fu);
    const VEC none = SET(0), constant = SET(key->low), constant_high = SET(key->high);
    OV_EACH_LANE(count) {
        const VEC x = AND(SWAP(LOAD(low + word * 64 + lane)), SET(key->mask));
        VEC wrong = AND(XOR(x, SET(key->zones_low)), SET(key->zones_low_mask));
        VEC signs = x;
        const VEC digits = AND(x, nibbles);
        wrong = OR(wrong, AND(ADD(digits, sixes), tens));
        unsigned same = EQ(digits, constant), above = GT(digits, constant);
        if (key->two) {
            const VEC y = SHR(SWAP(LOAD(high + word * 64 + lane)), key->down), h = AND(y, nibbles);
            wrong = OR(wrong, AND(XOR(y, SET(key->zones_high)), SET(key->zones_high_mask)));
            wrong = OR(wrong, AND(ADD(h, sixes), tens));
            if (key->sign_high) signs = y;
            const unsigned same_high = EQ(h, constant_high);
            above = GT(h, constant_high) | (same_high & above);
            same &= same_high;
        }
        /* B and D are minus, below A is nothing; ASCII's overpunched signs are looked at again */
        const VEC zone = AND(SHR(signs, key->sign_shift), SET(0xF0));
        const unsigned minus = EQ(zone, SET(0xB0)) | EQ(zone, SET(0xD0));
        const unsigned plus = key->ascii ? EQ(zone, SET(0x30)) : GT(zone, SET(0x9F)) & ~minus;
        const unsigned good = EQ(wrong, none) & (plus | (key->is_signed && !key->ascii ? minus : 0));
        OV_PUT(above, above);
        OV_PUT(same, same);
        OV_PUT(below_zero, minus);
        OV_PUT(again, ~good & all_lanes);
    }
}

TARGET static void lanes_plain(const ov_key *key, const uint64_t *low, const uint64_t *high, uint32_t count,
                               ov_key_bits *out) {
    (void)high;
    const VEC none = SET(0), constant = SET(key->low), ones = SET(0x0101010101010101u),
              eighties = SET(0x8080808080808080u);
    OV_EACH_LANE(count) {
        const VEC raw = LOAD(low + word * 64 + lane);
        const VEC x = OR(AND(SHL(key->little ? raw : SWAP(raw), key->up), SET(key->keep)), SET(key->fill));
        const VEC flipped = XOR(x, SET(key->flip));
        const unsigned same = EQ(flipped, constant);
        unsigned again = key->prefix ? same : 0;
        if (key->zeros) {
            /* a zero byte, or only x'FF' */
            const VEC borrowed = AND(SUB(x, ones), AND(XOR(x, SET(~(uint64_t)0)), eighties));
            again |= (EQ(borrowed, none) ^ all_lanes) | EQ(x, SET(key->nothing));
        }
        OV_PUT(above, GT(flipped, constant));
        OV_PUT(same, same);
        OV_PUT(again, again);
    }
}
