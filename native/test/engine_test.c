/* The engine by plans put together by hand: frames, selections, short records, full slabs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "plans.h"

static plan_builder b;
static decoding d;

enum { TRIM = OV_FLAG_TRIM_RIGHT | OV_FLAG_ABSENT };

#define BEGIN(...)                                                                                                     \
    const int32_t capacities[] = {__VA_ARGS__};                                                                        \
    if (!CHECK(decoding_begin(&d, &b, capacities))) return

/* Records as EBCDIC: letters, digits and blanks of the string, `#` as x'00', `?` as no digit. */
static uint8_t ebcdic(char c) {
    if (c >= '0' && c <= '9') return (uint8_t)(0xf0 + c - '0');
    if (c >= 'A' && c <= 'I') return (uint8_t)(0xc1 + c - 'A');
    if (c >= 'J' && c <= 'R') return (uint8_t)(0xd1 + c - 'J');
    if (c >= 'S' && c <= 'Z') return (uint8_t)(0xe2 + c - 'S');
    return c == '#' ? 0 : c == '~' ? 0xff : c == '-' ? 0x60 : c == 'e' ? 0x51 : c == '?' ? 0x6f : 0x40;
}

/* Decodes records that are given as strings. */
static ov_status decode_strings(const char *const *records, uint32_t count) {
    uint32_t *starts = malloc((count + 1) * sizeof *starts), *ends = malloc((count + 1) * sizeof *ends);
    size_t length = 0;
    for (uint32_t i = 0; i < count; i++) length += strlen(records[i]);
    uint8_t *data = guarded(length, false), *to = data;
    for (uint32_t i = 0; i < count; i++) {
        starts[i] = (uint32_t)(to - data);
        for (const char *p = records[i]; *p; p++) *to++ = ebcdic(*p);
        ends[i] = (uint32_t)(to - data);
    }
    const ov_status status = decode_records(&d, data, length, starts, ends, count);
    guarded_free(data, length, false);
    free(starts);
    free(ends);
    return status;
}

static void test_flat(void) {
    plan_begin(&b);
    const int32_t page = plan_code_page(&b);
    plan_text(&b, 0, 0, 4, TRIM, page);
    plan_zoned(&b, false, 0, 4, 3, OV_FLAG_SIGNED | OV_FLAG_ABSENT);
    plan_extent(&b, 0, 7);
    BEGIN(1000);
    enum { COUNT = 1000 };
    uint8_t *data = guarded(COUNT * 7, false);
    for (int i = 0; i < COUNT; i++) {
        char text[16];
        snprintf(text, sizeof text, "A%-3d%03d", i % 10, i % 1000);
        for (int k = 0; k < 7; k++) data[i * 7 + k] = ebcdic(text[k]);
    }
    memset(data + 7 * 300, 0x40, 7);
    data[7 * 301 + 5] = 0xc5; /* a zone inside */
    data[7 * 301 + 1] = 0x41; /* no character */
    data[7 * 302 + 6] = 0xd5; /* -5 */
    memset(data + 7 * 303, 0xff, 7);
    CHECK_EQUAL(decode_strided(&d, data, COUNT * 7, 7, COUNT), OV_OK);
    CHECK_EQUAL(head_of(&d, OV_HEAD_STATUS), 0);
    CHECK_EQUAL(head_of(&d, OV_HEAD_RECORDS), COUNT);
    CHECK_EQUAL(slots_of(&d, 0), COUNT);
    CHECK_EQUAL(head_of(&d, OV_HEAD_SHORT), 0);
    CHECK_EQUAL(head_of(&d, OV_HEAD_LONG), 0);
    CHECK_EQUAL(absent_of(&d, 0), 1);
    CHECK_EQUAL(absent_of(&d, 1), 2);
    CHECK_EQUAL(bad_of(&d, 0), 1);
    CHECK_EQUAL(bad_of(&d, 1), 1);
    for (int i = 0; i < COUNT; i++) {
        if (i >= 300 && i < 304) continue;
        char text[16];
        snprintf(text, sizeof text, "A%d", i % 10);
        CHECK(has_value(&d, 0, (size_t)i) && text_is(&d, 0, (size_t)i, text));
        CHECK_EQUAL(integer_at(&d, 1, (size_t)i), i % 1000);
    }
    CHECK(has_value(&d, 0, 300) && text_is(&d, 0, 300, "") && !has_value(&d, 1, 300) && !is_bad(&d, 1, 300));
    CHECK(is_bad(&d, 0, 301) && !has_value(&d, 0, 301) && is_bad(&d, 1, 301) && integer_at(&d, 1, 301) == 0);
    CHECK_EQUAL(integer_at(&d, 1, 302), -305);
    CHECK(!has_value(&d, 0, 303) && !is_bad(&d, 0, 303) && !has_value(&d, 1, 303));
    guarded_free(data, COUNT * 7, false);
    decoding_end(&d);
}

