/* What decoding messages needs of other files.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OV_MESSAGE_H
#define OV_MESSAGE_H

#include "write.h"

/* A field of a message, and where its value goes. */
typedef struct ov_message_field {
    ov_field field;
    int32_t how; /* a reading */
    int32_t offset, show, scale;
    int32_t number;          /* its bit in the image */
    int32_t place;           /* in the image */
    int32_t text;            /* in the text: TEXT its first character, decimals behind their last */
    int32_t whole;           /* PACKED_TEXT, ZONED_TEXT: digits before the point */
    int32_t exact;           /* TEXT: every byte has a character, one byte in Latin-1 */
    uint64_t whole_text;     /* the same, up to 64 bytes with only pads at the end to cut off: one bit a byte; else 0 */
    const ov_digits *digits; /* PACKED_TEXT: how wide registers write them; NULL: they can't */
} ov_message_field;

/* Finds the ends of text fields of a record for its image, up to `end` or one that it does not take, which it answers.
 */
typedef const ov_message_field *ov_message_texts(const ov_message_field *f, const ov_message_field *end,
                                                 const uint8_t *record, uint8_t *image);

/* Writes packed decimals likewise. Up to 32 bytes from a field's place in the text on are written. */
typedef const ov_message_field *ov_message_decimals(const ov_message_field *f, const ov_message_field *end,
                                                    const uint8_t *record, uint8_t *out, uint8_t *image);

/* Translates `length` bytes by a table of 256; up to 64 bytes behind them are read and written too. */
void ov_translate(ov_level level, const uint8_t *table, const uint8_t *from, uint8_t *to, size_t length);

#endif
