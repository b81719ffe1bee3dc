/* Field kernels by vectors: each at every level, alone, among 256 items and at the very edges of memory; numbers also
 * as operands.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "kernel.h"
#include "plans.h"

enum {
    S = OV_FLAG_SIGNED,
    L = OV_FLAG_LEADING,
    SEP = OV_FLAG_SEPARATE,
    ASC = OV_FLAG_ASCII,
    PY = OV_FLAG_ASCII_PY,
    LEN = OV_FLAG_LENIENT,
    LIT = OV_FLAG_LITTLE,
    NS = OV_FLAG_NO_SIGN,
    A = OV_FLAG_ABSENT,
    I32 = OV_TYPE_INT32,
    I64 = OV_TYPE_INT64,
    D128 = OV_TYPE_DECIMAL128
};

#define BAD "bad"
#define ABSENT "absent"

typedef struct vector {
    int32_t op, digits, up, flags, type;
    const char *hex, *expected; /* a decimal integer, BAD or ABSENT */
} vector;

static const vector vectors[] = {
    /* ZONED, EBCDIC */
    {OV_OP_ZONED, 1, 0, 0, I32, "f0", "0"},
    {OV_OP_ZONED, 3, 0, 0, I32, "f1f2f3", "123"},
    {OV_OP_ZONED, 3, 0, 0, I32, "f1f2c3", "123"},
    {OV_OP_ZONED, 3, 0, 0, I32, "f1f2d3", BAD},
    {OV_OP_ZONED, 3, 0, S, I32, "f1f2d3", "-123"},
    {OV_OP_ZONED, 3, 0, S, I32, "f1f2b3", "-123"},
    {OV_OP_ZONED, 3, 0, S, I32, "f1f2a3", "123"},
    {OV_OP_ZONED, 3, 0, S, I32, "f1f2e3", "123"},
    {OV_OP_ZONED, 3, 0, S, I32, "f1f293", BAD},
    {OV_OP_ZONED, 3, 0, S, I32, "f0f0d0", "0"},
    {OV_OP_ZONED, 3, 0, S, I32, "f1c2f3", BAD},
    {OV_OP_ZONED, 3, 0, S, I32, "f1f2fa", BAD},
    {OV_OP_ZONED, 3, 0, S | L, I32, "d1f2f3", "-123"},
    {OV_OP_ZONED, 3, 0, S | L, I32, "f1f2d3", BAD},
    {OV_OP_ZONED, 3, 0, S | SEP, I32, "f1f2f360", "-123"},
    {OV_OP_ZONED, 3, 0, S | SEP, I32, "f1f2f34e", "123"},
    {OV_OP_ZONED, 3, 0, S | SEP, I32, "f1f2f340", BAD},
    {OV_OP_ZONED, 3, 0, S | SEP | L, I32, "60f1f2f3", "-123"},
    {OV_OP_ZONED, 3, 0, S | SEP | L, I32, "f1f2f360", BAD},
    {OV_OP_ZONED, 3, 0, 0, I32, "404040", BAD},
    {OV_OP_ZONED, 3, 0, A, I32, "404040", ABSENT},
    {OV_OP_ZONED, 3, 0, A, I32, "000000", ABSENT},
    {OV_OP_ZONED, 3, 0, A, I32, "ffffff", ABSENT},
    {OV_OP_ZONED, 3, 0, A, I32, "400040", BAD},
    {OV_OP_ZONED, 3, 0, A, I32, "40f1f2", BAD},
    {OV_OP_ZONED, 3, 0, LEN, I32, "40f1f2", "12"},
    {OV_OP_ZONED, 3, 0, LEN, I32, "00f1f2", "12"},
    {OV_OP_ZONED, 3, 0, LEN, I32, "f1f240", "12"},
    {OV_OP_ZONED, 3, 0, LEN, I32, "f140f2", BAD},
    {OV_OP_ZONED, 3, 0, LEN, I32, "404040", "0"},
    {OV_OP_ZONED, 3, 0, LEN | A, I32, "404040", ABSENT},
    {OV_OP_ZONED, 3, 0, LEN | S, I32, "f1d240", "-12"},
    {OV_OP_ZONED, 3, 0, LEN | S | SEP, I32, "40f1f240", "12"},
    {OV_OP_ZONED, 9, 0, S, I32, "f9f9f9f9f9f9f9f9d9", "-999999999"},
    {OV_OP_ZONED, 10, 0, S, I64, "f1f2f3f4f5f6f7f8f9f0", "1234567890"},
    {OV_OP_ZONED, 18, 0, S, I64, "f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9d9", "-999999999999999999"},
    {OV_OP_ZONED, 19, 0, S, D128, "f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9d9", "-9999999999999999999"},
    {OV_OP_ZONED, 38, 0, S, D128, "f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9d9",
     "-99999999999999999999999999999999999999"},
    {OV_OP_ZONED, 3, 6, S, I32, "f1f2d3", "-123000000"},
    {OV_OP_ZONED, 1, 37, S, D128, "d9", "-90000000000000000000000000000000000000"},
    {OV_OP_ZONED, 3, 0, 0, D128, "f1f2f3", "123"},
    /* ZONED, ASCII */
    {OV_OP_ZONED, 3, 0, ASC, I32, "313233", "123"},
    {OV_OP_ZONED, 3, 0, ASC | S, I32, "31327d", "-120"},
    {OV_OP_ZONED, 3, 0, ASC | S, I32, "31327b", "120"},
    {OV_OP_ZONED, 3, 0, ASC | S, I32, "313241", "121"},
    {OV_OP_ZONED, 3, 0, ASC | S, I32, "313249", "129"},
    {OV_OP_ZONED, 3, 0, ASC | S, I32, "31324a", "-121"},
    {OV_OP_ZONED, 3, 0, ASC | S, I32, "313252", "-129"},
    {OV_OP_ZONED, 3, 0, ASC | S, I32, "313253", BAD},
    {OV_OP_ZONED, 3, 0, ASC, I32, "31324a", BAD},
    {OV_OP_ZONED, 3, 0, ASC | PY | S, I32, "313270", "-120"},
    {OV_OP_ZONED, 3, 0, ASC | PY | S, I32, "313279", "-129"},
    {OV_OP_ZONED, 3, 0, ASC | PY | S, I32, "31327a", BAD},
    {OV_OP_ZONED, 3, 0, ASC | S, I32, "313270", BAD},
    {OV_OP_ZONED, 3, 0, ASC | A, I32, "202020", ABSENT},
    {OV_OP_ZONED, 3, 0, ASC | A, I32, "404040", BAD},
    {OV_OP_ZONED, 3, 0, ASC | S | SEP, I32, "3132332d", "-123"},
    /* PACKED */
    {OV_OP_PACKED, 1, 0, 0, I32, "5c", "5"},
    {OV_OP_PACKED, 3, 0, 0, I32, "123f", "123"},
    {OV_OP_PACKED, 3, 0, 0, I32, "123d", BAD},
    {OV_OP_PACKED, 3, 0, S, I32, "123d", "-123"},
    {OV_OP_PACKED, 3, 0, S, I32, "123b", "-123"},
    {OV_OP_PACKED, 3, 0, S, I32, "123a", "123"},
    {OV_OP_PACKED, 3, 0, S, I32, "123e", "123"},
    {OV_OP_PACKED, 3, 0, S, I32, "1239", BAD},
    {OV_OP_PACKED, 3, 0, S, I32, "1a3c", BAD},
    {OV_OP_PACKED, 2, 0, S, I32, "012c", "12"},
    {OV_OP_PACKED, 2, 0, S, I32, "112c", BAD}, /* the nibble that no digit needs */
    {OV_OP_PACKED, 3, 0, S, I32, "000d", "0"},
    {OV_OP_PACKED, 3, 0, S | A, I32, "4040", ABSENT},
    {OV_OP_PACKED, 3, 0, S | A, I32, "0000", ABSENT},
    {OV_OP_PACKED, 3, 0, S | A, I32, "ffff", ABSENT},
    {OV_OP_PACKED, 3, 0, S, I32, "0000", BAD},
    {OV_OP_PACKED, 9, 0, S, I32, "999999999d", "-999999999"},
    {OV_OP_PACKED, 15, 0, S, I64, "123456789012345c", "123456789012345"},
    {OV_OP_PACKED, 18, 0, S, I64, "0999999999999999999d", "-999999999999999999"},
    {OV_OP_PACKED, 31, 0, S, D128, "9999999999999999999999999999999d", "-9999999999999999999999999999999"},
    {OV_OP_PACKED, 38, 0, S, D128, "099999999999999999999999999999999999999c",
     "99999999999999999999999999999999999999"},
    {OV_OP_PACKED, 3, 2, S, I32, "123d", "-12300"},
    {OV_OP_PACKED, 4, 0, NS, I32, "1234", "1234"},
    {OV_OP_PACKED, 3, 0, NS, I32, "0234", "234"},
    {OV_OP_PACKED, 3, 0, NS, I32, "1234", BAD},
    {OV_OP_PACKED, 4, 0, NS, I32, "123c", BAD},
    {OV_OP_PACKED, 4, 0, NS | A, I32, "0000", ABSENT},
    {OV_OP_PACKED, 4, 0, NS, I32, "0000", "0"},
    /* BINARY */
    {OV_OP_BINARY, 0, 0, 0, I32, "ff", "255"},
    {OV_OP_BINARY, 0, 0, S, I32, "ff", "-1"},
    {OV_OP_BINARY, 0, 0, S, I32, "8000", "-32768"},
    {OV_OP_BINARY, 0, 0, 0, I32, "8000", "32768"},
    {OV_OP_BINARY, 0, 0, S | LIT, I32, "0180", "-32767"},
    {OV_OP_BINARY, 0, 0, S, I32, "800000", "-8388608"},
    {OV_OP_BINARY, 0, 0, S | A, I32, "00000000", "0"},
    {OV_OP_BINARY, 0, 0, S | A, I32, "ffffffff", "-1"},
    {OV_OP_BINARY, 0, 0, 0, I64, "ffffffff", "4294967295"},
    {OV_OP_BINARY, 0, 0, S, I64, "8000000000", "-549755813888"},
    {OV_OP_BINARY, 0, 0, S, I64, "8000000000000000", "-9223372036854775808"},
    {OV_OP_BINARY, 0, 0, 0, D128, "ffffffffffffffff", "18446744073709551615"},
    {OV_OP_BINARY, 0, 0, LIT, D128, "0000000000000080", "9223372036854775808"},
    {OV_OP_BINARY, 0, 18, S, D128, "8000000000000000", "-9223372036854775808000000000000000000"},
    {OV_OP_BINARY, 0, 3, S, I64, "fffe", "-2000"},
};