static void test_short_records(void) {
    plan_begin(&b);
    const int32_t page = plan_code_page(&b);
    plan_text(&b, 0, 0, 4, TRIM, page);
    plan_zoned(&b, false, 0, 4, 3, 0);
    plan_field(&b, false, (step){.op = OV_OP_NATIONAL, .offset = 1, .length = 6, .flags = TRIM, .type = OV_TYPE_UTF8});
    plan_extent(&b, 0, 7);
    BEGIN(10);
    const char *const records[] = {"ABCD123", "AB", "ABCD12", "ABCD", "", "ABCD123XX", "#A#BA"};
    CHECK_EQUAL(decode_strings(records, 7), OV_OK);
    CHECK_EQUAL(head_of(&d, OV_HEAD_SHORT), 5);
    CHECK_EQUAL(head_of(&d, OV_HEAD_LONG), 1);
    CHECK(text_is(&d, 0, 0, "ABCD") && text_is(&d, 0, 1, "AB") && text_is(&d, 0, 3, "ABCD"));
    CHECK(!has_value(&d, 0, 4) && !is_bad(&d, 0, 4) && text_is(&d, 0, 4, "") && text_is(&d, 0, 5, "ABCD"));
    CHECK_EQUAL(absent_of(&d, 0), 1);
    CHECK_EQUAL(bad_of(&d, 0), 1); /* x'00' inside is no character */
    CHECK_EQUAL(integer_at(&d, 1, 0), 123);
    CHECK_EQUAL(integer_at(&d, 1, 5), 123);
    CHECK(!has_value(&d, 1, 1) && !is_bad(&d, 1, 1)); /* wholly behind */
    CHECK(!has_value(&d, 1, 2) && is_bad(&d, 1, 2));  /* cut */
    CHECK(!has_value(&d, 1, 3) && !is_bad(&d, 1, 3));
    CHECK_EQUAL(absent_of(&d, 1), 3);
    CHECK_EQUAL(bad_of(&d, 1), 2);
    CHECK(has_value(&d, 2, 1) && text_is(&d, 2, 1, "")); /* half a character */
    CHECK(has_value(&d, 2, 6) && text_is(&d, 2, 6, "\xec\x84\x80\xec\x8b\x81"));
    CHECK(!has_value(&d, 2, 4));
    decoding_end(&d);
}

