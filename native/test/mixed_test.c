/* Mixed, double-byte and UTF-8 text: values at the edges of memory, records that end inside, pools that must be
 * refused.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "check.h"
#include "plans.h"

static plan_builder b;
static decoding d;
static ov_plan plan;
static ov_error error;

enum { BOTH = OV_FLAG_TRIM_RIGHT | OV_FLAG_ABSENT, EXTRAS = OV_DOUBLE_TABLES, FIRST = EXTRAS + OV_DOUBLE_TABLE };

static int32_t text(int32_t op, int32_t length, int32_t flags, int32_t page) {
    const bool utf8 = op == OV_OP_TEXT_UTF8;
    return plan_field(&b, false,
                      (step){.op = op,
                             .length = length,
                             .digits = utf8 ? 1 : 3,
                             .flags = flags,
                             .type = OV_TYPE_UTF8,
                             .pool = utf8 ? 0 : page,
                             .pool_length = utf8 ? 0 : PLAN_MIXED_PAGE});
}

/* What one record becomes; NULL: bad. The record's bytes lie at the end, then at the start of readable memory. */
static void reads_as(int line, int32_t op, int32_t length, int32_t flags, const char *bytes, size_t count,
                     const char *expected) {
    plan_begin(&b);
    const int32_t page = plan_mixed_page(&b);
    text(op, length, flags, page);
    const int32_t capacities[] = {1};
    if (!CHECK(decoding_begin(&d, &b, capacities))) return;
    for (int early = 0; early < 2; early++) {
        uint8_t *data = guarded(count, early);
        memcpy(data, bytes, count);
        const uint32_t start = 0, end = (uint32_t)count;
        CHECK_EQUAL(decode_records(&d, data, count, &start, &end, 1), OV_OK);
        const bool good =
            expected ? has_value(&d, 0, 0) && text_is(&d, 0, 0, expected) : is_bad(&d, 0, 0) && !has_value(&d, 0, 0);
        if (!good) check_(0, expected ? expected : "bad", __FILE__, line);
        guarded_free(data, count, early);
    }
    decoding_end(&d);
}

#define READS(op, length, flags, bytes, expected)                                                                      \
    reads_as(__LINE__, op, length, flags, bytes, sizeof bytes - 1, expected)

/* x'4141' is U+03B1, x'4142' U+0041, x'4143' U+4E00, x'4144' an extra, x'4040' U+3000. */
static void test_values(void) {
    READS(OV_OP_TEXT_MIXED, 8, BOTH, "\xc1\x0e\x41\x41\x41\x43\x0f\xc2",
          "A\xce\xb1\xe4\xb8\x80"
          "B");
    READS(OV_OP_TEXT_MIXED, 6, BOTH, "\x0e\x41\x44\x41\x42\x0f",
          "\xf0\xa0\x80\x8b"
          "A");
    READS(OV_OP_TEXT_MIXED, 6, BOTH, "\x0e\x41\x41\x40\x40\x0f", "\xce\xb1");
    READS(OV_OP_TEXT_MIXED, 6, 0, "\x0e\x41\x41\x40\x40\x0f", "\xce\xb1\xe3\x80\x80");
    READS(OV_OP_TEXT_MIXED, 6, OV_FLAG_TRIM_LEFT, "\x40\x0e\x40\x40\x41\x41", "\xce\xb1");
    READS(OV_OP_TEXT_MIXED, 4, BOTH, "\x0e\x41\x41\x41", NULL);
    READS(OV_OP_TEXT_MIXED, 5, BOTH, "\x0e\x41\x41\x41", "\xce\xb1"); /* the record ends inside */
    READS(OV_OP_TEXT_MIXED, 5, BOTH, "\x0e\x41\x41\x41\x0f", NULL);
    READS(OV_OP_TEXT_MIXED, 4, BOTH, "\x0e\x41\x45\x0f", NULL);
    READS(OV_OP_TEXT_MIXED, 4, BOTH, "\x0e\xff\xff\x0f", NULL);
    READS(OV_OP_TEXT_MIXED, 2, BOTH, "\x0f\xc1", NULL);
    READS(OV_OP_TEXT_MIXED, 3, BOTH, "\xc1\xc2\x40", "AB");
    READS(OV_OP_TEXT_DBCS, 6, BOTH, "\x41\x42\x41\x43\x40\x40", "A\xe4\xb8\x80");
    READS(OV_OP_TEXT_DBCS, 6, BOTH, "\x41\x42\x00\x00\x00\x00", "A");
    READS(OV_OP_TEXT_DBCS, 6, BOTH, "\x0e\x41\x42\x0f\x40\x40", "A");
    READS(OV_OP_TEXT_DBCS, 6, BOTH, "\x41\x42\x41", "A");
    READS(OV_OP_TEXT_DBCS, 6, BOTH, "\x41", "");
    READS(OV_OP_TEXT_DBCS, 2, BOTH, "\x42\x41", NULL);
    READS(OV_OP_TEXT_UTF8, 12, BOTH, "abcdefgh\xf0\x9f\x98\x80", "abcdefgh\xf0\x9f\x98\x80");
    READS(OV_OP_TEXT_UTF8, 12, BOTH, "abcdefghi\xf0\x9f\x98", NULL);
    READS(OV_OP_TEXT_UTF8, 13, BOTH, "abcdefghi\xf0\x9f\x98", "abcdefghi");
    READS(OV_OP_TEXT_UTF8, 4, BOTH, "a\xed\xa0\x80", NULL);
    READS(OV_OP_TEXT_UTF8, 4, BOTH, "a\x80  ", NULL);
    READS(OV_OP_TEXT_UTF8, 4, BOTH, "\xc3\xa9 \0", "\xc3\xa9");
}

