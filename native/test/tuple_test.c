/* Tuples: numbers as PostgreSQL's numeric_send writes them, and what is refused.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "check.h"
#include "plans.h"

enum { SLAB = 256, VALIDITY = 64, DATA = 128 };

static uint64_t memory[SLAB / 8];
static uint8_t *const slab = (uint8_t *)memory;
static int32_t written[OV_TUPLE_WRITTEN_WORDS];
static uint8_t out[512];

static int32_t run(const int32_t *column, uint32_t last, size_t room) {
    uint64_t scratch[64];
    CHECK(ov_tuples_scratch(OV_TUPLE_WORDS) <= sizeof scratch);
    return (int32_t)ov_tuples(column, OV_TUPLE_WORDS, slab, SLAB, NULL, 0, 0, last, (uint8_t *)scratch, out, room,
                              written);
}

static void numeric(int64_t high, uint64_t low, int32_t scale, const char *expected, size_t length) {
    const int32_t column[OV_TUPLE_WORDS] = {[OV_TUPLEW_KIND] = OV_TUPLEKIND_VALUE,
                                            [OV_TUPLEW_TYPE] = OV_TYPE_DECIMAL128,
                                            [OV_TUPLEW_TARGET] = OV_TUPLETARGET_NUMERIC,
                                            [OV_TUPLEW_SCALE] = scale,
                                            [OV_TUPLEW_VALIDITY] = VALIDITY,
                                            [OV_TUPLEW_MAP] = -1};
    memcpy(slab, &low, 8);
    memcpy(slab + 8, &high, 8);
    slab[VALIDITY] = 1;
    CHECK_EQUAL(run(column, 1, sizeof out), OV_OK);
    CHECK_EQUAL(written[OV_TUPLEWRITTEN_BYTES], (int32_t)(6 + length));
    CHECK(memcmp(out + 6, expected, length) == 0);
    CHECK_EQUAL(out[5], (int32_t)length);
}

static void test_numerics(void) {
#define NUMERIC(high, low, scale, bytes) numeric(high, low, scale, bytes, sizeof bytes - 1)
    NUMERIC(0, 0, 2, "\0\0\0\0\0\0\0\2");                         /* 0.00 */
    NUMERIC(0, 1, 0, "\0\1\0\0\0\0\0\0\0\1");                     /* 1 */
    NUMERIC(0, 12345, 2, "\0\2\0\0\0\0\0\2\0\173\21\224");        /* 123.45 */
    NUMERIC(-1, (uint64_t)-5, 2, "\0\1\377\377\100\0\0\2\1\364"); /* -0.05 */
    NUMERIC(0, 10000, 0, "\0\1\0\1\0\0\0\0\0\1");                 /* 10000 */
    NUMERIC(0, 5, 8, "\0\1\377\376\0\0\0\10\0\5");                /* 0.00000005 */
    /* 10^38 - 1 */
    NUMERIC(0x4B3B4CA85A86C47A, 0x098A223FFFFFFFFF, 0,
            "\0\12\0\11\0\0\0\0\0\143\47\17\47\17\47\17\47\17\47\17\47\17\47\17\47\17\47\17");
    /* the same with 37 digits behind the point: a group more than the digits need */
    NUMERIC(0x4B3B4CA85A86C47A, 0x098A223FFFFFFFFF, 37,
            "\0\13\0\0\0\0\0\45\0\11\47\17\47\17\47\17\47\17\47\17\47\17\47\17\47\17\47\17\43\50");
}

