/* Checks plans and slab tables once, so that decoding can trust every word of them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "common.h"
#include "frames.h"

enum { MAX_MEASURE_DEPTH = 64, MAX_DIGITS = 38, ALL_FLAGS = 2 * OV_FLAG_PADDED - 1 };

/* What is known of a frame. */
typedef struct frame_info {
    int32_t at;       /* its instruction */
    int16_t parent;   /* as in ov_frame */
    int16_t home;     /* as in ov_frame */
    int16_t selector; /* innermost SELECT of the same space that governs it, or -1 */
    int16_t after;
    bool real;       /* not in a virtual table */
    uint8_t depth;   /* measured tables around its slots */
    uint32_t offset; /* farthest position from its home's */
    uint32_t reach;  /* farthest position from the record's start */
} frame_info;

typedef struct checker {
    const int32_t *code;
    const uint8_t *pool;
    int32_t instructions, frames, spaces, columns, pool_length;
    int32_t frame_count, space_count;
    uint32_t reach;
    ov_error *error;
    frame_info info[OV_MAX_FRAMES];
    uint8_t seen[OV_MAX_COLUMNS / 8];
} checker;

static bool fail(checker *c, int32_t at, int32_t word) {
    c->error->at = at;
    c->error->word = word;
    return false;
}

#define NEED(condition, word)                                                                                          \
    do {                                                                                                               \
        if (!(condition)) return fail(c, at, word);                                                                    \
    } while (0)

static const int32_t *words_at(const checker *c, int32_t at) { return ov_instruction(c->code, at); }

static const int32_t *frame_words(const checker *c, int32_t frame) { return words_at(c, c->info[frame].at); }

/* Is `outer` a frame whose rows include, slot by slot or as the slots around them, all rows of `inner`? What is read
 * there is then defined; and built before, also when a table around `inner` is measured before what is in it is built. */
