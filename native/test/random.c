/* See random.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint32_t choose(choices *c, uint32_t below) {
    uint32_t value = 0;
    if (c->length > 0) {
        const size_t n = below > 256 ? 2 : 1;
        for (size_t i = 0; i < n && c->length > 0; i++, c->length--) value = value << 8 | *c->bytes++;
    } else {
        c->seed = c->seed * 6364136223846793005u + 1442695040888963407u;
        value = (uint32_t)(c->seed >> 33);
    }
    return below ? value % below : value;
}

static bool chance(choices *c, uint32_t one_in) { return choose(c, one_in) == 0; }

/* Plans. */

typedef struct builder {
    plan_builder *b;
    choices *c;
    int32_t page, short_page, double_page, double_length; /* code pages with and without their second table */
    int32_t frames, fields;                               /* how many more */
    int32_t operand, operand_frame;                       /* a number here or in what encloses this, or -1 */
} builder;

typedef struct place {
    int32_t frame, offset;
} place;

static int32_t some_flags(choices *c, int32_t mask) { return (int32_t)choose(c, 1 << 15) & mask; }

static int32_t type_for(choices *c, int32_t digits) {
    if (chance(c, 4) || digits > 18) return OV_TYPE_DECIMAL128;
    return digits <= 9 && !chance(c, 4) ? OV_TYPE_INT32 : OV_TYPE_INT64;
}

static int32_t some_digits(choices *c) {
    static const uint8_t usual[] = {1, 2, 3, 4, 5, 7, 8, 9, 10, 15, 16, 17, 18, 19, 31, 38};
    return chance(c, 3) ? 1 + (int32_t)choose(c, 38) : usual[choose(c, sizeof usual)];
}

static step some_text(builder *g) {
    choices *c = g->c;
    step s = {.op = OV_OP_TEXT, .length = 1 + (int32_t)choose(c, chance(c, 4) ? 200 : 34), .type = OV_TYPE_UTF8};
    s.flags = some_flags(c, OV_FLAG_ABSENT | OV_FLAG_QUIET | OV_FLAG_TRIM_RIGHT | OV_FLAG_TRIM_LEFT | OV_FLAG_LATIN1 |
                                OV_FLAG_ASCII);
    const bool whole = (s.flags & OV_FLAG_LATIN1) || !chance(c, 8);
    s.digits = s.flags & OV_FLAG_LATIN1 ? 1 : 2 + (int32_t)choose(c, 3);
    s.pool = whole ? g->page : g->short_page;
    s.pool_length = OV_TEXT_POOL + (whole ? OV_TEXT_POOL_LATIN1 : 0);
    return s;
}

/* A mixed code page: extras where the first table would be, then two tables, whose characters are of one to three bytes
 * or extras. */
static void add_double_page(builder *g) {
    uint8_t pool[OV_DOUBLE_TABLES + 3 * OV_DOUBLE_TABLE] = {0};
    static const uint16_t characters[] = {0x3042, 0xe9, 0x41, 0xd800, 0, 0xd801, 0xffe5, 0x20};
    memcpy(pool, g->b->pool + g->page, OV_TEXT_POOL);
    pool[OV_DOUBLE_WARDS + 0xf1] = pool[OV_DOUBLE_WARDS + 0x81] = 2;
    pool[OV_DOUBLE_WARDS + 0xf2] = pool[OV_DOUBLE_WARDS + 0x40] = 3;
    uint8_t *extras = pool + OV_DOUBLE_TABLES, *tables = extras + OV_DOUBLE_TABLE;
    memcpy(extras, "\4\xf0\x9f\x98\x80", 5);
    memcpy(extras + OV_DOUBLE_EXTRA, "\2ab", 3);
    for (size_t i = 0; i < OV_DOUBLE_TABLE; i++) memcpy(tables + 2 * i, &characters[i % 8], sizeof characters[0]);
    g->double_length = (int32_t)sizeof pool;
    g->double_page = plan_constant(g->b, pool, sizeof pool);
}

