/* Zoned and packed decimals over registers with a 64-bit lane for each item: how the kernels of every instruction set
 * work. A file defines what follows for its registers, then includes this one and has the kernels:
 *
 *   TARGET, INLINE, LANES; lanes (a register) and signs (which lanes are negative)
 *   lane_set(u64), lane_and, lane_shift_left(x, bits), lane_shift_right(x, bits): known bits;
 *   lane_move_up(x, bits)          any bits, to the left
 *   lane_of(...)                   a register of LANES numbers, lowest lane first
 *   lane_pick(x, flip, keep)       (x ^ flip) & keep;   lane_mark(x, keep, more)  (x & keep) | more
 *   lane_above(x, most)            bytes: max(x - most, 0)
 *   lane_or3(a, b, c)
 *   lane_tens(ones, tens)          bytes: ones + 10 * tens
 *   lane_pairs(x)                  eight bytes below 100 to two numbers of eight digits: first four in the low half
 *   lane_digits(x)                 eight bytes below 10 to a number of eight digits, the lowest byte first
 *   lane_table(u8[16]), lane_look(table, x)    bytes: table[x & 15], 0 where x has its top bit
 *   lane_low(x, f)                 low half of x * f;   lane_high(x)  x >> 32;   lane_add
 *   lane_times(x, f)               x * f, all of 64 bits
 *   lane_signs(x), lane_negate(signs, x)       by the lanes' top bits
 *   lane_good(x, mask)             a bit for each lane where no bit of x & mask is set, lowest first
 *   lane_store32, lane_store64(to, x), lane_store128(to, low, high)
 *   lane_extend(x)                 the upper half of x as 128 bits
 *   wide, wide_begin(x), wide_add(&w, x, power), wide_end(w, signs, &low, &high): x + sums of x * 10^power in 128 bits;
 *                                  or lane_negate_wide(signs, &low, &high), and has these from here
 *
 * Loads are of eight bytes that end with the field's bytes wanted: bytes before the field must be there to be read. In
 * a lane the bytes lie as in memory, the first in the lowest.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "decimal.h"
#include "kernels.h"

#define TOP ((uint64_t)1 << 63)

/* For 128-bit values, lanes hold items in the order in which their halves are put side by side. */
#define ITEM_OF(lane, type) ((type) == OV_TYPE_DECIMAL128 ? ((lane) >> 1) + (LANES / 2) * ((lane)&1) : (lane))

/* The bytes [from, to) of eight. */
INLINE uint64_t bytes_between(int32_t from, int32_t to) {
    const uint64_t below = to >= 8 ? ~(uint64_t)0 : ((uint64_t)1 << (8 * to)) - 1;
    return from >= 8 ? 0 : below & ~(uint64_t)0 << (8 * from);
}

/* Where the items of a group are: a stride apart, or each at its position. */
typedef struct group {
    const uint8_t *first;
    size_t stride;
    const uint32_t *positions;
} group;

INLINE group group_of(const ov_items *items, uint32_t k, int strided) {
    if (strided) return (group){items->origin + k * items->stride, items->stride, NULL};
    return (group){items->origin, 0, items->positions + k};
}

INLINE uint64_t load_one(group g, ptrdiff_t at, int item, int strided) {
    return ov_load64((strided ? g.first + (size_t)item * g.stride : g.first + g.positions[item]) + at);
}

#define ONE(lane) load_one(g, at, ITEM_OF(lane, type), strided)
#if LANES == 8
#define LOAD_LANES lane_of(ONE(0), ONE(1), ONE(2), ONE(3), ONE(4), ONE(5), ONE(6), ONE(7))
#elif LANES == 4
#define LOAD_LANES lane_of(ONE(0), ONE(1), ONE(2), ONE(3))
#else
#define LOAD_LANES lane_of(ONE(0), ONE(1))
#endif
INLINE lanes load(group g, ptrdiff_t at, int32_t type, int strided) { return LOAD_LANES; }

typedef ov_outcome value_of(const ov_field *field, const uint8_t *p, ov_int128 *value);