static int hex_bytes(const char *hex, uint8_t *out) {
    int n = 0;
    for (; hex[0]; hex += 2, n++) {
        unsigned byte;
        sscanf(hex, "%2x", &byte);
        out[n] = (uint8_t)byte;
    }
    return n;
}

static void integer_bytes(const char *text, uint8_t out[16]) {
    const bool negative = *text == '-';
    memset(out, 0, 16);
    for (text += negative; *text; text++) {
        unsigned carry = (unsigned)(*text - '0');
        for (int i = 0; i < 16; i++) {
            carry += out[i] * 10u;
            out[i] = (uint8_t)carry;
            carry >>= 8;
        }
    }
    for (int i = 0, carry = 1; negative && i < 16; i++) {
        carry += (uint8_t)~out[i];
        out[i] = (uint8_t)carry;
        carry >>= 8;
    }
}

static ov_outcome outcome_of(const char *expected) {
    return strcmp(expected, BAD) == 0 ? OV_BAD : strcmp(expected, ABSENT) == 0 ? OV_ABSENT : OV_VALUE;
}

static const int widths[] = {0, 4, 8, 16, 4, 8};

/* The vector's bytes count times, `gap` bytes between, in memory that ends (or begins) right there. */
static void check_vector(size_t index, ov_level level, uint32_t count, uint32_t gap, bool front) {
    const vector *v = &vectors[index];
    uint8_t bytes[64], expected[16] = {0};
    const int length = hex_bytes(v->hex, bytes);
    const size_t room = (size_t)length * count + (size_t)gap * (count - 1), width = (size_t)widths[v->type];
    uint8_t *data = guarded(room, front);
    uint32_t positions[256];
    for (uint32_t i = 0; i < count; i++) {
        positions[i] = i * ((uint32_t)length + gap);
        memcpy(data + positions[i], bytes, (size_t)length);
    }
    const ov_outcome outcome = outcome_of(v->expected);
    if (outcome == OV_VALUE) integer_bytes(v->expected, expected);
    const ov_field field = {v->op, length, v->digits, v->up, v->flags, v->type, NULL};
    for (int strided = 0; strided < 2; strided++) {
        const ov_items items = {data, strided ? NULL : positions, (size_t)length + gap, count, data, data + room};
        uint8_t out[256 * 16 + 64];
        ov_bits valid, bad;
        memset(out, 0xa5, sizeof out);
        memset(&valid, 0xa5, sizeof valid);
        memset(&bad, 0xa5, sizeof bad);
        ov_number_kernel_for(&field, level)(&field, &items, out, &valid, &bad);
        bool good = true;
        for (uint32_t i = 0; i < 256; i++) {
            good &= bit_of(valid.words, i) == (i < count && outcome == OV_VALUE);
            good &= bit_of(bad.words, i) == (i < count && outcome == OV_BAD);
            good &= i >= count || memcmp(out + i * width, expected, width) == 0;
        }
        if (!check_(good, "the vector", __FILE__, __LINE__)) {
            fprintf(stderr, "  vector %zu: %s, level %d, %u items\n", index, v->hex, level, count);
        }
    }
    ov_int128 value;
    const ov_outcome read = ov_read_integer(&field, data, &value);
    CHECK_EQUAL(read, outcome);
    if (read == OV_VALUE) CHECK(memcmp(&value, expected, 16) == 0);
    guarded_free(data, room, front);
}

