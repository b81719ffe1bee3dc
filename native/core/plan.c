/* Checks plans and slab tables once, so that decoding can trust every word of them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker.h"

enum { MAX_MEASURE_DEPTH = 64 };

static const int32_t *words_at(const ov_checker *c, int32_t at) { return ov_instruction(c->code, at); }

static const int32_t *frame_words(const ov_checker *c, int32_t frame) { return words_at(c, c->info[frame].at); }

/* Is `outer` a frame whose rows include, slot by slot or as the slots around them, all rows of `inner`? What is read
 * there is then defined; and built before, also when a table around `inner` is measured before what is in it is built.
 */
static bool encloses(const ov_checker *c, int32_t outer, int32_t inner) {
    int32_t frame = inner;
    while (c->info[frame].home != c->info[outer].home) {
        const int32_t table = c->info[frame].home;
        if (table == 0 || (frame_words(c, table)[OV_W_LENGTH] == 0 && outer >= table)) return false;
        frame = c->info[table].parent;
    }
    if (c->info[outer].selector < 0) return true;
    for (int32_t select = c->info[frame].selector; select >= 0; select = c->info[c->info[select].parent].selector) {
        if (select == c->info[outer].selector) return true;
    }
    return false;
}

static bool is_real(const ov_checker *c, int32_t frame) {
    return frame >= 0 && frame < c->frame_count && c->info[frame].real;
}

static bool is_number(int32_t op) {
    return op == OV_OP_ZONED || op == OV_OP_PACKED || op == OV_OP_BINARY || op == OV_OP_EDITED;
}

static bool is_text(int32_t op) {
    return op == OV_OP_TEXT || op == OV_OP_NATIONAL || (op >= OV_OP_TEXT_MIXED && op <= OV_OP_TEXT_UTF8);
}

/* Is COUNTER an instruction before this one, of such an operation, that every row of `reader` can read? */
static bool reads_operand(const ov_checker *c, const int32_t *w, int32_t at, int32_t reader, bool is_float) {
    if (w[OV_W_COUNTER] < 0 || w[OV_W_COUNTER] >= at) return false;
    const int32_t *operand = words_at(c, w[OV_W_COUNTER]);
    if (is_float ? operand[OV_W_OP] != OV_OP_FLOAT : !is_number(operand[OV_W_OP])) return false;
    return encloses(c, operand[OV_W_FRAME], reader);
}

/* A frame of a new number; the caller fills in what depends on its kind. */
static ov_frame_info *add_frame(ov_checker *c, int32_t at, int32_t parent) {
    ov_frame_info *f = &c->info[c->frame_count];
    memset(f, 0, sizeof *f);
    f->at = at;
    f->parent = (int16_t)parent;
    f->selector = f->after = -1;
    if (parent >= 0) {
        f->home = c->info[parent].home;
        f->selector = c->info[parent].selector;
        f->real = c->info[parent].real;
        f->depth = c->info[parent].depth;
        f->offset = c->info[parent].offset;
    }
    return f;
}

static bool check_root(ov_checker *c, const int32_t *w, int32_t at) {
    NEED(at == 0, OV_W_OP);
    NEED(w[OV_W_FRAME] == -1, OV_W_FRAME);
    NEED(w[OV_W_TYPE] == 0, OV_W_TYPE);
    add_frame(c, at, -1)->real = true;
    c->space_count = 1;
    return true;
}