/* Text of pairs, of pairs among single bytes, or UTF-8. */
static step some_wide_text(builder *g) {
    choices *c = g->c;
    step s = {.op = OV_OP_TEXT_MIXED + (int32_t)choose(c, 3), .length = 2 + 2 * (int32_t)choose(c, 20)};
    s.type = OV_TYPE_UTF8;
    s.flags = some_flags(c, OV_FLAG_ABSENT | OV_FLAG_QUIET | OV_FLAG_TRIM_RIGHT | OV_FLAG_TRIM_LEFT | OV_FLAG_ASCII);
    s.digits = s.op == OV_OP_TEXT_UTF8 ? 1 : 2 + (int32_t)choose(c, 3);
    if (s.op == OV_OP_TEXT_UTF8) return s;
    s.pool = g->double_page;
    s.pool_length = g->double_length;
    return s;
}

static step some_edited(builder *g) {
    choices *c = g->c;
    step s = {.op = OV_OP_EDITED, .length = 1 + (int32_t)choose(c, 16)};
    s.flags = some_flags(c, OV_FLAG_ABSENT | OV_FLAG_QUIET | OV_FLAG_ASCII | OV_FLAG_LENIENT);
    uint8_t pool[3 * 16];
    static const uint8_t symbols[] = {0x4b, 0x6b, 0x5b, 0x4e, 0x60, 0x40, 0xc3, 0xd9};
    for (int32_t i = 0; i < s.length; i++) {
        pool[3 * i] = (uint8_t)choose(c, OV_EDIT_INSERT + 1);
        const bool pair = i > 0 && pool[3 * i - 3] == OV_EDIT_CREDIT; /* the second byte of CR or DB */
        if (pool[3 * i] == OV_EDIT_PAIR && !pair) pool[3 * i] = OV_EDIT_INSERT;
        pool[3 * i + 1] = symbols[choose(c, sizeof symbols)];
        pool[3 * i + 2] = chance(c, 2) ? 0 : symbols[choose(c, sizeof symbols)];
        s.digits += pool[3 * i] <= OV_EDIT_FLOATING;
    }
    s.pool = plan_constant(g->b, pool, (size_t)s.length * 3);
    s.pool_length = 3 * s.length;
    if (s.flags & OV_FLAG_ASCII && chance(c, 3)) {
        s.flags |= OV_FLAG_WIDE;
        s.length *= 2;
    }
    s.up = (int32_t)choose(c, 3);
    s.type = type_for(c, s.digits + s.up);
    return s;
}

static step some_number(builder *g) {
    choices *c = g->c;
    step s = {.op = OV_OP_ZONED + (int32_t)choose(c, 3), .digits = some_digits(c)};
    if (chance(c, 4)) s.up = (int32_t)choose(c, (uint32_t)(39 - s.digits));
    int32_t digits = s.digits + s.up;
    switch (s.op) {
    case OV_OP_ZONED:
        s.flags = some_flags(c, OV_FLAG_SIGNED | OV_FLAG_LEADING | OV_FLAG_SEPARATE | OV_FLAG_ASCII | OV_FLAG_ASCII_PY |
                                    OV_FLAG_LENIENT | OV_FLAG_ABSENT | OV_FLAG_QUIET);
        s.length = s.digits + (s.flags & OV_FLAG_SEPARATE ? 1 : 0);
        if (s.flags & OV_FLAG_ASCII && chance(c, 3)) {
            s.flags |= OV_FLAG_WIDE;
            s.length *= 2;
        }
        break;
    case OV_OP_PACKED:
        s.flags = some_flags(c, OV_FLAG_SIGNED | OV_FLAG_NO_SIGN | OV_FLAG_ABSENT | OV_FLAG_QUIET | OV_FLAG_ASCII);
        s.length = s.flags & OV_FLAG_NO_SIGN ? (s.digits + 1) / 2 : s.digits / 2 + 1;
        break;
    default:
        s.flags = some_flags(c, OV_FLAG_SIGNED | OV_FLAG_LITTLE);
        s.length = 1 + (int32_t)choose(c, 8);
        s.up = s.up % 19;
        s.digits = 1 + s.digits % 19;
        s.flags |= chance(c, 4) ? OV_FLAG_LIMITED : 0;
        digits = 20 + s.up;
        if (chance(c, 2)) {
            s.up = 0;
            const bool is_signed = s.flags & OV_FLAG_SIGNED;
            digits = s.length < 4 || (s.length == 4 && is_signed) ? 9 : s.length < 8 || is_signed ? 18 : 20;
        }
    }
    s.type = type_for(c, digits);
    return s;
}