static void test_numbers(ov_level level) {
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        check_vector(i, level, 1, 0, false);
        check_vector(i, level, 1, 0, true);
        check_vector(i, level, 7, 3, false);
        check_vector(i, level, 256, 0, false);
        check_vector(i, level, 255, 1, true);
    }
}

/* Good and bad items side by side do not touch each other. */
static void test_mixture(ov_level level) {
    const ov_field field = {OV_OP_PACKED, 5, 9, 0, S | A, I32, NULL};
    uint8_t *data = guarded(256 * 5, false);
    for (int i = 0; i < 256; i++) {
        const uint8_t item[5] = {0, 0, (uint8_t)(i / 100), (uint8_t)(i / 10 % 10 << 4 | i % 10),
                                 (uint8_t)(i % 2 ? 0x0d : 0x0c)};
        memcpy(data + i * 5, item, 5);
        if (i % 7 == 3) memset(data + i * 5, 0x40, 5);
        if (i % 11 == 5) data[i * 5 + i % 5] = 0xea;
    }
    const ov_items items = {data, NULL, 5, 256, data, data + 256 * 5};
    int32_t out[256 + 16];
    ov_bits valid, bad;
    ov_number_kernel_for(&field, level)(&field, &items, (uint8_t *)out, &valid, &bad);
    for (int i = 0; i < 256; i++) {
        const bool is_bad_one = i % 11 == 5, is_absent = !is_bad_one && i % 7 == 3;
        CHECK_EQUAL(bit_of(bad.words, (size_t)i), is_bad_one);
        CHECK_EQUAL(bit_of(valid.words, (size_t)i), !is_bad_one && !is_absent);
        CHECK_EQUAL(out[i], is_bad_one || is_absent ? 0 : (i % 2 ? -1 : 1) * 10 * i);
    }
    guarded_free(data, 256 * 5, false);
}

