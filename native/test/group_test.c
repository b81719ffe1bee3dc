/* Keys and groups: the order of every type's values, and sums against 128-bit arithmetic done here.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "plans.h"

enum { ROWS = 200, VALIDITY = 4096, BAD = 4160, DATA = 4224, SLAB = 8192 };

static uint64_t slab_words[SLAB / 8];
static uint8_t *const slab = (uint8_t *)slab_words;

static void set_valid(uint32_t count) {
    memset(slab + VALIDITY, 0, 64);
    memset(slab + BAD, 0, 64);
    for (uint32_t i = 0; i < count; i++) slab[VALIDITY + i / 8] |= (uint8_t)(1 << i % 8);
}

/* Makes keys of values that ascend, and checks that they do; equal ones must be equal. */
static void check_ascending(int32_t type, int32_t width, uint32_t count, int32_t flags) {
    const int32_t part[OV_KEY_WORDS] = {type, 0, VALIDITY, BAD, DATA, 1024, 0, width, flags, 0x40};
    const size_t length = (size_t)width + 1;
    uint8_t varying[2 * 32];
    memset(varying, 0xff, length);
    memset(varying + length, 0, length);
    uint8_t *keys = guarded(length * count, false);
    CHECK_EQUAL(ov_keys(part, OV_KEY_WORDS, slab, SLAB, count, keys, length, varying), OV_OK);
    for (uint32_t i = 1; i < count; i++) {
        const int order = memcmp(keys + (i - 1) * length, keys + i * length, length);
        CHECK(flags & OV_KEYFLAG_DESCENDING ? order > 0 : order < 0);
        for (size_t k = 0; k < length; k++) {
            CHECK((varying[k] & ~keys[i * length + k]) == 0);
            CHECK((keys[i * length + k] & ~varying[length + k]) == 0);
        }
    }
    guarded_free(keys, length * count, false);
}

static void test_keys(void) {
    static const int32_t small[] = {0, INT32_MIN, INT32_MIN + 1, -256, -1, 0, 1, 255, 65536, INT32_MAX};
    static const double reals[] = {0, -1e300, -2, -1, -1e-300, 0, 1e-300, 1, 2, 1e300};
    static const float narrow[] = {0, -1e30f, -2, -1, -1e-30f, 0, 1e-30f, 1, 2, 1e30f};
    const uint32_t count = 10;
    for (int32_t flags = 0; flags <= 1; flags++) {
        set_valid(count);
        slab[VALIDITY] &= 0xfe; /* the first is absent */
        memcpy(slab, small, sizeof small);
        check_ascending(OV_TYPE_INT32, 4, count, flags);
        for (uint32_t i = 0; i < count; i++) {
            const int64_t v = (int64_t)small[i] * 4000000000;
            memcpy(slab + i * 8, &v, 8);
        }
        check_ascending(OV_TYPE_INT64, 8, count, flags);
        for (uint32_t i = 0; i < count; i++) {
            const int64_t v[2] = {(int64_t)i * 7 - 1000, small[i]};
            memcpy(slab + i * 16, v, 16);
        }
        check_ascending(OV_TYPE_DECIMAL128, 16, count, flags);
        for (uint32_t i = 0; i < count; i++) {
            const int64_t v[2] = {small[i], small[i] < 0 ? -1 : 0};
            memcpy(slab + i * 16, v, 16);
        }
        check_ascending(OV_TYPE_DECIMAL128, 8, count, flags);
        memcpy(slab, reals, sizeof reals);
        check_ascending(OV_TYPE_FLOAT64, 8, count, flags);
        memcpy(slab, narrow, sizeof narrow);
        check_ascending(OV_TYPE_FLOAT32, 4, count, flags);
        static const int32_t offsets[] = {0, 0, 0, 2};
        memcpy(slab, offsets, sizeof offsets);
        memcpy(slab + DATA, "ab", 2); /* absent, '', ab */
        check_ascending(OV_TYPE_UTF8, 11, 3, flags);
        slab[BAD] = 1; /* bad before absent */
        slab[VALIDITY] &= 0xfc;
        check_ascending(OV_TYPE_UTF8, 11, 2, flags);
    }
}

