/* Checks fields: what each operation needs of length, digits, type and pool.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker.h"

enum { MAX_DIGITS = 38, ALL_FLAGS = 2 * OV_FLAG_LIMITED - 1 };

/* Does an integer of so many decimal digits fit the type? */
static bool fits(int64_t digits, int32_t type) {
    switch (type) {
    case OV_TYPE_INT32: return digits <= 9;
    case OV_TYPE_INT64: return digits <= 18;
    case OV_TYPE_DECIMAL128: return digits <= MAX_DIGITS;
    default: return false;
    }
}

/* Is an entry of a page the character of Latin-1, in UTF-8? */
static bool is_same(const uint8_t *entry, uint8_t latin1) {
    if (latin1 < 0x80) return entry[0] == 1 && entry[1] == latin1;
    return entry[0] == 2 && entry[1] == (0xC0 | latin1 >> 6) && entry[2] == (0x80 | (latin1 & 63));
}

static bool check_text(ov_checker *c, const int32_t *w, int32_t at) {
    const bool latin1 = w[OV_W_FLAGS] & OV_FLAG_LATIN1;
    NEED(w[OV_W_TYPE] == OV_TYPE_UTF8, OV_W_TYPE);
    NEED(w[OV_W_DIGITS] >= 1 && w[OV_W_DIGITS] <= (latin1 ? 1 : 4), OV_W_DIGITS);
    NEED(ov_in_pool(c, w, OV_TEXT_POOL + (latin1 ? OV_TEXT_POOL_LATIN1 : 0)), OV_W_POOL);
    /* An entry has room for 3 bytes; with LATIN1 only whether there is one counts. */
    const int32_t most = latin1 || w[OV_W_DIGITS] > 3 ? 3 : w[OV_W_DIGITS];
    const uint8_t *entry = c->pool + w[OV_W_POOL], *single = entry + OV_TEXT_POOL;
    const bool both = w[OV_W_POOL_LENGTH] >= OV_TEXT_POOL + OV_TEXT_POOL_LATIN1;
    for (int32_t i = 0; i < OV_TEXT_POOL / 4; i++, entry += 4) {
        NEED(entry[0] <= most, OV_W_POOL);
        /* Kernels go by the second table where it has a character. */
        if (both && single[i] != 0) NEED(latin1 ? entry[0] > 0 : is_same(entry, single[i]), OV_W_POOL);
    }
    return true;
}

/* Mixed and double-byte text: every character that the pool can give is inside it, and short enough for the column. */
static bool check_double(ov_checker *c, const int32_t *w, int32_t at) {
    NEED(w[OV_W_TYPE] == OV_TYPE_UTF8, OV_W_TYPE);
    NEED(!(w[OV_W_FLAGS] & OV_FLAG_LATIN1), OV_W_FLAGS);
    /* A pair becomes up to 3 bytes, or an extra. */
    NEED(w[OV_W_DIGITS] >= 2 && w[OV_W_DIGITS] <= 4, OV_W_DIGITS);
    NEED(w[OV_W_OP] == OV_OP_TEXT_MIXED || w[OV_W_LENGTH] % 2 == 0, OV_W_LENGTH);
    NEED(ov_in_pool(c, w, OV_DOUBLE_TABLES), OV_W_POOL);
    /* Fields of one page have the same pool; it is large, so once is enough. */
    const int32_t key[3] = {w[OV_W_POOL], w[OV_W_POOL_LENGTH], w[OV_W_DIGITS]};
    if (memcmp(c->doubles, key, sizeof key) == 0) return true;
    const uint8_t *pool = c->pool + w[OV_W_POOL];
    const int32_t most = w[OV_W_DIGITS] > 3 ? 3 : w[OV_W_DIGITS];
    for (int32_t i = 0; i < OV_TEXT_POOL; i += 4) NEED(pool[i] <= most, OV_W_POOL);
    for (int32_t lead = OV_DOUBLE_WARDS; lead < OV_DOUBLE_TABLES; lead++) {
        if (pool[lead] == 0) continue;
        NEED(ov_in_pool(c, w, OV_DOUBLE_TABLES + (int64_t)pool[lead] * OV_DOUBLE_TABLE), OV_W_POOL);
        const uint8_t *unit = pool + OV_DOUBLE_TABLES + (size_t)(pool[lead] - 1) * OV_DOUBLE_TABLE;
        for (const uint8_t *stop = unit + OV_DOUBLE_TABLE; unit < stop; unit += 2) {
            const int32_t extra = (unit[0] | unit[1] << 8) - 0xD800;
            if (extra < 0 || extra > 0x7FF) continue;
            const int32_t place = OV_DOUBLE_TABLES + extra * OV_DOUBLE_EXTRA;
            NEED(ov_in_pool(c, w, place + OV_DOUBLE_EXTRA), OV_W_POOL);
            const int32_t length = pool[place];
            NEED(length >= 1 && length < OV_DOUBLE_EXTRA && length <= 2 * w[OV_W_DIGITS], OV_W_POOL);
        }
    }
    memcpy(c->doubles, key, sizeof key);
    return true;
}

