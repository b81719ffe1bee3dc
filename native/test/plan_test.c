/* Plans and slab tables that must be refused, and where the error points.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "plans.h"

static plan_builder b;
static ov_plan plan;
static ov_error error;

static ov_status check_plan(void) {
    return ov_plan_check(b.code, plan_size(&b), b.pool, (size_t)b.code[OV_PLANW_POOL], &plan, &error);
}

/* Refused, at this instruction and word. */
static void refused(int line, int32_t at, int32_t word) {
    CHECK_EQUAL(check_plan(), OV_BAD_PLAN);
    if (error.at != at || error.word != word) {
        check_(0, "the error's place", __FILE__, line);
        fprintf(stderr, "  instruction %d, word %d; not %d, %d\n", error.at, error.word, at, word);
    }
}

/* The plan as it is when one word is changed. */
static void with_word(int line, int32_t at, int32_t word, int32_t value, int32_t error_at, int32_t error_word) {
    int32_t *w = (at < 0 ? b.code : plan_words(&b, at)) + word;
    const int32_t before = *w;
    *w = value;
    refused(line, error_at, error_word);
    *w = before;
    if (check_plan() != OV_OK) check_(0, "the plan without the change", __FILE__, line);
}

#define REFUSED(at, word, value) with_word(__LINE__, at, word, value, at, word)
#define REFUSED_AS(at, word, value, error_at, error_word) with_word(__LINE__, at, word, value, error_at, error_word)

static void test_header(void) {
    plan_begin(&b);
    plan_zoned(&b, false, 0, 0, 3, 0);
    CHECK_EQUAL(check_plan(), OV_OK);
    CHECK_EQUAL(plan.reach, 3);
    REFUSED(-1, OV_PLANW_MAGIC, 0);
    REFUSED(-1, OV_PLANW_VERSION, OV_PLAN_VERSION + 1);
    REFUSED(-1, OV_PLANW_FRAMES, 0);
    REFUSED(-1, OV_PLANW_FRAMES, 2);
    REFUSED(-1, OV_PLANW_FRAMES, OV_MAX_FRAMES + 1);
    REFUSED(-1, OV_PLANW_SPACES, 0);
    REFUSED(-1, OV_PLANW_COLUMNS, 2);
    REFUSED(-1, OV_PLANW_COLUMNS, -1);
    REFUSED(-1, OV_PLANW_COLUMNS, OV_MAX_COLUMNS + 1);
    REFUSED(-1, OV_PLANW_LENGTH, -1);
    const size_t words = plan_size(&b);
    for (size_t less = 0; less < words; less++) {
        CHECK_EQUAL(ov_plan_check(b.code, less, b.pool, 0, &plan, &error), OV_BAD_PLAN);
    }
    CHECK_EQUAL(ov_plan_check(b.code, words, b.pool, 4, &plan, &error), OV_BAD_PLAN);
    CHECK_EQUAL(error.word, OV_PLANW_POOL);
    CHECK_EQUAL(ov_plan_check(NULL, words, b.pool, 0, &plan, &error), OV_BAD_ARGUMENT);
    CHECK_EQUAL(ov_plan_check(b.code, words, NULL, 4, &plan, &error), OV_BAD_ARGUMENT);
    CHECK_EQUAL(ov_plan_check(b.code, words, NULL, 0, &plan, &error), OV_OK);
}

