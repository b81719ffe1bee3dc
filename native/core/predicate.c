/* Predicates: three-valued logic over a tile of rows. Every comparison makes two bitmaps, which AND, OR and NOT
 * combine.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "predicate.h"

#include "decimal.h"

/* The items that have all of a field: of every row where `whole`, else those of the gather. */
typedef struct row_items {
    ov_items items;
    bool whole;
    ov_gather gather;
} row_items;

/* What a test by keys looked at: the next one is often of the same field and rows. */
struct ov_seen {
    const ov_test *test; /* NULL: nothing in this block yet */
    int32_t frame;       /* of the rows */
    uint32_t from;
    row_items rows;
    ov_key_words words;
};

static bool reads_operand(int32_t op) { return op >= OV_OP_COMPARE_NUMBER && op <= OV_OP_IS_NULL; }

size_t ov_tests_size(const ov_plan *plan) {
    size_t tests = 0;
    for (int32_t i = 0; i < plan->code[OV_PLANW_INSTRUCTIONS]; i++) {
        const int32_t op = ov_instruction(plan->code + OV_PLAN_HEADER, i)[OV_W_OP];
        tests += op == OV_OP_SELECT || (op >= OV_OP_COMPARE_TEXT && op <= OV_OP_IS_TRUE);
    }
    return tests > 0 ? tests * sizeof(ov_test) + sizeof(ov_seen) : 0;
}

ov_seen *ov_predicate_seen(const ov_plan *plan, uint8_t *place) {
    return ov_tests_size(plan) > 0 ? (ov_seen *)(void *)place : NULL;
}

ov_test *ov_predicate_tests(const ov_plan *plan, uint8_t *place) {
    return (ov_test *)(void *)(place + (ov_tests_size(plan) > 0 ? sizeof(ov_seen) : 0));
}

void ov_predicate_forget(ov_seen *seen) {
    if (seen) seen->test = NULL;
}

ov_test *ov_predicate_prepare(const ov_run *run, const int32_t *select, ov_test *tests) {
    const int32_t *w = ov_instruction(run->code, select[OV_W_POOL]);
    for (; w != select; w += OV_WIDTH, tests++) {
        memset(tests, 0, sizeof *tests);
        tests->words = w;
        if (reads_operand(w[OV_W_OP])) {
            tests->operand = ov_instruction(run->code, w[OV_W_COUNTER]);
            tests->field = ov_field_of(run, tests->operand);
        }
        if (w[OV_W_OP] == OV_OP_COMPARE_FIELDS) {
            tests->other = ov_instruction(run->code, w[OV_W_POOL]);
            tests->second = ov_field_of(run, tests->other);
        }
        ov_key_prepare(run, tests);
    }
    memset(tests, 0, sizeof *tests);
    tests->words = select;
    return tests + 1;
}

/* Slots of the rows as slots of what `frame` belongs to. */
static const uint32_t *slots_for(ov_run *run, const ov_rows *rows, int32_t frame, uint32_t *climbed) {
    const int32_t home = run->frames[frame].home;
    if (home == run->frames[rows->frame].home) return rows->slots;
    memcpy(climbed, rows->slots, rows->count * sizeof *climbed);
    ov_climb(run, rows->frame, home, climbed, rows->count);
    return climbed;
}

void ov_place_rows(ov_run *run, const ov_rows *rows, int32_t frame, int32_t offset, int32_t length, uint32_t *positions,
                   uint32_t *lengths) {
    const ov_frame *f = &run->frames[frame];
    uint32_t climbed[OV_TILE], records[OV_TILE];
    const uint32_t *slots = slots_for(run, rows, frame, climbed);
    memcpy(records, slots, rows->count * sizeof *records);
    ov_climb(run, frame, 0, records, rows->count);
    for (uint32_t i = 0; i < rows->count; i++) {
        positions[i] = f->positions[slots[i]] + (uint32_t)offset;
        const int64_t there = (int64_t)run->ends[records[i]] - positions[i];
        lengths[i] = there >= length ? (uint32_t)length : there > 0 ? (uint32_t)there : 0;
    }
}