/* Texts of up to `width` bytes, all of them as long (`full`), or one in 70 absent: against keys made byte by byte. */
static void test_texts(int32_t width, bool full, bool absent, int32_t flags) {
    const size_t length = (size_t)width + 1, text_length = (size_t)width * ROWS;
    uint8_t *keys = guarded(length * ROWS, false), *expected = malloc(length * ROWS);
    memset(slab, 0, SLAB);
    set_valid(ROWS);
    uint8_t *texts = slab + SLAB - text_length; /* up to the slab's end */
    uint32_t end = 0;
    for (uint32_t i = 0; i < ROWS; i++) {
        const bool is_absent = absent && i % 70 == 3;
        const uint32_t some = is_absent ? 0 : full ? (uint32_t)width : (i * 7 + i / 3) % ((uint32_t)width + 1);
        uint8_t *key = expected + i * length;
        memset(key, is_absent ? 0 : 0x40, length);
        key[0] = is_absent ? OV_KEYCLASS_ABSENT : OV_KEYCLASS_VALUE;
        for (uint32_t k = 0; k < some; k++) key[1 + k] = texts[end + k] = (uint8_t)(0x81 + i * 5 + k);
        if (flags & OV_KEYFLAG_DESCENDING)
            for (size_t k = 0; k < length; k++) key[k] ^= 0xff;
        if (is_absent) slab[VALIDITY + i / 8] &= (uint8_t) ~(1 << i % 8);
        end += some;
        memcpy(slab + (i + 1) * 4, &end, 4);
    }
    const int32_t at = (int32_t)(SLAB - text_length);
    const int32_t part[OV_KEY_WORDS] = {OV_TYPE_UTF8,         0, VALIDITY, BAD,   at,
                                        (int32_t)text_length, 0, width,    flags, 0x40};
    CHECK_EQUAL(ov_keys(part, OV_KEY_WORDS, slab, SLAB, ROWS, keys, length, NULL), OV_OK);
    CHECK(memcmp(keys, expected, length * ROWS) == 0);
    guarded_free(keys, length * ROWS, false);
    free(expected);
}

static void test_refusals(void) {
    int32_t part[OV_KEY_WORDS] = {OV_TYPE_UTF8, 0, VALIDITY, BAD, DATA, 16, 0, 4, 0, 0x40};
    uint8_t keys[64], varying[16] = {0};
    int32_t offsets[3] = {0, 3, 2};
    set_valid(2);
    memcpy(slab, offsets, sizeof offsets);
    CHECK_EQUAL(ov_keys(part, OV_KEY_WORDS, slab, SLAB, 2, keys, 5, varying), OV_BAD_ARGUMENT);
    offsets[2] = 17;
    memcpy(slab, offsets, sizeof offsets);
    CHECK_EQUAL(ov_keys(part, OV_KEY_WORDS, slab, SLAB, 2, keys, 5, varying), OV_BAD_ARGUMENT);
    offsets[2] = 7;
    memcpy(slab, offsets, sizeof offsets);
    CHECK_EQUAL(ov_keys(part, OV_KEY_WORDS, slab, SLAB, 2, keys, 5, varying), OV_OK);
    for (int32_t word = 0; word < OV_KEYW_FLAGS; word++) {
        int32_t wrong[OV_KEY_WORDS];
        memcpy(wrong, part, sizeof wrong);
        wrong[word] = word == OV_KEYW_TYPE ? 9 : SLAB;
        CHECK_EQUAL(ov_keys(wrong, OV_KEY_WORDS, slab, SLAB, 2, keys, 5, varying), OV_BAD_ARGUMENT);
    }
}

static uint32_t *new_table(uint32_t bits) {
    uint32_t *table = (uint32_t *)(void *)guarded((size_t)4 << bits, false);
    memset(table, 0, (size_t)4 << bits);
    return table;
}

