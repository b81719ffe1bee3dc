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
    enum { FIRST = 2 }; /* a table of one entry, rows for two groups */
    ov_groups g = {program, words, (uint64_t *)(void *)guarded(8, false), 0, guarded(FIRST * ROW, false), FIRST, 0};
    g.table[0] = 0;
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
                larger.table = (uint64_t *)(void *)guarded((size_t)8 << larger.bits, false);
                memset(larger.table, 0, (size_t)8 << larger.bits);
                CHECK_EQUAL(ov_group_index(&larger), OV_OK);
                guarded_free((uint8_t *)g.table, (size_t)8 << g.bits, false);
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
        CHECK_EQUAL(sum[0], counts[group]);
        CHECK_EQUAL(sum[1], sums[group]);
        CHECK_EQUAL(sum[2], sums[group] < 0 ? -1 : 0);
        CHECK_EQUAL(sum[3], sums[group] < 0 ? -1 : 0);
        CHECK_EQUAL(row[AT + 40], OV_KEYCLASS_VALUE);
        CHECK(row[AT + 40 + 7] <= row[AT + 48 + 7]);
        counts[group] = 0; /* each comes once */
    }
    for (uint32_t group = 0; group < groups; group++) CHECK_EQUAL(counts[group], 0);
    guarded_free((uint8_t *)g.table, (size_t)8 << g.bits, false);
    guarded_free(g.rows, (size_t)ROW * g.capacity, false);
    guarded_free(keys, (size_t)width * ROWS, false);
    free(sums);
    free(counts);
}

/* Carries go through all 192 bits, and back. */
static void test_wide_sums(void) {
    const int32_t program[] = {0, 48, 1, 0, OV_AGGREGATE_SUM, OV_TYPE_DECIMAL128, 0, VALIDITY, 16, 0, 0, 0};
    uint64_t table[16] = {0}, row[12] = {0};
    ov_groups g = {program, 12, table, 0, (uint8_t *)row, 2, 0};
    uint32_t taken;
    set_valid(2);
    CHECK_EQUAL(ov_group_add(&g, slab, SLAB, NULL, NULL, 0, 1, &taken), OV_OK);
    CHECK_EQUAL(taken, 0); /* a table of one entry has no room: the search for a free one must end */
    g.used = 1;
    CHECK_EQUAL(ov_group_index(&g), OV_BAD_ARGUMENT);
    g.used = 0;
    g.bits = 4;
    for (int round = 0; round < 4; round++) {
        const uint64_t v[4] = {UINT64_MAX, INT64_MAX, round & 1 ? 1 : UINT64_MAX, round & 1 ? 1ull << 63 : INT64_MAX};
        memcpy(slab, v, 32);
        CHECK_EQUAL(ov_group_add(&g, slab, SLAB, slab, NULL, 0, 1, &taken), OV_OK);
        memcpy(slab, v + 2, 16);
        CHECK_EQUAL(ov_group_add(&g, slab, SLAB, slab, NULL, 0, 1, &taken), OV_OK);
    }
    /* six times 2^127 - 1 and twice -2^127 + 1 */
    CHECK_EQUAL(row[2], 8);
    CHECK_EQUAL(row[3], (uint64_t)-4);
    CHECK_EQUAL(row[4], UINT64_MAX);
    CHECK_EQUAL(row[5], 1);
}

int main(void) {
    test_keys();
    test_refusals();
    static const int32_t widths[] = {2, 7, 8, 9, 13, 16, 17, 40};
    for (size_t w = 0; w < sizeof widths / sizeof *widths; w++) {
        test_groups(1, 3, widths[w]);
        test_groups(50, 40, widths[w]);
        test_groups(3000, 100, widths[w]);
        test_groups(20000, 400, widths[w]); /* a table for which memory is looked for ahead */
    }
    test_wide_sums();
    return checks_failed();
}
