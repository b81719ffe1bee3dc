/* Kernels at every level against the rules' own words, item by item: every size, sign and type, with good, bad and
 * absent items, in memory with guard pages right before or behind it, and nothing written behind the slack.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "decimal.h"
#include "kernels.h"
#include "plans.h"
#include "random.h"

enum { MOST = 256, REST = 96 };

static choices c;
static const char *const level_names[] = {"portable", "avx2", "avx512", "neon"};

static bool chance(uint32_t one_in) { return choose(&c, one_in) == 0; }

/* Mostly what such a field holds. */
static void fill_number(const ov_field *f, uint8_t *p) {
    static const uint8_t plus[] = {0xC0, 0xA0, 0xE0, 0xF0}, minus[] = {0xD0, 0xB0}, fills[] = {0x40, 0x00, 0xFF, 0x20};
    const bool is_ascii = f->flags & OV_FLAG_ASCII, negative = chance(2), any = chance(12);
    const int32_t n = f->length;
    if (chance(9)) {
        memset(p, fills[choose(&c, 4)], (size_t)n);
        return;
    }
    for (int32_t i = 0; i < n; i++) {
        const uint8_t digit = (uint8_t)(any ? choose(&c, 16) : choose(&c, 10));
        if (f->op == OV_OP_ZONED)
            p[i] = (uint8_t)((is_ascii ? 0x30 : 0xF0) | digit);
        else
            p[i] = (uint8_t)(digit << 4 | choose(&c, chance(30) ? 16 : 10));
    }
    if (f->op == OV_OP_ZONED) {
        uint8_t *sign = f->flags & OV_FLAG_LEADING ? p : p + n - 1;
        if (f->flags & OV_FLAG_SEPARATE) {
            *sign = is_ascii ? (negative ? 0x2D : 0x2B) : (negative ? 0x60 : 0x4E);
            if (chance(8)) *sign = (uint8_t)choose(&c, 256);
        } else if (!is_ascii)
            *sign = (uint8_t)((*sign & 15) | (negative ? minus[choose(&c, 2)] : plus[choose(&c, 4)]));
        else if (chance(2))
            *sign = (uint8_t)(0x70 | (*sign & 15));
        if (chance(9)) memset(p, 0x40, 1 + choose(&c, (uint32_t)n));
    } else {
        if (!(f->flags & OV_FLAG_NO_SIGN)) p[n - 1] = (uint8_t)((p[n - 1] & 0xF0) | (10 + choose(&c, 6)));
        if ((2 * n - !(f->flags & OV_FLAG_NO_SIGN)) > f->digits && !chance(20)) p[0] &= 15;
    }
    if (chance(12)) p[choose(&c, (uint32_t)n)] ^= (uint8_t)(1u << choose(&c, 8));
}

/* Items a stride apart, or anywhere, at the very end or beginning of what can be read. */
typedef struct memory {
    uint8_t *data;
    size_t length;
    bool front;
    uint32_t positions[MOST];
    ov_items items;
} memory;

static void lay(memory *m, int32_t length, bool full) {
    static const uint16_t counts[] = {256, 255, 8, 9, 7, 64, 65, 16, 3, 1};
    const uint32_t count = full ? MOST : chance(2) ? counts[choose(&c, 10)] : 1 + choose(&c, 256);
    const uint32_t gap = chance(3) ? 0 : choose(&c, 40), step = (uint32_t)length + gap;
    m->front = chance(2);
    m->length = (size_t)step * (count - 1) + (size_t)length;
    m->data = guarded(m->length, m->front);
    for (uint32_t k = 0; k < count; k++) m->positions[k] = k * step;
    const bool strided = chance(2);
    for (uint32_t k = count; !strided && k > 1; k--) {
        const uint32_t other = choose(&c, k), at = m->positions[k - 1];
        m->positions[k - 1] = m->positions[other];
        m->positions[other] = at;
    }
    m->items = (ov_items){m->data, strided ? NULL : m->positions, step, count, m->data, m->data + m->length};
    for (size_t i = 0; i < m->length; i++) m->data[i] = (uint8_t)choose(&c, 256);
}