/* Items k and up whose lane is not good, by the letter of the rules. */
TARGET __attribute__((noinline, cold)) static void look_again(const ov_field *field, const ov_items *items, uint32_t k,
                                                              unsigned good, uint8_t *out, value_of *slow,
                                                              ov_bits *valid, ov_bits *bad) {
    for (int lane = 0; lane < LANES; lane++) {
        if (good >> lane & 1) continue;
        const uint32_t item = k + (uint32_t)ITEM_OF(lane, field->type);
        ov_int128 value = {0, 0};
        const ov_outcome outcome = slow(field, ov_item(items, item), &value);
        ov_put_again(field, out, item, outcome, value, valid, bad);
    }
}

INLINE void store(int32_t type, uint8_t *out, uint32_t k, lanes low, lanes high) {
    if (type == OV_TYPE_INT32)
        lane_store32(out + (size_t)k * 4, low);
    else if (type == OV_TYPE_INT64)
        lane_store64(out + (size_t)k * 8, low);
    else
        lane_store128(out + (size_t)k * 16, low, high);
}

#ifndef OV_OWN_WIDE
/* Four words of 32 bits with what they carry over. */
typedef struct wide {
    lanes word[4];
} wide;

INLINE wide wide_begin(lanes x) {
    const lanes zero = lane_set(0);
    const wide w = {{lane_and(x, lane_set(0xFFFFFFFF)), lane_high(x), zero, zero}};
    return w;
}

INLINE void wide_add(wide *w, lanes x, int power) {
    static const uint32_t words[6][4] = {{2764472320u, 232830u, 0, 0},
                                         {1874919424u, 2328306u, 0, 0},
                                         {4135583744u, 46653770u, 5421u, 0},
                                         {2701131776u, 466537709u, 54210u, 0},
                                         {2147483648u, 3230747430u, 935206946u, 126u},
                                         {0, 2242703233u, 762134875u, 1262u}};
    const uint32_t *factor = words[OV_POWER(power)];
    for (int i = 0; i < 4; i++)
        if (factor[i] != 0) w->word[i] = lane_add(w->word[i], lane_low(x, lane_set(factor[i])));
}

INLINE void wide_end(wide w, signs negative, lanes *low, lanes *high) {
    const lanes half = lane_set(0xFFFFFFFF);
    for (int i = 0; i < 3; i++) w.word[i + 1] = lane_add(w.word[i + 1], lane_high(w.word[i]));
    *low = lane_mark(w.word[0], half, lane_shift_left(w.word[1], 32));
    *high = lane_mark(w.word[2], half, lane_shift_left(w.word[3], 32));
    lane_negate_wide(negative, low, high);
}
#endif

/* The number: chunks of eight digits, the last first, which stand for 10^powers. Narrow: it has no more than 18 digits.
 */
INLINE void compose(lanes *chunk, const int *power, int chunks, int narrow, signs negative, lanes *low, lanes *high) {
    if (!narrow && chunks > 2) {
        wide w = wide_begin(lane_add(chunk[0], lane_low(chunk[1], lane_set(100000000))));
        for (int i = 2; i < chunks; i++) wide_add(&w, chunk[i], power[i]);
        wide_end(w, negative, low, high);
        return;
    }
    lanes sum = chunk[0];
    if (chunks > 1) sum = lane_add(sum, lane_low(chunk[1], lane_set(100000000)));
    for (int i = 2; i < chunks; i++) sum = lane_add(sum, lane_times(chunk[i], ov_powers10[power[i]]));
    *low = lane_negate(negative, sum);
    *high = lane_extend(*low);
}

/* Packed: `windows` of eight bytes. With a sign the last window has fifteen digits; what is left of a window at the
 * front, and the nibble that an even number of digits leaves unused, may hold nothing but 0. */
typedef struct packed_window {
    ptrdiff_t at;
    lanes used;       /* its bytes of the field */
    lanes ones, tens; /* nibbles that are digits */
    lanes most_ones, most_tens;
} packed_window;

