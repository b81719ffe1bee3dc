/* Messages against columns: fields of every width, good and spoilt bytes, programs that must be refused, all in memory
 * between guard pages.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "plans.h"

enum { FIELDS = 70, IMAGE = 16 + 16 * FIELDS, RECORD = 1024 };

static plan_builder b;
static decoding d;
static int32_t words[FIELDS * OV_MESSAGE_WIDTH];
static int32_t fields, offset;
static uint32_t state = 1;

static uint32_t next(uint32_t below) {
    state = state * 1664525u + 1013904223u;
    return (state >> 8) % below;
}

static void add(int32_t instruction, int32_t show, int32_t scale) {
    int32_t *w = words + fields * OV_MESSAGE_WIDTH;
    w[OV_MESSAGEW_INSTRUCTION] = instruction;
    w[OV_MESSAGEW_OFFSET] = plan_words(&b, instruction)[OV_W_OFFSET];
    w[OV_MESSAGEW_SHOW] = show;
    w[OV_MESSAGEW_SCALE] = scale;
    w[OV_MESSAGEW_PLACE] = 16 + 16 * fields;
    offset += plan_words(&b, instruction)[OV_W_LENGTH];
    fields++;
}

/* The show of a number that a plan gives this type. */
static void add_number(int32_t instruction, int32_t scale) {
    const int32_t type = plan_words(&b, instruction)[OV_W_TYPE];
    if (type == OV_TYPE_DECIMAL128)
        add(instruction, OV_SHOW_DECIMAL, scale);
    else if (type == OV_TYPE_INT32)
        add(instruction, next(2) ? OV_SHOW_INT32 : OV_SHOW_DOUBLE, 0);
    else
        add(instruction, OV_SHOW_INT64, 0);
}

static void begin(void) {
    plan_begin(&b);
    fields = offset = 0;
}

static void add_all(void) {
    const int32_t page = plan_code_page(&b);
    const int32_t both = OV_FLAG_TRIM_RIGHT | OV_FLAG_ABSENT;
    for (int32_t length = 1; length <= 80; length = length * 2 + 1)
        add(plan_text(&b, 0, offset, length, length % 4 == 3 ? both : both | OV_FLAG_TRIM_LEFT, page), OV_SHOW_TEXT, 0);
    for (int32_t digits = 1; digits <= 31; digits++) {
        const int32_t flags = (digits % 3 ? OV_FLAG_SIGNED : 0) | OV_FLAG_ABSENT;
        add_number(plan_packed(&b, false, 0, offset, digits, flags), (int32_t)next((uint32_t)digits + 1));
    }
    for (int32_t digits = 1; digits <= 20; digits++) {
        const int32_t flags = (digits % 3 ? OV_FLAG_SIGNED : 0) | OV_FLAG_ABSENT;
        add_number(plan_zoned(&b, false, 0, offset, digits, flags), (int32_t)next((uint32_t)digits + 1));
    }
    for (int32_t length = 2; length <= 8; length *= 2)
        add_number(plan_binary(&b, false, 0, offset, length, OV_FLAG_SIGNED), 0);
}

/* Digits and signs of the fields; at times blanks, and where `spoilt` any byte. */
static void fill(uint8_t *record, bool spoilt) {
    for (int32_t k = 0; k < fields; k++) {
        const int32_t *w = plan_words(&b, words[k * OV_MESSAGE_WIDTH]);
        uint8_t *p = record + w[OV_W_OFFSET];
        const int32_t length = w[OV_W_LENGTH];
        const uint8_t sign = (uint8_t)(w[OV_W_FLAGS] & OV_FLAG_SIGNED ? 10 + next(6) : 12 + 3 * next(2));
        const uint32_t most = next(4) ? 10 : 1;
        for (int32_t i = 0; i < length; i++) {
            if (w[OV_W_OP] == OV_OP_ZONED)
                p[i] = (uint8_t)(0xF0 + next(most));
            else if (w[OV_W_OP] == OV_OP_PACKED)
                p[i] = (uint8_t)(next(most) << 4 | next(most));
            else
                p[i] = (uint8_t)(w[OV_W_OP] != OV_OP_TEXT ? next(256) : next(3) ? 0x40 : 0xC1 + next(9));
        }
        if (w[OV_W_OP] == OV_OP_ZONED) p[length - 1] = (uint8_t)(sign << 4 | (p[length - 1] & 15));
        if (w[OV_W_OP] == OV_OP_PACKED) {
            p[length - 1] = (uint8_t)((p[length - 1] & 0xF0) | sign);
            if (w[OV_W_DIGITS] % 2 == 0) p[0] &= 15;
        }
        if (next(12) == 0) memset(p, next(3) == 0 ? 0x40 : next(2) ? 0 : 0xFF, (size_t)length);
        if (spoilt && next(20) == 0) p[next((uint32_t)length)] = (uint8_t)next(256);
    }
}