static bool check_binary(ov_checker *c, const int32_t *w, int32_t at) {
    /* Decimal digits of the largest value of so many bytes. */
    static const uint8_t digits[9] = {0, 3, 5, 8, 10, 13, 15, 17, 19};
    const bool is_signed = w[OV_W_FLAGS] & OV_FLAG_SIGNED;
    const int32_t length = w[OV_W_LENGTH];
    NEED(length <= 8, OV_W_LENGTH);
    NEED(!(w[OV_W_FLAGS] & OV_FLAG_LIMITED) || (w[OV_W_DIGITS] >= 1 && w[OV_W_DIGITS] <= 19), OV_W_DIGITS);
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
static int32_t edited_digits(const ov_checker *c, const int32_t *w) {
    const int32_t count = w[OV_W_FLAGS] & OV_FLAG_WIDE ? w[OV_W_LENGTH] / 2 : w[OV_W_LENGTH];
    const int64_t length = 3 * (int64_t)count;
    if (!ov_in_pool(c, w, length) || w[OV_W_POOL_LENGTH] != length) return -1;
    const uint8_t *position = c->pool + w[OV_W_POOL];
    int32_t digits = 0;
    for (int32_t i = 0; i < count; i++, position += 3) {
        if (*position > OV_EDIT_INSERT) return -1;
        if (*position == OV_EDIT_PAIR && (i == 0 || position[-3] != OV_EDIT_CREDIT)) return -1;
        digits += *position <= OV_EDIT_FLOATING;
    }
    return digits;
}

static bool check_decimal(ov_checker *c, const int32_t *w, int32_t at) {
    const int32_t op = w[OV_W_OP], flags = w[OV_W_FLAGS];
    int32_t digits = w[OV_W_DIGITS];
    NEED(w[OV_W_UP] >= 0 && w[OV_W_UP] <= MAX_DIGITS, OV_W_UP);
    const int32_t wide = op != OV_OP_PACKED && flags & OV_FLAG_WIDE ? 2 : 1;
    if (wide == 2) {
        NEED(flags & OV_FLAG_ASCII, OV_W_FLAGS);
        NEED(w[OV_W_LENGTH] % 2 == 0 && w[OV_W_LENGTH] <= OV_MAX_WIDE, OV_W_LENGTH);
    }
    if (op == OV_OP_EDITED) {
        digits = edited_digits(c, w);
        NEED(digits >= 0, OV_W_POOL);
    } else {
        NEED(digits >= 1 && digits <= MAX_DIGITS, OV_W_DIGITS);
        const int32_t length = op == OV_OP_ZONED         ? wide * (digits + (flags & OV_FLAG_SEPARATE ? 1 : 0))
                               : flags & OV_FLAG_NO_SIGN ? (digits + 1) / 2
                                                         : digits / 2 + 1;
        NEED(w[OV_W_LENGTH] == length, OV_W_LENGTH);
    }
    NEED(fits((int64_t)digits + w[OV_W_UP], w[OV_W_TYPE]), OV_W_TYPE);
    return true;
}

bool ov_check_field(ov_checker *c, const int32_t *w, int32_t at) {
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
    case OV_OP_TEXT_MIXED:
    case OV_OP_TEXT_DBCS: return check_double(c, w, at);
    case OV_OP_TEXT_UTF8:
        NEED(w[OV_W_TYPE] == OV_TYPE_UTF8, OV_W_TYPE);
        NEED(!(w[OV_W_FLAGS] & OV_FLAG_LATIN1), OV_W_FLAGS);
        NEED(w[OV_W_DIGITS] == 1, OV_W_DIGITS);
        return true;
    case OV_OP_BINARY: return check_binary(c, w, at);
    case OV_OP_FLOAT:
        NEED(w[OV_W_LENGTH] == 4 || w[OV_W_LENGTH] == 8, OV_W_LENGTH);
        NEED(w[OV_W_UP] == 0, OV_W_UP);
        NEED(w[OV_W_TYPE] == (w[OV_W_LENGTH] == 4 && w[OV_W_FLAGS] & OV_FLAG_IEEE ? OV_TYPE_FLOAT32 : OV_TYPE_FLOAT64),
             OV_W_TYPE);
        return true;
    default: return check_decimal(c, w, at);
    }
}