static bool encloses(const checker *c, int32_t outer, int32_t inner) {
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

static bool is_real(const checker *c, int32_t frame) {
    return frame >= 0 && frame < c->frame_count && c->info[frame].real;
}

static bool is_number(int32_t op) {
    return op == OV_OP_ZONED || op == OV_OP_PACKED || op == OV_OP_BINARY || op == OV_OP_EDITED;
}

/* Is COUNTER an instruction before this one, of such an operation, that every row of `reader` can read? */
static bool reads_operand(const checker *c, const int32_t *w, int32_t at, int32_t reader, bool is_float) {
    if (w[OV_W_COUNTER] < 0 || w[OV_W_COUNTER] >= at) return false;
    const int32_t *operand = words_at(c, w[OV_W_COUNTER]);
    if (is_float ? operand[OV_W_OP] != OV_OP_FLOAT : !is_number(operand[OV_W_OP])) return false;
    return encloses(c, operand[OV_W_FRAME], reader);
}

static bool in_pool(const checker *c, const int32_t *w, int64_t least) {
    const int64_t at = w[OV_W_POOL], length = w[OV_W_POOL_LENGTH];
    return at >= 0 && length >= least && at + length <= c->pool_length;
}

/* A frame of a new number; the caller fills in what depends on its kind. */
static frame_info *add_frame(checker *c, int32_t at, int32_t parent) {
    frame_info *f = &c->info[c->frame_count];
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

static bool check_root(checker *c, const int32_t *w, int32_t at) {
    NEED(at == 0, OV_W_OP);
    NEED(w[OV_W_FRAME] == -1, OV_W_FRAME);
    NEED(w[OV_W_TYPE] == 0, OV_W_TYPE);
    add_frame(c, at, -1)->real = true;
    c->space_count = 1;
    return true;
}

static bool check_table(checker *c, const int32_t *w, int32_t at) {
    const int32_t parent = w[OV_W_FRAME];
    NEED(parent >= 0 && parent < c->frame_count, OV_W_FRAME);
    NEED(w[OV_W_OFFSET] >= 0 && w[OV_W_OFFSET] <= OV_MAX_RECORD_LENGTH, OV_W_OFFSET);
    NEED(w[OV_W_LENGTH] >= 0 && w[OV_W_LENGTH] <= OV_MAX_RECORD_LENGTH, OV_W_LENGTH);
    NEED(w[OV_W_DIGITS] >= 0 && w[OV_W_DIGITS] <= OV_MAX_RECORD_LENGTH, OV_W_DIGITS);
    NEED((w[OV_W_FLAGS] & ~(OV_FLAG_PADDED | OV_FLAG_QUIET)) == 0, OV_W_FLAGS);
    NEED(!(w[OV_W_FLAGS] & OV_FLAG_PADDED) || w[OV_W_LENGTH] > 0, OV_W_LENGTH);
    if (w[OV_W_COUNTER] != -1) NEED(reads_operand(c, w, at, parent, false), OV_W_COUNTER);

    frame_info *f = add_frame(c, at, parent);
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
static uint64_t element_length(const checker *c, int32_t table) {
    const int32_t *w = frame_words(c, table);
    if (w[OV_W_LENGTH] > 0) return (uint64_t)w[OV_W_LENGTH];
    const int32_t last = w[OV_W_POOL];
    if (last >= c->frame_count || c->info[last].home != table || c->info[last].selector >= 0) return 0;
    if (frame_words(c, last)[OV_W_OP] != OV_OP_AFTER) return 0;
    return (uint64_t)c->info[last].offset + (uint64_t)w[OV_W_POOL_LENGTH];
}

static bool check_after(checker *c, const int32_t *w, int32_t at) {
    const int32_t table = w[OV_W_FRAME];
    NEED(table >= 0 && table < c->frame_count, OV_W_FRAME);
    const int32_t *t = frame_words(c, table);
    NEED(t[OV_W_OP] == OV_OP_TABLE && !(t[OV_W_FLAGS] & OV_FLAG_PADDED) && c->info[table].after < 0, OV_W_FRAME);
    const uint64_t element = element_length(c, table);
    NEED(element > 0, OV_W_FRAME);

    frame_info *f = add_frame(c, at, c->info[table].parent);
    const uint64_t end = f->offset + (uint64_t)t[OV_W_OFFSET] + element * (uint64_t)t[OV_W_DIGITS];
    NEED(end <= OV_MAX_RECORD_LENGTH, OV_W_FRAME);
    f->offset = (uint32_t)end;
    c->info[table].after = (int16_t)c->frame_count;
    return true;
}

static bool check_predicate(checker *c, const int32_t *w, int32_t at, int32_t reader, int32_t *depth) {
    const int32_t op = w[OV_W_OP];
    if (op == OV_OP_COMPARE_TEXT) {
        NEED(is_real(c, w[OV_W_FRAME]) && encloses(c, w[OV_W_FRAME], reader), OV_W_FRAME);
        NEED(w[OV_W_OFFSET] >= 0 && w[OV_W_OFFSET] <= OV_MAX_RECORD_LENGTH, OV_W_OFFSET);
        NEED(w[OV_W_LENGTH] > 0 && w[OV_W_LENGTH] <= OV_MAX_RECORD_LENGTH, OV_W_LENGTH);
        NEED(w[OV_W_UP] >= 0 && w[OV_W_UP] <= 255, OV_W_UP);
        NEED(in_pool(c, w, 0), OV_W_POOL);
    } else if (op == OV_OP_COMPARE_NUMBER) {
        NEED(reads_operand(c, w, at, reader, false), OV_W_COUNTER);
        NEED(in_pool(c, w, 16) && w[OV_W_POOL_LENGTH] == 16, OV_W_POOL);
    } else if (op == OV_OP_COMPARE_FLOAT) {
        NEED(reads_operand(c, w, at, reader, true), OV_W_COUNTER);
        NEED(in_pool(c, w, 8) && w[OV_W_POOL_LENGTH] == 8, OV_W_POOL);
    } else if (op == OV_OP_AND || op == OV_OP_OR) {
        NEED(*depth >= 2, OV_W_OP);
        --*depth;
        return true;
    } else {
        NEED(*depth >= 1, OV_W_OP);
        return true;
    }
    NEED(w[OV_W_DIGITS] >= OV_CMP_EQ && w[OV_W_DIGITS] <= OV_CMP_GE, OV_W_DIGITS);
    NEED(*depth < OV_PREDICATE_DEPTH, OV_W_OP);
    ++*depth;
    return true;
}

static bool is_predicate(int32_t op) { return op >= OV_OP_COMPARE_TEXT && op <= OV_OP_IS_TRUE; }

static bool check_select(checker *c, const int32_t *w, int32_t at) {
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
    frame_info *f = add_frame(c, at, w[OV_W_FRAME]);
    f->selector = (int16_t)c->frame_count;
    return true;
}

/* Does an integer of so many decimal digits fit the type? */
static bool fits(int64_t digits, int32_t type) {
    switch (type) {
    case OV_TYPE_INT32: return digits <= 9;
    case OV_TYPE_INT64: return digits <= 18;
    case OV_TYPE_DECIMAL128: return digits <= MAX_DIGITS;
    default: return false;
    }
}

static bool check_text(checker *c, const int32_t *w, int32_t at) {
    const bool latin1 = w[OV_W_FLAGS] & OV_FLAG_LATIN1;
    NEED(w[OV_W_TYPE] == OV_TYPE_UTF8, OV_W_TYPE);
    NEED(w[OV_W_DIGITS] >= 1 && w[OV_W_DIGITS] <= (latin1 ? 1 : 4), OV_W_DIGITS);
    NEED(in_pool(c, w, OV_TEXT_POOL + (latin1 ? OV_TEXT_POOL_LATIN1 : 0)), OV_W_POOL);
    /* An entry has room for 3 bytes; with LATIN1 only whether there is one counts. */
    const int32_t most = latin1 || w[OV_W_DIGITS] > 3 ? 3 : w[OV_W_DIGITS];
    const uint8_t *entry = c->pool + w[OV_W_POOL], *single = entry + OV_TEXT_POOL;
    const bool both = w[OV_W_POOL_LENGTH] >= OV_TEXT_POOL + OV_TEXT_POOL_LATIN1;
    for (int32_t i = 0; i < OV_TEXT_POOL / 4; i++, entry += 4) {
        NEED(entry[0] <= most, OV_W_POOL);
        /* Kernels go by the second table where it says that a character is one byte. */
        if (!both || single[i] == 0) continue;
        NEED(entry[0] > 0 && (latin1 || single[i] >= 0x80 || (entry[0] == 1 && entry[1] == single[i])), OV_W_POOL);
    }
    return true;
}

static bool check_binary(checker *c, const int32_t *w, int32_t at) {
    /* Decimal digits of the largest value of so many bytes. */
    static const uint8_t digits[9] = {0, 3, 5, 8, 10, 13, 15, 17, 19};
    const bool is_signed = w[OV_W_FLAGS] & OV_FLAG_SIGNED;
    const int32_t length = w[OV_W_LENGTH];
    NEED(length <= 8, OV_W_LENGTH);
    NEED(w[OV_W_DIGITS] >= 0 && w[OV_W_DIGITS] <= MAX_DIGITS, OV_W_DIGITS);
    NEED(w[OV_W_UP] >= 0 && w[OV_W_UP] <= MAX_DIGITS, OV_W_UP);
    if (w[OV_W_UP] == 0 && w[OV_W_TYPE] == OV_TYPE_INT32) {
        NEED(length < 4 || (length == 4 && is_signed), OV_W_TYPE);
    } else if (w[OV_W_UP] == 0 && w[OV_W_TYPE] == OV_TYPE_INT64) {
        NEED(length < 8 || is_signed, OV_W_TYPE);
    } else {
        NEED(fits((length == 8 && !is_signed ? 20 : digits[length]) + w[OV_W_UP], w[OV_W_TYPE]), OV_W_TYPE);
    }
    return true;
}

/* Digit positions of an edited picture; -1: not a good one. */
static int32_t edited_digits(const checker *c, const int32_t *w) {
    const int64_t length = 3 * (int64_t)w[OV_W_LENGTH];
    if (!in_pool(c, w, length) || w[OV_W_POOL_LENGTH] != length) return -1;
    const uint8_t *position = c->pool + w[OV_W_POOL];
    int32_t digits = 0;
    for (int32_t i = 0; i < w[OV_W_LENGTH]; i++, position += 3) {
        if (*position > OV_EDIT_INSERT) return -1;
        digits += *position <= OV_EDIT_FLOATING;
    }
    return digits;
}

static bool check_decimal(checker *c, const int32_t *w, int32_t at) {
    const int32_t op = w[OV_W_OP], flags = w[OV_W_FLAGS];
    int32_t digits = w[OV_W_DIGITS];
    NEED(w[OV_W_UP] >= 0 && w[OV_W_UP] <= MAX_DIGITS, OV_W_UP);
    if (op == OV_OP_EDITED) {
        digits = edited_digits(c, w);
        NEED(digits >= 0, OV_W_POOL);
    } else {
        NEED(digits >= 1 && digits <= MAX_DIGITS, OV_W_DIGITS);
        const int32_t length = op == OV_OP_ZONED            ? digits + (flags & OV_FLAG_SEPARATE ? 1 : 0)
                               : flags & OV_FLAG_NO_SIGN    ? (digits + 1) / 2
                                                            : digits / 2 + 1;
        NEED(w[OV_W_LENGTH] == length, OV_W_LENGTH);
    }
    NEED(fits((int64_t)digits + w[OV_W_UP], w[OV_W_TYPE]), OV_W_TYPE);
    return true;
}

static bool check_field(checker *c, const int32_t *w, int32_t at) {
    NEED(w[OV_W_FRAME] >= 0 && w[OV_W_FRAME] < c->frame_count, OV_W_FRAME);
    NEED(w[OV_W_OFFSET] >= 0 && w[OV_W_OFFSET] <= OV_MAX_RECORD_LENGTH, OV_W_OFFSET);
    NEED(w[OV_W_LENGTH] > 0 && w[OV_W_LENGTH] <= OV_MAX_RECORD_LENGTH, OV_W_LENGTH);
    NEED((w[OV_W_FLAGS] & ~ALL_FLAGS) == 0, OV_W_FLAGS);
    NEED(w[OV_W_POOL] >= 0 && w[OV_W_POOL] <= c->pool_length, OV_W_POOL);
    const int32_t column = w[OV_W_TARGET];
    NEED(column >= -1 && column < c->columns, OV_W_TARGET);
    if (column >= 0) {
        NEED(c->info[w[OV_W_FRAME]].real, OV_W_FRAME);
        NEED(!(c->seen[column / 8] >> (column % 8) & 1), OV_W_TARGET);
        c->seen[column / 8] |= (uint8_t)(1 << (column % 8));
    }
    switch (w[OV_W_OP]) {
    case OV_OP_TEXT: return check_text(c, w, at);
    case OV_OP_NATIONAL:
        NEED(w[OV_W_LENGTH] % 2 == 0, OV_W_LENGTH);
        NEED(w[OV_W_TYPE] == OV_TYPE_UTF8, OV_W_TYPE);
        return true;
    case OV_OP_BINARY: return check_binary(c, w, at);
    case OV_OP_FLOAT:
        NEED(w[OV_W_LENGTH] == 4 || w[OV_W_LENGTH] == 8, OV_W_LENGTH);
        NEED(w[OV_W_UP] == 0, OV_W_UP);
        NEED(w[OV_W_TYPE] ==
                 (w[OV_W_LENGTH] == 4 && w[OV_W_FLAGS] & OV_FLAG_IEEE ? OV_TYPE_FLOAT32 : OV_TYPE_FLOAT64),
             OV_W_TYPE);
        return true;
    default: return check_decimal(c, w, at);
    }
}

static bool check_frame(checker *c, const int32_t *w, int32_t at) {
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

static bool check_instruction(checker *c, int32_t at) {
    const int32_t *w = words_at(c, at);
    const int32_t op = w[OV_W_OP];
    if (op >= OV_OP_ROOT && op <= OV_OP_SELECT) return check_frame(c, w, at);
    if (op >= OV_OP_TEXT && op <= OV_OP_EDITED) return check_field(c, w, at);
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
static bool check_reach(checker *c) {
    for (int32_t frame = 0; frame < c->frame_count; frame++) {
        frame_info *f = &c->info[frame];
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

static bool check_header(checker *c, size_t words, size_t pool_length) {
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

static bool check(checker *c, size_t words, size_t pool_length) {
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
    checker c;
    c.code = code + OV_PLAN_HEADER;
    c.pool = pool;
    c.instructions = code[OV_PLANW_INSTRUCTIONS];
    c.frames = code[OV_PLANW_FRAMES];
    c.spaces = code[OV_PLANW_SPACES];
    c.columns = code[OV_PLANW_COLUMNS];
    c.pool_length = code[OV_PLANW_POOL];
    c.frame_count = c.space_count = 0;
    c.reach = 0;
    c.error = error;
    memset(c.seen, 0, sizeof c.seen);
    if (!check(&c, words, pool_length)) return OV_BAD_PLAN;
    *plan = (ov_plan){code, words, pool, pool_length, c.reach};
    return OV_OK;
}