/* Sums of 128-bit values in groups whose keys differ in their first and last bytes; the table grows from nothing. */
static void test_groups(uint32_t groups, uint32_t batches, int32_t width) {
    enum { MOST_WIDTH = 40, AT = 16 + MOST_WIDTH, ROW = AT + 32 + 8 + 8 + 8, PART = 9 };
    const int32_t program[] = {width,   ROW,  4, 2 * PART, OV_AGGREGATE_SUM,   OV_TYPE_DECIMAL128, 0, VALIDITY,
                               AT,      0,    0, 0,        OV_AGGREGATE_COUNT, OV_TYPE_DECIMAL128, 0, VALIDITY,
                               AT + 32, 0,    0, 0,        OV_AGGREGATE_MIN,   OV_TYPE_DECIMAL128, 0, VALIDITY,
                               AT + 40, 0,    8, 0,        OV_AGGREGATE_MAX,   OV_TYPE_DECIMAL128, 0, VALIDITY,
                               AT + 48, PART, 8, 0};
    const size_t words = sizeof program / sizeof *program;
    uint64_t state = 7;
    enum { FIRST = 2, FIRST_BITS = 4 }; /* a table of one bucket, rows for two groups */
    uint8_t varying[2 * MOST_WIDTH];
    memset(varying, 0xff, (size_t)width);
    memset(varying + width, 0, (size_t)width);
    ov_groups g = {program, words, new_table(FIRST_BITS), FIRST_BITS, guarded(FIRST * ROW, false), FIRST, 0, varying};
    memset(g.rows, 0, FIRST * ROW);
    int64_t *sums = calloc(groups, sizeof *sums), *counts = calloc(groups, sizeof *counts);
    uint8_t *keys = guarded((size_t)width * ROWS, false), extremes[2 * PART * ROWS];
    for (uint32_t b = 0; b < batches; b++) {
        set_valid(ROWS);
        for (uint32_t i = 0; i < ROWS; i++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            const uint32_t group = (uint32_t)(state >> 33) % groups;
            const int64_t v[2] = {(int64_t)(state >> 30) % 1000 - 500, 0};
            uint8_t *key = keys + (size_t)width * i;
            memset(key, 0xc1, (size_t)width);
            key[0] = (uint8_t)(group >> 8);
            key[width - 1] = (uint8_t)group;
            const int64_t value[2] = {v[0], v[0] < 0 ? -1 : 0};
            memcpy(slab + i * 16, value, 16);
            memset(extremes + 2 * PART * i, 0, 2 * PART);
            extremes[2 * PART * i] = extremes[2 * PART * i + PART] = OV_KEYCLASS_VALUE;
            extremes[2 * PART * i + 7] = extremes[2 * PART * i + PART + 7] = (uint8_t)(v[0] + 500 >= 500);
            sums[group] += v[0];
            counts[group]++;
        }
        for (uint32_t taken = 0;;) {
            CHECK_EQUAL(ov_group_add(&g, slab, SLAB, keys, extremes, taken, ROWS, &taken), OV_OK);
            if (taken == ROWS) break;
            /* either is used up first */
            ov_groups larger = g;
            if (g.used < g.capacity) {
                larger.bits++;
                larger.table = new_table(larger.bits);
                CHECK_EQUAL(ov_group_index(&larger), OV_OK);
                guarded_free((uint8_t *)g.table, (size_t)4 << g.bits, false);
            } else {
                larger.capacity += larger.capacity / 2;
                larger.rows = guarded((size_t)ROW * larger.capacity, false);
                memset(larger.rows, 0, (size_t)ROW * larger.capacity);
                memcpy(larger.rows, g.rows, (size_t)ROW * g.used);
                guarded_free(g.rows, (size_t)ROW * g.capacity, false);
            }
            g = larger;
        }
    }
    for (uint32_t i = 0; i < g.used; i++) {
        const uint8_t *row = g.rows + (size_t)i * ROW;
        const uint32_t group = (uint32_t)row[OV_GROUPROW_KEY] << 8 | row[OV_GROUPROW_KEY + width - 1];
        int64_t n, sum[4];
        memcpy(&n, row + OV_GROUPROW_RECORDS, 8);
        memcpy(sum, row + AT, 32);
        CHECK(counts[group] > 0);
        CHECK_EQUAL(n, counts[group]);
        CHECK_EQUAL(sum[0], 0); /* none without a value */
        CHECK_EQUAL(sum[1], sums[group]);
        CHECK_EQUAL(sum[2], sums[group] < 0 ? -1 : 0);
        CHECK_EQUAL(sum[3], sums[group] < 0 ? -1 : 0);
        CHECK_EQUAL(row[AT + 40], OV_KEYCLASS_VALUE);
        CHECK(row[AT + 40 + 7] <= row[AT + 48 + 7]);
        for (int32_t k = 0; k < width; k++) {
            CHECK((varying[k] & ~row[OV_GROUPROW_KEY + k]) == 0);
            CHECK((row[OV_GROUPROW_KEY + k] & ~varying[width + k]) == 0);
        }
        counts[group] = 0; /* each comes once */
    }
    for (uint32_t group = 0; group < groups; group++) CHECK_EQUAL(counts[group], 0);
    guarded_free((uint8_t *)g.table, (size_t)4 << g.bits, false);
    guarded_free(g.rows, (size_t)ROW * g.capacity, false);
    guarded_free(keys, (size_t)width * ROWS, false);
    free(sums);
    free(counts);
}