static bool check_table(ov_checker *c, const int32_t *w, int32_t at) {
    const int32_t parent = w[OV_W_FRAME];
    NEED(parent >= 0 && parent < c->frame_count, OV_W_FRAME);
    NEED(w[OV_W_OFFSET] >= 0 && w[OV_W_OFFSET] <= OV_MAX_RECORD_LENGTH, OV_W_OFFSET);
    NEED(w[OV_W_LENGTH] >= 0 && w[OV_W_LENGTH] <= OV_MAX_RECORD_LENGTH, OV_W_LENGTH);
    NEED(w[OV_W_DIGITS] >= 0 && w[OV_W_DIGITS] <= OV_MAX_RECORD_LENGTH, OV_W_DIGITS);
    NEED((w[OV_W_FLAGS] & ~(OV_FLAG_PADDED | OV_FLAG_QUIET)) == 0, OV_W_FLAGS);
    NEED(!(w[OV_W_FLAGS] & OV_FLAG_PADDED) || w[OV_W_LENGTH] > 0, OV_W_LENGTH);
    if (w[OV_W_COUNTER] != -1) NEED(reads_operand(c, w, at, parent, false), OV_W_COUNTER);

    ov_frame_info *f = add_frame(c, at, parent);
    NEED(w[OV_W_TYPE] == -1 || (f->real && w[OV_W_TYPE] == c->space_count), OV_W_TYPE);
    f->real = w[OV_W_TYPE] >= 0;
    if (f->real) c->space_count++;
    f->home = (int16_t)c->frame_count;
    f->selector = -1;
    f->offset = 0;
    if (w[OV_W_LENGTH] == 0) {
        NEED(f->depth < MAX_MEASURE_DEPTH, OV_W_LENGTH);
        f->depth++;
        NEED(w[OV_W_POOL] > c->frame_count && w[OV_W_POOL] < c->frames, OV_W_POOL);
        NEED(w[OV_W_POOL_LENGTH] >= 0 && w[OV_W_POOL_LENGTH] <= OV_MAX_RECORD_LENGTH, OV_W_POOL_LENGTH);
    }
    return true;
}

/* Most bytes of one element; 0: the last frame inside it is none that can be measured. */
static uint64_t element_length(const ov_checker *c, int32_t table) {
    const int32_t *w = frame_words(c, table);
    if (w[OV_W_LENGTH] > 0) return (uint64_t)w[OV_W_LENGTH];
    const int32_t last = w[OV_W_POOL];
    if (last >= c->frame_count || c->info[last].home != table || c->info[last].selector >= 0) return 0;
    if (frame_words(c, last)[OV_W_OP] != OV_OP_AFTER) return 0;
    return (uint64_t)c->info[last].offset + (uint64_t)w[OV_W_POOL_LENGTH];
}

static bool check_after(ov_checker *c, const int32_t *w, int32_t at) {
    const int32_t table = w[OV_W_FRAME];
    NEED(table >= 0 && table < c->frame_count, OV_W_FRAME);
    const int32_t *t = frame_words(c, table);
    NEED(t[OV_W_OP] == OV_OP_TABLE && !(t[OV_W_FLAGS] & OV_FLAG_PADDED) && c->info[table].after < 0, OV_W_FRAME);
    const uint64_t element = element_length(c, table);
    NEED(element > 0, OV_W_FRAME);

    ov_frame_info *f = add_frame(c, at, c->info[table].parent);
    const uint64_t end = f->offset + (uint64_t)t[OV_W_OFFSET] + element * (uint64_t)t[OV_W_DIGITS];
    NEED(end <= OV_MAX_RECORD_LENGTH, OV_W_FRAME);
    f->offset = (uint32_t)end;
    c->info[table].after = (int16_t)c->frame_count;
    return true;
}

/* The operand whose instruction this word names: a field before the predicate that every row of `reader` can read, and
 * as text not more than engines hold; NULL: there is none. */
static const int32_t *operand_of(ov_checker *c, const int32_t *w, int32_t word, int32_t at, int32_t reader) {
    if (w[word] < 0 || w[word] >= at) return NULL;
    const int32_t *operand = words_at(c, w[word]);
    if (!is_number(operand[OV_W_OP]) && operand[OV_W_OP] != OV_OP_FLOAT && !is_text(operand[OV_W_OP])) return NULL;
    if (!encloses(c, operand[OV_W_FRAME], reader)) return NULL;
    if (!is_text(operand[OV_W_OP])) return operand;
    const int64_t length = operand[OV_W_LENGTH];
    const int64_t most = operand[OV_W_OP] == OV_OP_NATIONAL ? length / 2 * 3 : length * operand[OV_W_DIGITS];
    if ((operand[OV_W_FLAGS] & OV_FLAG_LATIN1) || most > OV_MAX_OPERAND_TEXT) return NULL;
    if ((uint32_t)most > c->text_most) c->text_most = (uint32_t)most;
    return operand;
}