static const char *check_bits(const ov_bits *bits, uint32_t k, bool expected) {
    return ov_get_bit(bits->words, k) == expected ? NULL : "a bit differs";
}

/* With byte >= 0 all items are the same but there, where each of the 256 values is once. */
static const char *number_round(const ov_field *f, ov_level level, int32_t byte) {
    static const uint8_t widths[] = {0, 4, 8, 16, 4, 8};
    memory m;
    lay(&m, f->length, byte >= 0);
    const uint32_t count = m.items.count;
    for (uint32_t k = 0; k < count; k++)
        if (f->op == OV_OP_ZONED || f->op == OV_OP_PACKED) fill_number(f, (uint8_t *)(uintptr_t)ov_item(&m.items, k));
    if (byte >= 0) {
        const uint8_t *model = ov_item(&m.items, 0);
        for (uint32_t k = 0; k < count; k++) {
            uint8_t *item = (uint8_t *)(uintptr_t)ov_item(&m.items, k);
            memmove(item, model, (size_t)f->length);
            item[byte] = (uint8_t)k;
        }
    }
    const size_t width = widths[f->type], room = width * count + OV_SLACK;
    uint8_t *out = guarded(room, false);
    memset(out, 0xA5, room);
    ov_bits valid, bad;
    memset(&valid, 0xA5, sizeof valid);
    memset(&bad, 0xA5, sizeof bad);
    ov_number_kernel_for(f, level)(f, &m.items, out, &valid, &bad);
    const char *wrong = NULL;
    for (uint32_t k = 0; k < MOST && !wrong; k++) {
        ov_outcome outcome = OV_ABSENT;
        uint8_t expected[16] = {0};
        if (k < count && f->op == OV_OP_FLOAT) {
            const double value = ov_float_value(f, ov_item(&m.items, k));
            const float narrow = (float)value;
            outcome = OV_VALUE;
            memcpy(expected, width == 4 ? (const void *)&narrow : (const void *)&value, width);
            static const uint64_t nan64 = 0x7FF8000000000000u;
            static const uint32_t nan32 = 0x7FC00000u;
            if (value != value) memcpy(expected, width == 4 ? (const void *)&nan32 : (const void *)&nan64, width);
        } else if (k < count) {
            ov_int128 value = {0, 0};
            outcome = ov_read_integer(f, ov_item(&m.items, k), &value);
            if (outcome != OV_VALUE) value = (ov_int128){0, 0};
            ov_store_integer(f->type, expected, 0, value);
        }
        wrong = check_bits(&valid, k, outcome == OV_VALUE);
        if (!wrong) wrong = check_bits(&bad, k, outcome == OV_BAD);
        if (!wrong && k < count && memcmp(out + k * width, expected, width) != 0) wrong = "a value differs";
    }
    guarded_free(out, room, false);
    guarded_free(m.data, m.length, m.front);
    return wrong;
}

/* A page with characters of one, two and three bytes, and some without; longest: 1 to 3. */
static void make_page(uint8_t pool[OV_TEXT_POOL + OV_TEXT_POOL_LATIN1], int longest) {
    memset(pool, 0, OV_TEXT_POOL + OV_TEXT_POOL_LATIN1);
    for (int i = 0; i < 256; i++) {
        uint8_t *entry = pool + 4 * i;
        const uint8_t low = (uint8_t)(0x80 | (i & 63));
        if (i % 61 == 60) continue;
        if (i >= 0x80 || longest == 1 || i % 8 == 0) {
            entry[0] = 1;
            entry[1] = pool[OV_TEXT_POOL + i] = (uint8_t)(i == 0 ? 0 : i % 0x7F + 1);
        } else if (longest == 2 || i % 3) {
            entry[0] = 2;
            entry[1] = (uint8_t)(0xC2 + (i & 1));
            entry[2] = low;
            if (i % 5) pool[OV_TEXT_POOL + i] = (uint8_t)((entry[1] << 6) | (low & 63));
        } else {
            entry[0] = 3;
            entry[1] = 0xE2;
            entry[2] = low;
            entry[3] = 0x81;
        }
    }
    if (chance(2)) pool[OV_TEXT_POOL] = pool[0] = 0; /* x'00' is a character or none */
}