/* Carries go through all 192 bits, and back. */
static void test_wide_sums(void) {
    const int32_t program[] = {0, 48, 1, 0, OV_AGGREGATE_SUM, OV_TYPE_DECIMAL128, 0, VALIDITY, 16, 0, 0, 0};
    uint32_t table[16] = {0}, taken;
    uint64_t row[12] = {0};
    uint8_t varying[1];
    ov_groups g = {program, 12, table, 3, (uint8_t *)row, 2, 0, varying};
    set_valid(2);
    CHECK_EQUAL(ov_group_add(&g, slab, SLAB, slab, NULL, 0, 1, &taken), OV_BAD_ARGUMENT); /* less than a bucket */
    CHECK_EQUAL(ov_group_index(&g), OV_BAD_ARGUMENT);
    g.bits = 4;
    g.used = 3; /* more than there are */
    CHECK_EQUAL(ov_group_index(&g), OV_BAD_ARGUMENT);
    g.used = 0;
    for (int round = 0; round < 4; round++) {
        const uint64_t v[4] = {UINT64_MAX, INT64_MAX, round & 1 ? 1 : UINT64_MAX, round & 1 ? 1ull << 63 : INT64_MAX};
        memcpy(slab, v, 32);
        CHECK_EQUAL(ov_group_add(&g, slab, SLAB, slab, NULL, 0, 1, &taken), OV_OK);
        memcpy(slab, v + 2, 16);
        CHECK_EQUAL(ov_group_add(&g, slab, SLAB, slab, NULL, 0, 1, &taken), OV_OK);
    }
    /* six times 2^127 - 1 and twice -2^127 + 1 */
    CHECK_EQUAL(row[1], 8);
    CHECK_EQUAL(row[2], 0);
    CHECK_EQUAL(row[3], (uint64_t)-4);
    CHECK_EQUAL(row[4], UINT64_MAX);
    CHECK_EQUAL(row[5], 1);
}

enum { RESULT_ROW = 64, PART_AT = 16, STATE_AT = 32, VALUES_AT = 0 };