/* N(1 digit), N items of 2, then a digit. */
static void test_odo(void) {
    plan_begin(&b);
    const int32_t counter = plan_zoned(&b, true, 0, 0, 1, OV_FLAG_ABSENT);
    const int32_t table = plan_table(&b, 0, 1, 2, 3, counter, 0, true);
    const int32_t after = plan_after(&b, table);
    plan_zoned(&b, false, table, 0, 2, OV_FLAG_ABSENT);
    plan_zoned(&b, false, after, 0, 1, 0);
    plan_extent(&b, after, 1);
    BEGIN(600, 2000);
    const char *const records[] = {"0?",
                                   "1115",
                                   "21122"
                                   "6",
                                   "3112233"
                                   "7",
                                   "4112233"
                                   "8",
                                   " 9",
                                   "?9",
                                   "",
                                   "211",
                                   "2",
                                   "2111"};
    enum { COUNT = 11 };
    CHECK_EQUAL(decode_strings(records, COUNT), OV_OK);
    static const int32_t list[COUNT + 1] = {0, 0, 1, 3, 6, 9, 9, 9, 9, 11, 13, 15};
    for (size_t i = 0; i <= COUNT; i++) CHECK_EQUAL(list_at(&d, table, i), list[i]);
    CHECK_EQUAL(slots_of(&d, 1), 15);
    CHECK_EQUAL(faults_of(&d, table), 3);
    const void *faults = frame_part(&d, table, OV_FRAME_FAULTS);
    for (size_t i = 0; i < COUNT; i++) CHECK_EQUAL(bit_of(faults, i), i >= 4 && i <= 6);
    static const int values[15] = {11, 11, 22, 11, 22, 33, 11, 22, 33, 11, -1, -1, -1, 11, -2};
    for (size_t i = 0; i < 15; i++) {
        CHECK_EQUAL(has_value(&d, 0, i), values[i] >= 0);
        CHECK_EQUAL(is_bad(&d, 0, i), values[i] == -2);
        if (values[i] >= 0) CHECK_EQUAL(integer_at(&d, 0, i), values[i]);
    }
    static const int behind[COUNT] = {-2, 5, 6, 7, 8, 9, 9, -1, -1, -1, -1};
    for (size_t i = 0; i < COUNT; i++) {
        CHECK_EQUAL(has_value(&d, 1, i), behind[i] >= 0);
        CHECK_EQUAL(is_bad(&d, 1, i), behind[i] == -2);
        if (behind[i] >= 0) CHECK_EQUAL(integer_at(&d, 1, i), behind[i]);
    }
    CHECK_EQUAL(head_of(&d, OV_HEAD_SHORT), 4);
    CHECK_EQUAL(position_at(&d, after, 1), 2 + 3);

    /* Many blocks, all records as long as they must be. */
    const char *many[600];
    for (size_t i = 0; i < 600; i++) many[i] = records[i % 3 + 1];
    CHECK_EQUAL(decode_strings(many, 600), OV_OK);
    CHECK_EQUAL(slots_of(&d, 1), 1200);
    for (size_t i = 0; i < 600; i++) {
        CHECK_EQUAL(integer_at(&d, 1, i), (int)(i % 3) + 5);
        CHECK_EQUAL(list_at(&d, table, i + 1) - list_at(&d, table, i), (int)(i % 3) + 1);
    }
    static const int pattern[6] = {11, 11, 22, 11, 22, 33};
    for (size_t i = 0; i < 1200; i++) CHECK_EQUAL(integer_at(&d, 0, i), pattern[i % 6]);
    decoding_end(&d);
}

static void test_full(void) {
    plan_begin(&b);
    const int32_t counter = plan_zoned(&b, true, 0, 0, 1, 0);
    const int32_t table = plan_table(&b, 0, 1, 1, 9, counter, 0, true);
    plan_zoned(&b, false, table, 0, 1, 0);
    plan_zoned(&b, false, 0, 0, 1, 0);
    BEGIN(1000, 700);
    const char *records[600];
    for (size_t i = 0; i < 600; i++) records[i] = i < 256 ? "212" : i % 2 ? "41234" : "?";
    CHECK_EQUAL(decode_strings(records, 600), OV_OK);
    CHECK_EQUAL(head_of(&d, OV_HEAD_STATUS), OV_FULL);
    CHECK_EQUAL(head_of(&d, OV_HEAD_RECORDS), 256);
    CHECK_EQUAL(head_of(&d, OV_HEAD_FULL_FRAME), table);
    CHECK_EQUAL(head_of(&d, OV_HEAD_FULL_SLOTS), 512 + 4 * 128);
    CHECK_EQUAL(slots_of(&d, 0), 256);
    CHECK_EQUAL(slots_of(&d, 1), 512);
    CHECK_EQUAL(faults_of(&d, table), 0); /* those of the block that was not taken are not there */
    for (size_t i = 0; i < 512; i++) CHECK_EQUAL(integer_at(&d, 0, i), (int)(i % 2) + 1);
    CHECK_EQUAL(list_at(&d, table, 256), 512);
    decoding_end(&d);

    const int32_t few[] = {300, 9000};
    CHECK(decoding_begin(&d, &b, few));
    CHECK_EQUAL(decode_strings(records, 600), OV_OK);
    CHECK_EQUAL(head_of(&d, OV_HEAD_STATUS), OV_FULL);
    CHECK_EQUAL(head_of(&d, OV_HEAD_RECORDS), 256);
    CHECK_EQUAL(head_of(&d, OV_HEAD_FULL_FRAME), 0);
    CHECK_EQUAL(head_of(&d, OV_HEAD_FULL_SLOTS), 512);
    decoding_end(&d);
}

