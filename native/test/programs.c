/* See programs.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "programs.h"

#include <string.h>

enum { RECORDS = 300, MOST_TEXT = 1 << 22, SPACES = 64 };

void program_begin(program_builder *p, int32_t format) {
    memset(p, 0, sizeof *p);
    p->code[OV_PROGRAMW_MAGIC] = OV_PROGRAM_MAGIC;
    p->code[OV_PROGRAMW_VERSION] = OV_PROGRAM_VERSION;
    p->code[OV_PROGRAMW_FORMAT] = format;
}

static int32_t add_bytes(program_builder *p, const char *text) {
    const int32_t at = p->code[OV_PROGRAMW_POOL];
    const size_t length = strlen(text);
    if (at + length > MOST_TEMPLATES) return -1;
    memcpy(p->pool + at, text, length);
    p->code[OV_PROGRAMW_POOL] += (int32_t)length;
    return at;
}

int32_t *program_add(program_builder *p, int32_t op, const char *prefix, const char *nothing) {
    int32_t *w = program_words(p, p->code[OV_PROGRAMW_INSTRUCTIONS]++);
    memset(w, 0, OV_PROGRAM_WIDTH * sizeof *w);
    w[OV_P_OP] = op;
    if ((w[OV_P_PREFIX] = add_bytes(p, prefix)) >= 0)
        w[OV_P_PREFIX_LENGTH] = (int32_t)strlen(prefix);
    else
        w[OV_P_PREFIX] = 0;
    if ((w[OV_P_NOTHING] = add_bytes(p, nothing)) >= 0)
        w[OV_P_NOTHING_LENGTH] = (int32_t)strlen(nothing);
    else
        w[OV_P_NOTHING] = 0;
    return w;
}

void program_end(program_builder *p) { program_add(p, OV_WRITE_END, "", ""); }

typedef struct walk {
    program_builder *p;
    plan_builder *b;
    choices *c;
    int32_t space_of[OV_MAX_FRAMES], parent_of[OV_MAX_FRAMES];
} walk;

static const char *some_prefix(walk *g) {
    static const char *const prefixes[] = {",", ",\"a\":", ",\"customerName\":", "",
                                           ",\"a-key-that-is-longer-than-one-register-holds-at-a-time\":"};
    return prefixes[choose(g->c, 5)];
}

static void write_space(walk *g, int32_t space);

static void write_part(walk *g, const int32_t *w, int32_t space) {
    program_builder *p = g->p;
    const int32_t frame = w[OV_W_OP] <= OV_OP_SELECT ? w[OV_W_TARGET] : w[OV_W_FRAME];
    if (p->code[OV_PROGRAMW_INSTRUCTIONS] > MOST_PROGRAM - 16) return;
    if (w[OV_W_OP] == OV_OP_TABLE && w[OV_W_TYPE] >= 0 && g->space_of[g->parent_of[frame]] == space) {
        int32_t *list = program_add(p, OV_WRITE_LIST, some_prefix(g), "");
        list[OV_P_FRAME] = frame;
        list[OV_P_SIZE] = w[OV_W_COUNTER] < 0 ? w[OV_W_DIGITS] : -1;
        list[OV_P_MOST] = (int32_t)choose(g->c, 9);
        list[OV_P_COLUMNS] = (int32_t)choose(g->c, 5);
        write_space(g, w[OV_W_TYPE]);
        program_add(p, OV_WRITE_END_LIST, "", "");
        return;
    }
    if (w[OV_W_OP] == OV_OP_SELECT && g->space_of[frame] == space) {
        program_add(p, OV_WRITE_SELECT, "", choose(g->c, 2) ? ",null" : "")[OV_P_FRAME] = frame;
        program_add(p, OV_WRITE_OPEN, some_prefix(g), "");
        program_add(p, OV_WRITE_CLOSE, "", "");
        program_add(p, OV_WRITE_END_SELECT, "", "");
        return;
    }
    if (w[OV_W_OP] < OV_OP_TEXT || w[OV_W_TARGET] < 0 || g->space_of[frame] != space) return;
    const bool is_text = w[OV_W_TYPE] == OV_TYPE_UTF8;
    const bool is_float = w[OV_W_TYPE] == OV_TYPE_FLOAT32 || w[OV_W_TYPE] == OV_TYPE_FLOAT64;
    const bool is_object = choose(g->c, 12) == 0;
    if (is_object) program_add(p, OV_WRITE_OPEN, some_prefix(g), "");
    int32_t *field = program_add(p,
                                 is_text    ? OV_WRITE_TEXT
                                 : is_float ? OV_WRITE_FLOAT
                                            : OV_WRITE_NUMBER,
                                 some_prefix(g), choose(g->c, 2) ? ",null" : "");
    field[OV_P_FIELD] = (int32_t)((w - plan_words(g->b, 0)) / OV_WIDTH);
    field[OV_P_FLAGS] = (int32_t)choose(g->c, 3) | (choose(g->c, 2) ? OV_WRITEFLAG_NAMES : 0);
    if (!is_text && choose(g->c, 2)) field[OV_P_SCALE] = (int32_t)choose(g->c, 39);
    if (is_object) program_add(p, OV_WRITE_CLOSE, "", "");
}

static void write_space(walk *g, int32_t space) {
    for (int32_t i = 0; i < g->b->code[OV_PLANW_INSTRUCTIONS]; i++) write_part(g, plan_words(g->b, i), space);
}

void random_program(program_builder *p, plan_builder *b, choices *c) {
    static walk g;
    g.p = p;
    g.b = b;
    g.c = c;
    for (int32_t i = 0; i < b->code[OV_PLANW_INSTRUCTIONS]; i++) {
        const int32_t *w = plan_words(b, i);
        if (w[OV_W_OP] > OV_OP_SELECT) continue;
        const int32_t frame = w[OV_W_TARGET];
        if (w[OV_W_OP] == OV_OP_ROOT) {
            g.space_of[frame] = 0;
            g.parent_of[frame] = -1;
            continue;
        }
        g.parent_of[frame] = w[OV_W_OP] == OV_OP_AFTER ? g.parent_of[w[OV_W_FRAME]] : w[OV_W_FRAME];
        g.space_of[frame] = w[OV_W_OP] == OV_OP_TABLE ? w[OV_W_TYPE] : g.space_of[g.parent_of[frame]];
    }
    program_begin(p, (int32_t)choose(c, 2));
    program_add(p, OV_WRITE_OPEN, "", "");
    write_space(&g, 0);
    program_add(p, OV_WRITE_CLOSE, "", "");
    program_end(p);
}

/* A round. */