INLINE void packed(const ov_field *field, const ov_items *items, uint32_t from, uint8_t *out, ov_bits *valid,
                   ov_bits *bad, int32_t type, int windows, int narrow, int has_sign, int strided) {
    const int32_t length = field->length;
    const int is_unused = 2 * length - has_sign > field->digits;
    packed_window window[3];
    for (int i = 0; i < windows; i++) {
        const int32_t used = i + 1 < windows ? 8 : length - 8 * i, first = 8 - used;
        const int shifted = i == 0 && has_sign, unused = is_unused && i + 1 == windows;
        const uint64_t nibbles = 0x0F0F0F0F0F0F0F0Fu, nines = 0x0909090909090909u;
        const uint64_t rest = nines & ~bytes_between(first, first + 1);
        window[i].at = length - 8 * (i + 1);
        window[i].used = lane_set(bytes_between(first, 8));
        window[i].ones = lane_set(nibbles & bytes_between(first, 8));
        window[i].tens = lane_set(nibbles & bytes_between(shifted ? first + 1 : first, 8));
        window[i].most_ones = lane_set(unused && shifted ? rest : nines);
        window[i].most_tens = lane_set(unused && !shifted ? rest : nines);
    }
    /* the sign nibble, in the last byte: bit 7 is minus, any other bit no sign */
    static const uint8_t signs_of[2][16] = {{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 0, 1, 0, 0},
                                            {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0x80, 0, 0x80, 0, 0}};
    const lanes sign_table = lane_table(signs_of[(field->flags & OV_FLAG_SIGNED) != 0]);
    const lanes last_nibble = lane_set(~bytes_between(0, 7) & 0x0F0F0F0F0F0F0F0Fu),
                others = lane_set(0x0080808080808080u);
    const lanes pads = lane_set(0x0101010101010101u * ov_pad(field));
    const int may_be_absent = (field->flags & OV_FLAG_ABSENT) != 0;
    const lanes all_but_top = lane_set(~TOP), low_half = lane_set(0xFFFFFFFF);
    const lanes all = lane_set(~(uint64_t)0);
    const int chunks = windows == 3 ? 5 : windows == 2 && narrow ? 3 : 2 * windows;
    static const int with_sign[5] = {0, 8, 15, 23, 31}, without[5] = {0, 8, 16, 24, 32};
    for (uint32_t k = from;;) {
        const group g = group_of(items, k, strided);
        lanes chunk[6], wrong = lane_set(0), some = wrong, no_pad = wrong;
        signs negative = lane_signs(wrong);
        for (int i = 0; i < windows; i++) {
            const lanes x = load(g, window[i].at, type, strided);
            const int shifted = i == 0 && has_sign;
            const lanes ones = lane_and(shifted ? lane_shift_right(x, 4) : x, window[i].ones);
            const lanes tens = lane_and(shifted ? lane_shift_left(x, 8) : lane_shift_right(x, 4), window[i].tens);
            wrong = lane_or3(wrong, lane_above(ones, window[i].most_ones), lane_above(tens, window[i].most_tens));
            if (!has_sign) {
                some = lane_or3(some, ones, tens);
                no_pad = lane_or3(no_pad, lane_pick(x, pads, window[i].used), no_pad);
            }
            const lanes pairs = lane_pairs(lane_tens(ones, tens));
            chunk[2 * i] = lane_high(pairs);
            chunk[2 * i + 1] = i == 0 ? pairs : lane_and(pairs, low_half);
            if (shifted) {
                const lanes sign = lane_look(sign_table, lane_mark(x, last_nibble, others));
                wrong = lane_or3(wrong, sign, sign);
                negative = lane_signs(sign);
            }
        }
        lanes low, high;
        compose(chunk, has_sign ? with_sign : without, chunks, narrow, negative, &low, &high);
        store(type, out, k, low, high);
        unsigned good = lane_good(wrong, all_but_top);
        /* without a sign, zeros and pads may be digits and yet be absent */
        if (!has_sign && may_be_absent) good &= ~(lane_good(some, all) | lane_good(no_pad, all));
        if (__builtin_expect(good != (1u << LANES) - 1, 0))
            look_again(field, items, k, good, out, ov_packed_value, valid, bad);
        if (k + LANES == items->count) return;
        k = ov_min32(k + LANES, items->count - LANES);
    }
}