static double float_of(const char *hex, int32_t flags) {
    uint8_t bytes[8];
    const int length = hex_bytes(hex, bytes);
    const int32_t type = length == 4 && flags & OV_FLAG_IEEE ? OV_TYPE_FLOAT32 : OV_TYPE_FLOAT64;
    const ov_field field = {OV_OP_FLOAT, length, 0, 0, flags, type, NULL};
    uint8_t *data = guarded((size_t)length, false);
    memcpy(data, bytes, (size_t)length);
    const ov_items items = {data, NULL, 0, 1, data, data + length};
    uint8_t out[8 + 64];
    ov_bits valid, bad;
    ov_number_kernel_for(&field, OV_LEVEL_PORTABLE)(&field, &items, out, &valid, &bad);
    CHECK(bit_of(valid.words, 0) && !bit_of(bad.words, 0));
    guarded_free(data, (size_t)length, false);
    double value;
    float narrow;
    memcpy(&narrow, out, 4);
    memcpy(&value, out, 8);
    return type == OV_TYPE_FLOAT32 ? narrow : value;
}

static void test_floats(void) {
    CHECK(float_of("41100000", S) == 1.0);
    CHECK(float_of("c1100000", S) == -1.0);
    CHECK(float_of("42640000", S) == 100.0);
    CHECK(float_of("40800000", S) == 0.5);
    CHECK(float_of("7fffffff", S) == ldexp(0xffffff, 252 - 24));
    CHECK(float_of("4110000000000000", S) == 1.0);
    CHECK(float_of("41ffffffffffffff", S) == 16.0); /* rounded to nearest */
    CHECK(float_of("4180000000000001", S) == 8.0);
    CHECK(float_of("0000000000000000", S) == 0.0);
    const double zero = float_of("8000000000000000", S);
    CHECK(zero == 0.0 && !signbit(zero));
    CHECK(float_of("3f800000", S | OV_FLAG_IEEE) == 1.0);
    CHECK(float_of("0000803f", S | OV_FLAG_IEEE | LIT) == 1.0);
    CHECK(float_of("3ff0000000000000", S | OV_FLAG_IEEE) == 1.0);
    CHECK(isnan(float_of("7ff8000000000001", S | OV_FLAG_IEEE)));
    CHECK(isnan(float_of("ffc00001", S | OV_FLAG_IEEE)));
    CHECK(isinf(float_of("7f800000", S | OV_FLAG_IEEE)));
    const double ieee_zero = float_of("8000000000000000", S | OV_FLAG_IEEE);
    CHECK(ieee_zero == 0.0 && !signbit(ieee_zero));
}