static step some_field(builder *g) {
    choices *c = g->c;
    switch (choose(c, 8)) {
    case 0: return some_text(g);
    case 1: return chance(c, 2) ? some_text(g) : some_wide_text(g);
    case 2:
        return (step){.op = OV_OP_NATIONAL,
                      .length = 2 + 2 * (int32_t)choose(c, 12),
                      .flags = some_flags(c, OV_FLAG_ABSENT | OV_FLAG_QUIET | OV_FLAG_TRIM_RIGHT | OV_FLAG_TRIM_LEFT),
                      .type = OV_TYPE_UTF8};
    case 3: {
        step s = {.op = OV_OP_FLOAT,
                  .length = chance(c, 2) ? 4 : 8,
                  .flags = OV_FLAG_SIGNED | some_flags(c, OV_FLAG_LITTLE | OV_FLAG_IEEE)};
        s.type = s.length == 4 && s.flags & OV_FLAG_IEEE ? OV_TYPE_FLOAT32 : OV_TYPE_FLOAT64;
        return s;
    }
    case 4: return some_edited(g);
    default: return some_number(g);
    }
}

static void add_field(builder *g, place *at) {
    step s = some_field(g);
    s.frame = at->frame;
    s.offset = chance(g->c, 8) ? (int32_t)choose(g->c, 64) : at->offset;
    plan_field(g->b, false, s);
    if (s.offset == at->offset) at->offset += s.length;
}

/* A number that mostly is small: counters are read here. */
static int32_t add_operand(builder *g, place *at) {
    step s = some_number(g);
    if (!chance(g->c, 6)) {
        s = (step){.op = OV_OP_ZONED, .length = 1, .digits = 1, .type = OV_TYPE_INT32};
        s.flags = some_flags(g->c, OV_FLAG_ABSENT | OV_FLAG_SIGNED);
    }
    s.frame = at->frame;
    s.offset = at->offset;
    at->offset += s.length;
    g->operand_frame = at->frame;
    return g->operand = plan_field(g->b, true, s);
}

static void add_items(builder *g, place *at, bool real, int depth, int least);

/* A table; `at` moves behind it. */
static void add_table(builder *g, place *at, bool real, int depth, bool varies) {
    choices *c = g->c;
    const bool counted = varies || !chance(c, 3);
    const bool measured = depth < 4 && g->frames > 4 && chance(c, 2);
    const int32_t counter = !counted ? -1 : g->operand >= 0 && chance(c, 3) ? g->operand : add_operand(g, at);
    const int32_t most = (int32_t)choose(c, counted ? 7 : 4) + (depth == 0 && chance(c, 6) ? 0 : 1);
    const int32_t length = measured ? 0 : 1 + (int32_t)choose(c, 10);
    int32_t flags = some_flags(c, OV_FLAG_QUIET);
    if (!measured && !varies && chance(c, 4)) flags |= OV_FLAG_PADDED;
    const bool is_real = real && !chance(c, 5);
    const int32_t table = plan_table(g->b, at->frame, at->offset, length, most, counter, flags, is_real);
    g->frames -= 2;
    place inside = {table, 0};
    const int32_t operand = g->operand, operand_frame = g->operand_frame;
    if (measured) {
        add_items(g, &inside, is_real, depth + 1, 1);
        plan_measured(g->b, table, inside.frame, inside.offset + (int32_t)choose(c, 3));
    } else {
        for (uint32_t i = choose(c, 3); is_real && i > 0; i--) add_field(g, &inside);
        if (chance(c, 3)) add_items(g, &inside, is_real, depth + 1, 0);
    }
    g->operand = operand;
    g->operand_frame = operand_frame;
    if (flags & OV_FLAG_PADDED || (!varies && !counted && !measured)) {
        at->offset += most * length;
    } else {
        *at = (place){plan_after(g->b, table), (int32_t)choose(c, 2)};
    }
}