static uint64_t magnitude(const uint8_t *value, uint64_t *high, bool *negative) {
    uint64_t w[2];
    memcpy(w, value, sizeof w);
    *negative = w[1] >> 63;
    if (*negative) {
        w[0] = 0 - w[0];
        w[1] = ~w[1] + (w[0] == 0);
    }
    *high = w[1];
    return w[0];
}

/* The number by long division. */
static void number_text(const uint8_t *value, int32_t scale, char *text) {
    char digits[64];
    uint64_t high;
    bool negative;
    uint64_t low = magnitude(value, &high, &negative);
    int32_t count = 0;
    while (high != 0 || low != 0 || count <= scale) {
        uint64_t rest = high % 10, quotient = 0;
        high /= 10;
        for (int bit = 63; bit >= 0; bit--) {
            rest = rest * 2 + (low >> bit & 1);
            quotient = quotient * 2 + rest / 10;
            rest %= 10;
        }
        low = quotient;
        digits[count++] = (char)('0' + rest);
    }
    if (negative) *text++ = '-';
    while (count > 0) {
        if (count == scale) *text++ = '.';
        *text++ = digits[--count];
    }
    *text = 0;
}

static void compare(const uint8_t *image, const uint8_t *text, int32_t k) {
    const int32_t *w = words + k * OV_MESSAGE_WIDTH;
    const bool is_there = image[k >> 3] >> (k & 7) & 1;
    CHECK_EQUAL(is_there, has_value(&d, k, 0));
    if (!is_there) return;
    const uint8_t *value = column_part(&d, k, OV_COLUMN_VALUES);
    int32_t range[2];
    memcpy(range, image + w[OV_MESSAGEW_PLACE], sizeof range);
    if (w[OV_MESSAGEW_SHOW] == OV_SHOW_TEXT) {
        char found[256] = {0}, *to = found; /* columns have UTF-8 */
        for (int32_t i = range[0]; i < range[1]; i++) {
            if (text[i] >= 0x80) *to++ = (char)(0xC0 | text[i] >> 6);
            *to++ = (char)(text[i] < 0x80 ? text[i] : 0x80 | (text[i] & 0x3F));
        }
        CHECK(text_is(&d, k, 0, found));
    } else if (w[OV_MESSAGEW_SHOW] == OV_SHOW_DECIMAL) {
        char found[64] = {0}, expected[64];
        memcpy(found, text + range[0], (size_t)(range[1] - range[0]));
        number_text(value, w[OV_MESSAGEW_SCALE], expected);
        if (strcmp(found, expected) != 0) check_(0, expected, found, k);
    } else if (w[OV_MESSAGEW_SHOW] == OV_SHOW_INT32) {
        CHECK_EQUAL(range[0], integer_at(&d, k, 0));
    } else if (w[OV_MESSAGEW_SHOW] == OV_SHOW_DOUBLE) {
        double found;
        memcpy(&found, image + w[OV_MESSAGEW_PLACE], sizeof found);
        CHECK_EQUAL((int64_t)found, integer_at(&d, k, 0));
    } else {
        int64_t found;
        memcpy(&found, image + w[OV_MESSAGEW_PLACE], sizeof found);
        CHECK_EQUAL(found, integer_at(&d, k, 0));
    }
}

