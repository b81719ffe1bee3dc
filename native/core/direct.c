/* How fields are written straight from the bytes of records: the constants that the wide registers' code works by, and
 * the way of those that it can't take, one item by the letter of the rules.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bind.h"
#include "decimal.h"
#include "kernels.h"

void ov_lay_digits(ov_digits *d, int32_t first, int32_t count, int32_t up, int32_t scale, const ov_op *op) {
    memset(d, 0, sizeof *d);
    const int32_t zeros = scale + 1 > count + up ? scale + 1 - count - up : 0, all = zeros + count + up;
    uint32_t at = 0;
    for (int32_t i = 0; i < all; i++) {
        if (scale > 0 && i == all - scale) d->constant[at++] = '.';
        d->constant[at] = '0';
        if (i >= zeros && i < zeros + count) {
            d->place[at] = (uint8_t)(first + i - zeros);
            d->digits |= (uint64_t)1 << at;
            d->significant |= 1u << (first + i - zeros);
        }
        at++;
    }
    if (op->suffix_length) d->constant[at++] = op->suffix;
    d->length = at;
    /* with zeros in front the first of them is the one digit before the point */
    d->skip = zeros > 0 ? 0 : (uint32_t)first;
    d->keep = (uint64_t)1 << (zeros > 0 ? 0 : first + all - scale - 1);
}

/* Whether quotes depend on the value. Digits of a picture alone never make that so, but those of a binary number. */
static bool is_sometimes_quoted(const ov_op *op) { return (op->flags & OV_WRITEFLAG_QUOTED_BEYOND) != 0; }

/* Zeros behind the digits: with the bytes of a register not more than 63 places. */
enum { MOST_UP = 28 };

/* Where a sign nibble is in its byte: ov_digits.sign_bits. */
enum { SIGN_LOW = 0x0400, SIGN_HIGH = 0x0404 };

/* Registers end with the field's last byte; of packed ones each byte is two digits. */
static void packed(ov_op *op, ov_digits *d) {
    const ov_field *f = &op->field;
    const int32_t has_sign = !(f->flags & OV_FLAG_NO_SIGN), first = 32 - has_sign - f->digits;
    if (f->length > 16 || first < 0 || f->up > MOST_UP || is_sometimes_quoted(op)) return;
    /* without a sign, zeros and pads may be digits and yet be absent */
    if (!has_sign && (f->flags & OV_FLAG_ABSENT)) return;
    ov_lay_digits(d, first, f->digits, f->up, op->scale, op);
    for (int32_t i = 0; i < f->digits; i++) d->most[first + i] = 9;
    if (has_sign) d->most[31] = 15;
    d->sign_at = (uint8_t)(f->length - 1);
    d->sign_bits = has_sign ? SIGN_LOW : 0;
    memset(d->mask, 0x0F, sizeof d->mask);
    d->wrong_signs = has_sign ? 0x3FF | (f->flags & OV_FLAG_SIGNED ? 0 : 1u << 11 | 1u << 13) : 0;
    d->loads = 0xFFFFu & (0xFFFFu << (16 - f->length));
    op->kind = OV_DIRECT_PACKED;
}

/* EBCDIC's zones with a sign in the first or last byte, or digits of ASCII without one. */
static void zoned(ov_op *op, ov_digits *d) {
    const ov_field *f = &op->field;
    const bool ascii = f->flags & OV_FLAG_ASCII, leading = f->flags & OV_FLAG_LEADING;
    if (f->length > 32 || (f->flags & (OV_FLAG_SEPARATE | OV_FLAG_WIDE)) || f->up > MOST_UP || is_sometimes_quoted(op))
        return;
    const int32_t width = f->length <= 16 ? 16 : 32, first = width - f->length;
    ov_lay_digits(d, first, f->digits, f->up, op->scale, op);
    memset(d->mask + first, 0xFF, (size_t)f->length);
    memset(d->most + first, 9, (size_t)f->length);
    d->flip = ascii ? 0x30 : 0xF0;
    if (!ascii) {
        d->mask[leading ? first : width - 1] = 0x0F;
        d->sign_at = (uint8_t)(leading ? 0 : f->length - 1);
        d->sign_bits = SIGN_HIGH;
        d->wrong_signs = 0x3FF | (f->flags & OV_FLAG_SIGNED ? 0 : 1u << 11 | 1u << 13);
    }
    d->loads = (width == 16 ? 0xFFFFu : 0xFFFFFFFFu) & (0xFFFFFFFFu << first);
    op->kind = width == 16 ? OV_DIRECT_ZONED16 : OV_DIRECT_ZONED32;
}

