/* Text: numbers, doubles and escapes by hand; programs that are refused; random programs at every level. With an
 * argument: that seed only; with two: so many from it on.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "programs.h"
#include "write.h"

static bool is_text(const uint8_t *from, const uint8_t *to, const char *expected) {
    const size_t length = strlen(expected);
    if ((size_t)(to - from) == length && memcmp(from, expected, length) == 0) return true;
    fprintf(stderr, "'%.*s', not '%s'\n", (int)(to - from), (const char *)from, expected);
    return false;
}

#define CHECK_DIGITS(high, low, negative, scale, expected)                                                             \
    CHECK(is_text(out, ov_write_digits(high, low, negative, scale, out), expected))
#define CHECK_DOUBLE(value, expected) CHECK(is_text(out, ov_write_double(value, out), expected))
#define CHECK_TEXT(kind, text, latin1, expected)                                                                       \
    CHECK(is_text(out, ov_write_##kind##_text(padded(text), sizeof(text) - 1, latin1, out), expected))

static uint8_t out[512];

static void digits(void) {
    CHECK_DIGITS(0, 0, false, 0, "0");
    CHECK_DIGITS(0, 0, false, 2, "0.00");
    CHECK_DIGITS(0, 5, true, 2, "-0.05");
    CHECK_DIGITS(0, 12345, false, 2, "123.45");
    CHECK_DIGITS(0, 1234567, false, 0, "1234567");
    CHECK_DIGITS(0, UINT64_MAX, false, 0, "18446744073709551615");
    CHECK_DIGITS(1, 0, true, 0, "-18446744073709551616");
    CHECK_DIGITS((uint64_t)1 << 63, 0, true, 0, "-170141183460469231731687303715884105728");
    CHECK_DIGITS((uint64_t)1 << 63, 0, true, 38, "-1.70141183460469231731687303715884105728");
    CHECK_DIGITS(0, 7, false, 38, "0.00000000000000000000000000000000000007");
}

static void doubles(void) {
    CHECK_DOUBLE(0.0, "0");
    CHECK_DOUBLE(-0.0, "0");
    CHECK_DOUBLE(1.0, "1");
    CHECK_DOUBLE(-1.5, "-1.5");
    CHECK_DOUBLE(0.1, "0.1");
    CHECK_DOUBLE(1e21, "1e+21");
    CHECK_DOUBLE(1e20, "100000000000000000000");
    CHECK_DOUBLE(1.5e-6, "0.0000015");
    CHECK_DOUBLE(1e-7, "1e-7");
    CHECK_DOUBLE(5e-324, "5e-324");
    CHECK_DOUBLE(1.7976931348623157e308, "1.7976931348623157e+308");
    CHECK_DOUBLE(2.2250738585072014e-308, "2.2250738585072014e-308");
    /* a power of two, below which doubles are closer */
    CHECK_DOUBLE(5.684341886080802e-14, "5.684341886080802e-14");
    CHECK_DOUBLE(9007199254740993.0, "9007199254740992");
    CHECK_DOUBLE(INFINITY, "Infinity");
    CHECK_DOUBLE(-INFINITY, "-Infinity");
    CHECK_DOUBLE(NAN, "NaN");
    /* what is written reads back, and one digit less does not */
    uint64_t seed = 7;
    for (int i = 0; i < 20000; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        double value, back;
        memcpy(&value, &seed, sizeof value);
        if (!isfinite(value)) continue;
        uint8_t text[64];
        *ov_write_double(value, text) = 0;
        back = strtod((const char *)text, NULL);
        if (!CHECK(back == value)) fprintf(stderr, "%s\n", (const char *)text);
    }
}

static const uint8_t *padded(const char *text) {
    static uint8_t memory[256];
    memset(memory, '"', sizeof memory);
    memcpy(memory, text, strlen(text));
    return memory;
}

