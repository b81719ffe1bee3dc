/* Conditions on raw bytes: short text, packed, zoned and binary numbers are numbers of one or two words in the order of
 * their values, compared with the constant as such a number, without decoding. What does not look as it should is left
 * for another look.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "decimal.h"

#define TARGET
#define VEC uint64_t
#define LANES 1
#define LOAD(p) (*(p))
#define SET(x) ((uint64_t)(x))
#define AND(a, b) ((a) & (b))
#define OR(a, b) ((a) | (b))
#define XOR(a, b) ((a) ^ (b))
#define ADD(a, b) ((a) + (b))
#define SUB(a, b) ((a) - (b))
#define SHL(a, n) ((a) << (n))
#define SHR(a, n) ((a) >> (n))
#define SWAP(a) ov_swap64(a)
#define EQ(a, b) ((unsigned)((a) == (b)))
#define GT(a, b) ((unsigned)((int64_t)(a) > (int64_t)(b)))

#include "predicate_lanes.h"

const ov_key_kernels ov_keys_portable = {lanes_packed, lanes_zoned, lanes_plain};

static const ov_key_kernels *kernels_at(ov_level level) {
#if defined(__GNUC__) && defined(__x86_64__)
    if (level >= OV_LEVEL_AVX512) return &ov_keys_avx512;
    if (level >= OV_LEVEL_AVX2) return &ov_keys_avx2;
#endif
    (void)level;
    return &ov_keys_portable;
}

/* Constants. */

enum { MOST_DIGITS = 39 };

/* Decimal digits of a magnitude, the last one first; returns their number. */
static int32_t digits_of(ov_int128 value, uint8_t *digits) {
    ov_wide rest = {value.low, (uint64_t)value.high};
    if (value.high < 0) {
        rest.low = 0 - rest.low;
        rest.high = ~rest.high + (rest.low == 0);
    }
    uint32_t limbs[4] = {(uint32_t)rest.low, (uint32_t)(rest.low >> 32), (uint32_t)rest.high,
                         (uint32_t)(rest.high >> 32)};
    int32_t count = 0;
    memset(digits, 0, MOST_DIGITS);
    while (limbs[0] | limbs[1] | limbs[2] | limbs[3]) {
        uint64_t left = 0;
        for (int i = 3; i >= 0; i--) {
            left = left << 32 | limbs[i];
            limbs[i] = (uint32_t)(left / 10);
            left %= 10;
        }
        digits[count++] = (uint8_t)left;
    }
    return count;
}

/* Digits [from, to), each of so many bits. */
static uint64_t word_of(const uint8_t *digits, int32_t from, int32_t to, int32_t bits) {
    uint64_t word = 0;
    for (int32_t i = to; i > from; i--) word = word << bits | digits[i - 1];
    return word;
}

static void set_magnitude(ov_key *key, ov_int128 constant, int32_t capacity, int32_t low, int32_t bits) {
    uint8_t digits[MOST_DIGITS];
    const int32_t count = digits_of(constant, digits);
    key->negative = constant.high < 0;
    if (count > capacity) { /* beyond every value */
        key->low = INT64_MAX;
        key->high = bits == 4 ? UINT64_MAX : INT64_MAX;
        return;
    }
    key->low = word_of(digits, 0, low, bits);
    key->high = word_of(digits, low, capacity > low ? capacity : low, bits);
}

static uint64_t low_bytes(int32_t n) { return n >= 8 ? ~(uint64_t)0 : ((uint64_t)1 << 8 * n) - 1; }

static void prepare_packed(ov_key *key, const ov_field *field, ov_int128 constant) {
    const int32_t length = field->length;
    const uint64_t unused = field->digits & 1 ? 0 : 0xF0;
    key->two = length > 8;
    key->mask = low_bytes(length);
    key->down = 8 * (16 - length);
    key->is_signed = (field->flags & OV_FLAG_SIGNED) != 0;
    if (key->two) {
        key->unused_high = unused << 8 * (length - 9);
    } else {
        key->unused_low = unused << 8 * (length - 1);
    }
    set_magnitude(key, constant, 2 * length - 1, length < 8 ? 2 * length - 1 : 15, 4);
}

