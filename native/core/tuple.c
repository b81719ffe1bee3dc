/* Rows of a slab as tuples of PostgreSQL's COPY BINARY. The words of a column are described in src/engine/tuple.ts.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "decimal.h"

/* Most columns of a PostgreSQL table are 1600. */
enum { MOST_COLUMNS = 1600, MOST_GROUPS = 12, ARRAY_HEADER = 20 };

typedef struct column {
    int32_t kind, type, target, scale, most, flags;
    const uint8_t *values, *validity, *data, *list, *select, *map;
    uint32_t data_length, size, inner, capacity, oid;
} column;

/* A call. */
typedef struct call {
    const int32_t *program;
    size_t columns;
    const uint8_t *slab, *extra;
    size_t slab_length, extra_length;
    uint32_t last;
    const uint8_t *end; /* of the output */
    int32_t reason, item;
    bool is_full, is_broken;
} call;

static uint8_t *put16(uint8_t *at, uint32_t v) {
    at[0] = (uint8_t)(v >> 8);
    at[1] = (uint8_t)v;
    return at + 2;
}

static uint8_t *put32(uint8_t *at, uint32_t v) {
    v = (uint32_t)(ov_swap64(v) >> 32);
    memcpy(at, &v, 4);
    return at + 4;
}

static uint8_t *put64(uint8_t *at, uint64_t v) {
    ov_store64(at, ov_swap64(v));
    return at + 8;
}

static bool bit(const uint8_t *bitmap, uint32_t i) { return bitmap[i >> 3] >> (i & 7) & 1; }

static uint8_t *refuse(call *c, int32_t reason) {
    c->reason = reason;
    return NULL;
}

static uint8_t *full(call *c) {
    c->is_full = true;
    return NULL;
}

static uint8_t *broken(call *c) {
    c->is_broken = true;
    return NULL;
}

static bool has_room(const call *c, const uint8_t *at, uint64_t bytes) { return (uint64_t)(c->end - at) >= bytes; }

/* ---- Checking a column. ---- */

static bool inside(int32_t place, uint64_t bytes, size_t length) {
    return place >= 0 && (uint64_t)place + bytes <= length;
}

static uint32_t width_of(int32_t type) {
    switch (type) {
    case OV_TYPE_INT32:
    case OV_TYPE_FLOAT32:
    case OV_TYPE_UTF8: return 4;
    case OV_TYPE_INT64:
    case OV_TYPE_FLOAT64: return 8;
    case OV_TYPE_DECIMAL128: return 16;
    default: return 0;
    }
}

static bool is_possible(const int32_t *w) {
    const int32_t type = w[OV_TUPLEW_TYPE], scale = w[OV_TUPLEW_SCALE];
    const bool integer = type == OV_TYPE_INT32 || type == OV_TYPE_INT64 || type == OV_TYPE_DECIMAL128;
    if (w[OV_TUPLEW_MOST] < 0 || scale < 0 || scale > 38) return false;
    switch (w[OV_TUPLEW_TARGET]) {
    case OV_TUPLETARGET_INT2:
    case OV_TUPLETARGET_INT4:
    case OV_TUPLETARGET_INT8: return integer && scale == 0;
    case OV_TUPLETARGET_NUMERIC: return integer && w[OV_TUPLEW_MOST] <= 38;
    case OV_TUPLETARGET_FLOAT4: return type == OV_TYPE_FLOAT32;
    case OV_TUPLETARGET_FLOAT8: return type == OV_TYPE_FLOAT32 || type == OV_TYPE_FLOAT64;
    case OV_TUPLETARGET_TEXT: return type == OV_TYPE_UTF8;
    case OV_TUPLETARGET_JSON: return type == OV_TYPE_UTF8 && w[OV_TUPLEW_KIND] == OV_TUPLEKIND_EXTRA;
    default: return false;
    }
}