/* Text as predicates read it: as UTF-8. */
static int32_t text_operand(builder *g, place *at) {
    step s = chance(g->c, 2) ? some_text(g) : some_wide_text(g);
    if (s.flags & OV_FLAG_LATIN1) s.digits = 3;
    s.flags &= ~OV_FLAG_LATIN1;
    s.frame = at->frame;
    s.offset = at->offset;
    return plan_field(g->b, true, s);
}

/* A test of an operand, which stands before all tests. */
static int32_t add_test(builder *g, place *at, int32_t operand, int32_t other) {
    choices *c = g->c;
    static const char literals[] = "\xc1\xf1\x40\xf0\0\xff";
    const int32_t op = plan_words(g->b, operand)[OV_W_OP], cmp = (int32_t)choose(c, 6);
    const bool is_text = op == OV_OP_TEXT || op > OV_OP_EDITED;
    if (chance(c, 6)) return plan_add(g->b, (step){.op = OV_OP_IS_NULL, .counter = operand});
    if (chance(c, 4) && other >= 0) {
        return plan_add(
            g->b, (step){.op = OV_OP_COMPARE_FIELDS, .digits = cmp, .up = 0x40, .counter = operand, .pool = other});
    }
    if (is_text && chance(c, 2)) {
        static const char pattern[] = "\xff"
                                      "A\xfe"
                                      "1\xff";
        const int32_t from = (int32_t)choose(c, 3), length = (int32_t)choose(c, 4 - (uint32_t)from);
        const int32_t pool = plan_constant(g->b, pattern + from, (size_t)length);
        return plan_add(g->b, (step){.op = OV_OP_LIKE, .counter = operand, .pool = pool, .pool_length = length});
    }
    if (is_text) {
        uint8_t constant[6] = {(uint8_t)choose(c, 2), 0, 0, 0, 'A', 0xc1};
        const int32_t pool = plan_constant(g->b, constant, sizeof constant);
        return plan_add(g->b, (step){.op = OV_OP_COMPARE_STRING,
                                     .digits = cmp,
                                     .up = 0x40,
                                     .counter = operand,
                                     .pool = pool,
                                     .pool_length = sizeof constant});
    }
    if (chance(c, 2)) {
        const int32_t frame = g->operand >= 0 && chance(c, 2) ? g->operand_frame : at->frame;
        const int32_t length = 1 + (int32_t)choose(c, chance(c, 4) ? 20 : 3);
        return plan_compare_text(g->b, frame, at->offset, length, cmp, literals + choose(c, 5), choose(c, 2),
                                 some_flags(c, OV_FLAG_ABSENT | OV_FLAG_EXACT));
    }
    return op == OV_OP_FLOAT ? plan_compare_float(g->b, operand, cmp, (double)(int32_t)choose(c, 4) - 1)
                             : plan_compare_number(g->b, operand, cmp, (int64_t)choose(c, 8) - 2);
}