static void refused(int line, int32_t at, int32_t word) {
    CHECK_EQUAL(ov_plan_check(b.code, plan_size(&b), b.pool, (size_t)b.code[OV_PLANW_POOL], &plan, &error),
                OV_BAD_PLAN);
    if (error.at != at || error.word != word) {
        check_(0, "the error's place", __FILE__, line);
        fprintf(stderr, "  instruction %d, word %d; not %d, %d\n", error.at, error.word, at, word);
    }
}

static void with_word(int line, int32_t at, int32_t word, int32_t value, int32_t error_word) {
    int32_t *w = plan_words(&b, at) + word;
    const int32_t before = *w;
    *w = value;
    refused(line, at, error_word);
    *w = before;
    CHECK_EQUAL(ov_plan_check(b.code, plan_size(&b), b.pool, (size_t)b.code[OV_PLANW_POOL], &plan, &error), OV_OK);
}

static void with_byte(int line, int32_t at, int32_t place, uint8_t value) {
    const uint8_t before = b.pool[place];
    b.pool[place] = value;
    refused(line, at, OV_W_POOL);
    b.pool[place] = before;
    CHECK_EQUAL(ov_plan_check(b.code, plan_size(&b), b.pool, (size_t)b.code[OV_PLANW_POOL], &plan, &error), OV_OK);
}

#define REFUSED(at, word, value) with_word(__LINE__, at, word, value, word)
#define REFUSED_AS(at, word, value, error_word) with_word(__LINE__, at, word, value, error_word)
#define REFUSED_BYTE(place, value) with_byte(__LINE__, mixed, place, value)

static void test_pools(void) {
    plan_begin(&b);
    const int32_t page = plan_mixed_page(&b);
    const int32_t mixed = text(OV_OP_TEXT_MIXED, 7, BOTH, page), dbcs = text(OV_OP_TEXT_DBCS, 6, BOTH, page),
                  utf8 = text(OV_OP_TEXT_UTF8, 7, BOTH, page);
    CHECK_EQUAL(ov_plan_check(b.code, plan_size(&b), b.pool, (size_t)b.code[OV_PLANW_POOL], &plan, &error), OV_OK);
    for (int32_t i = mixed; i <= utf8; i++) {
        REFUSED(i, OV_W_TYPE, OV_TYPE_INT32);
        REFUSED(i, OV_W_FLAGS, OV_FLAG_LATIN1);
        REFUSED(i, OV_W_DIGITS, 0);
        REFUSED(i, OV_W_DIGITS, 5);
        REFUSED(i, OV_W_LENGTH, 0);
    }
    REFUSED(mixed, OV_W_DIGITS, 1);
    REFUSED(dbcs, OV_W_LENGTH, 5);
    REFUSED(utf8, OV_W_DIGITS, 2);
    REFUSED_AS(mixed, OV_W_POOL_LENGTH, OV_DOUBLE_TABLES - 1, OV_W_POOL);
    REFUSED_AS(mixed, OV_W_POOL_LENGTH, FIRST, OV_W_POOL); /* no table 2 */
    REFUSED_AS(dbcs, OV_W_POOL_LENGTH, PLAN_MIXED_PAGE - 1, OV_W_POOL);
    REFUSED(mixed, OV_W_POOL, b.code[OV_PLANW_POOL] - OV_DOUBLE_TABLES);
    REFUSED_BYTE(page + 4, 4);                       /* a single byte of 4 */
    REFUSED_BYTE(page + OV_DOUBLE_WARDS + 0xff, 4);  /* behind the last table */
    REFUSED_BYTE(page + FIRST + 2 * 0x44 + 1, 0xdf); /* an extra behind the pool */
    REFUSED_BYTE(page + FIRST + 2 * 0x44, 1);        /* an extra of no bytes */
    REFUSED_BYTE(page + EXTRAS, 8);                  /* longer than its place */
    REFUSED_BYTE(page + EXTRAS, 7);                  /* longer than two bytes may become */
}

int main(void) {
    test_values();
    test_pools();
    return checks_failed();
}