static void fill_text(const ov_field *f, uint8_t *p, uint32_t one_in) {
    static const uint8_t pads[] = {0x40, 0x00, 0x20};
    const int32_t n = f->length;
    if (chance(20)) {
        memset(p, chance(2) ? 0x00 : 0xFF, (size_t)n);
        if (chance(3)) p[choose(&c, (uint32_t)n)] = 0x40;
        return;
    }
    for (int32_t i = 0; i < n; i++) {
        do p[i] = (uint8_t)(chance(one_in) ? choose(&c, 256) : 0x80 + choose(&c, 128));
        while (p[i] % 61 == 60 && !chance(20));
    }
    const uint8_t pad = pads[choose(&c, 3)];
    for (int32_t i = (int32_t)choose(&c, (uint32_t)n + 1); i < n; i++) p[i] = chance(30) ? 0 : pad;
    if (chance(4)) memset(p, pad, choose(&c, (uint32_t)n + 1));
}

static const char *text_round(ov_level level) {
    static uint8_t pool[OV_TEXT_POOL + OV_TEXT_POOL_LATIN1];
    const bool latin1 = chance(4);
    const int longest = latin1 ? 1 : 1 + (int)choose(&c, 3);
    make_page(pool, longest);
    const int32_t flags = (int32_t)choose(&c, 1 << 15) & (OV_FLAG_ABSENT | OV_FLAG_TRIM_RIGHT | OV_FLAG_ASCII);
    ov_field f = {
        OV_OP_TEXT, 1 + (int32_t)choose(&c, chance(3) ? 200 : 66), latin1 ? 1 : longest, 0, flags, OV_TYPE_UTF8, pool};
    f.flags |= OV_FIELD_BOTH_TABLES;
    if (latin1) f.flags |= OV_FLAG_LATIN1;
    if (chance(4)) f.flags |= OV_FLAG_TRIM_LEFT;
    memory m;
    lay(&m, f.length, false);
    const uint32_t count = m.items.count, one_in = 1 + choose(&c, chance(2) ? 4 : 400);
    for (uint32_t k = 0; k < count; k++) fill_text(&f, (uint8_t *)(uintptr_t)ov_item(&m.items, k), one_in);
    const size_t most = (size_t)f.length * (size_t)f.digits * count, room = 5 + most + OV_SLACK;
    const size_t offsets_room = (count + 1) * 4 + OV_SLACK;
    uint8_t *data = guarded(room, false), *expected = malloc(room);
    int32_t *offsets = (int32_t *)(void *)guarded(offsets_room, false), end = 5;
    offsets[0] = 5;
    memset(data, 0xA5, room);
    ov_bits valid, bad;
    memset(&valid, 0xA5, sizeof valid);
    memset(&bad, 0xA5, sizeof bad);
    ov_text_kernel_for(&f, level)(&f, &m.items, offsets, data, &valid, &bad);
    const char *wrong = NULL;
    for (uint32_t k = 0; k < MOST && !wrong; k++) {
        ov_outcome outcome = OV_ABSENT;
        if (k < count) {
            outcome = ov_text_value(&f, ov_item(&m.items, k), expected, &end);
            if (offsets[k + 1] != end) wrong = "a length differs";
        }
        if (!wrong) wrong = check_bits(&valid, k, outcome == OV_VALUE);
        if (!wrong) wrong = check_bits(&bad, k, outcome == OV_BAD);
    }
    if (!wrong && memcmp(expected + 5, data + 5, (size_t)end - 5) != 0) wrong = "a text differs";
    for (int i = 0; i < 5 && !wrong; i++)
        if (data[i] != 0xA5) wrong = "written before the text";
    free(expected);
    guarded_free(data, room, false);
    guarded_free((uint8_t *)offsets, offsets_room, false);
    guarded_free(m.data, m.length, m.front);
    return wrong;
}

static void number_check(ov_level level, ov_field f, uint32_t seed, int32_t byte) {
    c = (choices){NULL, 0, seed * 0x9e3779b97f4a7c15u};
    const char *wrong = number_round(&f, level, byte);
    if (!check_(wrong == NULL, wrong ? wrong : "", __FILE__, __LINE__))
        fprintf(stderr, "  op %d, %d digits, %d bytes, flags %d, type %d, seed %u at %s\n", f.op, f.digits, f.length,
                f.flags, f.type, seed, level_names[level]);
}