/* The table of an array: its items have places for every row. */
static bool read_table(const call *c, const int32_t *w, column *p) {
    const int32_t size = w[OV_TUPLEW_SIZE], capacity = w[OV_TUPLEW_CAPACITY], inner = w[OV_TUPLEW_INNER];
    if (capacity < 0 || size < -1 || inner < 0) return false;
    p->capacity = (uint32_t)capacity;
    p->inner = (uint32_t)inner;
    p->oid = (uint32_t)w[OV_TUPLEW_OID];
    if (size < 0) {
        if (inner > 0 || w[OV_TUPLEW_LIST] % 4 != 0 ||
            !inside(w[OV_TUPLEW_LIST], ((uint64_t)c->last + 1) * 4, c->slab_length))
            return false;
        p->list = c->slab + w[OV_TUPLEW_LIST];
    } else {
        if ((uint64_t)c->last * (uint32_t)size > p->capacity || (inner > 0 && size % inner != 0)) return false;
        p->size = (uint32_t)size;
    }
    if (w[OV_TUPLEW_SELECT] >= 0) {
        if (!inside(w[OV_TUPLEW_SELECT], ((uint64_t)c->last + 7) / 8, c->slab_length)) return false;
        p->select = c->slab + w[OV_TUPLEW_SELECT];
    }
    return true;
}

static bool read_column(const call *c, const int32_t *w, column *p) {
    const bool extra = w[OV_TUPLEW_KIND] == OV_TUPLEKIND_EXTRA, text = w[OV_TUPLEW_TYPE] == OV_TYPE_UTF8;
    const uint8_t *memory = extra ? c->extra : c->slab;
    const size_t length = extra ? c->extra_length : c->slab_length;
    *p = (column){.kind = w[OV_TUPLEW_KIND],
                  .type = w[OV_TUPLEW_TYPE],
                  .target = w[OV_TUPLEW_TARGET],
                  .scale = w[OV_TUPLEW_SCALE],
                  .most = w[OV_TUPLEW_MOST],
                  .flags = w[OV_TUPLEW_FLAGS]};
    if (p->kind < OV_TUPLEKIND_VALUE || p->kind > OV_TUPLEKIND_EXTRA || !is_possible(w)) return false;
    if (p->kind == OV_TUPLEKIND_ARRAY && !read_table(c, w, p)) return false;
    if (p->kind == OV_TUPLEKIND_VALUE && w[OV_TUPLEW_MAP] >= 0) {
        if (w[OV_TUPLEW_CAPACITY] < 0 || w[OV_TUPLEW_MAP] % 4 != 0 ||
            !inside(w[OV_TUPLEW_MAP], (uint64_t)c->last * 4, c->extra_length))
            return false;
        p->capacity = (uint32_t)w[OV_TUPLEW_CAPACITY];
        p->map = c->extra + w[OV_TUPLEW_MAP];
    }
    const uint64_t slots = p->kind == OV_TUPLEKIND_ARRAY || p->map ? p->capacity : c->last;
    if (w[OV_TUPLEW_VALUES] % 4 != 0 || !inside(w[OV_TUPLEW_VALUES], (slots + text) * width_of(p->type), length))
        return false;
    p->values = memory + w[OV_TUPLEW_VALUES];
    if (w[OV_TUPLEW_VALIDITY] >= 0) {
        if (extra || !inside(w[OV_TUPLEW_VALIDITY], (slots + 7) / 8, length)) return false;
        p->validity = memory + w[OV_TUPLEW_VALIDITY];
    }
    if (!text) return true;
    const int32_t data_length = w[OV_TUPLEW_DATA_LENGTH];
    if (data_length < 0 || !inside(w[OV_TUPLEW_DATA], (uint64_t)data_length, length)) return false;
    p->data = memory + w[OV_TUPLEW_DATA];
    p->data_length = (uint32_t)data_length;
    return true;
}

/* ---- Values: each appends its length and its bytes. NULL: there is no room, or it can't be stored. ---- */

static ov_int128 integer_of(const column *p, uint32_t slot) {
    ov_int128 v;
    if (p->type == OV_TYPE_INT32) {
        v.low = (uint64_t)(int64_t)(int32_t)ov_load32(p->values + (size_t)slot * 4);
        v.high = (int64_t)v.low < 0 ? -1 : 0;
    } else if (p->type == OV_TYPE_INT64) {
        v.low = ov_load64(p->values + (size_t)slot * 8);
        v.high = (int64_t)v.low < 0 ? -1 : 0;
    } else {
        v.low = ov_load64(p->values + (size_t)slot * 16);
        v.high = (int64_t)ov_load64(p->values + (size_t)slot * 16 + 8);
    }
    return v;
}

