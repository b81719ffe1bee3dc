/* Conditions on raw bytes: every kernel of every level against the number that the rules make of the same bytes, and
 * against text compared byte by byte; fields lie against both ends of the memory that may be read.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>

#include "../core/decimal.h"
#include "../core/predicate.h"
#include "check.h"

enum { ITEMS = 256, LONGEST = 24 };

static uint64_t state = 88172645463325252u;

static uint32_t below(uint32_t n) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 32) % n;
}

static uint8_t pick(const char *bytes) { return (uint8_t)bytes[below((uint32_t)strlen(bytes))]; }

/* A number of few digits, so that many are equal; now and then something else. */
static void fill(const ov_field *field, uint8_t *p) {
    const int32_t length = field->length;
    const uint8_t zone = field->flags & OV_FLAG_ASCII ? 0x30 : 0xf0;
    const int32_t first = length - (int32_t)below((uint32_t)length < 3 ? (uint32_t)length : 3) - 1;
    for (int32_t i = 0; i < length; i++) {
        const uint8_t digit = i < first ? 0 : (uint8_t)below(10);
        p[i] = field->op == OV_OP_ZONED    ? zone | digit
               : field->op == OV_OP_PACKED ? (uint8_t)(digit << 4 | (i < first ? 0 : below(10)))
               : i < first                 ? (below(2) ? 0 : 0xff)
                                           : (uint8_t)below(256);
    }
    const int32_t at = field->flags & OV_FLAG_LEADING ? 0 : length - 1;
    if (field->op == OV_OP_ZONED && below(2)) p[at] = (uint8_t)((p[at] & 15) | pick("\xd0\xc0\xb0\xf0\xa0\x70\x40"));
    if (field->op == OV_OP_PACKED) p[length - 1] = (uint8_t)((p[length - 1] & 0xf0) | pick("\x0c\x0d\x0f\x0b\x0a\x0e"));
    if (below(8) == 0) p[below((uint32_t)length)] = (uint8_t)below(256);
    if (below(16) == 0) memset(p, pick("\x40\xff\x20\x01"), (size_t)length);
}

static ov_int128 some_constant(const ov_field *field, const uint8_t *p) {
    ov_int128 value = {below(1000), 0};
    if (below(3) > 0 && ov_read_integer(field, p, &value) == OV_VALUE) return value;
    if (below(4) == 0) value.low = (uint64_t)below(1u << 31) << 32 | below(1u << 31);
    if (below(8) == 0) value.high = (int64_t)below(1000);
    if (below(3) == 0) value = (ov_int128){0 - value.low, ~value.high + (value.low == 0)};
    return value;
}

/* Items back to back from the first byte on, or each at its place. */
static ov_items lay(const uint8_t *data, int32_t length, uint32_t count, uint32_t *positions, int scattered) {
    ov_items items = {data, NULL, (size_t)length, count, data, data + (size_t)length * count};
    if (!scattered) return items;
    for (uint32_t k = 0; k < count; k++) positions[k] = (count - 1 - k) * (uint32_t)length;
    items.positions = positions;
    return items;
}

static void compare(const ov_test *test, const ov_items *items, ov_bits *less, ov_bits *equal, ov_bits *again) {
    ov_key_words words;
    ov_key_load(test, items, &words);
    ov_key_compare(test, &words, items->count, less, equal, again);
}

static int is_bit(const ov_bits *bits, uint32_t k) { return ov_get_bit(bits->words, k); }

static void check_number(ov_level level, ov_field field, int scattered) {
    const uint32_t count = 1 + below(ITEMS);
    uint8_t *data = malloc((size_t)field.length * count); /* for the sanitizer: nothing before or behind it is read */
    uint32_t positions[ITEMS];
    const ov_items items = lay(data, field.length, count, positions, scattered);
    for (uint32_t k = 0; k < count; k++) fill(&field, data + k * (size_t)field.length);
    const ov_int128 constant = some_constant(&field, data);
    int32_t words[OV_WIDTH] = {[OV_W_OP] = OV_OP_COMPARE_NUMBER, [OV_W_POOL_LENGTH] = 16};
    const ov_run run = {.pool = (const uint8_t *)&constant, .level = level};
    ov_test test = {.words = words, .operand = words, .field = field};
    ov_key_prepare(&run, &test);
    CHECK(test.kernel != NULL);
    ov_bits less, equal, again;
    compare(&test, &items, &less, &equal, &again);
    for (uint32_t k = 0; k < count; k++) {
        if (is_bit(&again, k)) continue;
        ov_int128 value;
        CHECK_EQUAL(ov_read_integer(&field, ov_item(&items, k), &value), OV_VALUE);
        const int order = ov_int128_compare(value, constant);
        CHECK_EQUAL(is_bit(&less, k), order < 0);
        CHECK_EQUAL(is_bit(&equal, k), order == 0);
    }
    for (uint32_t k = count; k < ITEMS; k++) CHECK(!is_bit(&less, k) && !is_bit(&equal, k) && !is_bit(&again, k));
    free(data);
}

