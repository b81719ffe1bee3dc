/* Sorting, gathering and merging against qsort and memcmp, on keys of every width, at every level.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "plans.h"

enum { MOST_KEYS = 100000, MOST_WIDTH = 80 };

static uint64_t seed = 1;

static uint32_t below(uint32_t n) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(seed >> 33) % n;
}

static const uint8_t *compared;
static size_t compared_width;

static int by_key(const void *a, const void *b) {
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    const int order = memcmp(compared + x * compared_width, compared + y * compared_width, compared_width);
    return order ? order : (x > y) - (x < y);
}

static void find_varying(const uint8_t *keys, size_t width, uint32_t count, uint8_t *varying) {
    memset(varying, 0xff, width);
    memset(varying + width, 0, width);
    for (uint32_t i = 0; i < count; i++)
        for (size_t k = 0; k < width; k++) {
            varying[k] &= keys[i * width + k];
            varying[width + k] |= keys[i * width + k];
        }
}

/* Keys of `symbols` different bytes each, in `fixed` of whose places all agree. */
static void test_sort(uint32_t count, size_t width, uint32_t symbols, uint32_t fixed) {
    uint8_t *keys = guarded((size_t)count * width, false), varying[2 * MOST_WIDTH];
    for (size_t i = 0; i < (size_t)count * width; i++)
        keys[i] = below(100) < fixed ? 0xc1 : (uint8_t)(below(symbols) * 37);
    if (fixed > 90)
        for (uint32_t i = 0; i < count; i++) memset(keys + i * width, 0xf0, width / 2);
    find_varying(keys, width, count, varying);
    uint32_t *order = (uint32_t *)(void *)guarded((size_t)count * 4, false);
    uint32_t *expected = malloc((size_t)count * 4 + 1);
    const size_t scratch_length = (ov_sort_scratch(count) + 7) & ~(size_t)7;
    uint8_t *scratch = guarded(scratch_length, false);
    for (uint32_t i = 0; i < count; i++) expected[i] = i;
    enum { GAP = 3 };
    const size_t apart_length = count == 0 ? 0 : (size_t)(count - 1) * (width + GAP) + width;
    uint8_t *apart = guarded(apart_length, false);
    for (uint32_t i = 0; i < count; i++) memcpy(apart + (size_t)i * (width + GAP), keys + (size_t)i * width, width);
    compared = keys;
    compared_width = width;
    qsort(expected, count, sizeof *expected, by_key);
    for (int level = OV_LEVEL_PORTABLE; level <= OV_LEVEL_AVX512; level++) {
        ov_set_level((ov_level)level);
        CHECK_EQUAL(ov_sort(keys, width, width, count, varying, order, scratch), OV_OK);
        CHECK(count == 0 || memcmp(order, expected, (size_t)count * 4) == 0);
        for (uint32_t parts = 2; parts <= OV_SORT_PARTS; parts += 7) {
            const ov_sort_job job = {keys, width, width, count, varying, order, scratch};
            memset(order, 0xff, (size_t)count * 4);
            for (int step = OV_SORT_FILL; step <= OV_SORT_ORDER; step++)
                for (uint32_t part = parts; part-- > 0;)
                    CHECK_EQUAL(ov_sort_step(&job, (ov_sort_steps)step, part, parts), OV_OK);
            CHECK(count == 0 || memcmp(order, expected, (size_t)count * 4) == 0);
        }
        CHECK_EQUAL(ov_sort(apart, width + GAP, width, count, varying, order, scratch), OV_OK);
        CHECK(count == 0 || memcmp(order, expected, (size_t)count * 4) == 0);
    }
    guarded_free(apart, apart_length, false);
    ov_set_level(OV_LEVEL_AVX512);
    guarded_free(keys, (size_t)count * width, false);
    guarded_free((uint8_t *)order, (size_t)count * 4, false);
    guarded_free(scratch, scratch_length, false);
    free(expected);
}

