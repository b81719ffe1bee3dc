/* Conditions, prepared: each instruction of a predicate as a test that yields bitmaps for a tile of rows.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OV_PREDICATE_H
#define OV_PREDICATE_H

#include "frames.h"

/* Three-valued truth of a tile's rows: AND and OR are those of the words, NOT exchanges the two and inverts them. */
typedef struct ov_truth {
    ov_bits yes;    /* true */
    ov_bits not_no; /* true or unknown */
} ov_truth;

/* A field's bytes as numbers of one or two words whose order is that of the values, and a constant as such a number.
 * The words come from memory as they lie there: `low` ends with the field, `high` (fields of 9 to 16 bytes) begins with
 * it. */
typedef struct ov_key {
    uint64_t low, high; /* the constant: its magnitude, or the value itself in `ov_keys_plain` */
    bool negative;      /* ... of a constant below 0 */
    uint64_t mask;      /* numbers: bits of the low word that are the field's */
    int32_t down;       /* two words: bits by which the high one is shifted to end before the low one */
    /* ZONED: what must be in the zones, and the sign's place. PACKED: bits that must be 0. */
    uint64_t zones_low, zones_low_mask, zones_high, zones_high_mask, unused_low, unused_high;
    int32_t sign_shift;
    bool sign_high, two, is_signed, ascii;
    int32_t outside; /* BINARY: the constant is above (1) or below (-1) every value */
    /* Plain: the word is shifted up by so much, then filled (text: with pads) and flipped so that its order is signed.
     * `keep` are the bits that are left of it. */
    int32_t up;
    uint64_t keep, fill, flip;
    bool little;
    /* Text: a byte x'00', or this word, asks for another look; so does a word that is the constant's, where more
     * follows. */
    bool zeros, prefix;
    uint64_t nothing;
} ov_key;

/* For each row: is its magnitude above the constant's, the same, is it below 0, must it be looked at again? */
typedef struct ov_key_bits {
    ov_bits above, same, below_zero, again;
} ov_key_bits;

/* Words of whole tiles: what is behind `count` in the last 64 is ignored. */
typedef void ov_key_kernel(const ov_key *key, const uint64_t *low, const uint64_t *high, uint32_t count,
                           ov_key_bits *out);

typedef struct ov_key_kernels {
    ov_key_kernel *packed, *zoned, *plain;
} ov_key_kernels;

extern const ov_key_kernels ov_keys_portable;
#if defined(__GNUC__) && defined(__x86_64__)
extern const ov_key_kernels ov_keys_avx2, ov_keys_avx512;
#endif

/* An instruction of a predicate with what does not change from block to block. */
struct ov_test {
    const int32_t *words;
    const int32_t *operand, *other; /* their instructions, or NULL */
    ov_field field, second;
    ov_key_kernel *kernel; /* NULL: this test is none for keys */
    ov_key key;
};

/* Makes the test's key, where it can have one. */
void ov_key_prepare(const ov_run *run, ov_test *test);

/* The bytes of items that keys are made of. */
typedef struct ov_key_words {
    uint64_t low[OV_TILE], high[OV_TILE];
} ov_key_words;

void ov_key_load(const ov_test *test, const ov_items *items, ov_key_words *words);

/* Compares keys with the test's; less and equal are defined for items that are not in `again`. */
void ov_key_compare(const ov_test *test, const ov_key_words *words, uint32_t count, ov_bits *less, ov_bits *equal,
                    ov_bits *again);

/* Where the field of each row lies, and how much of it is there (0: nothing). */
void ov_place_rows(ov_run *run, const ov_rows *rows, int32_t frame, int32_t offset, int32_t length, uint32_t *positions,
                   uint32_t *lengths);

/* Bytes of a text that count: without pads, and without x'00' unless EXACT, at its end. */
uint32_t ov_text_size(const uint8_t *p, uint32_t length, uint8_t pad, int32_t flags);

/* COMPARE_TEXT for one item: its order against the constant (<0, 0, >0). False: unknown. */
bool ov_text_order(const int32_t *words, const uint8_t *constant, const uint8_t *p, uint32_t length, int *order);

/* Tests that read text by its characters, and comparisons of two texts. `truth` comes as unknown for all rows. */
void ov_test_text(ov_run *run, const ov_test *test, const ov_rows *rows, ov_truth *truth);

/* Truth of an order (<0, 0, >0) under a Cmp. */
static inline bool ov_holds(int32_t cmp, int order) {
    switch (cmp) {
    case OV_CMP_EQ: return order == 0;
    case OV_CMP_NE: return order != 0;
    case OV_CMP_LT: return order < 0;
    case OV_CMP_LE: return order <= 0;
    case OV_CMP_GT: return order > 0;
    default: return order >= 0;
    }
}

/* A row's truth, which is unknown so far. */
static inline void ov_decide(ov_truth *truth, uint32_t row, bool holds) {
    if (holds) {
        truth->yes.words[row >> 6] |= (uint64_t)1 << (row & 63);
    } else {
        truth->not_no.words[row >> 6] &= ~((uint64_t)1 << (row & 63));
    }
}

static inline bool ov_is_text(int32_t op) {
    return op == OV_OP_TEXT || op == OV_OP_NATIONAL || op == OV_OP_TEXT_MIXED || op == OV_OP_TEXT_DBCS ||
           op == OV_OP_TEXT_UTF8;
}

#endif