static void numbers(ov_level level, uint32_t rounds) {
    const int32_t free_flags = OV_FLAG_SIGNED | OV_FLAG_ABSENT | OV_FLAG_LENIENT | OV_FLAG_ASCII | OV_FLAG_ASCII_PY |
                               OV_FLAG_LEADING | OV_FLAG_SEPARATE | OV_FLAG_NO_SIGN;
    for (uint32_t round = 0; round < rounds; round++) {
        for (int32_t digits = 1; digits <= 38; digits++) {
            c = (choices){NULL, 0, (round * 64 + (uint32_t)digits) * 0x9e3779b97f4a7c15u};
            ov_field f = {.digits = digits, .flags = (int32_t)choose(&c, 1 << 15) & free_flags};
            const int32_t narrowest = digits <= 9 ? OV_TYPE_INT32 : digits <= 18 ? OV_TYPE_INT64 : OV_TYPE_DECIMAL128;
            f.type =
                chance(2) ? narrowest : narrowest + (int32_t)choose(&c, (uint32_t)(OV_TYPE_DECIMAL128 - narrowest + 1));
            if (f.type == OV_TYPE_DECIMAL128 && digits < 30 && chance(8)) f.up = 1 + (int32_t)choose(&c, 8);
            const uint32_t seed = choose(&c, 0) | 1;
            f.op = OV_OP_ZONED;
            f.length = digits + !!(f.flags & OV_FLAG_SEPARATE);
            number_check(level, f, seed, (int32_t)(round % 2) * (1 + (int32_t)(seed / 7 % (uint32_t)f.length)) - 1);
            f.op = OV_OP_PACKED;
            f.length = f.flags & OV_FLAG_NO_SIGN ? (digits + 1) / 2 : digits / 2 + 1;
            number_check(level, f, seed, (int32_t)(round % 2) * (1 + (int32_t)(seed / 7 % (uint32_t)f.length)) - 1);
        }
        for (int32_t length = 1; length <= 8; length++) {
            c = (choices){NULL, 0, (round * 64 + 40 + (uint32_t)length) * 0x9e3779b97f4a7c15u};
            const int32_t flags = (int32_t)choose(&c, 1 << 15) & (OV_FLAG_SIGNED | OV_FLAG_LITTLE | OV_FLAG_IEEE);
            const int32_t least = length < 4 || (length == 4 && flags & OV_FLAG_SIGNED)   ? OV_TYPE_INT32
                                  : length < 8 || (length == 8 && flags & OV_FLAG_SIGNED) ? OV_TYPE_INT64
                                                                                          : OV_TYPE_DECIMAL128;
            const int32_t type = least + (int32_t)choose(&c, (uint32_t)(OV_TYPE_DECIMAL128 - least + 1));
            number_check(level, (ov_field){OV_OP_BINARY, length, 0, 0, flags, type, NULL}, choose(&c, 0), -1);
            if (length % 4) continue;
            const int32_t real = length == 4 && flags & OV_FLAG_IEEE ? OV_TYPE_FLOAT32 : OV_TYPE_FLOAT64;
            number_check(level, (ov_field){OV_OP_FLOAT, length, 0, 0, flags, real, NULL}, choose(&c, 0), -1);
        }
    }
}

static void texts(ov_level level, uint32_t rounds) {
    for (uint32_t round = 0; round < rounds; round++) {
        c = (choices){NULL, 0, (round + 1) * 0x9e3779b97f4a7c15u};
        const char *wrong = text_round(level);
        if (!check_(wrong == NULL, wrong ? wrong : "", __FILE__, __LINE__))
            fprintf(stderr, "  text, round %u at %s\n", round, level_names[level]);
    }
}

int main(int argc, char **argv) {
    const uint32_t rounds = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 24;
    for (int level = OV_LEVEL_PORTABLE; level <= OV_LEVEL_NEON; level++) {
        if (ov_set_level((ov_level)level) != (ov_level)level) continue;
        numbers((ov_level)level, rounds);
        texts((ov_level)level, 40 * rounds);
    }
    return checks_failed();
}