static void find_items(ov_run *run, const ov_rows *rows, int32_t frame, int32_t offset, int32_t length, row_items *r) {
    const ov_frame *f = &run->frames[frame];
    if (f->home == run->frames[rows->frame].home && f->room >= (int64_t)offset + length) {
        r->whole = true;
        r->items = ov_gathered(run, r->gather.positions, rows->count);
        r->items.origin += offset;
        if (!rows->dense) {
            for (uint32_t i = 0; i < rows->count; i++) r->gather.positions[i] = f->positions[rows->slots[i]];
        } else if (f->op == OV_OP_ROOT && run->stride > 0) {
            r->items.positions = NULL;
            r->items.origin += f->positions[rows->from];
            r->items.stride = run->stride;
        } else {
            r->items.positions = f->positions + rows->from;
        }
        return;
    }
    uint32_t climbed[OV_TILE];
    ov_gather_items(run, frame, offset, length, slots_for(run, rows, frame, climbed), rows->count, &r->gather);
    r->whole = false;
    r->items = ov_gathered(run, r->gather.positions, r->gather.full);
}

static inline uint32_t row_of(const row_items *r, uint32_t item) { return r->whole ? item : r->gather.index[item]; }

/* Bits of the items as bits of the rows. */
static void spread(const row_items *r, ov_bits *bits) {
    if (r->whole) return;
    const ov_bits from = *bits;
    ov_bits_clear(bits);
    for (uint32_t j = 0; j < r->gather.full; j++) {
        const uint32_t row = r->gather.index[j];
        bits->words[row >> 6] |= (uint64_t)ov_get_bit(from.words, j) << (row & 63);
    }
}

/* Truth of a comparison from orders that are known. */
static void decide_all(int32_t cmp, const ov_bits *less, const ov_bits *equal, const ov_bits *known, ov_truth *truth) {
    for (uint32_t i = 0; i < OV_TILE_BITS / 64; i++) {
        const uint64_t l = less->words[i], e = equal->words[i];
        uint64_t holds;
        switch (cmp) {
        case OV_CMP_EQ: holds = e; break;
        case OV_CMP_NE: holds = ~e; break;
        case OV_CMP_LT: holds = l; break;
        case OV_CMP_LE: holds = l | e; break;
        case OV_CMP_GT: holds = ~(l | e); break;
        default: holds = ~l; break;
        }
        truth->yes.words[i] |= holds & known->words[i];
        truth->not_no.words[i] &= holds | ~known->words[i];
    }
}

/* One number against the constant, by the letter of the rules. False: unknown. */
static bool number_order(const ov_run *run, const ov_test *test, const uint8_t *p, int *order) {
    ov_int128 value, constant;
    if (ov_read_integer(&test->field, p, &value) != OV_VALUE) return false;
    memcpy(&constant, run->pool + test->words[OV_W_POOL], sizeof constant);
    *order = ov_int128_compare(value, constant);
    return true;
}

/* Where the fields of a test are, in their frame. */
static const int32_t *place_of(const ov_test *test) {
    return test->words[OV_W_OP] == OV_OP_COMPARE_TEXT ? test->words : test->operand;
}

/* The rows' items, and their words where the test has a key. */
static const ov_seen *look(ov_run *run, const ov_test *test, const ov_rows *rows) {
    ov_seen *seen = run->seen;
    const int32_t *w = place_of(test);
    if (seen->test && seen->frame == rows->frame && seen->from == rows->from && seen->test->key.two == test->key.two) {
        const int32_t *before = place_of(seen->test);
        if (before[OV_W_FRAME] == w[OV_W_FRAME] && before[OV_W_OFFSET] == w[OV_W_OFFSET] &&
            before[OV_W_LENGTH] == w[OV_W_LENGTH])
            return seen;
    }
    find_items(run, rows, w[OV_W_FRAME], w[OV_W_OFFSET], w[OV_W_LENGTH], &seen->rows);
    if (test->kernel && seen->rows.items.count > 0) ov_key_load(test, &seen->rows.items, &seen->words);
    seen->test = test->kernel ? test : NULL;
    seen->frame = rows->frame;
    seen->from = rows->from;
    return seen;
}