/* Outer N, N elements of: inner M, M items of 1, a letter; then a digit. The outer table is measured. */
static void nested_plan(bool real, int32_t *outer, int32_t *inner, int32_t *rest, int32_t *end) {
    plan_begin(&b);
    const int32_t page = plan_code_page(&b);
    const int32_t n = plan_zoned(&b, true, 0, 0, 1, 0);
    *outer = plan_table(&b, 0, 1, 0, 3, n, 0, real);
    const int32_t m = plan_zoned(&b, true, *outer, 0, 1, 0);
    *inner = plan_table(&b, *outer, 1, 1, 4, m, 0, real);
    *rest = plan_after(&b, *inner);
    plan_measured(&b, *outer, *rest, 1);
    *end = plan_after(&b, *outer);
    if (real) {
        plan_zoned(&b, false, *inner, 0, 1, 0);
        plan_text(&b, *rest, 0, 1, TRIM, page);
    }
    plan_zoned(&b, false, *end, 0, 1, OV_FLAG_ABSENT);
    plan_extent(&b, *end, 1);
}

static const char *const nested[] = {"0"
                                     "5",
                                     "1"
                                     "0A"
                                     "6",
                                     "2"
                                     "212B"
                                     "0C"
                                     "7",
                                     "3"
                                     "41234D"
                                     "11E"
                                     "0F"
                                     "8",
                                     "9"
                                     "0A"
                                     "0B"
                                     "0C"
                                     "9",
                                     "2"
                                     "?"
                                     "A"
                                     "11B"
                                     "1",
                                     "2"
                                     "212B"};

static void test_nested_odo(void) {
    int32_t outer, inner, rest, end;
    nested_plan(true, &outer, &inner, &rest, &end);
    BEGIN(20, 40, 80);
    CHECK_EQUAL(decode_strings(nested, 7), OV_OK);
    static const int32_t outers[8] = {0, 0, 1, 3, 6, 9, 11, 13};
    for (size_t i = 0; i < 8; i++) CHECK_EQUAL(list_at(&d, outer, i), outers[i]);
    static const int32_t inners[14] = {0, 0, 2, 2, 6, 7, 7, 7, 7, 7, 7, 8, 10, 10};
    for (size_t i = 0; i < 14; i++) CHECK_EQUAL(list_at(&d, inner, i), inners[i]);
    static const int items[10] = {1, 2, 1, 2, 3, 4, 1, 1, 1, 2};
    for (size_t i = 0; i < 10; i++) CHECK_EQUAL(integer_at(&d, 0, i), items[i]);
    const char letters[] = "ABCDEFABCABB";
    for (size_t i = 0; i < 12; i++) CHECK(text_is(&d, 1, i, (char[]){letters[i], 0}));
    CHECK(!has_value(&d, 1, 12) && !is_bad(&d, 1, 12));
    static const int behind[7] = {5, 6, 7, 8, 9, 1, -1};
    for (size_t i = 0; i < 7; i++) {
        CHECK_EQUAL(has_value(&d, 2, i), behind[i] >= 0);
        if (behind[i] >= 0) CHECK_EQUAL(integer_at(&d, 2, i), behind[i]);
    }
    CHECK_EQUAL(faults_of(&d, outer), 1);
    CHECK_EQUAL(faults_of(&d, inner), 1);
    CHECK(bit_of(frame_part(&d, outer, OV_FRAME_FAULTS), 4) && bit_of(frame_part(&d, inner, OV_FRAME_FAULTS), 9));
    CHECK_EQUAL(head_of(&d, OV_HEAD_SHORT), 1);
    CHECK_EQUAL(head_of(&d, OV_HEAD_LONG), 0);
    decoding_end(&d);
}

static void test_virtual(void) {
    int32_t outer, inner, rest, end;
    nested_plan(false, &outer, &inner, &rest, &end);
    BEGIN(20);
    CHECK_EQUAL(decode_strings(nested, 7), OV_OK);
    static const int behind[7] = {5, 6, 7, 8, 9, 1, -1};
    for (size_t i = 0; i < 7; i++) {
        CHECK_EQUAL(has_value(&d, 0, i), behind[i] >= 0);
        if (behind[i] >= 0) CHECK_EQUAL(integer_at(&d, 0, i), behind[i]);
    }
    CHECK_EQUAL(faults_of(&d, outer), 1);
    CHECK(bit_of(frame_part(&d, outer, OV_FRAME_FAULTS), 4));
    CHECK_EQUAL(head_of(&d, OV_HEAD_SHORT), 1);
    decoding_end(&d);
}