static void test_fields(void) {
    plan_begin(&b);
    const int32_t page = plan_code_page(&b);
    const int32_t zoned = plan_zoned(&b, false, 0, 0, 9, 0);
    const int32_t packed = plan_packed(&b, false, 0, 0, 18, 0);
    const int32_t binary = plan_binary(&b, false, 0, 0, 4, OV_FLAG_SIGNED);
    const int32_t text = plan_text(&b, 0, 0, 4, 0, page);
    const int32_t latin1 = plan_text(&b, 0, 0, 4, OV_FLAG_LATIN1, page);
    const int32_t hex =
        plan_field(&b, false, (step){.op = OV_OP_FLOAT, .length = 8, .flags = OV_FLAG_SIGNED, .type = OV_TYPE_FLOAT64});
    const uint8_t classes[6] = {OV_EDIT_SUPPRESS, 0, 0, OV_EDIT_DIGIT, 0, 0};
    const int32_t pool = plan_constant(&b, classes, sizeof classes);
    const int32_t edited = plan_field(
        &b, false,
        (step){.op = OV_OP_EDITED, .length = 2, .digits = 2, .type = OV_TYPE_INT32, .pool = pool, .pool_length = 6});
    const int32_t national = plan_field(&b, false, (step){.op = OV_OP_NATIONAL, .length = 4, .type = OV_TYPE_UTF8});
    CHECK_EQUAL(check_plan(), OV_OK);
    CHECK_EQUAL(plan.reach, 10);
    for (int32_t i = zoned; i <= national; i++) {
        REFUSED(i, OV_W_FRAME, 1);
        REFUSED(i, OV_W_FRAME, -1);
        REFUSED(i, OV_W_OFFSET, -1);
        REFUSED(i, OV_W_OFFSET, OV_MAX_RECORD_LENGTH + 1);
        REFUSED_AS(i, OV_W_OFFSET, OV_MAX_RECORD_LENGTH, i, OV_W_LENGTH);
        REFUSED(i, OV_W_LENGTH, 0);
        REFUSED(i, OV_W_LENGTH, -1);
        REFUSED(i, OV_W_LENGTH, INT32_MAX);
        REFUSED(i, OV_W_FLAGS, 2 * OV_FLAG_LIMITED);
        REFUSED(i, OV_W_FLAGS, INT32_MIN);
        REFUSED(i, OV_W_TYPE, OV_TYPE_NONE);
        REFUSED(i, OV_W_TYPE, 7);
        REFUSED(i, OV_W_TYPE, -1);
        REFUSED(i, OV_W_POOL, -4);
        REFUSED(i, OV_W_TARGET, 8);
        REFUSED(i, OV_W_TARGET, -2);
        if (i > zoned) REFUSED(i, OV_W_TARGET, 0);
        REFUSED_AS(i, OV_W_TARGET, -1, -1, OV_PLANW_COLUMNS);
        REFUSED(i, OV_W_OP, 99);
    }
    REFUSED(zoned, OV_W_LENGTH, 10);
    REFUSED(zoned, OV_W_DIGITS, 39);
    REFUSED_AS(zoned, OV_W_UP, 1, zoned, OV_W_TYPE); /* 10 digits in 32 bits */
    REFUSED(zoned, OV_W_UP, -1);
    REFUSED(zoned, OV_W_UP, INT32_MAX);
    REFUSED(zoned, OV_W_TYPE, OV_TYPE_FLOAT64);
    REFUSED(packed, OV_W_TYPE, OV_TYPE_INT32);
    REFUSED_AS(packed, OV_W_FLAGS, OV_FLAG_NO_SIGN, packed, OV_W_LENGTH);
    REFUSED_AS(binary, OV_W_FLAGS, 0, binary, OV_W_TYPE); /* unsigned: 64 bits */
    REFUSED(binary, OV_W_LENGTH, 9);
    REFUSED_AS(binary, OV_W_UP, 1, binary, OV_W_TYPE);
    REFUSED(text, OV_W_DIGITS, 0);
    REFUSED(text, OV_W_DIGITS, 5);
    REFUSED_AS(text, OV_W_DIGITS, 1, text, OV_W_POOL); /* a character of two bytes */
    REFUSED_AS(text, OV_W_POOL_LENGTH, OV_TEXT_POOL - 1, text, OV_W_POOL);
    REFUSED(text, OV_W_POOL, b.code[OV_PLANW_POOL] - OV_TEXT_POOL);
    REFUSED_AS(latin1, OV_W_POOL_LENGTH, OV_TEXT_POOL, latin1, OV_W_POOL);
    REFUSED(latin1, OV_W_DIGITS, 2);
    b.pool[page + 4 * 1] = 4;
    refused(__LINE__, text, OV_W_POOL);
    b.pool[page + 4 * 1] = 0;
    b.pool[page + OV_TEXT_POOL + 0xc1] = 'B'; /* the two tables must agree */
    refused(__LINE__, text, OV_W_POOL);
    b.pool[page + OV_TEXT_POOL + 0xc1] = 'A';
    b.pool[page + OV_TEXT_POOL + 1] = 'A';
    refused(__LINE__, text, OV_W_POOL);
    b.pool[page + OV_TEXT_POOL + 1] = 0;
    b.pool[page + OV_TEXT_POOL + 0x51] = 0xea; /* beyond ASCII too */
    refused(__LINE__, text, OV_W_POOL);
    b.pool[page + OV_TEXT_POOL + 0x51] = 0xe9;
    REFUSED(hex, OV_W_TYPE, OV_TYPE_FLOAT32);
    REFUSED(hex, OV_W_LENGTH, 6);
    REFUSED(hex, OV_W_UP, 1);
    REFUSED_AS(edited, OV_W_POOL_LENGTH, 5, edited, OV_W_POOL);
    REFUSED_AS(edited, OV_W_LENGTH, 3, edited, OV_W_POOL);
    REFUSED_AS(edited, OV_W_UP, 8, edited, OV_W_TYPE);
    b.pool[pool + 3] = OV_EDIT_INSERT + 1;
    refused(__LINE__, edited, OV_W_POOL);
    b.pool[pool + 3] = OV_EDIT_PAIR; /* without the first letter of CR or DB */
    refused(__LINE__, edited, OV_W_POOL);
    b.pool[pool + 3] = OV_EDIT_DIGIT;
    REFUSED(national, OV_W_LENGTH, 3);
}