static void check_text(ov_level level, int32_t length, int32_t flags, int scattered) {
    const uint32_t count = 1 + below(ITEMS), size = below(LONGEST + 1);
    uint8_t *data = malloc((size_t)length * count), constant[LONGEST];
    uint32_t positions[ITEMS];
    const ov_items items = lay(data, length, count, positions, scattered);
    for (uint32_t i = 0; i < size; i++) constant[i] = pick("\xc1\xc1\xc2\x40\x01\xff");
    for (uint32_t k = 0; k < (uint32_t)length * count; k++) {
        const uint32_t at = k % (uint32_t)length;
        data[k] = below(5) > 0 ? at < size ? constant[at] : 0x40 : below(4) == 0 ? 0 : pick("\xc1\xc2\x40\xff\x02");
    }
    int32_t words[OV_WIDTH] = {[OV_W_OP] = OV_OP_COMPARE_TEXT,
                               [OV_W_LENGTH] = length,
                               [OV_W_UP] = below(8) ? 0x40 : 0,
                               [OV_W_FLAGS] = flags,
                               [OV_W_POOL_LENGTH] = (int32_t)size};
    const ov_run run = {.pool = constant, .level = level};
    ov_test test = {.words = words};
    ov_key_prepare(&run, &test);
    if (test.kernel) {
        ov_bits less, equal, again;
        compare(&test, &items, &less, &equal, &again);
        for (uint32_t k = 0; k < count; k++) {
            int order = 0;
            if (is_bit(&again, k)) continue;
            CHECK(ov_text_order(words, constant, ov_item(&items, k), (uint32_t)length, &order));
            CHECK_EQUAL(is_bit(&less, k), order < 0);
            CHECK_EQUAL(is_bit(&equal, k), order == 0);
        }
    }
    free(data);
}

/* Most of what is good is decided without another look. */
static void check_fast(ov_level level) {
    uint8_t data[5 * 64];
    for (uint32_t k = 0; k < 64; k++) memcpy(data + 5 * k, "\x01\x23\x45\x67\x8d", 5);
    const ov_int128 constant = {0, 0};
    const ov_field field = {OV_OP_PACKED, 5, 9, 0, OV_FLAG_SIGNED | OV_FLAG_ABSENT, OV_TYPE_INT32, NULL};
    int32_t words[OV_WIDTH] = {[OV_W_OP] = OV_OP_COMPARE_NUMBER, [OV_W_POOL_LENGTH] = 16};
    const ov_run run = {.pool = (const uint8_t *)&constant, .level = level};
    ov_test test = {.words = words, .operand = words, .field = field};
    const ov_items items = {data, NULL, 5, 64, data, data + sizeof data};
    ov_key_prepare(&run, &test);
    ov_bits less, equal, again;
    compare(&test, &items, &less, &equal, &again);
    CHECK_EQUAL(again.words[0], 0);
    CHECK(less.words[0] == ~(uint64_t)0 && equal.words[0] == 0);
}

static void check_level(ov_level level) {
    for (int round = 0; round < 3000; round++) {
        const int32_t length = 1 + (int32_t)below(16);
        const int32_t flags = (below(2) ? OV_FLAG_SIGNED : 0) | (below(2) ? OV_FLAG_ABSENT : 0);
        ov_field packed = {OV_OP_PACKED,       length, 2 * length - 1 - (int32_t)below(2), 0, flags,
                           OV_TYPE_DECIMAL128, NULL};
        if (packed.digits == 0) packed.digits = 1;
        check_number(level, packed, round & 1);
        const int32_t more = (below(4) ? 0 : OV_FLAG_ASCII) | (below(3) ? 0 : OV_FLAG_LEADING) |
                             (below(4) ? 0 : OV_FLAG_LENIENT) | (below(4) ? 0 : OV_FLAG_ASCII_PY);
        const ov_field zoned = {OV_OP_ZONED, length, length, 0, flags | more, OV_TYPE_DECIMAL128, NULL};
        check_number(level, zoned, round & 1);
        const ov_field binary = {OV_OP_BINARY,
                                 1 + (length & 7),
                                 4,
                                 0,
                                 (flags & OV_FLAG_SIGNED) | (below(2) ? OV_FLAG_LITTLE : 0),
                                 OV_TYPE_DECIMAL128,
                                 NULL};
        check_number(level, binary, round & 1);
        check_text(level, 1 + (int32_t)below(LONGEST), (below(2) ? OV_FLAG_ABSENT : 0) | (below(3) ? 0 : OV_FLAG_EXACT),
                   round & 1);
    }
    check_fast(level);
}

int main(void) {
    const ov_level best = ov_get_level();
    for (int level = OV_LEVEL_PORTABLE; level <= (int)best; level++) check_level((ov_level)level);
    return checks_failed();
}