static void binary(ov_op *op, ov_digits *d) {
    const ov_field *f = &op->field;
    const bool narrow = f->length <= 6;
    const int32_t count = narrow ? 16 : 20;
    if (f->up > MOST_UP || (f->up > 0 && is_sometimes_quoted(op))) return;
    ov_lay_digits(d, (narrow ? 16 : 32) - count, count, f->up, op->scale, op);
    d->limit = op->flags & OV_WRITEFLAG_QUOTED_BEYOND ? OV_MOST_SAFE : UINT64_MAX;
    if (f->flags & OV_FLAG_LIMITED && ov_powers10[f->digits] - 1 < d->limit) d->limit = ov_powers10[f->digits] - 1;
    op->kind = narrow ? OV_DIRECT_BINARY16 : OV_DIRECT_BINARY32;
}

/* Text of single bytes: what is ASCII and needs neither escape nor quotes becomes one byte. */
static void text(ov_op *op, bool is_csv, uint8_t *table) {
    const ov_field *f = &op->field;
    if (f->op != OV_OP_TEXT || f->length > 64 || (f->flags & OV_FLAG_TRIM_LEFT)) return;
    for (int32_t i = 0; i < 256; i++) {
        const uint8_t *entry = f->pool + 4 * i;
        const uint8_t c = entry[1];
        bool simple = entry[0] == 1 && c < 0x80;
        simple =
            simple && (is_csv ? c != ',' && c != '"' && c != '\r' && c != '\n' : c >= 0x20 && c != '"' && c != '\\');
        table[i] = simple ? c : 0x80;
    }
    op->table = table;
    op->whole = ~(uint64_t)0 >> (64 - f->length);
    op->kept = f->flags & OV_FLAG_TRIM_RIGHT ? 0 : op->whole;
    op->not_pad = (uint8_t)~ov_pad(f);
    op->kind = f->length <= 32 ? OV_DIRECT_TEXT32 : OV_DIRECT_TEXT64;
}

void ov_bind_direct(ov_op *op, bool is_csv, ov_digits *digits, uint8_t *table) {
    op->kind = OV_DIRECT_ITEM;
    op->direct = digits;
    switch (op->field.op) {
    case OV_OP_TEXT: text(op, is_csv, table); break;
    case OV_OP_PACKED: packed(op, digits); break;
    case OV_OP_ZONED: zoned(op, digits); break;
    case OV_OP_BINARY: binary(op, digits); break;
    default: break;
    }
}

static uint8_t *text_item(ov_text_out *out, const ov_op *op, const uint8_t *item, uint8_t *at) {
    const ov_items items = {item, NULL, 0, 1, item, item + op->length};
    int32_t offsets[2] = {0, 0};
    ov_bits valid, bad;
    ov_text_kernel_for(&op->field, OV_LEVEL_PORTABLE)(&op->field, &items, offsets, out->texts, &valid, &bad);
    if (!ov_get_bit(valid.words, 0)) {
        return ov_get_bit(bad.words, 0) && !(op->field.flags & OV_FLAG_QUIET) ? NULL : ov_write_nothing(op, at);
    }
    const size_t length = (size_t)offsets[1];
    if (!ov_has_room(out, at, 6 * length)) {
        out->is_full = true;
        return NULL;
    }
    at = ov_write_template(at, op->prefix, op->prefix_length);
    return (out->is_csv ? ov_write_csv_text : ov_write_json_text)(out->texts, length, op->latin1, at);
}

uint8_t *ov_write_item(ov_text_out *out, const ov_op *op, const uint8_t *item, uint8_t *at) {
    if (op->op == OV_WRITE_TEXT) return text_item(out, op, item, at);
    ov_outcome outcome;
    if (op->op == OV_WRITE_FLOAT) {
        double value = 0;
        outcome = ov_read_float(&op->field, item, &value);
        if (outcome == OV_VALUE) return ov_write_float(op, value, at);
    } else {
        ov_int128 value = {0, 0};
        outcome = ov_read_integer(&op->field, item, &value);
        if (outcome == OV_VALUE) return ov_write_integer(op, value, at);
    }
    return outcome == OV_BAD && !(op->field.flags & OV_FLAG_QUIET) ? NULL : ov_write_nothing(op, at);
}