static void prepare_zoned(ov_key *key, const ov_field *field, ov_int128 constant) {
    const int32_t length = field->length, leading = field->flags & OV_FLAG_LEADING;
    const uint64_t zones = 0xF0F0F0F0F0F0F0F0u, wanted = field->flags & OV_FLAG_ASCII ? 0x3030303030303030u : zones;
    key->two = length > 8;
    key->mask = low_bytes(length);
    key->down = 8 * (16 - length);
    key->is_signed = (field->flags & OV_FLAG_SIGNED) != 0;
    key->ascii = (field->flags & OV_FLAG_ASCII) != 0;
    key->sign_high = key->two && leading;
    key->sign_shift = leading ? 8 * ((key->two ? length - 8 : length) - 1) : 0;
    const uint64_t sign = ~((uint64_t)0xFF << key->sign_shift);
    key->zones_low = wanted;
    key->zones_low_mask = zones & key->mask & (key->sign_high ? ~(uint64_t)0 : sign);
    key->zones_high = wanted;
    key->zones_high_mask = key->two ? zones & low_bytes(length - 8) & (key->sign_high ? sign : ~(uint64_t)0) : 0;
    set_magnitude(key, constant, length, length < 8 ? length : 8, 8);
}

static void prepare_binary(ov_key *key, const ov_field *field, ov_int128 constant) {
    const int32_t unused = 64 - 8 * field->length;
    const bool is_signed = (field->flags & OV_FLAG_SIGNED) != 0;
    key->little = (field->flags & OV_FLAG_LITTLE) != 0;
    key->up = key->little ? 0 : unused;
    key->keep = ~(uint64_t)0 << unused;
    key->flip = is_signed ? 0 : top_bit;
    key->low = constant.low << unused ^ key->flip;
    /* is it a number of so many bytes at all? */
    const uint64_t most = ~(uint64_t)0 >> unused >> is_signed;
    if (constant.high > 0 || (constant.high == 0 && constant.low > most)) key->outside = 1;
    if (constant.high < 0 && (!is_signed || constant.high < -1 || constant.low < ~most)) key->outside = -1;
}

static void prepare_text(ov_key *key, const int32_t *w, const uint8_t *constant) {
    const uint8_t pad = (uint8_t)w[OV_W_UP];
    const int32_t length = w[OV_W_LENGTH], flags = w[OV_W_FLAGS];
    const uint32_t size = ov_text_size(constant, (uint32_t)w[OV_W_POOL_LENGTH], pad, flags);
    for (uint32_t i = 0; i < 8; i++) key->low = key->low << 8 | (i < size ? constant[i] : pad);
    const int32_t unused = length < 8 ? 8 * (8 - length) : 0;
    key->up = unused;
    key->keep = ~(uint64_t)0 << unused;
    key->fill = (pad * 0x0101010101010101u) & ~key->keep;
    key->flip = top_bit;
    key->low ^= top_bit;
    key->prefix = length > 8 || size > 8;
    key->zeros = !(flags & OV_FLAG_EXACT) || (flags & OV_FLAG_ABSENT);
    key->nothing = key->keep | key->fill;
}

void ov_key_prepare(const ov_run *run, ov_test *test) {
    const int32_t *w = test->words;
    const ov_key_kernels *kernels = kernels_at(run->level);
    test->kernel = NULL;
    memset(&test->key, 0, sizeof test->key);
    if (w[OV_W_OP] == OV_OP_COMPARE_TEXT) {
        prepare_text(&test->key, w, run->pool + w[OV_W_POOL]);
        /* pads of x'00' would all ask for another look */
        if (w[OV_W_UP] != 0 || !test->key.zeros) test->kernel = kernels->plain;
        return;
    }
    const ov_field *field = &test->field;
    if (w[OV_W_OP] != OV_OP_COMPARE_NUMBER || field->up != 0 || field->length > 16) return;
    ov_int128 constant;
    memcpy(&constant, run->pool + w[OV_W_POOL], sizeof constant);
    if (field->op == OV_OP_PACKED && !(field->flags & OV_FLAG_NO_SIGN)) {
        prepare_packed(&test->key, field, constant);
        test->kernel = kernels->packed;
    } else if (field->op == OV_OP_ZONED && !(field->flags & (OV_FLAG_SEPARATE | OV_FLAG_WIDE))) {
        prepare_zoned(&test->key, field, constant);
        test->kernel = kernels->zoned;
    } else if (field->op == OV_OP_BINARY && !(field->flags & OV_FLAG_LIMITED)) {
        prepare_binary(&test->key, field, constant);
        test->kernel = kernels->plain;
    }
}

