/* Keys, sorts, merges and groups of what a fuzzer makes up: nothing outside the given memory is touched, what is
 * refused leaves no harm, and what is sorted is in order.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "fuzz.h"

enum { SLAB = 512, ROWS = 8, MOST_PARTS = 3 };

typedef struct input {
    const uint8_t *bytes;
    size_t length;
} input;

static uint8_t next(input *in) {
    if (in->length == 0) return 0;
    in->length--;
    return *in->bytes++;
}

/* Places that are mostly sound. */
static int32_t place(input *in) {
    const uint8_t b = next(in);
    return b < 240 ? (int32_t)(b % 60) * 4 : (int32_t)((uint32_t)b * 16777259u);
}

static void sort_keys(const uint8_t *keys, size_t width, uint32_t count) {
    uint8_t varying[2 * OV_MAX_KEY];
    memset(varying, 0xff, width);
    memset(varying + width, 0, width);
    for (size_t i = 0; i < width * count; i++) {
        varying[i % width] &= keys[i];
        varying[width + i % width] |= keys[i];
    }
    const size_t scratch_length = (ov_sort_scratch(count) + 7) & ~(size_t)7;
    uint8_t *scratch = guarded(scratch_length, false);
    uint32_t *order = (uint32_t *)(void *)guarded(count * 4, false);
    hold(ov_sort(keys, width, width, count, varying, order, scratch) == OV_OK, "keys are sorted");
    for (uint32_t k = 1; k < count; k++) {
        const int found = memcmp(keys + order[k - 1] * width, keys + order[k] * width, width);
        hold(found < 0 || (found == 0 && order[k - 1] < order[k]), "in order, and stable");
    }
    guarded_free(scratch, scratch_length, false);
    guarded_free((uint8_t *)order, count * 4, false);
}

static void make_keys(input *in, const uint8_t *slab) {
    static const int32_t widths[] = {0, 4, 8, 16, 4, 8, 9};
    int32_t parts[MOST_PARTS * OV_KEY_WORDS] = {0};
    const uint32_t some = 1 + next(in) % MOST_PARTS, count = next(in) % 40;
    size_t width = 0;
    for (uint32_t p = 0; p < some; p++) {
        int32_t *w = parts + p * OV_KEY_WORDS;
        w[OV_KEYW_TYPE] = next(in) % 8;
        for (int32_t k = OV_KEYW_VALUES; k <= OV_KEYW_DATA_LENGTH; k++) w[k] = place(in);
        w[OV_KEYW_AT] = (int32_t)width;
        w[OV_KEYW_WIDTH] = w[OV_KEYW_TYPE] < 7 ? widths[w[OV_KEYW_TYPE]] : next(in);
        w[OV_KEYW_FLAGS] = next(in) % 4;
        width += 1 + (size_t)w[OV_KEYW_WIDTH];
    }
    uint8_t *keys = guarded(width * count, false), *varying = guarded(2 * width, false);
    memset(varying, 0, 2 * width);
    const ov_status status = ov_keys(parts, some * OV_KEY_WORDS, slab, SLAB, count, keys, width, varying);
    hold(status == OV_OK || status == OV_BAD_ARGUMENT, "keys");
    if (status == OV_OK) sort_keys(keys, width, count);
    guarded_free(keys, width * count, false);
    guarded_free(varying, 2 * width, false);
}

static void make_results(input *in, const uint8_t *rows, size_t row, uint32_t count) {
    enum { MOST = 3, ORDER = 4 };
    static const int32_t widths[] = {0, 4, 8, 16, 4, 8, 9};
    int32_t program[MOST * OV_RESULT_WORDS] = {0}, failed;
    const uint32_t some = next(in) % (MOST + 1);
    for (uint32_t c = 0; c < some; c++) {
        int32_t *w = program + c * OV_RESULT_WORDS;
        w[OV_RESULTW_KIND] = next(in) % 7;
        w[OV_RESULTW_TYPE] = next(in) % 8;
        for (int32_t k = OV_RESULTW_VALUES; k <= OV_RESULTW_DATA_LENGTH; k++) w[k] = place(in);
        w[OV_RESULTW_AT] = next(in);
        w[OV_RESULTW_WIDTH] = w[OV_RESULTW_TYPE] < 7 ? widths[w[OV_RESULTW_TYPE]] : next(in);
        w[OV_RESULTW_LATIN1] = next(in) & 1;
        w[OV_RESULTW_DIGITS] = next(in) % 42;
        w[next(in) & 1 ? OV_RESULTW_UP : OV_RESULTW_DOWN] = next(in) % 42;
    }
    uint32_t order[ORDER];
    for (uint32_t k = 0; k < ORDER; k++) order[k] = next(in) % (count + 1);
    uint8_t *out = guarded(SLAB, false);
    memset(out, 0, SLAB);
    const ov_status status = ov_group_results(program, some * OV_RESULT_WORDS, rows, row, count, order, 0,
                                              next(in) % (ORDER + 1), out, SLAB, &failed);
    hold(status == OV_BAD_ARGUMENT || (status == OV_OK && failed < (int32_t)some), "results");
    guarded_free(out, SLAB, false);
}