static void texts(void) {
    CHECK_TEXT(json, "", false, "\"");
    CHECK_TEXT(json, "plain", false, "plain\"");
    CHECK_TEXT(json, "a \"quote\" and \\", false, "a \\\"quote\\\" and \\\\\"");
    CHECK_TEXT(json, "\b\t\n\v\f\r\x1f\x7f", false, "\\b\\t\\n\\u000b\\f\\r\\u001f\x7f\"");
    CHECK_TEXT(json, "caf\xe9 and more of it", true, "caf\xc3\xa9 and more of it\"");
    CHECK_TEXT(json, "caf\xc3\xa9", false, "caf\xc3\xa9\"");
    CHECK_TEXT(csv, "", false, "\"\",");
    CHECK_TEXT(csv, "plain text of some length", false, "plain text of some length,");
    CHECK_TEXT(csv, "a,b", false, "\"a,b\",");
    CHECK_TEXT(csv, "say \"it\"", false, "\"say \"\"it\"\"\",");
    CHECK_TEXT(csv, "\xff,\n", true, "\"\xc3\xbf,\n\",");
}

/* A program for one text field and a table of numbers. */
static void small_plan(plan_builder *b, program_builder *p) {
    plan_begin(b);
    const int32_t page = plan_code_page(b);
    const int32_t text = plan_text(b, 0, 0, 4, OV_FLAG_TRIM_RIGHT | OV_FLAG_ABSENT, page);
    const int32_t table = plan_table(b, 0, 4, 2, 2, -1, 0, true);
    const int32_t number = plan_packed(b, false, table, 0, 3, OV_FLAG_SIGNED);
    program_begin(p, OV_FORMAT_JSON);
    program_add(p, OV_WRITE_OPEN, "", "");
    program_add(p, OV_WRITE_TEXT, ",\"t\":", ",\"t\":null")[OV_P_FIELD] = text;
    int32_t *list = program_add(p, OV_WRITE_LIST, ",\"n\":", "");
    list[OV_P_FRAME] = table;
    list[OV_P_SIZE] = 2;
    program_add(p, OV_WRITE_NUMBER, ",", ",null")[OV_P_FIELD] = number;
    program_add(p, OV_WRITE_END_LIST, "", "");
    program_add(p, OV_WRITE_CLOSE, "", "");
    program_end(p);
}

static ov_status check_program(plan_builder *b, program_builder *p, ov_error *error) {
    static ov_plan plan;
    ov_writer writer;
    if (ov_plan_check(b->code, plan_size(b), b->pool, (size_t)b->code[OV_PLANW_POOL], &plan, error) != OV_OK)
        return OV_BAD_PLAN;
    return ov_writer_check(&plan, p->code, program_size(p), p->pool, (size_t)p->code[OV_PROGRAMW_POOL], &writer, error);
}

static void refusals(void) {
    static plan_builder b;
    static program_builder p;
    ov_error error;
    small_plan(&b, &p);
    CHECK_EQUAL(check_program(&b, &p, &error), OV_OK);
    static const struct {
        int32_t at, word, value;
    } wrong[] = {
        {1, OV_P_FIELD, 99},
        {1, OV_P_FIELD, 0},
        {1, OV_P_FIELD, -1},
        {1, OV_P_OP, OV_WRITE_NUMBER},
        {1, OV_P_OP, 77},
        {1, OV_P_PREFIX, 1 << 20},
        {1, OV_P_PREFIX, -1},
        {1, OV_P_PREFIX_LENGTH, 999},
        {1, OV_P_PREFIX_LENGTH, -1},
        {1, OV_P_NOTHING, 999},
        {2, OV_P_FRAME, 0},
        {2, OV_P_FRAME, 7},
        {2, OV_P_SIZE, 3},
        {2, OV_P_SIZE, -1},
        {2, OV_P_MOST, -1},
        {2, OV_P_COLUMNS, -1},
        {3, OV_P_SCALE, 39},
        {3, OV_P_SCALE, -1},
        {3, OV_P_FLAGS, 3},
        {3, OV_P_FLAGS, 64},
        {4, OV_P_OP, OV_WRITE_END},
        {5, OV_P_OP, OV_WRITE_END_LIST},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        small_plan(&b, &p);
        program_words(&p, wrong[i].at)[wrong[i].word] = wrong[i].value;
        CHECK_EQUAL(check_program(&b, &p, &error), OV_BAD_PROGRAM);
        CHECK_EQUAL(error.at, wrong[i].at);
    }
    for (int32_t word = OV_PROGRAMW_MAGIC; word <= OV_PROGRAMW_FORMAT; word++) {
        if (word == OV_PROGRAMW_POOL || word == OV_PROGRAMW_INSTRUCTIONS) continue; /* they are the lengths given */
        small_plan(&b, &p);
        p.code[word] = 7;
        CHECK_EQUAL(check_program(&b, &p, &error), OV_BAD_PROGRAM);
        CHECK_EQUAL(error.at, -1);
    }
}

