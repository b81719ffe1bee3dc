/* Writing text: a program's instructions with the places of what they read, and the parts of the writer.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OV_WRITE_H
#define OV_WRITE_H

#include "common.h"
#include "frames.h"

/* Bytes behind what is written that may be overwritten, and behind templates that may be read. */
#define OV_WRITE_SLACK 128
/* Most bytes of a number without its prefix: in quotes, with sign, point and comma. */
#define OV_NUMBER_MOST 64
/* The largest integer that a JavaScript number holds with all below it. */
#define OV_MOST_SAFE (((uint64_t)1 << 53) - 1)
/* Longest text field that is written straight from records, and most bytes that it becomes before escaping. */
#define OV_DIRECT_TEXT 4096
#define OV_DIRECT_TEXT_MOST (4 * OV_DIRECT_TEXT)

/* How an instruction is written straight from a record's bytes. */
typedef enum ov_direct_kind {
    OV_DIRECT_NONE, /* END_SELECT: nothing to do */
    OV_DIRECT_OPEN,
    OV_DIRECT_CLOSE,
    OV_DIRECT_LIST,
    OV_DIRECT_END_LIST,
    OV_DIRECT_END,
    OV_DIRECT_ITEM, /* a field by the letter of the rules */
    OV_DIRECT_TEXT32,
    OV_DIRECT_TEXT64,
    OV_DIRECT_PACKED,
    OV_DIRECT_ZONED16,
    OV_DIRECT_ZONED32,
    OV_DIRECT_BINARY16,
    OV_DIRECT_BINARY32
} ov_direct_kind;

/* For wide registers: the digits of a register, a byte each, are laid out as they are written, with the point and what
 * follows the number, and then moved to the left over leading zeros. */
typedef struct ov_digits {
    uint8_t place[64];    /* for each place the digit's byte in the register */
    uint8_t constant[64]; /* '0' for a digit; the point, what follows */
    uint64_t digits;      /* the places that hold digits */
    uint32_t length;      /* places in all */

    /* Leading zeros, counted in the register: its bytes that are digits, the last one that is written in any case (of
     * zeros behind the digits, beyond the register), and the bytes before the first place. */
    uint32_t significant, skip;
    uint32_t wrong_signs; /* from a record: one bit a sign nibble that is bad data */
    uint64_t keep;

    /* From a record: byte = (byte ^ flip) & mask must not be above `most`; registers end with the field. */
    uint8_t mask[32], most[32];
    uint8_t flip, sign_at;
    uint16_t
        sign_bits;  /* of that byte, as BEXTR wants them: the first one, and above it how many; 0: there is no sign */
    uint32_t loads; /* one bit for each byte that is loaded */
    uint64_t limit; /* BINARY: magnitudes above it are bad data, or are in quotes */
    uint8_t unused[16];
} ov_digits;
_Static_assert(sizeof(ov_digits) == 256, "whole cache lines");

/* An instruction of a program, with the places of what it reads. */
typedef struct ov_op {
    uint8_t op;
    uint8_t kind;          /* ov_direct_kind */
    uint8_t suffix;        /* what follows a value */
    uint8_t suffix_length; /* 0 or 1 */
    uint32_t prefix_length, nothing_length;
    const uint8_t *prefix, *nothing; /* 32 bytes behind them can be read */
    uint32_t end; /* LIST, SELECT: the instruction that ends it; OPEN, CLOSE: how many are open around it */

    /* In a record: bytes from its base (the record, or the item of the innermost list). LIST: bytes of an item. */
    uint32_t offset, length;
    const ov_digits *direct; /* numbers */
    const uint8_t *table;    /* text: what each byte becomes; x'80' and more: not so simple */
    uint64_t whole, kept;    /* text: one bit a byte, and the same where no pads are cut off, else 0 */
    uint8_t not_pad;         /* text: the bits that a pad has not */

    int32_t flags, type, scale, size;
    bool latin1;
    uint32_t most, columns;

    /* In the slab. SELECT: `validity` is its bitmap. LIST: `list` its offsets, `capacity` the slots of its items. */
    const uint8_t *values, *validity, *data;
    uint32_t data_length, capacity;
    const int32_t *list;
    const ov_digits *digits;

    ov_field field;
} ov_op;

/* The output, and what is known while a record is written. */
typedef struct ov_text_out {
    uint8_t *end;
    uint8_t *line;    /* where the record began */
    uint64_t reserve; /* bytes that everything but text needs, if each instruction is run once */
    bool is_csv;
    bool is_broken; /* the slab is not what its decoder writes */
    bool is_full;
    const ov_op *ops;
    uint8_t *texts;                    /* OV_DIRECT_TEXT_MOST bytes and slack */
    uint8_t *opened[OV_PROGRAM_DEPTH]; /* where objects began that are not closed */
} ov_text_out;

/* Appends text with escapes, and quotes where CSV needs them, and what ends the value. The seven bytes behind the text
 * can be read. At most six bytes for each of the text's, and three. */
uint8_t *ov_write_json_text(const uint8_t *text, size_t length, bool latin1, uint8_t *at);
uint8_t *ov_write_csv_text(const uint8_t *text, size_t length, bool latin1, uint8_t *at);

/* Appends an integer of this magnitude, at most 2^127, with the point before its last `scale` digits. */
uint8_t *ov_write_digits(uint64_t high, uint64_t low, bool negative, int32_t scale, uint8_t *at);

/* Appends a double as JavaScript's String(value): at most 32 bytes. */
uint8_t *ov_write_double(double value, uint8_t *at);

/* Appends a number with its prefix and what follows it, or nothing where it is not finite. */
uint8_t *ov_write_integer(const ov_op *op, ov_int128 value, uint8_t *at);
uint8_t *ov_write_float(const ov_op *op, double value, uint8_t *at);

/* Writes a field of a record by the letter of the rules. NULL: bad data, or no room (out->is_full). */
uint8_t *ov_write_item(ov_text_out *out, const ov_op *op, const uint8_t *item, uint8_t *at);

/* Writes row i of the slab. NULL: no room, or a broken slab. */
typedef uint8_t *ov_row_writer(ov_text_out *out, const ov_op *op, uint32_t i, uint8_t *at);
ov_row_writer *ov_row_writer_for(ov_level level);

/* Writes a record straight from its bytes. NULL: bad data, or no room. */
typedef uint8_t *ov_record_writer(ov_text_out *out, const ov_op *op, const uint8_t *record, uint8_t *at);
/* NULL: this level has none. */
ov_record_writer *ov_record_writer_for(ov_level level);

static inline bool ov_has_room(const ov_text_out *out, const uint8_t *at, uint64_t more) {
    return (uint64_t)(out->end - at) >= out->reserve + more;
}

/* Copies a template, most of which are short: 32 bytes are read and written at least. */
static inline uint8_t *ov_write_template(uint8_t *at, const uint8_t *from, uint32_t length) {
    memcpy(at, from, 32);
    if (length > 32) memcpy(at + 32, from + 32, length - 32);
    return at + length;
}

static inline uint8_t *ov_write_nothing(const ov_op *op, uint8_t *at) {
    return ov_write_template(at, op->nothing, op->nothing_length);
}

#endif