typedef struct round_state {
    choices *c;
    decoding d;
    ov_writer writer;
    uint8_t *scratch, *data;
    size_t scratch_length, length;
    uint32_t starts[RECORDS], ends[RECORDS], count, stride;
} round_state;

static ov_records records_from(const round_state *r, uint32_t from, uint32_t count) {
    ov_records records = {.data = r->data, .length = r->length, .first = from, .count = count};
    if (r->stride) {
        records.stride = r->stride;
        records.first = from * r->stride;
    } else {
        records.starts = r->starts;
        records.ends = r->ends;
    }
    return records;
}

/* Appends to text[*at...]; false: it does not fit. */
static bool append(uint8_t *text, size_t *at, const uint8_t *more, int32_t length) {
    if (*at + (size_t)length > MOST_TEXT) return false;
    memcpy(text + *at, more, (size_t)length);
    *at += (size_t)length;
    return true;
}

/* All rows of the slab, in pieces of this much room at most. */
static const char *write_slab(round_state *r, uint32_t rows, size_t room, uint8_t *text, size_t *at, bool *fits) {
    for (uint32_t done = 0; done < rows && *fits;) {
        int32_t written[OV_WRITTEN_WORDS];
        uint8_t *out = guarded(room, false);
        const ov_status status =
            ov_write_rows(&r->writer, &r->d.decoder, r->d.slab, done, rows, r->scratch, out, room, written);
        if (status == OV_OK) *fits = append(text, at, out, written[OV_WRITTENW_BYTES]);
        guarded_free(out, room, false);
        if (status != OV_OK) return "rows that were decoded are refused";
        done += (uint32_t)written[OV_WRITTENW_RECORDS];
        if (written[OV_WRITTENW_STATUS] == OV_WRITTEN_ALL && done != rows) return "rows are missing";
        if (written[OV_WRITTENW_RECORDS] == 0) {
            if (room > MOST_TEXT) *fits = false;
            room *= 2;
        }
    }
    return NULL;
}