static void lines(void) {
    static plan_builder b;
    static program_builder p;
    small_plan(&b, &p);
    decoding d;
    const int32_t capacities[2] = {4, 8};
    CHECK(decoding_begin(&d, &b, capacities));
    ov_writer writer;
    ov_error error;
    CHECK_EQUAL(
        ov_writer_check(&d.plan, p.code, program_size(&p), p.pool, (size_t)p.code[OV_PROGRAMW_POOL], &writer, &error),
        OV_OK);
    const size_t size = ov_write_scratch_size(&writer);
    uint8_t *scratch = guarded(size, false);
    memset(scratch, 0, size);
    static const uint8_t data[] = "\xc1\xc2\x40\x40\x12\x3c\x00\x1d"  /* AB, 123, -1 */
                                  "\x00\x00\x00\x00\x00\x0d\x99\x9f"  /* absent, 0, 999 */
                                  "\xc1\x51\x40\x40\x12\x3c\x00\x10"; /* a bad sign */
    const ov_level most = ov_set_level(OV_LEVEL_AVX512);
    for (int level = OV_LEVEL_PORTABLE; level <= (int)most; level++) {
        ov_set_level((ov_level)level);
        int32_t written[OV_WRITTEN_WORDS];
        uint8_t text[2048];
        const ov_records records = {.data = data, .length = 24, .stride = 8, .count = 2};
        CHECK_EQUAL(ov_write(&writer, &d.decoder, &records, d.slab, scratch, text, sizeof text, written, &error),
                    OV_OK);
        CHECK_EQUAL(written[OV_WRITTENW_STATUS], OV_WRITTEN_ALL);
        CHECK_EQUAL(written[OV_WRITTENW_RECORDS], 2);
        CHECK(is_text(text, text + written[OV_WRITTENW_BYTES],
                      "{\"t\":\"AB\",\"n\":[123,-1]}\n{\"t\":null,\"n\":[0,999]}\n"));
        CHECK_EQUAL(ov_write(&writer, &d.decoder, &records, d.slab, scratch, text, 10, written, &error), OV_OK);
        CHECK_EQUAL(written[OV_WRITTENW_STATUS], OV_WRITTEN_NO_ROOM);
        CHECK_EQUAL(written[OV_WRITTENW_RECORDS], 0);
        const ov_records bad = {.data = data, .length = 24, .stride = 8, .count = 3};
        CHECK_EQUAL(ov_write(&writer, &d.decoder, &bad, d.slab, scratch, text, sizeof text, written, &error), OV_OK);
        CHECK_EQUAL(written[OV_WRITTENW_STATUS], OV_WRITTEN_BLOCK);
        const ov_records outside = {.data = data, .length = 24, .stride = 8, .count = 4};
        CHECK_EQUAL(ov_write(&writer, &d.decoder, &outside, d.slab, scratch, text, sizeof text, written, &error),
                    OV_BAD_RECORDS);
    }
    ov_set_level(most);
    guarded_free(scratch, size, false);
    decoding_end(&d);
}

int main(int argc, char **argv) {
    digits();
    doubles();
    texts();
    refusals();
    lines();
    static plan_builder b;
    static program_builder p;
    const unsigned long first = argc > 1 ? strtoul(argv[1], NULL, 10) : 1;
    const unsigned long count = argc > 2 ? strtoul(argv[2], NULL, 10) : argc > 1 ? 1 : 400;
    for (unsigned long seed = first; seed < first + count; seed++) {
        choices c = {NULL, 0, seed * 0x9e3779b97f4a7c15u};
        random_plan(&b, &c);
        random_program(&p, &b, &c);
        ov_error error;
        if (!CHECK_EQUAL(check_program(&b, &p, &error), OV_OK)) fprintf(stderr, "  seed %lu: %d\n", seed, error.at);
        const char *wrong = program_round(&p, &b, &c);
        if (!check_(wrong == NULL, wrong ? wrong : "", __FILE__, __LINE__)) fprintf(stderr, "  seed %lu\n", seed);
    }
    return checks_failed();
}