/* Zoned: where the sign is. */
enum { SIGN_LAST, SIGN_FIRST, SIGN_APART };

INLINE void zoned(const ov_field *field, const ov_items *items, uint32_t from, uint8_t *out, ov_bits *valid,
                  ov_bits *bad, int32_t type, int windows, int narrow, int sign_at, int strided) {
    const int32_t flags = field->flags, length = field->length, digits = length - (sign_at == SIGN_APART);
    const int32_t front = sign_at == SIGN_APART && (flags & OV_FLAG_LEADING) ? 1 : 0;
    const int is_ascii = flags & OV_FLAG_ASCII;
    const uint64_t zones = is_ascii ? 0x3030303030303030u : 0xF0F0F0F0F0F0F0F0u;
    const int32_t first = 8 - (digits - 8 * (windows - 1)); /* the first digit's byte in its window */
    /* in ASCII a byte with digit and sign is taken for a digit: others are looked at again */
    const int in_zone = sign_at != SIGN_APART && !is_ascii;
    const int32_t sign_byte = sign_at == SIGN_FIRST ? first : 7;
    const int sign_window = sign_at == SIGN_FIRST ? windows - 1 : 0;
    const uint64_t sign_mask = in_zone ? bytes_between(sign_byte, sign_byte + 1) : 0;
    lanes flip[5], keep[5];
    for (int i = 0; i < windows; i++) {
        const uint64_t used = i + 1 < windows ? ~(uint64_t)0 : bytes_between(first, 8);
        const uint64_t sign = i == sign_window ? sign_mask : 0;
        flip[i] = lane_set(zones & used & ~sign);
        keep[i] = lane_set(used & ~(sign & 0xF0F0F0F0F0F0F0F0u));
    }
    /* zones, or the low nibble of what separate signs differ from a plus in, moved to the top byte */
    static const uint8_t zones_of[2][16] = {{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 0, 1, 0, 0},
                                            {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0x80, 0, 0x80, 0, 0}};
    const int minus = is_ascii ? 0x2B ^ 0x2D : 0x4E ^ 0x60;
    uint8_t apart[16], expected[16];
    for (int i = 0; i < 16 && sign_at == SIGN_APART; i++) {
        apart[i] = i == (minus & 15) && (flags & OV_FLAG_SIGNED) ? 0x80 : 0;
        /* no byte with this low nibble but the sign's is 0 or what is expected */
        expected[i] = i == (minus & 15) && (flags & OV_FLAG_SIGNED) ? (uint8_t)minus : 0;
    }
    const lanes sign_table = lane_table(sign_at == SIGN_APART ? apart : zones_of[(flags & OV_FLAG_SIGNED) != 0]);
    const lanes expected_table = lane_table(sign_at == SIGN_APART ? expected : zones_of[0]);
    const int32_t reach = length < 8 ? length : 8;
    const ptrdiff_t apart_at = front ? reach - 8 : length - 8;
    const int up = 8 * (7 - (sign_at == SIGN_APART ? (front ? 8 - reach : 7) : sign_byte));
    const lanes top_nibble = lane_set((uint64_t)15 << 56), others = lane_set(0x0080808080808080u),
                top_byte = lane_set((uint64_t)255 << 56), plus = lane_set((uint64_t)(is_ascii ? 0x2B : 0x4E) << 56);
    const lanes nines = lane_set(0x0909090909090909u), all_but_top = lane_set(~TOP), all = lane_set(~(uint64_t)0),
                zero = lane_set(0);
    static const int powers[5] = {0, 8, 16, 24, 32};
    for (uint32_t k = from;;) {
        const group g = group_of(items, k, strided);
        lanes chunk[5] = {zero}, wrong = zero, sign = zero;
        for (int i = 0; i < windows; i++) {
            const lanes x = load(g, front + digits - 8 * (i + 1), type, strided);
            const lanes y = lane_pick(x, flip[i], keep[i]);
            wrong = lane_or3(wrong, lane_above(y, nines), zero);
            /* of nine digits, the most that 32 bits hold, one is alone */
            chunk[i] = type == OV_TYPE_INT32 && i == 1 ? lane_shift_right(y, 56) : lane_digits(y);
            if (i == sign_window && in_zone) {
                const lanes zone = lane_shift_right(sign_at == SIGN_LAST ? x : lane_move_up(x, up), 4);
                sign = lane_look(sign_table, lane_mark(zone, top_nibble, others));
            }
        }
        if (sign_at == SIGN_APART) {
            const lanes x = lane_pick(lane_move_up(load(g, apart_at, type, strided), up), plus, top_byte);
            const lanes nibble = lane_mark(x, top_nibble, others);
            const lanes differs = lane_pick(x, lane_look(expected_table, nibble), top_byte);
            wrong = lane_or3(wrong, lane_shift_right(differs, 1), zero);
            sign = lane_look(sign_table, nibble);
        }
        wrong = lane_mark(sign, all_but_top, wrong);
        const signs negative = lane_signs(sign);
        lanes low, high;
        compose(chunk, powers, windows, narrow, negative, &low, &high);
        store(type, out, k, low, high);
        const unsigned good = lane_good(wrong, all);
        if (__builtin_expect(good != (1u << LANES) - 1, 0))
            look_again(field, items, k, good, out, ov_zoned_value, valid, bad);
        if (k + LANES == items->count) return;
        k = ov_min32(k + LANES, items->count - LANES);
    }
}