static uint8_t *put_integer(call *c, const column *p, uint32_t slot, uint8_t *at) {
    const ov_int128 v = integer_of(p, slot);
    const int64_t n = (int64_t)v.low;
    if (v.high != (n < 0 ? -1 : 0)) return refuse(c, OV_TUPLEREFUSAL_RANGE);
    switch (p->target) {
    case OV_TUPLETARGET_INT2:
        if (n != (int16_t)n) return refuse(c, OV_TUPLEREFUSAL_RANGE);
        return put16(put32(at, 2), (uint32_t)n);
    case OV_TUPLETARGET_INT4:
        if (n != (int32_t)n) return refuse(c, OV_TUPLEREFUSAL_RANGE);
        return put32(put32(at, 4), (uint32_t)n);
    default: return put64(put32(at, 8), (uint64_t)n);
    }
}

/* Divides by 10000 or less and returns what is left. */
static uint32_t divide(ov_wide *n, uint32_t by) {
    if (n->high == 0) {
        const uint32_t rest = (uint32_t)(n->low % by);
        n->low /= by;
        return rest;
    }
    const uint64_t parts[4] = {n->high >> 32, (uint32_t)n->high, n->low >> 32, (uint32_t)n->low};
    uint64_t quotient[4], rest = 0;
    for (int i = 0; i < 4; i++) {
        const uint64_t part = rest << 32 | parts[i];
        quotient[i] = part / by;
        rest = part % by;
    }
    *n = (ov_wide){quotient[2] << 32 | quotient[3], quotient[0] << 32 | quotient[1]};
    return (uint32_t)rest;
}

static bool is_below_power(ov_wide n, int32_t digits) {
    const ov_wide power = ov_wide_scale((ov_wide){1, 0}, digits);
    return n.high != power.high ? n.high < power.high : n.low < power.low;
}

/* A numeric is digits to the base 10000, the first of them worth 10000^weight. */
static uint8_t *put_numeric(call *c, const column *p, uint32_t slot, uint8_t *at) {
    static const uint32_t tens[4] = {1, 10, 100, 1000};
    const ov_int128 v = integer_of(p, slot);
    const bool negative = v.high < 0;
    ov_wide n = {v.low, (uint64_t)v.high};
    if (negative) n = (ov_wide){0 - n.low, ~n.high + (n.low == 0)};
    if (p->most > 0 && !is_below_power(n, p->most)) return refuse(c, OV_TUPLEREFUSAL_RANGE);
    uint16_t groups[MOST_GROUPS]; /* the lowest first */
    int32_t count = 0, least = 0;
    const int32_t part = p->scale & 3;
    if (part > 0) groups[count++] = (uint16_t)(divide(&n, tens[part]) * tens[4 - part]);
    while (n.high != 0) groups[count++] = (uint16_t)divide(&n, 10000);
    for (uint64_t low = n.low; low != 0; low /= 10000) groups[count++] = (uint16_t)(low % 10000);
    while (least < count && groups[least] == 0) least++;
    const int32_t digits = count - least, weight = digits > 0 ? count - (p->scale + 3) / 4 - 1 : 0;
    at = put32(at, (uint32_t)(8 + 2 * digits));
    at = put16(put16(at, (uint32_t)digits), (uint32_t)weight);
    at = put16(put16(at, negative ? 0x4000 : 0), (uint32_t)p->scale);
    for (int32_t i = count - 1; i >= least; i--) at = put16(at, groups[i]);
    return at;
}

static uint8_t *put_float(const column *p, uint32_t slot, uint8_t *at) {
    if (p->type == OV_TYPE_FLOAT64) return put64(put32(at, 8), ov_load64(p->values + (size_t)slot * 8));
    const uint32_t bits = ov_load32(p->values + (size_t)slot * 4);
    if (p->target == OV_TUPLETARGET_FLOAT4) return put32(put32(at, 4), bits);
    float small;
    memcpy(&small, &bits, 4);
    const double value = small;
    uint64_t wide;
    memcpy(&wide, &value, 8);
    if (value != value) wide = 0x7FF8000000000000u;
    return put64(put32(at, 8), wide);
}

/* U+0000, which PostgreSQL has not, as it is told. */
static uint8_t *put_nul(const column *p, uint8_t *at) {
    if (p->flags & OV_TUPLEFLAG_REPLACE) {
        memcpy(at, "\xEF\xBF\xBD", 3);
        at += 3;
    }
    return at;
}

static bool is_too_long(const uint8_t *text, const uint8_t *end, int32_t most) {
    if (end - text <= most) return false;
    int64_t characters = 0;
    for (; text < end; text++) characters += (*text & 0xC0) != 0x80;
    return characters > most;
}

