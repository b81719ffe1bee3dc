/* Predicates on text: comparisons byte by byte or by characters, and LIKE.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "predicate.h"

uint32_t ov_text_size(const uint8_t *p, uint32_t length, uint8_t pad, int32_t flags) {
    const uint8_t other = flags & OV_FLAG_EXACT ? pad : 0;
    while (length > 0 && (p[length - 1] == pad || p[length - 1] == other)) length--;
    return length;
}

/* Only x'00', or only x'FF'. */
static bool is_nothing(const uint8_t *p, uint32_t length) {
    if (p[0] != 0 && p[0] != 0xff) return false;
    for (uint32_t i = 1; i < length; i++) {
        if (p[i] != p[0]) return false;
    }
    return true;
}

/* The shorter one is padded, as COBOL compares: with `pad`, or with pairs of x'00' and it. */
static int order_of(const uint8_t *a, uint32_t a_length, const uint8_t *b, uint32_t b_length, uint8_t pad, bool pairs) {
    const uint32_t common = ov_min32(a_length, b_length);
    int order = memcmp(a, b, common);
    for (uint32_t i = common; order == 0 && i < a_length; i++) order = a[i] - (pairs && i % 2 == 0 ? 0 : pad);
    for (uint32_t i = common; order == 0 && i < b_length; i++) order = (pairs && i % 2 == 0 ? 0 : pad) - b[i];
    return order;
}

bool ov_text_order(const int32_t *w, const uint8_t *constant, const uint8_t *p, uint32_t length, int *order) {
    const uint8_t pad = (uint8_t)w[OV_W_UP];
    const int32_t flags = w[OV_W_FLAGS];
    if ((flags & OV_FLAG_ABSENT) && is_nothing(p, length)) return false;
    *order = order_of(p, ov_text_size(p, length, pad, flags), constant,
                      ov_text_size(constant, (uint32_t)w[OV_W_POOL_LENGTH], pad, flags), pad, false);
    return true;
}

/* Text as UTF-8, one item at a time. */

typedef struct utf8_text {
    const uint8_t *bytes;
    uint32_t length;
} utf8_text;

/* False: no value. `place` has room for the operand, and 64 bytes more. */
static bool read_text(const ov_run *run, const ov_field *operand, uint32_t position, uint32_t length, uint8_t *place,
                      utf8_text *text) {
    if (length == 0) return false;
    ov_field field = *operand;
    text->bytes = place;
    text->length = 0;
    if ((int32_t)length < field.length) {
        field.length = (int32_t)(field.op == OV_OP_NATIONAL ? length & ~1u : length);
        field.flags |= OV_FIELD_CUT;
        if (field.length == 0) return true; /* half a character */
    }
    const ov_items items = ov_gathered(run, &position, 1);
    int32_t offsets[2] = {0, 0};
    ov_bits valid, bad;
    ov_text_kernel_for(&field, OV_LEVEL_PORTABLE)(&field, &items, offsets, place, &valid, &bad);
    text->length = (uint32_t)offsets[1];
    return ov_get_bit(valid.words, 0);
}

/* The end of the character that begins at `at`. */
static uint32_t behind(const utf8_text *text, uint32_t at) {
    do at++;
    while (at < text->length && (text->bytes[at] & 0xC0) == 0x80);
    return at;
}

/* Goes back only to the last LIKE_MANY: what an earlier one takes can't help. */
static bool is_like(const uint8_t *pattern, uint32_t size, const utf8_text *text) {
    uint32_t at = 0, next = 0, many = UINT32_MAX, taken = 0;
    while (at < text->length) {
        if (next < size && pattern[next] == OV_LIKE_MANY) {
            many = next++;
            taken = at;
        } else if (next < size && pattern[next] == OV_LIKE_ONE) {
            at = behind(text, at);
            next++;
        } else if (next < size && pattern[next] == text->bytes[at]) {
            at++;
            next++;
        } else if (many != UINT32_MAX) {
            at = taken = behind(text, taken);
            next = many + 1;
        } else {
            return false;
        }
    }
    while (next < size && pattern[next] == OV_LIKE_MANY) next++;
    return next == size;
}

/* COMPARE_STRING: the pool has the length of the constant in UTF-8, that, and the constant as the field would hold it.
 */