/* Records of 0 to 19 bytes, each with four bytes before it. */
static void test_gather_and_merge(uint32_t count, bool fixed) {
    enum { WIDTH = 3, RUNS = 5, ROOM = 40 * 1000 };
    static uint8_t data[ROOM], keys[1000 * WIDTH], merged[2 * ROOM], plain[2 * ROOM], runs[3 * ROOM];
    static uint32_t starts[1000], ends[1000], order[1000];
    uint32_t at = 0;
    for (uint32_t i = 0; i < count; i++) {
        memcpy(data + at, &i, 4);
        starts[i] = at + 4;
        at = ends[i] = starts[i] + (fixed ? 8 : below(20));
        for (uint32_t k = starts[i]; k < ends[i]; k++) data[k] = (uint8_t)below(256);
        for (int k = 0; k < WIDTH; k++) keys[i * WIDTH + k] = (uint8_t)below(3);
        order[i] = i;
    }
    const ov_piece piece = {data, at, 0};
    static const uint8_t end[2] = {0x0d, 0x0a};
    ov_store store = {&piece, 1, count, 0, starts, ends, 4, end, 2, keys, WIDTH, !fixed};
    compared = keys;
    compared_width = WIDTH;
    uint32_t from[RUNS], to[RUNS], taken;
    uint8_t final[RUNS];
    size_t written, total = 0;
    ov_error error;
    for (uint32_t r = 0; r < RUNS; r++) { /* neighbours in a run */
        const uint32_t first = count * r / RUNS, last = count * (r + 1) / RUNS;
        qsort(order + first, last - first, sizeof *order, by_key);
        CHECK_EQUAL(
            ov_gather_records(&store, order, first, last, runs + total, sizeof runs - total, &taken, &written, &error),
            OV_OK);
        CHECK_EQUAL(taken, last - first);
        from[r] = (uint32_t)total;
        total += written;
        to[r] = (uint32_t)total;
        final[r] = 1;
    }
    qsort(order, count, sizeof *order, by_key);
    store.keys = NULL;
    store.lengths = 0;
    size_t wanted = 0;
    for (uint32_t k = 0; k < count; k += taken) { /* in small pieces */
        CHECK_EQUAL(ov_gather_records(&store, order, k, count, plain + wanted, 100, &taken, &written, &error), OV_OK);
        CHECK(taken > 0 && written <= 100);
        wanted += written;
    }
    const ov_runs all = {runs, total, from, to, final, RUNS, WIDTH, fixed ? 14 : 0, 0};
    uint32_t scratch[2 * 8], records, done = 0;
    size_t length = 0;
    int64_t stopped = 0;
    CHECK(ov_merge_scratch(RUNS) <= sizeof scratch);
    do {
        CHECK_EQUAL(ov_merge(&all, merged + length, 77, scratch, &stopped, &records, &written, &error), OV_OK);
        length += written;
        done += records;
    } while (stopped == OV_MERGE_FULL);
    CHECK_EQUAL(stopped, OV_MERGE_DONE);
    CHECK_EQUAL(done, count);
    CHECK_EQUAL(length, wanted);
    CHECK(memcmp(merged, plain, wanted) == 0);
}

/* Records of one length in several pieces, which end where the memory does, out of order and into no more than their
 * room. */
static void test_gather_fixed(size_t stride, uint32_t pieces) {
    enum { COUNT = 300 };
    ov_piece list[40];
    uint32_t order[COUNT], taken;
    uint8_t *data[40], *out = guarded(stride * COUNT, false);
    size_t written;
    ov_error error;
    for (uint32_t p = 0, first = 0; p < pieces; p++) {
        const uint32_t count = (COUNT - first) / (pieces - p);
        data[p] = guarded(count * stride, p & 1);
        for (size_t i = 0; i < count * stride; i++)
            data[p][i] = (uint8_t)(((first + i / stride) * 7 + i % stride) % 251);
        list[p] = (ov_piece){data[p], count * stride, first};
        first += count;
    }
    for (uint32_t i = 0; i < COUNT; i++) order[i] = i * 101 % COUNT;
    const ov_store store = {list, pieces, COUNT, stride, NULL, NULL, 0, NULL, 0, NULL, 0, 0};
    CHECK_EQUAL(ov_gather_records(&store, order, 0, COUNT, out, stride * COUNT, &taken, &written, &error), OV_OK);
    CHECK(taken == COUNT && written == stride * COUNT);
    bool same = true;
    for (size_t i = 0; i < written; i++) same &= out[i] == (uint8_t)((order[i / stride] * 7 + i % stride) % 251);
    CHECK(same);
    CHECK_EQUAL(ov_gather_records(&store, order, 5, 50, out, stride * 10 + stride - 1, &taken, &written, &error),
                OV_OK);
    CHECK(taken == 10 && written == stride * 10 && out[0] == order[5] * 7 % 251);
    order[60] = COUNT;
    CHECK_EQUAL(ov_gather_records(&store, order, 20, COUNT, out, stride * COUNT, &taken, &written, &error),
                OV_BAD_RECORDS);
    CHECK(error.at == 40 && taken == 40);
    for (uint32_t p = 0; p < pieces; p++) guarded_free(data[p], (size_t)(list[p].length), p & 1);
    guarded_free(out, stride * COUNT, false);
}