/* One that reads text by its characters, anything, or two fields. */
static bool check_operands(ov_checker *c, const int32_t *w, int32_t at, int32_t reader) {
    const int32_t *one = operand_of(c, w, OV_W_COUNTER, at, reader);
    NEED(one, OV_W_COUNTER);
    if (w[OV_W_OP] == OV_OP_IS_NULL) return true;
    if (w[OV_W_OP] == OV_OP_COMPARE_FIELDS) {
        const int32_t *other = operand_of(c, w, OV_W_POOL, at, reader);
        NEED(other && is_text(one[OV_W_OP]) == is_text(other[OV_W_OP]), OV_W_POOL);
        NEED((one[OV_W_OP] == OV_OP_FLOAT) == (other[OV_W_OP] == OV_OP_FLOAT), OV_W_POOL);
        return true;
    }
    NEED(is_text(one[OV_W_OP]), OV_W_COUNTER);
    NEED(ov_in_pool(c, w, w[OV_W_OP] == OV_OP_LIKE ? 0 : 4), OV_W_POOL);
    if (w[OV_W_OP] == OV_OP_LIKE) return true;
    int32_t length;
    memcpy(&length, c->pool + w[OV_W_POOL], sizeof length);
    NEED(length >= 0 && length <= w[OV_W_POOL_LENGTH] - 4, OV_W_POOL);
    return true;
}

static bool check_predicate(ov_checker *c, const int32_t *w, int32_t at, int32_t reader, int32_t *depth) {
    const int32_t op = w[OV_W_OP];
    if (op == OV_OP_COMPARE_TEXT) {
        NEED(is_real(c, w[OV_W_FRAME]) && encloses(c, w[OV_W_FRAME], reader), OV_W_FRAME);
        NEED(w[OV_W_OFFSET] >= 0 && w[OV_W_OFFSET] <= OV_MAX_RECORD_LENGTH, OV_W_OFFSET);
        NEED(w[OV_W_LENGTH] > 0 && w[OV_W_LENGTH] <= OV_MAX_RECORD_LENGTH, OV_W_LENGTH);
        NEED(ov_in_pool(c, w, 0), OV_W_POOL);
    } else if (op == OV_OP_COMPARE_NUMBER) {
        NEED(reads_operand(c, w, at, reader, false), OV_W_COUNTER);
        NEED(ov_in_pool(c, w, 16) && w[OV_W_POOL_LENGTH] == 16, OV_W_POOL);
    } else if (op == OV_OP_COMPARE_FLOAT) {
        NEED(reads_operand(c, w, at, reader, true), OV_W_COUNTER);
        NEED(ov_in_pool(c, w, 8) && w[OV_W_POOL_LENGTH] == 8, OV_W_POOL);
    } else if (op == OV_OP_AND || op == OV_OP_OR) {
        NEED(*depth >= 2, OV_W_OP);
        --*depth;
        return true;
    } else if (op == OV_OP_NOT || op == OV_OP_IS_TRUE) {
        NEED(*depth >= 1, OV_W_OP);
        return true;
    } else if (!check_operands(c, w, at, reader)) {
        return false;
    }
    if (op != OV_OP_LIKE && op != OV_OP_IS_NULL) {
        NEED(w[OV_W_DIGITS] >= OV_CMP_EQ && w[OV_W_DIGITS] <= OV_CMP_GE, OV_W_DIGITS);
        NEED(w[OV_W_UP] >= 0 && w[OV_W_UP] <= 255, OV_W_UP);
    }
    NEED(*depth < OV_PREDICATE_DEPTH, OV_W_OP);
    ++*depth;
    return true;
}

static bool is_predicate(int32_t op) { return op >= OV_OP_COMPARE_TEXT && op <= OV_OP_IS_TRUE; }