static void make_groups(input *in, const uint8_t *slab) {
    enum { MOST = 4, BITS = 4 };
    int32_t program[OV_GROUP_HEADER + MOST * OV_AGGREGATE_WORDS] = {0};
    const int32_t some = next(in) % (MOST + 1), row = (next(in) % 20) * 8;
    program[OV_GROUPW_KEY_WIDTH] = next(in) % 20;
    program[OV_GROUPW_ROW_WIDTH] = row;
    program[OV_GROUPW_AGGREGATES] = some;
    program[OV_GROUPW_EXTREMES] = next(in) % 24;
    for (int32_t a = 0; a < some; a++) {
        int32_t *w = program + OV_GROUP_HEADER + a * OV_AGGREGATE_WORDS;
        w[OV_AGGREGATEW_KIND] = next(in) % 7;
        w[OV_AGGREGATEW_TYPE] = next(in) % 8;
        w[OV_AGGREGATEW_VALUES] = place(in);
        w[OV_AGGREGATEW_VALIDITY] = place(in);
        w[OV_AGGREGATEW_STATE] = (next(in) % 20) * 8;
        w[OV_AGGREGATEW_AT] = next(in) % 24;
        w[OV_AGGREGATEW_WIDTH] = next(in) % 24;
    }
    const size_t words = OV_GROUP_HEADER + (size_t)some * OV_AGGREGATE_WORDS, table_length = (size_t)4 << BITS;
    const size_t key_length = (size_t)program[OV_GROUPW_KEY_WIDTH] * ROWS;
    const size_t extremes_length = (size_t)program[OV_GROUPW_EXTREMES] * ROWS;
    const uint32_t capacity = next(in) % 13;
    uint32_t *table = (uint32_t *)(void *)guarded(table_length, false);
    uint8_t *rows = guarded((size_t)row * capacity, false);
    uint8_t *keys = guarded(key_length, false), *extremes = guarded(extremes_length, false);
    memset(table, 0, table_length);
    memset(rows, 0, (size_t)row * capacity);
    for (size_t i = 0; i < key_length; i++) keys[i] = next(in);
    for (size_t i = 0; i < extremes_length; i++) extremes[i] = next(in) % 3;
    const size_t key_width = (size_t)program[OV_GROUPW_KEY_WIDTH];
    uint8_t *varying = guarded(2 * key_width, false);
    memset(varying, 0, 2 * key_width);
    ov_groups g = {program, words, table, BITS, rows, capacity, 0, varying};
    uint32_t taken = 0;
    for (int round = 0; round < 3; round++) {
        if (ov_group_add(&g, slab, SLAB, keys, extremes, 0, ROWS, &taken) != OV_OK) break;
        hold(taken <= ROWS && g.used <= 10 && g.used <= capacity, "never too full");
        memset(table, 0, table_length);
        hold(ov_group_index(&g) == OV_OK, "the rows are found again");
    }
    make_results(in, rows, (size_t)row, g.used);
    guarded_free(varying, 2 * key_width, false);
    guarded_free((uint8_t *)table, table_length, false);
    guarded_free(rows, (size_t)row * capacity, false);
    guarded_free(keys, key_length, false);
    guarded_free(extremes, extremes_length, false);
}

static void merge_runs(input *in) {
    enum { MOST = 6 };
    const uint32_t count = next(in) % (MOST + 1);
    const size_t key_width = next(in) % 6, length = next(in) % 9, capacity = next(in) % 200;
    uint32_t from[MOST], to[MOST], scratch[2 * 8], records;
    uint8_t final[MOST];
    const size_t data_length = in->length > 300 ? 300 : in->length;
    for (uint32_t r = 0; r < count; r++) {
        from[r] = next(in) % (data_length + 1);
        to[r] = from[r] + next(in) % (data_length + 1 - from[r] + 1);
        final[r] = next(in) & 1;
    }
    uint8_t *data = guarded(data_length, false), *out = guarded(capacity, false);
    for (size_t i = 0; i < data_length; i++) data[i] = next(in);
    const ov_runs runs = {data, data_length, from, to, final, count, key_width, length, next(in) & 1};
    int64_t stopped;
    size_t written;
    ov_error error;
    if (ov_merge(&runs, out, capacity, scratch, &stopped, &records, &written, &error) == OV_OK) {
        hold(written <= capacity, "no more than there is room for");
        hold(stopped >= OV_MERGE_DONE && stopped < (int64_t)count, "it stopped at a run");
        for (uint32_t r = 0; r < count; r++) hold(from[r] <= to[r], "no run beyond its end");
    }
    guarded_free(data, data_length, false);
    guarded_free(out, capacity, false);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    input in = {data, size};
    const uint8_t what = next(&in);
    ov_set_level((ov_level)(what / 64 % 3));
    if (what % 3 == 2) {
        merge_runs(&in);
        return 0;
    }
    uint8_t *slab = guarded(SLAB, false);
    memset(slab, 0, SLAB);
    const size_t filled = in.length / 2 < SLAB ? in.length / 2 : SLAB;
    for (size_t i = 0; i < filled; i++) slab[i] = next(&in);
    if (what % 3 == 0)
        make_keys(&in, slab);
    else
        make_groups(&in, slab);
    guarded_free(slab, SLAB, false);
    return 0;
}

#ifdef OV_FUZZ_MAIN
#include "replay.h"
#endif