/* Tests by keys: COMPARE_TEXT and most COMPARE_NUMBERs. */
static void test_keys(ov_run *run, const ov_test *test, const ov_rows *rows, ov_truth *truth) {
    const bool is_text = test->words[OV_W_OP] == OV_OP_COMPARE_TEXT;
    const int32_t *w = place_of(test);
    const ov_seen *seen = look(run, test, rows);
    const row_items *r = &seen->rows;
    if (r->items.count > 0) {
        ov_bits less, equal, again, known;
        ov_bits_fill(&known, r->items.count);
        if (test->kernel) {
            ov_key_compare(test, &seen->words, r->items.count, &less, &equal, &again);
        } else {
            ov_bits_clear(&less);
            ov_bits_clear(&equal);
            again = known;
        }
        for (uint32_t i = 0; i < OV_TILE_BITS / 64; i++) {
            for (uint64_t left = again.words[i]; left != 0; left &= left - 1) {
                const uint64_t bit = left & (0 - left);
                const uint8_t *p = ov_item(&r->items, i * 64 + (uint32_t)__builtin_ctzll(left));
                int order = 0;
                const bool is_known =
                    is_text ? ov_text_order(w, run->pool + w[OV_W_POOL], p, (uint32_t)w[OV_W_LENGTH], &order)
                            : number_order(run, test, p, &order);
                less.words[i] &= ~bit;
                equal.words[i] &= ~bit;
                if (!is_known) known.words[i] &= ~bit;
                if (order < 0) less.words[i] |= bit;
                if (order == 0) equal.words[i] |= bit;
            }
        }
        spread(r, &less);
        spread(r, &equal);
        spread(r, &known);
        decide_all(test->words[OV_W_DIGITS], &less, &equal, &known, truth);
    }
    if (!is_text || r->whole) return;
    for (uint32_t j = 0; j < r->gather.cut; j++) {
        int order;
        if (ov_text_order(w, run->pool + w[OV_W_POOL], run->data + r->gather.cut_positions[j], r->gather.cut_lengths[j],
                          &order)) {
            ov_decide(truth, r->gather.cut_index[j], ov_holds(w[OV_W_DIGITS], order));
        }
    }
}

/* The values of a number or float for all rows, and which have one. */
typedef union number {
    ov_int128 integer;
    double real;
} number;

static void read_numbers(ov_run *run, const int32_t *w, const ov_field *field, const ov_rows *rows, number *values,
                         ov_bits *valid) {
    row_items r;
    find_items(run, rows, w[OV_W_FRAME], w[OV_W_OFFSET], field->length, &r);
    ov_bits_clear(valid);
    if (r.items.count == 0) return;
    static const uint8_t widths[6] = {0, 4, 8, 16, 4, 8};
    const size_t width = widths[field->type];
    uint64_t memory[OV_TILE * 2 + OV_SLACK / 8];
    const uint8_t *from = (const uint8_t *)memory;
    ov_bits bad;
    ov_number_kernel_for(field, run->level)(field, &r.items, (uint8_t *)memory, valid, &bad);
    for (uint32_t k = 0; k < r.items.count; k++, from += width) {
        number *value = &values[row_of(&r, k)];
        if (field->type == OV_TYPE_FLOAT32) {
            float narrow;
            memcpy(&narrow, from, sizeof narrow);
            value->real = narrow;
        } else if (field->type == OV_TYPE_FLOAT64 || field->type == OV_TYPE_DECIMAL128) {
            memcpy(value, from, width);
        } else {
            int64_t narrow = 0;
            int32_t small;
            memcpy(&small, from, sizeof small);
            memcpy(&narrow, from, width);
            if (field->type == OV_TYPE_INT32) narrow = small;
            value->integer = (ov_int128){(uint64_t)narrow, narrow < 0 ? -1 : 0};
        }
    }
    spread(&r, valid);
}