static const char *by_slab(round_state *r, size_t room, uint8_t *text, size_t *at, bool *fits) {
    for (uint32_t done = 0; done < r->count && *fits;) {
        const ov_records records = records_from(r, done, r->count - done < 100 ? r->count - done : 100);
        ov_error error;
        if (ov_decode(&r->d.decoder, &records, r->d.slab, r->d.scratch, &error) != OV_OK) return "records are refused";
        const uint32_t taken = (uint32_t)head_of(&r->d, OV_HEAD_RECORDS);
        if (taken == 0) {
            *fits = false; /* tables are longer than the slab */
            return NULL;
        }
        const char *wrong = write_slab(r, taken, room, text, at, fits);
        if (wrong) return wrong;
        done += taken;
    }
    return NULL;
}

/* By ov_write; what that leaves aside by way of the slab. */
static const char *by_records(round_state *r, size_t room, uint8_t *text, size_t *at, bool *fits) {
    for (uint32_t done = 0; done < r->count && *fits;) {
        const ov_records records = records_from(r, done, r->count - done);
        int32_t written[OV_WRITTEN_WORDS];
        ov_error error;
        uint8_t *out = guarded(room, false);
        const ov_status status =
            ov_write(&r->writer, &r->d.decoder, &records, r->d.slab, r->scratch, out, room, written, &error);
        if (status == OV_OK) *fits = append(text, at, out, written[OV_WRITTENW_BYTES]);
        guarded_free(out, room, false);
        if (status != OV_OK) return "records are refused by the writer";
        done += (uint32_t)written[OV_WRITTENW_RECORDS];
        if (written[OV_WRITTENW_STATUS] == OV_WRITTEN_ALL && done != r->count) return "records are missing";
        if (written[OV_WRITTENW_STATUS] == OV_WRITTEN_NO_ROOM && written[OV_WRITTENW_RECORDS] == 0) {
            if (room > MOST_TEXT) *fits = false;
            room *= 2;
        }
        if (written[OV_WRITTENW_STATUS] != OV_WRITTEN_BLOCK) continue;
        const ov_records aside = records_from(r, done, r->count - done < 7 ? r->count - done : 7);
        if (ov_decode(&r->d.decoder, &aside, r->d.slab, r->d.scratch, &error) != OV_OK) return "records are refused";
        const uint32_t taken = (uint32_t)head_of(&r->d, OV_HEAD_RECORDS);
        if (taken == 0) *fits = false;
        const char *wrong = write_slab(r, taken, room, text, at, fits);
        if (wrong) return wrong;
        done += taken;
    }
    return NULL;
}

static const char *compare(round_state *r) {
    static uint8_t expected[MOST_TEXT], actual[MOST_TEXT];
    size_t length = 0;
    bool fits = true;
    const ov_level most = ov_set_level(OV_LEVEL_AVX512);
    ov_set_level(OV_LEVEL_PORTABLE);
    const char *wrong = by_slab(r, 1 << 16, expected, &length, &fits);
    for (int level = OV_LEVEL_PORTABLE; !wrong && fits && level <= (int)most; level++) {
        ov_set_level((ov_level)level);
        size_t at = 0;
        const size_t room = 1 + choose(r->c, choose(r->c, 2) ? 300 : 1 << 15);
        wrong = choose(r->c, 4) ? by_records(r, room, actual, &at, &fits) : by_slab(r, room, actual, &at, &fits);
        if (!wrong && fits && (at != length || memcmp(expected, actual, length) != 0))
            wrong = "levels write other text";
    }
    ov_set_level(most);
    return wrong;
}