static void test_refusals(void) {
    const uint8_t data[8] = {0}, varying[2] = {0, 0xff};
    const ov_piece piece = {data, 8, 0};
    const uint32_t starts[2] = {4, 2}, ends[2] = {9, 4}, order[2] = {0, 1};
    ov_store store = {&piece, 1, 2, 0, starts, ends, 4, NULL, 0, NULL, 0, 0};
    uint8_t out[32];
    uint32_t taken, scratch[8], records;
    size_t written;
    ov_error error;
    CHECK_EQUAL(ov_gather_records(&store, order, 0, 2, out, 32, &taken, &written, &error), OV_BAD_RECORDS);
    CHECK_EQUAL(ov_gather_records(&store, order, 1, 2, out, 32, &taken, &written, &error), OV_BAD_RECORDS);
    store = (ov_store){&piece, 1, 3, 4, NULL, NULL, 0, NULL, 0, NULL, 0, 0};
    CHECK_EQUAL(ov_gather_records(&store, NULL, 0, 3, out, 32, &taken, &written, &error), OV_BAD_RECORDS);
    CHECK_EQUAL(taken, 2);
    CHECK_EQUAL(error.at, 2);
    uint32_t from[1] = {0}, to[1] = {7};
    uint8_t final[1] = {1};
    int64_t stopped;
    ov_runs runs = {data, 8, from, to, final, 1, 1, 4, 0};
    CHECK_EQUAL(ov_merge(&runs, out, 32, scratch, &stopped, &records, &written, &error), OV_BAD_RECORDS);
    final[0] = 0;
    from[0] = 0;
    CHECK_EQUAL(ov_merge(&runs, out, 32, scratch, &stopped, &records, &written, &error), OV_OK);
    CHECK_EQUAL(stopped, 0);
    to[0] = 9;
    CHECK_EQUAL(ov_merge(&runs, out, 32, scratch, &stopped, &records, &written, &error), OV_BAD_ARGUMENT);
    CHECK_EQUAL(ov_sort(NULL, 1, 1, 1, varying, taken ? &taken : NULL, out), OV_BAD_ARGUMENT);
    CHECK_EQUAL(ov_sort(data, 1 << 20, 1 << 20, 1, varying, &taken, out), OV_BAD_ARGUMENT);
}

int main(void) {
    static const size_t widths[] = {1, 2, 7, 8, 9, 12, 15, 16, 17, 40, 80};
    for (size_t w = 0; w < sizeof widths / sizeof *widths; w++)
        for (uint32_t symbols = 1; symbols <= 256; symbols = symbols * 4 + 3)
            for (uint32_t fixed = 0; fixed < 100; fixed += 31) {
                test_sort(below(30), widths[w], symbols, fixed);
                test_sort(200 + below(2000), widths[w], symbols, fixed);
            }
    test_sort(5000, 12, 10, 0);
    test_sort(MOST_KEYS, 9, 256, 0);
    test_sort(MOST_KEYS, 12, 2, 95);
    test_sort(MOST_KEYS, 3, 3, 50);
    test_sort(MOST_KEYS, 1, 256, 0);
    test_sort(MOST_KEYS, 40, 256, 0);
    test_sort(MOST_KEYS, 40, 2, 60);
    for (uint32_t count = 0; count <= 1000; count = count * 3 + 1) {
        test_gather_and_merge(count, true);
        test_gather_and_merge(count, false);
    }
    for (size_t stride = 1; stride < 700; stride += stride < 70 ? 1 : 63)
        for (uint32_t pieces = 1; pieces <= 40; pieces = pieces * 3 + 1) test_gather_fixed(stride, pieces);
    test_refusals();
    return checks_failed();
}