/* A kind, then by kind: a number of 3, or a fixed table of 3 digits and behind it a counted one. */
static void test_select(void) {
    plan_begin(&b);
    const int32_t page = plan_code_page(&b);
    int32_t first = plan_compare_text(&b, 0, 0, 2, OV_CMP_EQ, "\xc1\x40\x40", 3, OV_FLAG_ABSENT);
    const int32_t a = plan_select(&b, 0, first);
    first = plan_compare_text(&b, 0, 0, 2, OV_CMP_EQ, "\xc2", 1, OV_FLAG_ABSENT);
    const int32_t kind_b = plan_select(&b, 0, first);
    const int32_t fixed = plan_table(&b, kind_b, 2, 1, 3, -1, 0, true);
    first = plan_compare_number(&b, plan_zoned(&b, true, fixed, 0, 1, 0), OV_CMP_GT, 1);
    const int32_t large = plan_select(&b, fixed, first);
    const int32_t counter = plan_zoned(&b, true, 0, 4, 1, 0);
    const int32_t counted = plan_table(&b, kind_b, 5, 1, 9, counter, 0, true);
    const int32_t behind = plan_after(&b, counted);
    plan_zoned(&b, false, a, 2, 3, 0);
    plan_zoned(&b, false, fixed, 0, 1, 0);
    plan_zoned(&b, false, large, 0, 1, 0);
    plan_zoned(&b, false, counted, 0, 1, 0);
    plan_text(&b, behind, 0, 1, TRIM, page);
    plan_text(&b, a, 2, 3, TRIM | OV_FLAG_QUIET, page);
    BEGIN(1200, 3600, 3600);
    const char *const kinds[] = {"A 123",
                                 "B 1232"
                                 "45Z",
                                 "C 999",
                                 "##999",
                                 "A#4e5",
                                 "B 0009"};
    const char *records[1200];
    for (size_t i = 0; i < 1200; i++) records[i] = kinds[i % 6];
    CHECK_EQUAL(decode_strings(records, 1200), OV_OK);
    CHECK_EQUAL(slots_of(&d, 1), 3600);
    const int32_t items = slots_of(&d, 2); /* the counter is the fixed table's last digit: 3 and 0 */
    CHECK_EQUAL(items, 200 * 3);
    for (size_t i = 0; i < 1200; i++) {
        const size_t kind = i % 6;
        CHECK_EQUAL(bit_of(frame_part(&d, a, OV_FRAME_VALIDITY), i), kind == 0 || kind == 4);
        CHECK_EQUAL(bit_of(frame_part(&d, kind_b, OV_FRAME_VALIDITY), i), kind == 1 || kind == 5);
        CHECK_EQUAL(has_value(&d, 0, i), kind == 0);
        CHECK_EQUAL(is_bad(&d, 0, i), kind == 4);
        CHECK_EQUAL(integer_at(&d, 0, i), kind == 0 ? 123 : 0);
        CHECK_EQUAL(list_at(&d, counted, i + 1) - list_at(&d, counted, i), kind == 1 ? 3 : 0);
        CHECK_EQUAL(has_value(&d, 4, i), kind == 1 || kind == 5);
        CHECK(text_is(&d, 4, i, kind == 1 ? "Z" : kind == 5 ? "9" : ""));
        CHECK_EQUAL(is_bad(&d, 5, i), 0);
        CHECK_EQUAL(has_value(&d, 5, i), kind == 0 || kind == 4);
        CHECK(text_is(&d, 5, i,
                      kind == 0   ? "123"
                      : kind == 4 ? "4\xc3\xa9"
                                    "5"
                                  : ""));
        for (size_t k = 0; k < 3; k++) {
            const size_t slot = 3 * i + k;
            CHECK_EQUAL(has_value(&d, 1, slot), kind == 1 || kind == 5);
            CHECK_EQUAL(integer_at(&d, 1, slot), kind == 1 ? (int)k + 1 : 0);
            CHECK_EQUAL(has_value(&d, 2, slot), kind == 1 && k > 0);
            CHECK_EQUAL(bit_of(frame_part(&d, large, OV_FRAME_VALIDITY), slot), kind == 1 && k > 0);
        }
    }
    CHECK_EQUAL(bad_of(&d, 0), 200);
    CHECK_EQUAL(absent_of(&d, 0), 0);
    CHECK_EQUAL(absent_of(&d, 1), 0);
    CHECK_EQUAL(absent_of(&d, 4), 0);
    static const int pattern[3] = {2, 4, 5};
    for (size_t i = 0; i < (size_t)items; i++) CHECK_EQUAL(integer_at(&d, 3, i), pattern[i % 3]);
    decoding_end(&d);
}