static plan_builder b;

/* TEXT and NATIONAL: the text, or BAD or ABSENT. */
static void check_text(int line, ov_level level, int32_t op, int32_t flags, const char *hex, const char *expected) {
    uint8_t bytes[256];
    const int length = hex_bytes(hex, bytes);
    enum { COUNT = 70 };
    const ov_field field = {op, length, flags & OV_FLAG_LATIN1 ? 1 : 2, 0, flags, OV_TYPE_UTF8, b.pool};
    uint8_t *data = guarded((size_t)length * COUNT, line % 2);
    for (int i = 0; i < COUNT; i++) memcpy(data + i * length, bytes, (size_t)length);
    const ov_items items = {data, NULL, (size_t)length, COUNT, data, data + length * COUNT};
    const size_t room = (size_t)length * 3 * COUNT + 64;
    char *out = malloc(room + 5);
    int32_t offsets[COUNT + 1 + 16] = {5};
    ov_bits valid, bad;
    ov_text_kernel_for(&field, level)(&field, &items, offsets, (uint8_t *)out, &valid, &bad);
    const ov_outcome outcome = outcome_of(expected);
    const size_t size = outcome == OV_VALUE ? strlen(expected) : 0;
    bool good = true;
    for (size_t i = 0; i < COUNT; i++) {
        good &= bit_of(valid.words, i) == (outcome == OV_VALUE) && bit_of(bad.words, i) == (outcome == OV_BAD);
        good &= (size_t)offsets[i + 1] == 5 + (i + 1) * size && memcmp(out + offsets[i], expected, size) == 0;
    }
    for (size_t i = COUNT; i < 256; i++) good &= !bit_of(valid.words, i) && !bit_of(bad.words, i);
    if (!check_(good, "the text", __FILE__, line)) fprintf(stderr, "  %s at level %d\n", hex, level);
    guarded_free(data, (size_t)length * COUNT, line % 2);
    free(out);
}