/* Whatever is in the slab, nothing outside of the buffers is touched. */
static void write_nonsense(round_state *r) {
    const size_t room = 1 + choose(r->c, 1 << 12);
    uint8_t *out = guarded(room, false);
    const size_t own = r->d.slab_length < 512 ? r->d.slab_length : 512;
    random_bytes(r->c, r->d.slab, own);
    for (size_t i = own; i < r->d.slab_length; i++) r->d.slab[i] = r->d.slab[i - own];
    for (uint32_t i = choose(r->c, 40); i > 0; i--) {
        /* small numbers pass for lists and offsets */
        const size_t at = 4 * (size_t)choose(r->c, (uint32_t)(r->d.slab_length / 4));
        memset(r->d.slab + at, 0, at + 64 <= r->d.slab_length ? 64 : r->d.slab_length - at);
    }
    const int32_t rows = 1 + (int32_t)choose(r->c, 20);
    memcpy(r->d.slab + 4 * OV_HEAD_RECORDS, &rows, 4);
    int32_t written[OV_WRITTEN_WORDS];
    ov_write_rows(&r->writer, &r->d.decoder, r->d.slab, 0, (uint32_t)rows, r->scratch, out, room, written);
    guarded_free(out, room, false);
}

const char *program_round(program_builder *p, plan_builder *b, choices *c) {
    static round_state r;
    memset(&r, 0, sizeof r);
    r.c = c;
    if (b->code[OV_PLANW_SPACES] > SPACES || plan_is_slow(b)) return NULL;
    int32_t capacities[SPACES];
    capacities[0] = RECORDS;
    for (int32_t i = 1; i < b->code[OV_PLANW_SPACES]; i++) capacities[i] = 1 << (8 + choose(c, 6));
    size_t words;
    if (slab_layout(b->code, capacities, NULL, &words) > 1 << 26) return NULL;
    if (!decoding_begin(&r.d, b, capacities)) return "the slab is refused";
    ov_error error;
    const char *wrong = NULL;
    if (ov_writer_check(&r.d.plan, p->code, program_size(p), p->pool, (size_t)p->code[OV_PROGRAMW_POOL], &r.writer,
                        &error) == OV_OK &&
        r.d.plan.reach < 1 << 12) {
        r.scratch_length = ov_write_scratch_size(&r.writer);
        r.scratch = guarded(r.scratch_length, false);
        memset(r.scratch, 0, r.scratch_length);
        r.count = 1 + choose(c, choose(c, 3) ? 20 : RECORDS);
        r.stride = choose(c, 2) ? 1 + choose(c, r.d.plan.reach + 2) : 0;
        if (r.stride && choose(c, 2)) r.stride = r.d.plan.reach + choose(c, 2);
        if (r.stride == 0 && choose(c, 2)) r.stride = 1 + r.d.plan.reach;
        for (uint32_t i = 0; i < r.count; i++) {
            r.starts[i] = (uint32_t)r.length;
            r.length += r.stride ? r.stride : choose(c, r.d.plan.reach + 2);
            r.ends[i] = (uint32_t)r.length;
        }
        const bool front = choose(c, 2);
        r.data = guarded(r.length, front);
        random_bytes(c, r.data, r.length < 4096 ? r.length : 4096);
        for (size_t i = 4096; i < r.length; i++) r.data[i] = r.data[i - 4093];
        wrong = compare(&r);
        if (!wrong) write_nonsense(&r);
        guarded_free(r.data, r.length, front);
        guarded_free(r.scratch, r.scratch_length, false);
    }
    decoding_end(&r.d);
    return wrong;
}