/* Whether a predicate, put on the stack by `build`, selects a record. */
static bool selects(const char *record, int32_t (*build)(void)) {
    plan_begin(&b);
    const int32_t first = build();
    plan_select(&b, 0, first);
    const int32_t capacities[] = {1};
    if (!CHECK(decoding_begin(&d, &b, capacities))) return false;
    CHECK_EQUAL(decode_strings(&record, 1), OV_OK);
    const bool answer = bit_of(frame_part(&d, 1, OV_FRAME_VALIDITY), 0);
    decoding_end(&d);
    return answer;
}

static int32_t the_cmp;
static int64_t the_number;
static const char *the_text;
static int32_t compare_number(void) {
    const int32_t operand = plan_zoned(&b, true, 0, 0, 3, OV_FLAG_SIGNED | OV_FLAG_ABSENT);
    return plan_compare_number(&b, operand, the_cmp, the_number);
}
static int32_t compare_wide(void) {
    const int32_t operand = plan_field(&b, true,
                                       (step){.op = OV_OP_ZONED,
                                              .length = 3,
                                              .digits = 3,
                                              .up = 20,
                                              .flags = OV_FLAG_ABSENT,
                                              .type = OV_TYPE_DECIMAL128});
    return plan_compare_number(&b, operand, the_cmp, the_number);
}
static int32_t compare_text(void) {
    uint8_t literal[8];
    for (size_t i = 0; i < strlen(the_text); i++) literal[i] = ebcdic(the_text[i]);
    return plan_compare_text(&b, 0, 0, 3, the_cmp, (const char *)literal, strlen(the_text), OV_FLAG_ABSENT);
}
static int32_t compare_float(void) {
    const int32_t operand = plan_field(
        &b, true,
        (step){.op = OV_OP_FLOAT, .length = 4, .flags = OV_FLAG_IEEE | OV_FLAG_SIGNED, .type = OV_TYPE_FLOAT32});
    return plan_compare_float(&b, operand, the_cmp, the_number < 0 ? NAN : 0.0);
}
static int32_t not_unknown(void) {
    const int32_t first = compare_number();
    plan_logic(&b, OV_OP_NOT);
    return first;
}
static int32_t not_is_true(void) {
    const int32_t first = compare_number();
    plan_logic(&b, OV_OP_IS_TRUE);
    plan_logic(&b, OV_OP_NOT);
    return first;
}
static int32_t between(void) {
    const int32_t operand = plan_zoned(&b, true, 0, 0, 3, 0);
    const int32_t first = plan_compare_number(&b, operand, OV_CMP_GE, 10);
    plan_compare_number(&b, operand, OV_CMP_LE, 20);
    plan_logic(&b, OV_OP_AND);
    plan_compare_number(&b, operand, OV_CMP_EQ, 99);
    plan_logic(&b, OV_OP_OR);
    return first;
}