static void test_density(void) {
    plan_begin(&b);
    for (int32_t i = 0; i < 10; i++) plan_zoned(&b, false, 0, 3 * i, 3, 0); /* all in one line */
    plan_zoned(&b, false, 0, 40 * 64, 3, 0);
    CHECK(check_plan() == OV_OK && !plan.dense);
    for (int32_t i = 1; i < 19; i++) plan_zoned(&b, false, 0, 64 * i, 3, 0);
    CHECK(check_plan() == OV_OK && plan.dense);
    plan_begin(&b);
    const int32_t table = plan_table(&b, 0, 100, 100, 20, -1, 0, true);
    plan_zoned(&b, false, 0, 0, 3, 0);
    CHECK(check_plan() == OV_OK && plan.dense); /* nothing of the table is read */
    plan_zoned(&b, false, 0, 3000, 3, 0);
    CHECK(check_plan() == OV_OK && !plan.dense);
    plan_zoned(&b, false, table, 0, 3, 0);
    CHECK(check_plan() == OV_OK && plan.dense);
}

/* ROOT(0); T1: measured table with T2 inside, AFTER both; SELECT inside T1; a table under it. */
static void test_frames(void) {
    plan_begin(&b);
    const int32_t n = plan_zoned(&b, true, 0, 0, 1, 0);
    const int32_t outer = plan_table(&b, 0, 1, 0, 3, n, 0, true);
    const int32_t m = plan_zoned(&b, true, outer, 0, 1, 0);
    const int32_t inner = plan_table(&b, outer, 1, 2, 4, m, 0, true);
    const int32_t rest = plan_after(&b, inner);
    const int32_t first = plan_compare_text(&b, rest, 0, 1, OV_CMP_EQ, "A", 1, 0);
    const int32_t select = plan_select(&b, outer, first);
    const int32_t under = plan_table(&b, select, 0, 1, 2, -1, 0, true);
    const int32_t o = plan_zoned(&b, true, 0, 0, 1, 0);
    const int32_t held = plan_table(&b, 0, 1, 1, 2, o, 0, false);
    plan_measured(&b, outer, rest, 1);
    const int32_t end = plan_after(&b, outer);
    const int32_t field = plan_zoned(&b, false, under, 0, 1, 0);
    plan_extent(&b, end, 1);
    CHECK_EQUAL(check_plan(), OV_OK);
    const int32_t outer_at = n + 1, inner_at = m + 1, rest_at = inner_at + 1, select_at = first + 1,
                  under_at = select_at + 1, held_at = o + 1, end_at = held_at + 1;
    CHECK_EQUAL(plan.reach, 1 + 2 * 10 + 9 + 1);

    REFUSED(0, OV_W_FRAME, 0);
    REFUSED(0, OV_W_TYPE, 1);
    REFUSED(outer_at, OV_W_TARGET, 2);
    REFUSED(outer_at, OV_W_FRAME, 1);
    REFUSED(outer_at, OV_W_TYPE, 0);
    REFUSED(outer_at, OV_W_TYPE, 2);
    REFUSED(outer_at, OV_W_DIGITS, -1);
    REFUSED(outer_at, OV_W_COUNTER, outer_at);
    REFUSED(outer_at, OV_W_COUNTER, m);
    REFUSED(outer_at, OV_W_COUNTER, -2);
    REFUSED(outer_at, OV_W_COUNTER, 0);
    REFUSED_AS(outer_at, OV_W_POOL, end, end_at, OV_W_FRAME);
    REFUSED_AS(outer_at, OV_W_POOL, select, end_at, OV_W_FRAME);
    REFUSED(outer_at, OV_W_POOL, outer);
    REFUSED(outer_at, OV_W_POOL, 99);
    REFUSED(outer_at, OV_W_POOL_LENGTH, -1);
    REFUSED_AS(outer_at, OV_W_FLAGS, OV_FLAG_PADDED, outer_at, OV_W_LENGTH);
    REFUSED(outer_at, OV_W_FLAGS, OV_FLAG_SIGNED);
    REFUSED_AS(outer_at, OV_W_DIGITS, OV_MAX_RECORD_LENGTH, end_at, OV_W_FRAME);
    REFUSED_AS(inner_at, OV_W_FLAGS, OV_FLAG_PADDED, rest_at, OV_W_FRAME);
    REFUSED_AS(inner_at, OV_W_TYPE, -1, under_at, OV_W_TYPE);
    REFUSED(rest_at, OV_W_FRAME, 0);
    REFUSED_AS(select_at, OV_W_FRAME, 0, first, OV_W_FRAME);
    REFUSED(select_at, OV_W_POOL, select_at);
    REFUSED(select_at, OV_W_POOL, first - 1);
    REFUSED(first, OV_W_FRAME, inner);
    REFUSED(first, OV_W_UP, 256);
    REFUSED(first, OV_W_DIGITS, 6);
    REFUSED_AS(first, OV_W_POOL_LENGTH, -1, first, OV_W_POOL);
    REFUSED_AS(end_at, OV_W_FRAME, inner, end_at, OV_W_FRAME); /* has one already */
    REFUSED_AS(field, OV_W_FRAME, held, field, OV_W_FRAME);    /* virtual */
    REFUSED(field + 1, OV_W_FRAME, held);
    (void)inner;
}