/* A result of one row, whose part or state is given, as one column; answers ov_group_results' status. */
static ov_status one_result(int32_t kind, int32_t type, int32_t width, int32_t up, int32_t down, const uint8_t *row,
                            int32_t *failed) {
    const int32_t at = kind == OV_RESULT_PART ? PART_AT : STATE_AT;
    const int32_t program[OV_RESULT_WORDS] = {kind, type, VALUES_AT, VALIDITY, DATA, 16, at, width, 1, width, up, down};
    const uint32_t order[1] = {0};
    memset(slab, 0, SLAB);
    uint8_t *guarded_row = guarded(RESULT_ROW, false);
    memcpy(guarded_row, row, RESULT_ROW);
    const ov_status status =
        ov_group_results(program, OV_RESULT_WORDS, guarded_row, RESULT_ROW, 1, order, 0, 1, slab, SLAB, failed);
    guarded_free(guarded_row, RESULT_ROW, false);
    return status;
}

static void put_state(uint8_t *row, int64_t records, int64_t nulls, int64_t low, int64_t middle, int64_t high) {
    const int64_t state[4] = {nulls, low, middle, high};
    memset(row, 0, RESULT_ROW);
    memcpy(row + OV_GROUPROW_RECORDS, &records, 8);
    memcpy(row + STATE_AT, state, 32);
}

/* The average of `sum` over `count`, moved by `up` or `down` digits. */
static int64_t average_of(int64_t sum, int64_t count, int32_t up, int32_t down) {
    uint8_t row[RESULT_ROW];
    int32_t failed;
    int64_t value[2];
    put_state(row, count + 5, 5, sum, sum < 0 ? -1 : 0, sum < 0 ? -1 : 0);
    CHECK_EQUAL(one_result(OV_RESULT_AVERAGE, OV_TYPE_DECIMAL128, 38, up, down, row, &failed), OV_OK);
    CHECK_EQUAL(failed, -1);
    CHECK_EQUAL(slab[VALIDITY], 1);
    memcpy(value, slab, 16);
    CHECK_EQUAL(value[1], value[0] < 0 ? -1 : 0);
    return value[0];
}