static bool check_select(ov_checker *c, const int32_t *w, int32_t at) {
    NEED(is_real(c, w[OV_W_FRAME]), OV_W_FRAME);
    const int32_t first = w[OV_W_POOL];
    NEED(first >= 1 && first < at && !is_predicate(words_at(c, first - 1)[OV_W_OP]), OV_W_POOL);
    int32_t depth = 0;
    for (int32_t i = first; i < at; i++) {
        const int32_t *p = words_at(c, i);
        NEED(is_predicate(p[OV_W_OP]), OV_W_POOL);
        if (!check_predicate(c, p, i, w[OV_W_FRAME], &depth)) return false;
    }
    NEED(depth == 1, OV_W_POOL);
    ov_frame_info *f = add_frame(c, at, w[OV_W_FRAME]);
    f->selector = (int16_t)c->frame_count;
    return true;
}

static bool check_frame(ov_checker *c, const int32_t *w, int32_t at) {
    NEED(w[OV_W_TARGET] == c->frame_count && c->frame_count < c->frames, OV_W_TARGET);
    bool good;
    switch (w[OV_W_OP]) {
    case OV_OP_ROOT: good = check_root(c, w, at); break;
    case OV_OP_TABLE: good = check_table(c, w, at); break;
    case OV_OP_AFTER: good = check_after(c, w, at); break;
    default: good = check_select(c, w, at); break;
    }
    c->frame_count += good;
    return good;
}

static bool check_instruction(ov_checker *c, int32_t at) {
    const int32_t *w = words_at(c, at);
    const int32_t op = w[OV_W_OP];
    if (op >= OV_OP_ROOT && op <= OV_OP_SELECT) return check_frame(c, w, at);
    if (op >= OV_OP_TEXT && op <= OV_OP_TEXT_UTF8) return ov_check_field(c, w, at);
    if (op == OV_OP_EXTENT) {
        NEED(is_real(c, w[OV_W_FRAME]), OV_W_FRAME);
        NEED(w[OV_W_OFFSET] >= 0 && w[OV_W_OFFSET] <= OV_MAX_RECORD_LENGTH, OV_W_OFFSET);
        return true;
    }
    /* A predicate's words are checked by the SELECT that it must end in. */
    NEED(is_predicate(op) && at + 1 < c->instructions, OV_W_OP);
    const int32_t next = words_at(c, at + 1)[OV_W_OP];
    NEED(is_predicate(next) || next == OV_OP_SELECT, OV_W_OP);
    return true;
}

/* Once all frames are known: how far from a record's start each can be, and what reads farthest. */
static bool check_reach(ov_checker *c) {
    for (int32_t frame = 0; frame < c->frame_count; frame++) {
        ov_frame_info *f = &c->info[frame];
        const int32_t at = f->at;
        const int32_t *w = words_at(c, at);
        uint64_t reach = 0;
        if (w[OV_W_OP] == OV_OP_TABLE) {
            const uint64_t element = element_length(c, frame);
            NEED(element > 0, OV_W_POOL);
            const uint64_t before = w[OV_W_DIGITS] > 1 ? (uint64_t)w[OV_W_DIGITS] - 1 : 0;
            reach = (uint64_t)c->info[f->parent].reach + (uint64_t)w[OV_W_OFFSET] + before * element;
        } else if (frame > 0) {
            reach = (uint64_t)c->info[f->home].reach + f->offset;
        }
        NEED(reach <= OV_MAX_RECORD_LENGTH, OV_W_OFFSET);
        f->reach = (uint32_t)reach;
    }
    for (int32_t at = 0; at < c->instructions; at++) {
        const int32_t *w = words_at(c, at);
        if (w[OV_W_OP] < OV_OP_TEXT && w[OV_W_OP] != OV_OP_COMPARE_TEXT) continue;
        const uint64_t reach =
            (uint64_t)c->info[w[OV_W_FRAME]].reach + (uint64_t)w[OV_W_OFFSET] + (uint64_t)w[OV_W_LENGTH];
        NEED(reach <= OV_MAX_RECORD_LENGTH, OV_W_LENGTH);
        if (reach > c->reach) c->reach = (uint32_t)reach;
    }
    return true;
}

/* Cache lines of a record, about, that its columns and conditions are in: neighbours share them, and tables are read
 * whole. */