/* Values are compared as doubles; what is no number is equal to nothing. */
static bool floats_hold(int32_t cmp, double a, double b) {
    if (a != a || b != b) return cmp == OV_CMP_NE;
    return ov_holds(cmp, (a > b) - (a < b));
}

/* Numbers and floats that are decoded: against a constant, against each other, or for being there. */
static void test_numbers(ov_run *run, const ov_test *test, const ov_rows *rows, ov_truth *truth) {
    const int32_t *w = test->words;
    const bool is_float = test->field.op == OV_OP_FLOAT;
    number values[OV_TILE], others[OV_TILE];
    ov_bits valid, other_valid;
    read_numbers(run, test->operand, &test->field, rows, values, &valid);
    if (w[OV_W_OP] == OV_OP_IS_NULL) {
        for (uint32_t i = 0; i < rows->count; i++) ov_decide(truth, i, !ov_get_bit(valid.words, i));
        return;
    }
    if (test->other) read_numbers(run, test->other, &test->second, rows, others, &other_valid);
    number constant = {.integer = {0, 0}};
    if (!test->other) memcpy(&constant, run->pool + w[OV_W_POOL], is_float ? 8 : 16);
    for (uint32_t i = 0; i < rows->count; i++) {
        if (!ov_get_bit(valid.words, i) || (test->other && !ov_get_bit(other_valid.words, i))) continue;
        const number *other = test->other ? &others[i] : &constant;
        ov_decide(truth, i,
                  is_float ? floats_hold(w[OV_W_DIGITS], values[i].real, other->real)
                           : ov_holds(w[OV_W_DIGITS], ov_int128_compare(values[i].integer, other->integer)));
    }
}

static void compare(ov_run *run, const ov_test *test, const ov_rows *rows, ov_truth *truth) {
    ov_bits_clear(&truth->yes);
    ov_bits_fill(&truth->not_no, rows->count);
    if (test->words[OV_W_OP] == OV_OP_COMPARE_TEXT || test->kernel) {
        test_keys(run, test, rows, truth);
    } else if (ov_is_text(test->field.op)) {
        ov_test_text(run, test, rows, truth);
    } else {
        test_numbers(run, test, rows, truth);
    }
}

void ov_predicate(ov_run *run, const ov_frame *select, const ov_rows *rows, ov_bits *yes) {
    ov_truth stack[OV_PREDICATE_DEPTH + 1];
    ov_truth *top = stack; /* the first one is not used */
    for (const ov_test *test = select->tests; test->words != select->words; test++) {
        switch (test->words[OV_W_OP]) {
        case OV_OP_AND:
            top--;
            for (int i = 0; i < OV_TILE_BITS / 64; i++) {
                top->yes.words[i] &= top[1].yes.words[i];
                top->not_no.words[i] &= top[1].not_no.words[i];
            }
            break;
        case OV_OP_OR:
            top--;
            for (int i = 0; i < OV_TILE_BITS / 64; i++) {
                top->yes.words[i] |= top[1].yes.words[i];
                top->not_no.words[i] |= top[1].not_no.words[i];
            }
            break;
        case OV_OP_NOT:
            for (int i = 0; i < OV_TILE_BITS / 64; i++) {
                const uint64_t was = top->yes.words[i];
                top->yes.words[i] = ~top->not_no.words[i];
                top->not_no.words[i] = ~was;
            }
            break;
        case OV_OP_IS_TRUE: top->not_no = top->yes; break;
        default: compare(run, test, rows, ++top);
        }
    }
    ov_bits all;
    ov_bits_fill(&all, rows->count);
    for (int i = 0; i < OV_TILE_BITS / 64; i++) yes->words[i] = stack[1].yes.words[i] & all.words[i];
}