/* How many items at the start the portable kernel takes, since what lies `need` bytes before them can't be read; all
 * where too few are left. */
INLINE uint32_t without_front(const ov_items *items, size_t need) {
    const size_t least = (size_t)(items->origin - items->low);
    uint32_t first = 0;
    if (items->count < LANES) return items->count;
    if (least >= need) return 0;
    if (items->positions) {
        for (uint32_t k = 0; k < items->count; k++)
            if (least + items->positions[k] < need) first = k + 1;
    } else {
        first = items->stride == 0 ? items->count : (uint32_t)((need - least + items->stride - 1) / items->stride);
    }
    return items->count < first + LANES ? items->count : first;
}

/* Takes those; returns where the others begin. */
INLINE uint32_t begin(const ov_field *field, const ov_items *items, size_t need, ov_number_kernel *portable,
                      uint8_t *out, ov_bits *valid, ov_bits *bad) {
    const uint32_t first = without_front(items, need);
    ov_bits_clear(bad);
    if (first == 0) {
        ov_bits_fill(valid, items->count);
        return 0;
    }
    ov_items part = *items;
    part.count = first;
    portable(field, &part, out, valid, bad);
    ov_bits rest, done;
    ov_bits_fill(&rest, items->count);
    ov_bits_fill(&done, first);
    for (int i = 0; i < OV_TILE_BITS / 64; i++) valid->words[i] |= rest.words[i] & ~done.words[i];
    return first;
}

/* A kernel of `decode` with these settings; the portable one takes the items that have less than `need` bytes before
 * them. */
#define KERNEL(name, decode, portable, need, ...)                                                                      \
    TARGET static void name(const ov_field *field, const ov_items *items, uint8_t *out, ov_bits *valid,                \
                            ov_bits *bad) {                                                                            \
        const uint32_t from =                                                                                          \
            begin(field, items, (size_t)(need), portable(field, OV_LEVEL_PORTABLE), out, valid, bad);                  \
        if (from == items->count) return;                                                                              \
        if (items->positions)                                                                                          \
            decode(field, items, from, out, valid, bad, __VA_ARGS__, 0);                                               \
        else                                                                                                           \
            decode(field, items, from, out, valid, bad, __VA_ARGS__, 1);                                               \
    }
#define PACKED(name, type, windows, narrow, has_sign)                                                                  \
    KERNEL(name, packed, ov_packed_kernel, 8 * (windows)-field->length, type, windows, narrow, has_sign)
#define ZONED(name, type, windows, narrow, sign_at)                                                                    \
    KERNEL(name, zoned, ov_zoned_kernel,                                                                               \
           8 * (windows)-field->length + (sign_at == SIGN_APART && !(field->flags & OV_FLAG_LEADING)), type, windows,  \
           narrow, sign_at)