static int32_t add_predicate(builder *g, place *at) {
    choices *c = g->c;
    int32_t operands[4], others[4], first = -1;
    const uint32_t count = 1 + choose(c, 3);
    for (uint32_t i = 0; i < count; i++) {
        step s = some_number(g);
        if (chance(c, 4)) s = (step){.op = OV_OP_FLOAT, .length = 8, .flags = OV_FLAG_SIGNED, .type = OV_TYPE_FLOAT64};
        if (chance(c, 8)) s = (step){.op = OV_OP_FLOAT, .length = 4, .flags = OV_FLAG_IEEE, .type = OV_TYPE_FLOAT32};
        s.frame = at->frame;
        s.offset = at->offset;
        others[i] = -1;
        if (chance(c, 4)) {
            operands[i] = text_operand(g, at);
            others[i] = text_operand(g, at);
            continue;
        }
        operands[i] = g->operand >= 0 && chance(c, 3) ? g->operand : plan_field(g->b, true, s);
        s.offset += (int32_t)choose(c, 4);
        if (plan_words(g->b, operands[i])[OV_W_OP] != OV_OP_FLOAT && s.op != OV_OP_FLOAT) {
            others[i] = plan_field(g->b, true, s);
        } else if (plan_words(g->b, operands[i])[OV_W_OP] == s.op) {
            others[i] = plan_field(g->b, true, s);
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        const int32_t made = add_test(g, at, operands[i], others[i]);
        if (i == 0) first = made;
        if (chance(c, 4)) plan_logic(g->b, OV_OP_NOT);
        if (chance(c, 4)) plan_logic(g->b, OV_OP_IS_TRUE);
        if (i > 0) plan_logic(g->b, chance(c, 2) ? OV_OP_AND : OV_OP_OR);
    }
    return first;
}

/* Items one after another; at least `least` of them are counted tables. */
static void add_items(builder *g, place *at, bool real, int depth, int least) {
    choices *c = g->c;
    for (uint32_t n = 1 + choose(c, depth ? 4 : 10); n > 0 || least > 0; n -= n > 0) {
        if (n <= 1 && least > 0) {
            add_table(g, at, real, depth, true);
            least--;
            continue;
        }
        const uint32_t kind = choose(c, 10);
        if (kind < 5 && real && g->fields > 0) {
            g->fields--;
            add_field(g, at);
        } else if (kind < 7 && g->frames > 2 && depth < 5) {
            add_table(g, at, real, depth, false);
        } else if (kind == 7 && real && g->frames > 2) {
            g->frames--;
            place under = *at;
            under.frame = plan_select(g->b, at->frame, add_predicate(g, at));
            const int32_t operand = g->operand, operand_frame = g->operand_frame;
            add_items(g, &under, real, depth + 1, 0);
            g->operand = operand;
            g->operand_frame = operand_frame;
            if (chance(c, 2)) plan_extent(g->b, under.frame, under.offset);
            at->offset += (int32_t)choose(c, 12);
        } else if (kind == 8 && real) {
            plan_extent(g->b, at->frame, at->offset);
        } else {
            at->offset += (int32_t)choose(c, 3);
        }
    }
}

void random_plan(plan_builder *b, choices *c) {
    plan_begin(b);
    builder g = {.b = b, .c = c, .frames = 24, .fields = 40, .operand = -1, .operand_frame = -1};
    g.page = plan_code_page(b);
    g.short_page = plan_constant(b, b->pool + g.page, OV_TEXT_POOL);
    add_double_page(&g);
    place at = {0, 0};
    add_items(&g, &at, true, 0, 0);
    if (chance(c, 2)) plan_extent(b, at.frame, at.offset);
}

/* Records. */

void random_bytes(choices *c, uint8_t *data, size_t length) {
    const uint32_t style = choose(c, 4);
    for (size_t i = 0; i < length;) {
        const uint32_t kind = choose(c, 16);
        size_t run = 1 + choose(c, kind > 12 ? 24 : 6);
        for (; run > 0 && i < length; run--, i++) {
            switch (kind) {
            case 13: data[i] = 0x40; break;
            case 14: data[i] = 0; break;
            case 15: data[i] = 0xff; break;
            case 0: data[i] = (uint8_t)choose(c, 256); break;
            case 1: data[i] = (uint8_t)(choose(c, 10) << 4 | choose(c, 10)); break;
            case 2: data[i] = (uint8_t)(choose(c, 10) << 4 | (10 + choose(c, 6))); break;
            case 3: data[i] = (uint8_t)(0xc0 + choose(c, 48)); break;
            case 4: data[i] = (uint8_t)(0x30 + choose(c, 10)); break;
            case 5: data[i] = (uint8_t) "\x4e\x60\x0e\x0f"[choose(c, 4)]; break;
            default:
                data[i] = (uint8_t)(style == 0 && run % 2 ? 0x81 + choose(c, 9) : 0xf0 + choose(c, kind < 10 ? 4 : 10));
            }
        }
    }
}

/* Comparing. */

static int32_t space_of(const plan_builder *b, int32_t frame) {
    int32_t tables[OV_MAX_FRAMES], spaces[OV_MAX_FRAMES];
    for (int32_t i = 0; i < b->code[OV_PLANW_INSTRUCTIONS]; i++) {
        const int32_t *w = b->code + OV_PLAN_HEADER + i * OV_WIDTH;
        const int32_t f = w[OV_W_TARGET];
        if (w[OV_W_OP] > OV_OP_SELECT) continue;
        tables[f] = w[OV_W_FRAME];
        spaces[f] = w[OV_W_OP] <= OV_OP_TABLE    ? w[OV_W_TYPE]
                    : w[OV_W_OP] == OV_OP_SELECT ? spaces[w[OV_W_FRAME]]
                                                 : spaces[tables[w[OV_W_FRAME]]];
        if (f == frame) return spaces[f];
    }
    return -1;
}

/* Are the slots [0, slots of `part`) of one the slots from `base` on of the other? `base`: one a space. */
static const char *same_slots(const decoding *all, const decoding *part, const int32_t *base) {
    static const uint8_t widths[7] = {0, 4, 8, 16, 4, 8, 4};
    plan_builder *b = all->b;
    for (int32_t i = 0; i < b->code[OV_PLANW_INSTRUCTIONS]; i++) {
        const int32_t *w = plan_words(b, i);
        const int32_t op = w[OV_W_OP], target = w[OV_W_TARGET];
        if (op >= OV_OP_TEXT && target >= 0) {
            const int32_t space = space_of(b, w[OV_W_FRAME]);
            const size_t from = (size_t)base[space], count = (size_t)slots_of(part, space);
            for (size_t k = 0; k < count; k++) {
                if (has_value(all, target, from + k) != has_value(part, target, k)) return "validity differs";
                if (is_bad(all, target, from + k) != is_bad(part, target, k)) return "bad bits differ";
            }
            const uint8_t *a = column_part(all, target, OV_COLUMN_VALUES),
                          *p = column_part(part, target, OV_COLUMN_VALUES);
            const size_t width = widths[w[OV_W_TYPE]];
            if (w[OV_W_TYPE] != OV_TYPE_UTF8) {
                if (memcmp(a + from * width, p, count * width) != 0) return "values differ";
                continue;
            }
            const int32_t *ends_a = (const int32_t *)(const void *)a + from, *ends_p = (const int32_t *)(const void *)p;
            for (size_t k = 0; k <= count; k++) {
                if (ends_a[k] - ends_a[0] != ends_p[k]) return "text offsets differ";
            }
            if (memcmp((const uint8_t *)column_part(all, target, OV_COLUMN_DATA) + ends_a[0],
                       column_part(part, target, OV_COLUMN_DATA), (size_t)ends_p[count]) != 0) {
                return "text differs";
            }
            continue;
        }
        if (op == OV_OP_ROOT || op > OV_OP_SELECT) continue;
        const int32_t parent = op == OV_OP_AFTER ? 0 : w[OV_W_FRAME], space = space_of(b, target);
        const int32_t outer = op == OV_OP_AFTER ? -1 : space_of(b, parent);
        if (space >= 0) {
            const size_t from = (size_t)base[space], count = (size_t)slots_of(part, space);
            if (op != OV_OP_SELECT && memcmp((const int32_t *)frame_part(all, target, OV_FRAME_POSITIONS) + from,
                                             frame_part(part, target, OV_FRAME_POSITIONS), count * 4) != 0) {
                return "positions differ";
            }
            for (size_t k = 0; op == OV_OP_SELECT && k < count; k++) {
                if (bit_of(frame_part(all, target, OV_FRAME_VALIDITY), from + k) !=
                    bit_of(frame_part(part, target, OV_FRAME_VALIDITY), k)) {
                    return "selections differ";
                }
            }
        }
        if (op != OV_OP_TABLE || w[OV_W_COUNTER] < 0 || outer < 0) continue;
        const size_t from = (size_t)base[outer], count = (size_t)slots_of(part, outer);
        for (size_t k = 0; k < count; k++) {
            if (bit_of(frame_part(all, target, OV_FRAME_FAULTS), from + k) !=
                bit_of(frame_part(part, target, OV_FRAME_FAULTS), k)) {
                return "faults differ";
            }
        }
        for (size_t k = 0; space >= 0 && k <= count; k++) {
            if (list_at(all, target, from + k) - base[space] != list_at(part, target, k)) return "list offsets differ";
        }
    }
    return NULL;
}

/* The counts of the header: words behind the slots of spaces, and SHORT and LONG. */
static void add_counts(const decoding *d, int32_t *sums, int32_t sign) {
    const int32_t *code = d->b->code;
    const int32_t words = code[OV_PLANW_SPACES] + 2 * code[OV_PLANW_COLUMNS] + code[OV_PLANW_FRAMES];
    for (int32_t i = 0; i < words; i++) sums[i] += sign * head_of(d, OV_HEAD_SPACES + i);
    sums[words] += sign * head_of(d, OV_HEAD_SHORT);
    sums[words + 1] += sign * head_of(d, OV_HEAD_LONG);
}

enum { MOST_RECORDS = 700, MOST_SPACES = 64, MOST_WORDS = 4096 };

typedef struct round {
    plan_builder *b;
    choices *c;
    decoding all, part;
    uint8_t *data;
    size_t length;
    uint32_t *starts, *ends;
    uint32_t count, stride;
} round_state;

static const char *decode_by_places(round_state *r, decoding *d, uint32_t from, uint32_t count) {
    return decode_records(d, r->data, r->length, r->starts + from, r->ends + from, count) == OV_OK ? NULL
                                                                                                   : "not decoded";
}

/* Decoded one by one, records give what they give together. */
static const char *check_one_by_one(round_state *r) {
    static int32_t sums[MOST_WORDS];
    memset(sums, 0, sizeof sums);
    int32_t base[MOST_SPACES] = {0};
    const uint32_t taken = (uint32_t)head_of(&r->all, OV_HEAD_RECORDS);
    const uint32_t step = taken > 40 ? 1 + choose(r->c, 40) : 1;
    for (uint32_t i = 0; i < taken; i += step) {
        const uint32_t count = taken - i < step ? taken - i : step;
        const char *wrong = decode_by_places(r, &r->part, i, count);
        if (wrong) return wrong;
        if (head_of(&r->part, OV_HEAD_STATUS) != 0) return "full for some records, not for all of them";
        wrong = same_slots(&r->all, &r->part, base);
        if (wrong) return wrong;
        for (int32_t space = 0; space < r->b->code[OV_PLANW_SPACES]; space++) base[space] += slots_of(&r->part, space);
        add_counts(&r->part, sums, 1);
    }
    add_counts(&r->all, sums, -1);
    for (size_t i = 0; i < MOST_WORDS; i++) {
        if (sums[i] != 0) return "counts differ";
    }
    return NULL;
}

/* Bits behind the last slot's, as far as its byte, are 0. */
static const char *check_last_bits(const decoding *d) {
    plan_builder *b = d->b;
    for (int32_t i = 0; i < b->code[OV_PLANW_INSTRUCTIONS]; i++) {
        const int32_t *w = plan_words(b, i);
        const int32_t op = w[OV_W_OP];
        if (op == OV_OP_ROOT || w[OV_W_TARGET] < 0) continue;
        const uint8_t *bitmaps[2] = {NULL, NULL};
        int32_t space = -1;
        if (op >= OV_OP_TEXT) {
            space = space_of(b, w[OV_W_FRAME]);
            bitmaps[0] = column_part(d, w[OV_W_TARGET], OV_COLUMN_VALIDITY);
            bitmaps[1] = column_part(d, w[OV_W_TARGET], OV_COLUMN_BAD);
        } else if (op == OV_OP_SELECT || (op == OV_OP_TABLE && w[OV_W_COUNTER] >= 0)) {
            space = space_of(b, w[OV_W_FRAME]);
            bitmaps[0] = frame_part(d, w[OV_W_TARGET], op == OV_OP_SELECT ? OV_FRAME_VALIDITY : OV_FRAME_FAULTS);
        }
        if (space < 0) continue;
        const size_t slots = (size_t)slots_of(d, space);
        for (int k = 0; k < 2; k++) {
            if (bitmaps[k] && slots % 8 != 0 && bitmaps[k][slots / 8] >> (slots % 8) != 0)
                return "bits behind the last slot";
        }
    }
    return NULL;
}

static const char *check_round(round_state *r) {
    static const int32_t none[MOST_SPACES] = {0};
    const ov_level best = ov_get_level();
    const char *wrong = decode_by_places(r, &r->all, 0, r->count);
    if (!wrong) wrong = check_last_bits(&r->all);
    for (int level = OV_LEVEL_PORTABLE; level < (int)best && !wrong; level++) {
        if (ov_set_level((ov_level)level) != (ov_level)level) continue;
        wrong = decode_by_places(r, &r->part, 0, r->count);
        if (!wrong && memcmp(r->all.slab, r->part.slab, OV_HEAD_SPACES * 4) != 0) wrong = "the header differs by level";
        if (!wrong) wrong = same_slots(&r->all, &r->part, none);
    }
    ov_set_level(best);
    if (!wrong) wrong = check_one_by_one(r);
    if (!wrong && r->stride > 0) {
        if (decode_strided(&r->part, r->data, r->length, r->stride, r->count) != OV_OK) return "not decoded by stride";
        if (memcmp(r->all.slab, r->part.slab, OV_HEAD_SPACES * 4) != 0) return "the header differs by stride";
        wrong = same_slots(&r->all, &r->part, none);
    }
    return wrong;
}

static void random_records(round_state *r) {
    choices *c = r->c;
    r->count = 1 + choose(c, chance(c, 3) ? MOST_RECORDS : 20);
    const uint32_t most = r->all.plan.reach + 2;
    const uint32_t typical = 1 + choose(c, most);
    r->stride = chance(c, 2) ? typical : 0;
    size_t end = 0;
    for (uint32_t i = 0; i < r->count; i++) {
        const size_t length = r->stride ? r->stride : chance(c, 3) ? choose(c, typical) : chance(c, 2) ? typical : most;
        r->starts[i] = (uint32_t)end;
        r->ends[i] = (uint32_t)(end += length);
    }
    r->length = end;
    r->data = guarded(end, plans_guard_front);
    /* Random bytes are dear; most records repeat them. */
    const size_t own = end < 4096 ? end : 4096;
    random_bytes(c, r->data, own);
    for (size_t i = own; i < end; i += own) {
        const size_t shift = i / own % 7;
        const size_t n = end - i < own - shift ? end - i : own - shift;
        memcpy(r->data + i, r->data + shift, n);
        if (n < own && i + n < end) memset(r->data + i + n, 0xf1, end - i - n < shift ? end - i - n : shift);
    }
}

bool plan_is_slow(plan_builder *b) {
    uint64_t items = 1;
    for (int32_t i = 0; i < b->code[OV_PLANW_INSTRUCTIONS]; i++) {
        const int32_t *w = plan_words(b, i);
        if (w[OV_W_OP] == OV_OP_TABLE && w[OV_W_DIGITS] > 1) items *= (uint64_t)w[OV_W_DIGITS];
        if (items > 1 << 16) return true;
    }
    return false;
}

const char *plan_round(plan_builder *b, choices *c) {
    static uint32_t starts[MOST_RECORDS], ends[MOST_RECORDS];
    if (b->code[OV_PLANW_SPACES] > MOST_SPACES) return NULL;
    int32_t capacities[MOST_SPACES];
    capacities[0] = chance(c, 8) ? 256 + (int32_t)choose(c, 400) : MOST_RECORDS;
    for (int32_t i = 1; i < b->code[OV_PLANW_SPACES]; i++) {
        capacities[i] = chance(c, 6) ? (int32_t)choose(c, 2000) : 1 << (11 + choose(c, 5));
    }
    plans_guard_front = chance(c, 2);
    size_t words;
    if (plan_is_slow(b) || slab_layout(b->code, capacities, NULL, &words) > 1 << 28) return NULL;
    round_state r = {.b = b, .c = c, .starts = starts, .ends = ends};
    if (!decoding_begin(&r.all, b, capacities)) return "the slab is refused";
    if (r.all.plan.reach > 1 << 14) {
        decoding_end(&r.all);
        return NULL;
    }
    if (!decoding_begin(&r.part, b, capacities)) return "a plan that was fine is refused";
    random_records(&r);
    const char *wrong = check_round(&r);
    guarded_free(r.data, r.length, plans_guard_front);
    decoding_end(&r.all);
    decoding_end(&r.part);
    return wrong;
}

const char *random_round(choices *c) {
    static plan_builder b;
    random_plan(&b, c);
    ov_plan plan;
    ov_error error;
    if (ov_plan_check(b.code, plan_size(&b), b.pool, (size_t)b.code[OV_PLANW_POOL], &plan, &error) != OV_OK) {
        fprintf(stderr, "instruction %d, word %d\n", error.at, error.word);
        return "a plan that is valid is refused";
    }
    return plan_round(&b, c);
}