static uint8_t *put_text(call *c, const column *p, const uint8_t *text, uint32_t length, uint8_t *at) {
    uint8_t *const start = at + 4;
    const uint8_t *const end = text + length;
    const uint8_t *nul = length > 0 ? memchr(text, 0, length) : NULL;
    at = start;
    if (nul) {
        if (!(p->flags & (OV_TUPLEFLAG_REPLACE | OV_TUPLEFLAG_STRIP))) return refuse(c, OV_TUPLEREFUSAL_NUL);
        if (!has_room(c, at, 3 * (uint64_t)length)) return full(c);
        for (; text < end; text++) {
            if (*text == 0)
                at = put_nul(p, at);
            else
                *at++ = *text;
        }
    } else {
        if (!has_room(c, at, length)) return full(c);
        if (length > 0) memcpy(at, text, length);
        at += length;
    }
    if (p->most > 0 && is_too_long(start, at, p->most)) return refuse(c, OV_TUPLEREFUSAL_LONG);
    put32(start - 4, (uint32_t)(at - start));
    return at;
}

/* JSON text, a line's end behind it left out, behind the version of jsonb's format. */
static uint8_t *put_json(call *c, const column *p, const uint8_t *text, uint32_t length, uint8_t *at) {
    if (length > 0 && text[length - 1] == '\n') length--;
    if (!has_room(c, at, 5 + (uint64_t)length)) return full(c);
    if (length == 4 && memcmp(text, "null", 4) == 0) {
        return p->flags & OV_TUPLEFLAG_NOT_NULL ? refuse(c, OV_TUPLEREFUSAL_MISSING) : put32(at, UINT32_MAX);
    }
    uint8_t *const start = at;
    at[4] = 1;
    at += 5;
    for (const uint8_t *const end = text + length; text < end;) {
        const uint8_t *escape = memchr(text, '\\', (size_t)(end - text));
        const size_t plain = (size_t)((escape ? escape : end) - text);
        memcpy(at, text, plain);
        at += plain;
        text += plain;
        if (!escape) break;
        if (end - text >= 6 && memcmp(text + 1, "u0000", 5) == 0) {
            if (!(p->flags & (OV_TUPLEFLAG_REPLACE | OV_TUPLEFLAG_STRIP))) return refuse(c, OV_TUPLEREFUSAL_NUL);
            at = put_nul(p, at);
            text += 6;
        } else {
            const size_t escaped = end - text >= 2 ? 2 : 1;
            memcpy(at, text, escaped);
            at += escaped;
            text += escaped;
        }
    }
    put32(start, (uint32_t)(at - start - 4));
    return at;
}

static uint8_t *put_value(call *c, const column *p, uint32_t slot, uint8_t *at) {
    enum { MOST_NUMBER = 4 + 8 + 2 * MOST_GROUPS };
    if (!has_room(c, at, MOST_NUMBER)) return full(c);
    if (p->validity && !bit(p->validity, slot)) {
        return p->flags & OV_TUPLEFLAG_NOT_NULL ? refuse(c, OV_TUPLEREFUSAL_MISSING) : put32(at, UINT32_MAX);
    }
    switch (p->target) {
    case OV_TUPLETARGET_NUMERIC: return put_numeric(c, p, slot, at);
    case OV_TUPLETARGET_FLOAT4:
    case OV_TUPLETARGET_FLOAT8: return put_float(p, slot, at);
    case OV_TUPLETARGET_TEXT:
    case OV_TUPLETARGET_JSON: {
        const uint32_t from = ov_load32(p->values + (size_t)slot * 4), to = ov_load32(p->values + (size_t)slot * 4 + 4);
        if (from > to || to > p->data_length) return broken(c);
        if (p->target == OV_TUPLETARGET_JSON) return put_json(c, p, p->data + from, to - from, at);
        return put_text(c, p, p->data + from, to - from, at);
    }
    default: return put_integer(c, p, slot, at);
    }
}

static uint8_t *put_column(call *c, const column *p, uint32_t row, uint8_t *at) {
    const uint32_t slot = p->map ? ov_load32(p->map + (size_t)row * 4) : row;
    return p->map && slot >= p->capacity ? broken(c) : put_value(c, p, slot, at);
}