#define PACKED_SIGN(name, has_sign)                                                                                    \
    PACKED(name##_32, OV_TYPE_INT32, 1, 1, has_sign)                                                                   \
    PACKED(name##_64, OV_TYPE_INT64, 1, 1, has_sign)                                                                   \
    PACKED(name##_64_two, OV_TYPE_INT64, 2, 1, has_sign)                                                               \
    PACKED(name##_128, OV_TYPE_DECIMAL128, 1, 1, has_sign)                                                             \
    PACKED(name##_128_nine, OV_TYPE_DECIMAL128, 2, 1, has_sign)                                                        \
    PACKED(name##_128_two, OV_TYPE_DECIMAL128, 2, 0, has_sign)                                                         \
    PACKED(name##_128_three, OV_TYPE_DECIMAL128, 3, 0, has_sign)                                                       \
    static ov_number_kernel *const name[4][3] = {{name##_32, NULL, NULL},                                              \
                                                 {name##_64, name##_64_two, NULL},                                     \
                                                 {name##_128, name##_128_two, name##_128_three},                       \
                                                 {name##_128, name##_128_nine, NULL}};
#define ZONED_SIGN(name, sign_at)                                                                                      \
    ZONED(name##_32, OV_TYPE_INT32, 1, 1, sign_at)                                                                     \
    ZONED(name##_32_two, OV_TYPE_INT32, 2, 1, sign_at)                                                                 \
    ZONED(name##_64, OV_TYPE_INT64, 1, 1, sign_at)                                                                     \
    ZONED(name##_64_two, OV_TYPE_INT64, 2, 1, sign_at)                                                                 \
    ZONED(name##_64_three, OV_TYPE_INT64, 3, 1, sign_at)                                                               \
    ZONED(name##_128, OV_TYPE_DECIMAL128, 1, 1, sign_at)                                                               \
    ZONED(name##_128_two, OV_TYPE_DECIMAL128, 2, 1, sign_at)                                                           \
    ZONED(name##_128_eighteen, OV_TYPE_DECIMAL128, 3, 1, sign_at)                                                      \
    ZONED(name##_128_three, OV_TYPE_DECIMAL128, 3, 0, sign_at)                                                         \
    ZONED(name##_128_four, OV_TYPE_DECIMAL128, 4, 0, sign_at)                                                          \
    ZONED(name##_128_five, OV_TYPE_DECIMAL128, 5, 0, sign_at)                                                          \
    static ov_number_kernel *const name[4][5] = {                                                                      \
        {name##_32, name##_32_two, NULL, NULL, NULL},                                                                  \
        {name##_64, name##_64_two, name##_64_three, NULL, NULL},                                                       \
        {name##_128, name##_128_two, name##_128_three, name##_128_four, name##_128_five},                              \
        {name##_128, name##_128_two, name##_128_eighteen, NULL, NULL}};

PACKED_SIGN(packed_signed, 1)
PACKED_SIGN(packed_digits, 0)
ZONED_SIGN(sign_last, SIGN_LAST)
ZONED_SIGN(sign_first, SIGN_FIRST)
ZONED_SIGN(sign_apart, SIGN_APART)

/* The last row: numbers in 128 bits that fit 64. */
static int32_t row_of(const ov_field *field, int32_t digits) {
    return field->type == OV_TYPE_DECIMAL128 && digits <= 18 ? 3 : field->type - OV_TYPE_INT32;
}

static ov_number_kernel *packed_for(const ov_field *field) {
    const int32_t windows = (field->length + 7) / 8, is_signed = !(field->flags & OV_FLAG_NO_SIGN);
    return (is_signed ? packed_signed : packed_digits)[row_of(field, 2 * field->length - is_signed)][windows - 1];
}

static ov_number_kernel *zoned_for(const ov_field *field) {
    const int is_apart = (field->flags & OV_FLAG_SEPARATE) != 0;
    const int32_t digits = field->length - is_apart, windows = (digits + 7) / 8, row = row_of(field, digits);
    if (is_apart) return sign_apart[row][windows - 1];
    return (field->flags & OV_FLAG_LEADING ? sign_first : sign_last)[row][windows - 1];
}