/* What is not live where it would be read: a frame under another selection. */
static void test_selections(void) {
    plan_begin(&b);
    const int32_t one = plan_select(&b, 0, plan_compare_text(&b, 0, 0, 1, OV_CMP_EQ, "A", 1, 0));
    const int32_t counter = plan_zoned(&b, true, one, 0, 1, 0);
    const int32_t table = plan_table(&b, one, 1, 1, 9, counter, 0, true);
    const int32_t behind = plan_after(&b, table);
    const int32_t operand = plan_zoned(&b, true, behind, 0, 1, 0);
    const int32_t again = plan_select(&b, one, plan_compare_number(&b, operand, OV_CMP_EQ, 1));
    plan_select(&b, again, plan_compare_text(&b, behind, 0, 1, OV_CMP_EQ, "A", 1, 0));
    plan_select(&b, table, plan_compare_number(&b, operand, OV_CMP_EQ, 1));
    CHECK_EQUAL(check_plan(), OV_OK);
    const int32_t bad = plan_compare_number(&b, operand, OV_CMP_EQ, 1);
    plan_select(&b, 0, bad); /* all records, but `behind` has positions for some only */
    refused(__LINE__, bad, OV_W_COUNTER);
}

static void test_measuring_ahead(void) {
    plan_begin(&b);
    const int32_t outer = plan_table(&b, 0, 0, 0, 3, -1, 0, true);
    const int32_t n = plan_zoned(&b, true, 0, 0, 1, 0);
    const int32_t other = plan_table(&b, 0, 0, 1, 3, n, 0, true);
    const int32_t late = plan_after(&b, other);
    const int32_t m = plan_zoned(&b, true, late, 0, 1, 0);
    const int32_t inner = plan_table(&b, outer, 0, 1, 3, m, 0, true);
    plan_measured(&b, outer, plan_after(&b, inner), 1);
    refused(__LINE__, m + 1, OV_W_COUNTER); /* `late` is not there when `outer` is built */
    plan_words(&b, m)[OV_W_FRAME] = outer;
    CHECK_EQUAL(check_plan(), OV_OK);
}