static uint64_t lines_read(const ov_checker *c) {
    uint64_t lines = 0;
    int32_t frame = -1, home = -1, end = -1; /* of the field before */
    for (int32_t at = 0; at < c->instructions; at++) {
        const int32_t *w = words_at(c, at);
        if (w[OV_W_OP] < OV_OP_TEXT && w[OV_W_OP] != OV_OP_COMPARE_TEXT) continue;
        const ov_frame_info *f = &c->info[w[OV_W_FRAME]];
        if (f->home > 0) {
            const ov_frame_info *table = &c->info[f->home];
            if (f->home != home) lines += 1 + (table->reach - c->info[table->parent].reach) / 64;
        } else {
            const int32_t first = w[OV_W_OFFSET] / 64, last = (w[OV_W_OFFSET] + w[OV_W_LENGTH] - 1) / 64;
            const bool follows = frame == w[OV_W_FRAME] && first <= end && last >= end;
            lines += (uint64_t)(follows ? last - end : last - first + 1);
            end = last;
        }
        frame = w[OV_W_FRAME];
        home = f->home;
    }
    return lines;
}

static bool check_header(ov_checker *c, size_t words, size_t pool_length) {
    const int32_t at = -1;
    const int32_t *header = c->code - OV_PLAN_HEADER;
    NEED(header[OV_PLANW_MAGIC] == OV_PLAN_MAGIC, OV_PLANW_MAGIC);
    NEED(header[OV_PLANW_VERSION] == OV_PLAN_VERSION, OV_PLANW_VERSION);
    const int64_t rest = (int64_t)(words - OV_PLAN_HEADER);
    NEED(c->instructions >= 1 && (int64_t)c->instructions * OV_WIDTH == rest, OV_PLANW_INSTRUCTIONS);
    NEED(c->frames >= 1 && c->frames <= OV_MAX_FRAMES, OV_PLANW_FRAMES);
    NEED(c->spaces >= 1 && c->spaces <= c->frames, OV_PLANW_SPACES);
    NEED(c->columns >= 0 && c->columns <= OV_MAX_COLUMNS, OV_PLANW_COLUMNS);
    NEED(header[OV_PLANW_LENGTH] >= 0 && header[OV_PLANW_LENGTH] <= OV_MAX_RECORD_LENGTH, OV_PLANW_LENGTH);
    NEED(c->pool_length >= 0 && (size_t)c->pool_length == pool_length, OV_PLANW_POOL);
    return true;
}

static bool check(ov_checker *c, size_t words, size_t pool_length) {
    if (!check_header(c, words, pool_length)) return false;
    for (int32_t at = 0; at < c->instructions; at++) {
        if (!check_instruction(c, at)) return false;
    }
    const int32_t at = -1;
    NEED(c->frame_count == c->frames, OV_PLANW_FRAMES);
    NEED(c->space_count == c->spaces, OV_PLANW_SPACES);
    for (int32_t column = 0; column < c->columns; column++) {
        NEED(c->seen[column / 8] >> (column % 8) & 1, OV_PLANW_COLUMNS);
    }
    return check_reach(c);
}

ov_status ov_plan_check(const int32_t *code, size_t words, const uint8_t *pool, size_t pool_length, ov_plan *plan,
                        ov_error *error) {
    if (!code || !plan || !error || (!pool && pool_length > 0)) return OV_BAD_ARGUMENT;
    error->at = error->word = -1;
    if (words < OV_PLAN_HEADER || words > INT32_MAX) return OV_BAD_PLAN;
    ov_checker c;
    c.code = code + OV_PLAN_HEADER;
    c.pool = pool;
    c.instructions = code[OV_PLANW_INSTRUCTIONS];
    c.frames = code[OV_PLANW_FRAMES];
    c.spaces = code[OV_PLANW_SPACES];
    c.columns = code[OV_PLANW_COLUMNS];
    c.pool_length = code[OV_PLANW_POOL];
    c.frame_count = c.space_count = 0;
    c.reach = c.text_most = 0;
    c.error = error;
    memset(c.seen, 0, sizeof c.seen);
    memset(c.doubles, 0, sizeof c.doubles);
    if (!check(&c, words, pool_length)) return OV_BAD_PLAN;
    *plan = (ov_plan){code, words, pool, pool_length, c.reach, 2 * lines_read(&c) >= c.reach / 64, c.text_most};
    return OV_OK;
}