static int string_order(const ov_run *run, const ov_test *test, const utf8_text *text, const uint8_t *p,
                        uint32_t length) {
    const int32_t *w = test->words;
    const uint8_t *pool = run->pool + w[OV_W_POOL];
    int32_t size;
    memcpy(&size, pool, sizeof size);
    pool += sizeof size;
    if (text->length == (uint32_t)size && memcmp(text->bytes, pool, text->length) == 0) return 0;
    const bool pairs = test->field.op == OV_OP_NATIONAL;
    return order_of(p, length, pool + size, (uint32_t)(w[OV_W_POOL_LENGTH] - 4 - size),
                    pairs ? 0x20 : (uint8_t)w[OV_W_UP], pairs);
}

static void test_one(ov_run *run, const ov_test *test, const ov_rows *rows, ov_truth *truth) {
    const int32_t *w = test->words, *operand = test->operand;
    uint32_t positions[OV_TILE], lengths[OV_TILE];
    ov_place_rows(run, rows, operand[OV_W_FRAME], operand[OV_W_OFFSET], operand[OV_W_LENGTH], positions, lengths);
    for (uint32_t i = 0; i < rows->count; i++) {
        utf8_text text;
        const bool valid = read_text(run, &test->field, positions[i], lengths[i], run->texts, &text);
        if (w[OV_W_OP] == OV_OP_IS_NULL) {
            ov_decide(truth, i, !valid);
        } else if (valid && w[OV_W_OP] == OV_OP_LIKE) {
            ov_decide(truth, i, is_like(run->pool + w[OV_W_POOL], (uint32_t)w[OV_W_POOL_LENGTH], &text));
        } else if (valid) {
            const int order = string_order(run, test, &text, run->data + positions[i], lengths[i]);
            ov_decide(truth, i, ov_holds(w[OV_W_DIGITS], order));
        }
    }
}

/* The order of two texts. False: unknown. */
static bool texts_order(ov_run *run, const ov_test *test, const uint32_t *positions, const uint32_t *lengths,
                        int *order) {
    const ov_field *a = &test->field, *b = &test->second;
    if (a->op == OV_OP_TEXT && b->op == OV_OP_TEXT && a->pool == b->pool) {
        const uint8_t pad = (uint8_t)test->words[OV_W_UP], *p = run->data + positions[0], *q = run->data + positions[1];
        if (lengths[0] == 0 || lengths[1] == 0) return false;
        if ((a->flags & OV_FLAG_ABSENT) && is_nothing(p, lengths[0])) return false;
        if ((b->flags & OV_FLAG_ABSENT) && is_nothing(q, lengths[1])) return false;
        *order = order_of(p, ov_text_size(p, lengths[0], pad, 0), q, ov_text_size(q, lengths[1], pad, 0), pad, false);
        return true;
    }
    utf8_text one, other;
    if (!read_text(run, a, positions[0], lengths[0], run->texts, &one)) return false;
    if (!read_text(run, b, positions[1], lengths[1], run->texts + run->text_room, &other)) return false;
    *order = order_of(one.bytes, one.length, other.bytes, other.length, 0x20, false);
    return true;
}

static void test_two(ov_run *run, const ov_test *test, const ov_rows *rows, ov_truth *truth) {
    const int32_t *a = test->operand, *b = test->other;
    uint32_t positions[2][OV_TILE], lengths[2][OV_TILE];
    ov_place_rows(run, rows, a[OV_W_FRAME], a[OV_W_OFFSET], a[OV_W_LENGTH], positions[0], lengths[0]);
    ov_place_rows(run, rows, b[OV_W_FRAME], b[OV_W_OFFSET], b[OV_W_LENGTH], positions[1], lengths[1]);
    for (uint32_t i = 0; i < rows->count; i++) {
        const uint32_t at[2] = {positions[0][i], positions[1][i]}, size[2] = {lengths[0][i], lengths[1][i]};
        int order;
        if (texts_order(run, test, at, size, &order)) {
            ov_decide(truth, i, ov_holds(test->words[OV_W_DIGITS], order));
        }
    }
}

void ov_test_text(ov_run *run, const ov_test *test, const ov_rows *rows, ov_truth *truth) {
    if (test->other) {
        test_two(run, test, rows, truth);
    } else {
        test_one(run, test, rows, truth);
    }
}