/* Random records, each at the start or the end of memory that can be read. */
static void test_values(ov_level level) {
    begin();
    add_all();
    const int32_t capacities[] = {1};
    if (!CHECK(decoding_begin(&d, &b, capacities))) return;
    ov_set_level(level);
    ov_error error;
    size_t size = 0;
    const size_t count = (size_t)fields * OV_MESSAGE_WIDTH;
    CHECK_EQUAL(ov_message_check(&d.plan, words, count, IMAGE, &size, &error), OV_OK);
    int taken = 0, left = 0;
    for (int round = 0; round < 4000; round++) {
        const bool front = round & 1;
        const size_t memory_size = (size + 63) / 64 * 64, length = (size_t)offset + (round % 5 == 0 ? next(9) : 0);
        uint8_t *memory = guarded(memory_size, front), *record = guarded(length, front);
        uint8_t *image = guarded(IMAGE, front);
        ov_message *message = ov_message_prepare(&d.plan, words, count, IMAGE, memory);
        fill(record, round % 3 == 0);
        const uint8_t *text = NULL;
        size_t text_length = 0;
        const uint32_t start = 0, end = (uint32_t)length;
        CHECK_EQUAL(decode_records(&d, record, length, &start, &end, 1), OV_OK);
        int32_t bad = 0;
        for (int32_t k = 0; k < fields; k++) bad += bad_of(&d, k);
        const int found = ov_message_decode(message, record, length, image, &text, &text_length);
        if (found != (bad == 0)) {
            /* only a character beyond Latin-1 is a reason to leave a good record to columns */
            CHECK(!found && bad == 0);
        }
        if (found) {
            taken++;
            for (int32_t k = 0; k < fields; k++) compare(image, text, k);
        } else {
            left++;
        }
        CHECK_EQUAL(ov_message_decode(message, record, (size_t)offset - 1, image, &text, &text_length), 0);
        guarded_free(memory, memory_size, front);
        guarded_free(record, length, front);
        guarded_free(image, IMAGE, front);
    }
    CHECK(taken > 500 && left > 100);
    decoding_end(&d);
}

/* Several at once say what one at a time does, from the edge of the data on, up to one that needs columns. */
static void test_many(ov_level level) {
    enum { MOST = 9 };
    begin();
    add_all();
    const int32_t capacities[] = {1};
    if (!CHECK(decoding_begin(&d, &b, capacities))) return;
    ov_set_level(level);
    ov_error error = {-1, -1};
    size_t size = 0;
    const size_t count = (size_t)fields * OV_MESSAGE_WIDTH, need = (size_t)offset;
    CHECK_EQUAL(ov_message_check(&d.plan, words, count, IMAGE, &size, &error), OV_OK);
    const size_t memory_size = (size + 63) / 64 * 64;
    int whole = 0, cut = 0;
    for (int round = 0; round < 1000; round++) {
        const bool front = round & 1;
        const uint32_t records = 1 + next(MOST), stride = (uint32_t)need + (round % 5 == 0 ? next(9) : 0);
        const size_t length = (size_t)records * stride;
        uint8_t *memory = guarded(memory_size, front), *data = guarded(length, front);
        ov_message *message = ov_message_prepare(&d.plan, words, count, IMAGE, memory);
        const size_t room = ov_messages_room(message, records);
        uint8_t *images = guarded((size_t)records * IMAGE, front), *text = guarded(room, front);
        uint32_t starts[MOST], ends[MOST], taken = 0;
        size_t one = 0;
        for (uint32_t k = 0; k < records; k++) {
            starts[k] = k * stride;
            ends[k] = starts[k] + stride - (round % 7 == 0 && next(4) == 0 ? 1 + next(20) : 0);
            fill(data + starts[k], round % 4 == 0);
        }
        const bool by_stride = round % 7 != 0 && round % 2 == 0;
        const ov_records all = {data, length, by_stride ? NULL : starts, by_stride ? NULL : ends, 0, records, stride};
        CHECK_EQUAL(ov_messages_decode(message, &all, images, IMAGE, text, &taken, &one, &error), OV_OK);
        uint8_t image[IMAGE];
        const uint8_t *own = NULL;
        size_t own_length = 0;
        for (uint32_t k = 0; k < taken; k++) {
            memset(image, 0, IMAGE);
            const uint8_t *record = data + starts[k];
            CHECK(ov_message_decode(message, record, ends[k] - starts[k], image, &own, &own_length));
            CHECK_EQUAL(own_length, one);
            for (int32_t f = 0; f < fields; f++) {
                const int32_t *w = words + f * OV_MESSAGE_WIDTH;
                const uint8_t *a = images + k * IMAGE, *o = image;
                CHECK_EQUAL(a[f >> 3] >> (f & 7) & 1, o[f >> 3] >> (f & 7) & 1);
                if (!(o[f >> 3] >> (f & 7) & 1)) continue;
                CHECK(memcmp(a + w[OV_MESSAGEW_PLACE], o + w[OV_MESSAGEW_PLACE],
                             w[OV_MESSAGEW_SHOW] == OV_SHOW_INT32 ? 4 : 8) == 0);
                if (w[OV_MESSAGEW_SHOW] > OV_SHOW_DECIMAL) continue;
                int32_t range[2];
                memcpy(range, o + w[OV_MESSAGEW_PLACE], sizeof range);
                CHECK(memcmp(text + k * one + range[0], own + range[0], (size_t)(range[1] - range[0])) == 0);
            }
        }
        if (taken < records) {
            const uint8_t *record = data + starts[taken];
            CHECK(!ov_message_decode(message, record, ends[taken] - starts[taken], image, &own, &own_length));
            cut++;
        } else {
            whole++;
        }
        ends[records - 1] = (uint32_t)length + 1;
        const ov_records beyond = {data, length, starts, ends, records - 1, 1, 0};
        CHECK_EQUAL(ov_messages_decode(message, &beyond, images, IMAGE, text, &taken, &one, &error), OV_BAD_RECORDS);
        CHECK_EQUAL(error.at, 0);
        guarded_free(memory, memory_size, front);
        guarded_free(data, length, front);
        guarded_free(images, (size_t)records * IMAGE, front);
        guarded_free(text, room, front);
    }
    CHECK(whole > 100 && cut > 100);
    decoding_end(&d);
}