#define TEXT(flags, hex, expected) check_text(__LINE__, level, OV_OP_TEXT, flags, hex, expected)
#define NATIONAL(flags, hex, expected) check_text(__LINE__, level, OV_OP_NATIONAL, flags, hex, expected)

static void test_texts(ov_level level) {
    enum { R = OV_FLAG_TRIM_RIGHT, LEFT = OV_FLAG_TRIM_LEFT, L1 = OV_FLAG_LATIN1 };
    plan_begin(&b);
    CHECK_EQUAL(plan_code_page(&b), 0);
    TEXT(R, "c1c2c3", "ABC");
    TEXT(R, "c14040", "A");
    TEXT(R, "c10040", "A");
    TEXT(0, "c14040", "A  ");
    TEXT(R, "404040", "");
    TEXT(R | A, "404040", "");
    TEXT(R, "000000", "");
    TEXT(R | A, "000000", ABSENT);
    TEXT(R | A, "ffffff", ABSENT);
    TEXT(R, "ffffff", BAD);
    TEXT(R | A, "ffffc1", BAD);
    TEXT(R, "40c140", " A");
    TEXT(R | LEFT, "4000c140", "A");
    TEXT(LEFT, "40c140", "A ");
    TEXT(R | LEFT, "404040", "");
    TEXT(R, "c100c2", BAD); /* x'00' inside is no character of this page */
    TEXT(R, "c141", BAD);
    TEXT(R, "c151c2",
         "A\xc3\xa9"
         "B");
    TEXT(R | L1, "c151c2",
         "A\xe9"
         "B");
    TEXT(R | L1, "c141c2", BAD);
    TEXT(R, "c1c2c3c4c5c6c7c8c9d1d2d3d4d5d6d7d8d9e2e3e4e5e6e7e8e9f0f1f2f3f4f5f6f7f8f94040",
         "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
    TEXT(R | L1,
         "4051f1f2f3f4f5f6f7f8f9f0f1f2f3f4f5f6f7f8f9f0f1f2f3f4f5f6f7f8f9f0f1f2f3f4f5f6f7f8f9f0f1f2f3f4f5f6f7f8f9f0f1f2f"
         "3f4f5f6f7f8f9f0f1f2f3f4f5f6f7f8f9f051",
         " \xe9"
         "1234567890123456789012345678901234567890123456789012345678901234567890"
         "\xe9");
    NATIONAL(R, "004100e920ac", "A\xc3\xa9\xe2\x82\xac");
    NATIONAL(R, "004100200000", "A");
    NATIONAL(LEFT, "002000410020", "A ");
    NATIONAL(R, "d83dde00", "\xf0\x9f\x98\x80");
    NATIONAL(R, "d83d0041", BAD);
    NATIONAL(R, "de00d83d", BAD);
    NATIONAL(R, "0041d83d", BAD);
    NATIONAL(R | A, "00000000", ABSENT);
    NATIONAL(R, "00000000", "");
    NATIONAL(R | A, "ffffffff", ABSENT);
}

/* EDITED: classes and symbols by a picture-like string; its bytes as ASCII, spaces as pads. */
static void check_edited(int line, const char *classes, const char *symbols, char floating, const char *shown,
                         const char *expected) {
    uint8_t pool[3 * 32];
    const int length = (int)strlen(shown);
    int digits = 0;
    for (int i = 0; i < length; i++) {
        pool[3 * i] = (uint8_t)(classes[i] - '0');
        pool[3 * i + 1] = (uint8_t)symbols[i];
        pool[3 * i + 2] = (uint8_t)floating;
        digits += pool[3 * i] <= OV_EDIT_FLOATING;
    }
    const ov_field field = {OV_OP_EDITED, length, digits, 0, ASC | A | S, I64, pool};
    uint8_t *data = guarded((size_t)length, false);
    memcpy(data, shown, (size_t)length);
    const ov_items items = {data, NULL, 0, 1, data, data + length};
    uint8_t out[16 + 64], value[16] = {0};
    ov_bits valid, bad;
    ov_number_kernel_for(&field, OV_LEVEL_AVX512)(&field, &items, out, &valid, &bad);
    const ov_outcome outcome = outcome_of(expected);
    if (outcome == OV_VALUE) integer_bytes(expected, value);
    const bool good = bit_of(valid.words, 0) == (outcome == OV_VALUE) && bit_of(bad.words, 0) == (outcome == OV_BAD) &&
                      memcmp(out, value, 8) == 0;
    if (!check_(good, "the edited number", __FILE__, line)) fprintf(stderr, "  '%s'\n", shown);
    guarded_free(data, (size_t)length, false);
}

static void test_edited(void) {
#define EDITED(classes, symbols, floating, shown, expected)                                                            \
    check_edited(__LINE__, classes, symbols, floating, shown, expected)
    EDITED("1118111", "   ,   ", 0, "       ", ABSENT);
    EDITED("1118000", "   ,   ", 0, "  1,234", "1234");
    EDITED("1118000", "   ,   ", 0, "001,234", "1234");
    EDITED("1118000", "   ,   ", 0, "    234", "234");
    EDITED("1118000", "   ,   ", 0, "1  ,234", BAD);
    EDITED("2222", "    ", 0, "**12", "12");
    EDITED("2222", "    ", 0, "****", "0");
    EDITED("43330", "$$$$ ", '$', "  $12", "12");
    EDITED("43330", "++++ ", '+', "  -12", "-12");
    EDITED("43330", "---- ", '-', "  -12", "-12");
    EDITED("43330", "---- ", '-', "   12", "12");
    EDITED("5000", "+   ", 0, "-123", "-123");
    EDITED("5000", "+   ", 0, "+123", "123");
    EDITED("5000", "-   ", 0, "+123", BAD);
    EDITED("00067", "   CR", 0, "123CR", "-123");
    EDITED("00067", "   CR", 0, "123  ", "123");
    EDITED("00067", "   CR", 0, "123C ", BAD);
    EDITED("000", "   ", 0, "1A3", BAD);
}

int main(void) {
    for (int level = OV_LEVEL_PORTABLE; level <= OV_LEVEL_NEON; level++) {
        if (ov_set_level((ov_level)level) != (ov_level)level) continue;
        test_numbers((ov_level)level);
        test_mixture((ov_level)level);
        test_texts((ov_level)level);
    }
    test_floats();
    test_edited();
    return checks_failed();
}