static void test_predicates(void) {
    static const char *const truths[6] = {"010", "101", "100", "110", "001", "011"}; /* by Cmp: less, equal, greater */
    for (the_cmp = OV_CMP_EQ; the_cmp <= OV_CMP_GE; the_cmp++) {
        static const char *const numbers[3] = {"041", "042", "043"};
        static const char *const texts[3] = {"AA", "AB ", "AC"};
        for (size_t i = 0; i < 3; i++) {
            const bool expected = truths[the_cmp][i] == '1';
            the_number = 42;
            CHECK_EQUAL(selects(numbers[i], compare_number), expected);
            the_text = "AB##";
            CHECK_EQUAL(selects(texts[i], compare_text), expected);
            the_text = "AB";
            CHECK_EQUAL(selects(texts[i], compare_text), expected);
        }
        the_text = "A";
        CHECK_EQUAL(selects("A", compare_text), truths[the_cmp][1] == '1'); /* cut: what is there */
        CHECK_EQUAL(selects("AB", compare_text), truths[the_cmp][2] == '1');
        CHECK_EQUAL(selects("A#B", compare_text), truths[the_cmp][0] == '1'); /* a pad is more than x'00' */
        the_text = "A#B";
        CHECK_EQUAL(selects("A", compare_text), truths[the_cmp][2] == '1');
        the_text = "A";
        CHECK(!selects("", compare_text) && !selects("##", compare_text) && !selects("~~~", compare_text));
        CHECK_EQUAL(selects("   ", compare_text), truths[the_cmp][0] == '1');
        the_number = INT64_MIN;
        CHECK_EQUAL(selects("001", compare_number), truths[the_cmp][2] == '1');
        the_number = INT64_MAX;
        CHECK_EQUAL(selects("001", compare_number), truths[the_cmp][0] == '1');
        CHECK_EQUAL(selects("001", compare_wide), truths[the_cmp][2] == '1');
        CHECK_EQUAL(selects("000", compare_wide), truths[the_cmp][0] == '1');
        CHECK(!selects("   ", compare_number) && !selects("0?0", compare_number) && !selects("01", compare_number));
        CHECK(!selects("   ", not_unknown) && !selects("01", not_unknown) && !selects("", not_unknown));
        CHECK(selects("   ", not_is_true) && selects("01", not_is_true));
        the_number = 0;
        CHECK_EQUAL(selects("#####", compare_float), truths[the_cmp][1] == '1');
        CHECK_EQUAL(selects("~~~~", compare_float), the_cmp == OV_CMP_NE); /* NaN */
        CHECK_EQUAL(selects("-###", compare_float), truths[the_cmp][2] == '1');
        the_number = -1;
        CHECK_EQUAL(selects("####", compare_float), the_cmp == OV_CMP_NE);
    }
    CHECK(selects("010", between) && selects("020", between) && selects("099", between));
    CHECK(!selects("009", between) && !selects("021", between) && !selects("1?9", between));
}

static void test_bad_records(void) {
    plan_begin(&b);
    plan_zoned(&b, false, 0, 0, 1, 0);
    BEGIN(100);
    const uint8_t data[10] = {0xf0, 0xf1, 0xf2};
    CHECK_EQUAL(decode_strided(&d, data, 10, 5, 2), OV_OK);
    CHECK_EQUAL(decode_strided(&d, data, 10, 5, 3), OV_BAD_RECORDS);
    CHECK_EQUAL(decode_strided(&d, data, 10, 0, 3), OV_OK);
    CHECK_EQUAL(absent_of(&d, 0), 3);
    CHECK_EQUAL(decode_strided(&d, NULL, 0, 1, 0), OV_OK);
    const uint32_t starts[] = {0, 9, 5}, ends[] = {1, 10, 4};
    CHECK_EQUAL(decode_records(&d, data, 10, starts, ends, 2), OV_OK);
    CHECK_EQUAL(decode_records(&d, data, 10, starts, ends, 3), OV_BAD_RECORDS);
    CHECK_EQUAL(decode_records(&d, data, 9, starts, ends, 2), OV_BAD_RECORDS);
    CHECK_EQUAL(decode_records(&d, data, 10, starts, NULL, 1), OV_BAD_ARGUMENT);
    const uint32_t far_starts[] = {UINT32_MAX}, far_ends[] = {UINT32_MAX};
    CHECK_EQUAL(decode_records(&d, data, 10, far_starts, far_ends, 1), OV_BAD_RECORDS);
    decoding_end(&d);
}

int main(void) {
    for (int level = OV_LEVEL_PORTABLE; level <= OV_LEVEL_NEON; level++) {
        if (ov_set_level((ov_level)level) != (ov_level)level) continue;
        test_flat();
        test_short_records();
        test_odo();
        test_full();
        test_nested_odo();
        test_virtual();
        test_select();
        test_predicates();
        test_bad_records();
    }
    return checks_failed();
}