static uint8_t *put_array(call *c, const column *p, uint32_t row, uint8_t *at) {
    if (!has_room(c, at, 4 + ARRAY_HEADER + 8)) return full(c);
    if (p->select && !bit(p->select, row)) {
        return p->flags & OV_TUPLEFLAG_NOT_NULL ? refuse(c, OV_TUPLEREFUSAL_MISSING) : put32(at, UINT32_MAX);
    }
    uint32_t from = row * p->size, to = from + p->size;
    if (p->list) {
        from = ov_load32(p->list + (size_t)row * 4);
        to = ov_load32(p->list + (size_t)row * 4 + 4);
        if (from > to || to > p->capacity) return broken(c);
    }
    uint8_t *const start = at + 4;
    bool has_nulls = false;
    for (uint32_t i = from; i < to && p->validity; i++) has_nulls |= !bit(p->validity, i);
    const bool empty = from == to;
    at = put32(start, empty ? 0 : p->inner > 0 ? 2 : 1);
    at = put32(put32(at, has_nulls), p->oid);
    if (!empty) at = put32(put32(at, p->inner > 0 ? (to - from) / p->inner : to - from), 1);
    if (!empty && p->inner > 0) at = put32(put32(at, p->inner), 1);
    column item = *p;
    item.flags &= ~OV_TUPLEFLAG_NOT_NULL;
    for (uint32_t i = from; i < to; i++) {
        c->item = (int32_t)(i - from);
        at = put_value(c, &item, i, at);
        if (!at) return NULL;
    }
    c->item = 0;
    put32(start - 4, (uint32_t)(at - start));
    return at;
}

size_t ov_tuples_scratch(size_t words) { return words / OV_TUPLE_WORDS * sizeof(column); }

ov_status ov_tuples(const int32_t *program, size_t words, const uint8_t *slab, size_t slab_length, const uint8_t *extra,
                    size_t extra_length, uint32_t first, uint32_t last, uint8_t *scratch, uint8_t *out,
                    size_t out_length, int32_t *written) {
    static const uint8_t none[8];
    if (!program || !slab || (!extra && extra_length > 0) || !out || !written || !scratch ||
        (uintptr_t)scratch % 8 != 0 || words == 0 || words % OV_TUPLE_WORDS != 0 ||
        words / OV_TUPLE_WORDS > MOST_COLUMNS || first > last || last > OV_MAX_DATA || out_length > INT32_MAX)
        return OV_BAD_ARGUMENT;
    call c = {.program = program,
              .columns = words / OV_TUPLE_WORDS,
              .slab = slab,
              .extra = extra ? extra : none,
              .slab_length = slab_length,
              .extra_length = extra_length,
              .last = last,
              .end = out + out_length};
    column *const columns = (column *)(void *)scratch;
    for (size_t i = 0; i < c.columns; i++)
        if (!read_column(&c, program + i * OV_TUPLE_WORDS, &columns[i])) return OV_BAD_ARGUMENT;
    memset(written, 0, OV_TUPLE_WRITTEN_WORDS * sizeof *written);
    uint8_t *at = out;
    uint32_t row = first;
    for (; row < last; row++) {
        if (!has_room(&c, at, 2)) {
            c.is_full = true;
            break;
        }
        uint8_t *next = put16(at, (uint32_t)c.columns);
        size_t i = 0;
        for (; i < c.columns && next; i++) {
            const column *p = &columns[i];
            next = p->kind == OV_TUPLEKIND_ARRAY ? put_array(&c, p, row, next) : put_column(&c, p, row, next);
        }
        if (c.is_broken) return OV_BAD_SLAB;
        if (!next) {
            if (c.is_full) break;
            written[OV_TUPLEWRITTEN_COLUMN] = (int32_t)i - 1;
            written[OV_TUPLEWRITTEN_REASON] = c.reason;
            written[OV_TUPLEWRITTEN_ITEM] = c.item;
            break;
        }
        at = next;
    }
    written[OV_TUPLEWRITTEN_STATUS] = row == last ? OV_TUPLESTATUS_ALL
                                      : c.is_full ? OV_TUPLESTATUS_NO_ROOM
                                                  : OV_TUPLESTATUS_REFUSED;
    written[OV_TUPLEWRITTEN_ROWS] = (int32_t)(row - first);
    written[OV_TUPLEWRITTEN_BYTES] = (int32_t)(at - out);
    return OV_OK;
}