static void test_text(void) {
    int32_t column[OV_TUPLE_WORDS] = {[OV_TUPLEW_KIND] = OV_TUPLEKIND_VALUE,
                                      [OV_TUPLEW_TYPE] = OV_TYPE_UTF8,
                                      [OV_TUPLEW_TARGET] = OV_TUPLETARGET_TEXT,
                                      [OV_TUPLEW_VALIDITY] = -1,
                                      [OV_TUPLEW_DATA] = DATA,
                                      [OV_TUPLEW_DATA_LENGTH] = 64,
                                      [OV_TUPLEW_MAP] = -1};
    const int32_t offsets[] = {0, 2, 5};
    memcpy(slab, offsets, sizeof offsets);
    memcpy(slab + DATA, "abc\0d", 5);
    CHECK_EQUAL(run(column, 2, sizeof out), OV_OK);
    CHECK_EQUAL(written[OV_TUPLEWRITTEN_STATUS], OV_TUPLESTATUS_REFUSED);
    CHECK_EQUAL(written[OV_TUPLEWRITTEN_ROWS], 1);
    CHECK_EQUAL(written[OV_TUPLEWRITTEN_REASON], OV_TUPLEREFUSAL_NUL);
    column[OV_TUPLEW_FLAGS] = OV_TUPLEFLAG_STRIP;
    CHECK_EQUAL(run(column, 2, sizeof out), OV_OK);
    CHECK_EQUAL(written[OV_TUPLEWRITTEN_BYTES], 16);
    CHECK(memcmp(out, "\0\1\0\0\0\2ab\0\1\0\0\0\2cd", 16) == 0);
    column[OV_TUPLEW_FLAGS] = OV_TUPLEFLAG_REPLACE;
    CHECK_EQUAL(run(column, 2, sizeof out), OV_OK);
    CHECK(memcmp(out + 8, "\0\1\0\0\0\5c\xEF\xBF\xBD\x64", 11) == 0);
    column[OV_TUPLEW_MOST] = 2;
    CHECK_EQUAL(run(column, 2, sizeof out), OV_OK);
    CHECK_EQUAL(written[OV_TUPLEWRITTEN_REASON], OV_TUPLEREFUSAL_LONG);
    for (size_t room = 0; room < 16; room++) {
        CHECK_EQUAL(run(column, 1, room), OV_OK);
        CHECK_EQUAL(written[OV_TUPLEWRITTEN_STATUS], OV_TUPLESTATUS_NO_ROOM);
        CHECK_EQUAL(written[OV_TUPLEWRITTEN_BYTES], 0);
    }
    column[OV_TUPLEW_DATA_LENGTH] = 3;
    CHECK_EQUAL(run(column, 2, sizeof out), OV_BAD_SLAB);
    column[OV_TUPLEW_DATA_LENGTH] = SLAB;
    CHECK_EQUAL(run(column, 2, sizeof out), OV_BAD_ARGUMENT);
}

static void test_refusals(void) {
    int32_t column[OV_TUPLE_WORDS] = {[OV_TUPLEW_KIND] = OV_TUPLEKIND_VALUE,     [OV_TUPLEW_TYPE] = OV_TYPE_INT64,
                                      [OV_TUPLEW_TARGET] = OV_TUPLETARGET_INT2,  [OV_TUPLEW_VALIDITY] = VALIDITY,
                                      [OV_TUPLEW_FLAGS] = OV_TUPLEFLAG_NOT_NULL, [OV_TUPLEW_MAP] = -1};
    const int64_t values[] = {-32768, 32768, 0};
    memcpy(slab, values, sizeof values);
    slab[VALIDITY] = 3;
    CHECK_EQUAL(run(column, 3, sizeof out), OV_OK);
    CHECK_EQUAL(written[OV_TUPLEWRITTEN_ROWS], 1);
    CHECK_EQUAL(written[OV_TUPLEWRITTEN_REASON], OV_TUPLEREFUSAL_RANGE);
    column[OV_TUPLEW_TARGET] = OV_TUPLETARGET_NUMERIC;
    column[OV_TUPLEW_MOST] = 5;
    CHECK_EQUAL(run(column, 3, sizeof out), OV_OK);
    CHECK_EQUAL(written[OV_TUPLEWRITTEN_ROWS], 2);
    CHECK_EQUAL(written[OV_TUPLEWRITTEN_REASON], OV_TUPLEREFUSAL_MISSING);
    column[OV_TUPLEW_MOST] = 4;
    CHECK_EQUAL(run(column, 3, sizeof out), OV_OK);
    CHECK_EQUAL(written[OV_TUPLEWRITTEN_REASON], OV_TUPLEREFUSAL_RANGE);
}

int main(void) {
    test_numerics();
    test_text();
    test_refusals();
    return checks_failed();
}