static void test_depth(void) {
    plan_begin(&b);
    enum { DEPTH = 64 };
    int32_t tables[DEPTH + 2];
    for (int i = 0; i <= DEPTH; i++)
        tables[i] = plan_table(&b, i ? tables[i - 1] : 0, 0, i < DEPTH ? 0 : 1, 1, -1, 0, false);
    int32_t last = plan_after(&b, tables[DEPTH]);
    for (int i = DEPTH - 1; i >= 0; i--) {
        plan_measured(&b, tables[i], last, 0);
        last = plan_after(&b, tables[i]);
    }
    CHECK_EQUAL(check_plan(), OV_OK);
    plan_words(&b, tables[DEPTH])[OV_W_LENGTH] = 0;
    refused(__LINE__, tables[DEPTH], OV_W_LENGTH);
    const int32_t operand = plan_zoned(&b, true, 0, 0, 1, 0);
    plan_begin(&b);
    plan_zoned(&b, true, 0, 0, 1, 0);
    const int32_t first = plan_compare_number(&b, 1, OV_CMP_EQ, 0);
    for (int i = 1; i < OV_PREDICATE_DEPTH; i++) plan_compare_number(&b, 1, OV_CMP_EQ, 0);
    const int32_t before = b.code[OV_PLANW_INSTRUCTIONS];
    for (int i = 1; i < OV_PREDICATE_DEPTH; i++) plan_logic(&b, OV_OP_AND);
    plan_select(&b, 0, first);
    CHECK_EQUAL(check_plan(), OV_OK);
    plan_words(&b, before)[OV_W_OP] = OV_OP_NOT;
    refused(__LINE__, before + OV_PREDICATE_DEPTH - 1, OV_W_POOL); /* two are left */
    *plan_words(&b, before) = OV_OP_COMPARE_NUMBER;
    memcpy(plan_words(&b, before), plan_words(&b, first), OV_WIDTH * sizeof(int32_t));
    refused(__LINE__, before, OV_W_OP);
    (void)operand;
}

static void test_slab(void) {
    plan_begin(&b);
    const int32_t page = plan_code_page(&b);
    const int32_t n = plan_zoned(&b, true, 0, 0, 1, 0);
    const int32_t table = plan_table(&b, 0, 1, 2, 3, n, 0, true);
    plan_after(&b, table);
    const int32_t first = plan_compare_text(&b, 0, 0, 1, OV_CMP_EQ, "A", 1, 0);
    const int32_t select = plan_select(&b, 0, first);
    plan_table(&b, select, 0, 1, 2, -1, 0, true);
    plan_text(&b, table, 0, 2, 0, page);
    plan_zoned(&b, false, select, 0, 3, 0);
    CHECK_EQUAL(check_plan(), OV_OK);
    const int32_t capacities[] = {100, 200, 200};
    int32_t words[128];
    size_t count;
    const size_t length = slab_layout(b.code, capacities, words, &count);
    ov_decoder decoder;
    CHECK_EQUAL(ov_decoder_check(&plan, words, count, length, &decoder, &error), OV_OK);
    CHECK_EQUAL(ov_decoder_check(&plan, words, count, length - 64, &decoder, &error), OV_BAD_SLAB);
    CHECK_EQUAL(ov_decoder_check(&plan, words, count - 1, length, &decoder, &error), OV_BAD_SLAB);
    CHECK_EQUAL(ov_decoder_check(&plan, words, count, (size_t)INT32_MAX + 1, &decoder, &error), OV_BAD_SLAB);
    const size_t columns = 5 * OV_FRAME_WIDTH, spaces = count - 3; /* where they begin */
    CHECK_EQUAL(count, columns + 2 * OV_COLUMN_WIDTH + 3);
    for (size_t i = 0; i < spaces; i++) {
        const int32_t before = words[i];
        const size_t word = i < columns ? i % OV_FRAME_WIDTH : (i - columns) % OV_COLUMN_WIDTH;
        if (i < columns ? word > OV_FRAME_FAULTS : word > OV_COLUMN_DATA_LENGTH) continue; /* nothing there */
        const bool data_length = i >= columns && word == OV_COLUMN_DATA_LENGTH;
        if (before == -1 && i >= columns) continue;
        /* Askew, in the part before or the header, outside, missing; or there and should not be; or too few bytes. */
        const int32_t wrong[] = {before + 4, before - 64, INT32_MAX / 64 * 64, -1, 0};
        for (size_t k = data_length || before == -1 ? 1 : 0; k < sizeof wrong / sizeof *wrong; k++) {
            if (wrong[k] == before) continue;
            words[i] = wrong[k];
            CHECK_EQUAL(ov_decoder_check(&plan, words, count, length, &decoder, &error), OV_BAD_SLAB);
            words[i] = before;
        }
    }
    for (size_t i = spaces; i < count; i++) {
        const int32_t before = words[i];
        const int32_t wrong[] = {-1, before + 1000, INT32_MAX};
        for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++) {
            words[i] = wrong[k];
            CHECK_EQUAL(ov_decoder_check(&plan, words, count, length, &decoder, &error), OV_BAD_SLAB);
        }
        words[i] = before;
    }
    CHECK_EQUAL(ov_decoder_check(&plan, words, count, length, &decoder, &error), OV_OK);
}

int main(void) {
    test_header();
    test_fields();
    test_density();
    test_frames();
    test_selections();
    test_measuring_ahead();
    test_depth();
    test_slab();
    return checks_failed();
}