static void test_refusals(void) {
    begin();
    const int32_t page = plan_code_page(&b);
    add(plan_text(&b, 0, 0, 10, OV_FLAG_TRIM_RIGHT, page), OV_SHOW_TEXT, 0);
    add(plan_packed(&b, false, 0, 10, 20, OV_FLAG_SIGNED), OV_SHOW_DECIMAL, 2);
    const int32_t capacities[] = {1};
    if (!CHECK(decoding_begin(&d, &b, capacities))) return;
    ov_error error;
    size_t size;
    CHECK_EQUAL(ov_message_check(&d.plan, words, 2 * OV_MESSAGE_WIDTH, IMAGE, &size, &error), OV_OK);
    CHECK_EQUAL(ov_message_check(&d.plan, words, 0, IMAGE, &size, &error), OV_BAD_ARGUMENT);
    CHECK_EQUAL(ov_message_check(&d.plan, words, OV_MESSAGE_WIDTH + 1, IMAGE, &size, &error), OV_BAD_ARGUMENT);
    CHECK_EQUAL(ov_message_check(&d.plan, words, 2 * OV_MESSAGE_WIDTH, 40, &size, &error), OV_BAD_ARGUMENT);
    static const struct {
        int32_t word, value;
    } wrong[] = {{OV_MESSAGEW_INSTRUCTION, -1},
                 {OV_MESSAGEW_INSTRUCTION, 0},
                 {OV_MESSAGEW_INSTRUCTION, 99},
                 {OV_MESSAGEW_OFFSET, -1},
                 {OV_MESSAGEW_OFFSET, OV_MAX_MESSAGE},
                 {OV_MESSAGEW_OFFSET, INT32_MAX},
                 {OV_MESSAGEW_SHOW, OV_SHOW_INT32},
                 {OV_MESSAGEW_SHOW, -1},
                 {OV_MESSAGEW_SCALE, -1},
                 {OV_MESSAGEW_SCALE, 39},
                 {OV_MESSAGEW_PLACE, 0},
                 {OV_MESSAGEW_PLACE, 20},
                 {OV_MESSAGEW_PLACE, IMAGE - 8},
                 {OV_MESSAGEW_PLACE, -8}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        int32_t changed[2 * OV_MESSAGE_WIDTH];
        memcpy(changed, words, sizeof changed);
        changed[OV_MESSAGE_WIDTH + wrong[i].word] = wrong[i].value;
        CHECK_EQUAL(ov_message_check(&d.plan, changed, 2 * OV_MESSAGE_WIDTH, IMAGE, &size, &error), OV_BAD_ARGUMENT);
        CHECK_EQUAL(error.at, 1);
        CHECK_EQUAL(error.word, wrong[i].word);
    }
    decoding_end(&d);
}

int main(void) {
    for (int level = OV_LEVEL_PORTABLE; level <= (int)OV_LEVEL_AVX512; level++) {
        test_values((ov_level)level);
        test_many((ov_level)level);
    }
    test_refusals();
    return checks_failed();
}