/* Words of the items. */

/* Are there eight bytes to read that end with the field, at every item? */
static bool has_front(const ov_items *items, uint32_t length) {
    size_t least = (size_t)(items->origin - items->low);
    if (items->positions) {
        uint32_t first = UINT32_MAX;
        for (uint32_t k = 0; k < items->count; k++) first = ov_min32(first, items->positions[k]);
        least += first;
    }
    return least + length >= 8;
}

static void load_words(const ov_items *items, ptrdiff_t offset, uint64_t *words) {
    if (items->positions) {
        const uint8_t *origin = items->origin + offset;
        for (uint32_t k = 0; k < items->count; k++) words[k] = ov_load64(origin + items->positions[k]);
        return;
    }
    const uint8_t *p = items->origin + offset;
    const size_t stride = items->stride;
    uint32_t k = 0;
    for (; k + 4 <= items->count; k += 4, p += 4 * stride) {
        const uint64_t a = ov_load64(p), b = ov_load64(p + stride);
        const uint64_t c = ov_load64(p + 2 * stride), d = ov_load64(p + 3 * stride);
        words[k] = a;
        words[k + 1] = b;
        words[k + 2] = c;
        words[k + 3] = d;
    }
    for (; k < items->count; k++, p += stride) words[k] = ov_load64(p);
}

static void load_short(const ov_items *items, uint32_t length, uint64_t *words) {
    if (has_front(items, length)) {
        load_words(items, (ptrdiff_t)length - 8, words);
        return;
    }
    for (uint32_t k = 0; k < items->count; k++) {
        uint8_t word[8] = {0};
        memcpy(word + 8 - length, ov_item(items, k), length);
        words[k] = ov_load64(word);
    }
}

void ov_key_load(const ov_test *test, const ov_items *items, ov_key_words *words) {
    const bool is_text = test->words[OV_W_OP] == OV_OP_COMPARE_TEXT;
    const uint32_t length = (uint32_t)(is_text ? test->words[OV_W_LENGTH] : test->field.length);
    if (length < 8) {
        load_short(items, length, words->low);
    } else {
        load_words(items, test->key.two ? (ptrdiff_t)length - 8 : 0, words->low);
    }
    if (test->key.two) load_words(items, 0, words->high);
    for (uint32_t k = items->count; k % 64 != 0; k++) words->low[k] = words->high[k] = 0;
}

void ov_key_compare(const ov_test *test, const ov_key_words *words, uint32_t count, ov_bits *less, ov_bits *equal,
                    ov_bits *again) {
    const ov_key *key = &test->key;
    memset(less, 0, sizeof *less);
    memset(equal, 0, sizeof *equal);
    memset(again, 0, sizeof *again);
    if (key->outside != 0) {
        if (key->outside > 0) ov_bits_fill(less, count);
        return;
    }
    ov_key_bits bits;
    test->kernel(key, words->low, words->high, count, &bits);

    ov_bits all;
    ov_bits_fill(&all, count);
    const uint64_t zero = key->low == 0 && key->high == 0 ? ~(uint64_t)0 : 0;
    for (uint32_t i = 0; i < OV_TILE_BITS / 64; i++) {
        const uint64_t above = bits.above.words[i], same = bits.same.words[i], minus = bits.below_zero.words[i];
        const uint64_t below = key->negative ? minus & above : (minus & ~(zero & same)) | (~minus & ~(above | same));
        less->words[i] = below & all.words[i];
        equal->words[i] = (key->negative ? minus & same : same & (~minus | zero)) & all.words[i];
        again->words[i] = bits.again.words[i] & all.words[i];
    }
}