static void test_results(void) {
    uint8_t row[RESULT_ROW];
    int32_t failed;
    int64_t value[2];
    /* halves away from zero */
    CHECK_EQUAL(average_of(5, 2, 0, 0), 3);
    CHECK_EQUAL(average_of(-5, 2, 0, 0), -3);
    CHECK_EQUAL(average_of(-4, 3, 0, 0), -1);
    CHECK_EQUAL(average_of(2, 3, 6, 0), 666667);
    CHECK_EQUAL(average_of(-1, 8, 2, 0), -13);
    CHECK_EQUAL(average_of(12349, 1, 0, 2), 123);
    CHECK_EQUAL(average_of(12350, 1, 0, 2), 124);
    CHECK_EQUAL(average_of(-149, 3, 0, 2), 0);
    CHECK_EQUAL(average_of(INT64_MAX, 1, 0, 20), 0);
    CHECK_EQUAL(average_of(INT64_MAX, INT64_MAX - 10, 0, 0), 1);
    CHECK_EQUAL(average_of(1, INT64_MAX / 2, 37, 0), 2168404344971008868);
    /* 10^38 - 1 is the most, and 18 digits of a word */
    const uint64_t low = 0x098a223fffffffffu, middle = 0x4b3b4ca85a86c47au;
    put_state(row, 1, 0, (int64_t)low, (int64_t)middle, 0);
    CHECK_EQUAL(one_result(OV_RESULT_SUM, OV_TYPE_DECIMAL128, 38, 0, 0, row, &failed), OV_OK);
    CHECK_EQUAL(failed, -1);
    memcpy(value, slab, 16);
    CHECK(value[0] == (int64_t)low && value[1] == (int64_t)middle);
    put_state(row, 1, 0, (int64_t)low + 1, (int64_t)middle, 0);
    CHECK_EQUAL(one_result(OV_RESULT_SUM, OV_TYPE_DECIMAL128, 38, 0, 0, row, &failed), OV_OK);
    CHECK_EQUAL(failed, 0);
    put_state(row, 1, 0, 0, 0, -1); /* -2^128 */
    CHECK_EQUAL(one_result(OV_RESULT_SUM, OV_TYPE_DECIMAL128, 38, 0, 0, row, &failed), OV_OK);
    CHECK_EQUAL(failed, 0);
    put_state(row, 1, 0, -999999999999999999, -1, -1);
    CHECK_EQUAL(one_result(OV_RESULT_SUM, OV_TYPE_INT64, 18, 0, 0, row, &failed), OV_OK);
    CHECK_EQUAL(failed, -1);
    memcpy(value, slab, 8);
    CHECK_EQUAL(value[0], -999999999999999999);
    put_state(row, 7, 7, 3, 0, 0); /* of no values nothing */
    CHECK_EQUAL(one_result(OV_RESULT_SUM, OV_TYPE_DECIMAL128, 38, 0, 0, row, &failed), OV_OK);
    CHECK_EQUAL(slab[VALIDITY], 0);
    /* text: spaces at its end go, Latin-1 becomes UTF-8; and no byte more than there is room for */
    memset(row, ' ', RESULT_ROW);
    row[PART_AT] = OV_KEYCLASS_VALUE;
    memcpy(row + PART_AT + 1, "A\xfc C", 4);
    CHECK_EQUAL(one_result(OV_RESULT_PART, OV_TYPE_UTF8, 13, 0, 0, row, &failed), OV_OK);
    CHECK(memcmp(slab + DATA, "A\xc3\xbc C\0", 6) == 0);
    CHECK_EQUAL(slab[4], 5);
    memset(row + PART_AT + 1, 0xfc, 9);
    CHECK_EQUAL(one_result(OV_RESULT_PART, OV_TYPE_UTF8, 9, 0, 0, row, &failed), OV_BAD_ARGUMENT);
    CHECK_EQUAL(slab[DATA + 16], 0);
    /* what is not sound is refused */
    CHECK_EQUAL(one_result(OV_RESULT_PART, OV_TYPE_UTF8, 48, 0, 0, row, &failed), OV_BAD_ARGUMENT);
    CHECK_EQUAL(one_result(OV_RESULT_PART, OV_TYPE_INT64, 4, 0, 0, row, &failed), OV_BAD_ARGUMENT);
    CHECK_EQUAL(one_result(OV_RESULT_SUM, OV_TYPE_INT64, 19, 0, 0, row, &failed), OV_BAD_ARGUMENT);
    CHECK_EQUAL(one_result(OV_RESULT_AVERAGE, OV_TYPE_DECIMAL128, 38, 1, 1, row, &failed), OV_BAD_ARGUMENT);
    CHECK_EQUAL(one_result(OV_RESULT_COUNT, OV_TYPE_FLOAT64, 0, 0, 0, row, &failed), OV_BAD_ARGUMENT);
    CHECK_EQUAL(one_result(6, OV_TYPE_INT64, 0, 0, 0, row, &failed), OV_BAD_ARGUMENT);
}

/* Runs for every level, as finders of rows differ. */
static void test_levels(void) {
    static const int32_t widths[] = {2, 7, 8, 9, 13, 16, 17, 40};
    for (size_t w = 0; w < sizeof widths / sizeof *widths; w++) {
        test_groups(1, 3, widths[w]);
        test_groups(50, 40, widths[w]);
        test_groups(3000, 100, widths[w]);
        test_groups(20000, 400, widths[w]); /* a table for which memory is looked for ahead */
    }
}

int main(void) {
    const ov_level best = ov_get_level();
    test_keys();
    for (int32_t width = 7; width <= 17; width++)
        for (int32_t kind = 0; kind < 8; kind++)
            test_texts(width, kind & 1, kind & 2, kind & 4 ? OV_KEYFLAG_DESCENDING : 0);
    test_refusals();
    for (ov_level level = OV_LEVEL_PORTABLE; level <= best; level++)
        if (ov_set_level(level) == level) test_levels();
    ov_set_level(best);
    test_results();
    test_wide_sums();
    return checks_failed();
}
