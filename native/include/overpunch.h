/* The whole API of the C core: decode records by a plan, write them as text, and find records in bytes.
 *
 * The core allocates nothing, does no I/O, keeps no state of its own and knows no host language. The caller owns every
 * buffer and sizes it; a function writes only into what its contract names. All functions are reentrant: two threads
 * may use one ov_plan at a time, each with an ov_decoder, scratch and slab of its own.
 *
 * The words of plans, slabs and scans are described once, in src/plan/opcodes.ts, src/plan/plan.ts, src/engine/slab.ts,
 * src/engine/program.ts and src/framing/framing.ts; core/opcodes.h is generated from them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OVERPUNCH_H
#define OVERPUNCH_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a call answers. OV_OK is 0; bad data inside records is not an error (see the column's bad bitmap). */
typedef enum ov_status {
    OV_OK = 0,
    OV_BAD_PLAN = 1,    /* ov_error.at: the instruction, ov_error.word: the word that is wrong (-1: the header) */
    OV_BAD_SLAB = 2,    /* ov_error.at: the word of the table */
    OV_BAD_RECORDS = 3, /* ov_error.at: the record (0 is the call's first) that is not inside the data */
    OV_BAD_ARGUMENT = 4,
    OV_BAD_PROGRAM = 5 /* ov_error.at: the program's instruction, ov_error.word: the word (-1: the header) */
} ov_status;

typedef struct ov_error {
    int32_t at;
    int32_t word;
} ov_error;

/* A plan that was checked. Borrows code and pool, which must live as long and not change. */
typedef struct ov_plan {
    const int32_t *code; /* header and instructions */
    size_t words;
    const uint8_t *pool;
    size_t pool_length;
    uint32_t reach;     /* bytes of a record, from its start, that anything may read */
    uint32_t dense;     /* 1: half of those bytes are read at least, so that blocks are best read into cache first */
    uint32_t text_most; /* bytes of UTF-8 that a text operand of a predicate may become; 0: there is none */
} ov_plan;

/* Checks every word, so that no later call needs to: after OV_OK no plan can make the core read or write outside the
 * buffers given to it. Fills *plan only then. */
ov_status ov_plan_check(const int32_t *code, size_t words, const uint8_t *pool, size_t pool_length, ov_plan *plan,
                        ov_error *error);

/* Bytes of scratch that decoding by this plan needs, aligned to 64. The caller zeroes them before their first use with
 * a decoder and leaves them alone from then on: what one call prepares, the next one uses. */
size_t ov_scratch_size(const ov_plan *plan);

/* A plan with the places of its output. Borrows plan and table. */
typedef struct ov_decoder {
    const ov_plan *plan;
    const int32_t *table;
    size_t slab_length;
} ov_decoder;

/* Checks the table against the plan and the slab's length: every part inside the slab, aligned to 64, large enough for
 * its space's capacity and 64 bytes more, and behind the part before it in the order in which slab.ts places them.
 * Fills *decoder only on OV_OK. */
ov_status ov_decoder_check(const ov_plan *plan, const int32_t *table, size_t table_words, size_t slab_length,
                           ov_decoder *decoder, ov_error *error);

/* Records to decode. With starts and ends (both or neither): entries first..first+count-1 are byte offsets into data.
 * Without: record i lies at data[first + i * stride], stride bytes long. */
typedef struct ov_records {
    const uint8_t *data;
    size_t length; /* at most 2^30 */
    const uint32_t *starts;
    const uint32_t *ends;
    uint32_t first;
    uint32_t count;
    uint32_t stride;
} ov_records;

/* Decodes records into the slab (decoder->slab_length bytes, aligned to 8 at least), from its start, and fills its
 * header. Stops before a block whose items would not fit: the header says so. Reads only inside data, starts and ends,
 * writes only inside slab and scratch; none of them may overlap. */
ov_status ov_decode(const ov_decoder *decoder, const ov_records *records, uint8_t *slab, uint8_t *scratch,
                    ov_error *error);

/* A writer program (src/engine/program.ts) that was checked against the plan whose columns it writes as text. Borrows
 * all. */
typedef struct ov_writer {
    const ov_plan *plan;
    const int32_t *code;
    const uint8_t *pool;
    size_t pool_length;
} ov_writer;

/* Checks every word, as ov_plan_check does. Fills *writer only on OV_OK. */
ov_status ov_writer_check(const ov_plan *plan, const int32_t *code, size_t words, const uint8_t *pool,
                          size_t pool_length, ov_writer *writer, ov_error *error);

/* Bytes of scratch, aligned to 64, that writing needs; zeroed and then left alone like that of ov_decode, which it
 * includes. */
size_t ov_write_scratch_size(const ov_writer *writer);

/* Writes records as text to out[0, out_length), whole records only, and what became of it to written[OV_WRITTEN_WORDS]
 * (WrittenWord). Where it can, it writes straight from the records' bytes; otherwise it decodes a block into the slab
 * and writes that. Stops before a record that may not fit; and before a block that has bad data or does not fit the
 * slab, which the caller then decodes itself. Reads and writes as ov_decode does, and writes out. */
ov_status ov_write(const ov_writer *writer, const ov_decoder *decoder, const ov_records *records, uint8_t *slab,
                   uint8_t *scratch, uint8_t *out, size_t out_length, int32_t *written, ov_error *error);

/* Writes rows first..last-1 of a slab that was decoded, in the same way. OV_BAD_SLAB: what is in it was not decoded. */
ov_status ov_write_rows(const ov_writer *writer, const ov_decoder *decoder, const uint8_t *slab, uint32_t first,
                        uint32_t last, uint8_t *scratch, uint8_t *out, size_t out_length, int32_t *written);

/* Finds records in data[from, to) (to <= 2^30). framing: 8 words, state: 8 words (FramingWord, ScanWord). Writes up to
 * capacity starts and ends, and the outcome into state; *found is their number. */
ov_status ov_scan(const int32_t *framing, const uint8_t *data, size_t from, size_t to, uint32_t *starts, uint32_t *ends,
                  size_t capacity, int32_t *state, size_t *found);

/* ---- Keys: sorting, merging and grouping records. Words: src/engine/keyed.ts. ---- */

/* Makes a key (width bytes, the sum of 1 + WIDTH of the parts, at most OV_MAX_KEY) of each of the slab's first count
 * rows, one behind another in keys, whose order by memcmp is that of the values. The parts' columns must lie inside the
 * slab; text is checked too: no key depends on bytes outside of it. varying: 2 * width bytes, AND of all keys' bytes,
 * then OR; or NULL. */
ov_status ov_keys(const int32_t *parts, size_t words, const uint8_t *slab, size_t slab_length, uint32_t count,
                  uint8_t *keys, size_t width, uint8_t *varying);

/* A 64-bit hash of each of count keys: 8 bytes each, low byte first. Depends on the key's bytes only. */
void ov_hash_keys(const uint8_t *keys, size_t width, uint32_t count, uint8_t *hashes);

/* Sorts count keys of width bytes, stride bytes from one to the next: order[k] is the number of the k-th, equal keys in
 * order of their numbers. varying as ov_keys leaves it: bits in which all keys agree are not looked at. scratch:
 * ov_sort_scratch(count) bytes, aligned to 8. */
size_t ov_sort_scratch(uint32_t count);
ov_status ov_sort(const uint8_t *keys, size_t stride, size_t width, uint32_t count, const uint8_t *varying,
                  uint32_t *order, uint8_t *scratch);

/* The same in steps, one after another, each in parts that several threads can do at a time: all of them with the same
 * number of parts, and none before those of the step before have ended. */
typedef struct ov_sort_job {
    const uint8_t *keys;
    size_t stride, width;
    uint32_t count;
    const uint8_t *varying;
    uint32_t *order;
    uint8_t *scratch;
} ov_sort_job;
typedef enum ov_sort_steps {
    OV_SORT_FILL = 0,
    OV_SORT_SPREAD = 1,
    OV_SORT_SORT = 2,
    OV_SORT_TIES = 3,
    OV_SORT_ORDER = 4
} ov_sort_steps;
enum { OV_SORT_PARTS = 16 };
ov_status ov_sort_step(const ov_sort_job *job, ov_sort_steps step, uint32_t part, uint32_t parts);

/* Part of the stored records, from number `first` on. */
typedef struct ov_piece {
    const uint8_t *data;
    size_t length;
    uint32_t first;
} ov_piece;

/* Records in memory and what is written of each: [length, 4 bytes, low byte first] [key] before record after. With
 * starts and ends: record i is data[starts[i], ends[i]) of its piece, and `before` bytes in front belong to it;
 * without, it is the stride bytes at (i - first) * stride. keys may be NULL. */
typedef struct ov_store {
    const ov_piece *pieces;
    size_t piece_count;
    uint32_t count;
    size_t stride;
    const uint32_t *starts, *ends;
    uint32_t before;
    const uint8_t *after;
    size_t after_length;
    const uint8_t *keys;
    size_t key_width;
    int lengths;
} ov_store;

/* Writes records order[from], ... before order[to] (order NULL: from, from + 1, ...) to out, as many as fit whole into
 * capacity bytes: *taken, *written. OV_BAD_RECORDS: entry error->at (from `from` on) names no record inside its piece;
 * those before it are written. */
ov_status ov_gather_records(const ov_store *store, const uint32_t *order, uint32_t from, uint32_t to, uint8_t *out,
                            size_t capacity, uint32_t *taken, size_t *written, ov_error *error);

/* Sorted runs, as ov_gather_records writes them with keys: data[from[r], to[r]) is what is at hand of run r, whole
 * records and perhaps a part of one; final[r]: nothing follows. length: of each record, 0 where it has its length
 * before it. keep: write lengths and keys too. */
typedef struct ov_runs {
    const uint8_t *data;
    size_t data_length;
    uint32_t *from;
    const uint32_t *to;
    const uint8_t *final;
    uint32_t count;
    size_t key_width, length;
    int keep;
} ov_runs;
enum { OV_MERGE_FULL = -1, OV_MERGE_DONE = -2 };

/* Writes records in order of their keys, of equal ones that of the lower run first, and moves from[]. *stopped: the run
 * that has no whole record left and is not final, OV_MERGE_FULL where the next record does not fit into out, or
 * OV_MERGE_DONE. scratch: ov_merge_scratch(count) bytes, aligned to 4. OV_BAD_RECORDS: run error->at ends inside a
 * record, or a length is not possible. */
size_t ov_merge_scratch(uint32_t count);
ov_status ov_merge(const ov_runs *runs, uint8_t *out, size_t capacity, uint32_t *scratch, int64_t *stopped,
                   uint32_t *records, size_t *written, ov_error *error);

/* A group-by: rows of `used` groups in order of their first records, with room for `capacity` (zeros behind the used
 * ones), and a hash table of 2^bits entries (bits from 4 to 31) that finds them, all zeros at first. Adds records
 * from..count-1 (their keys one behind another, columns in the slab, parts of MIN and MAX in extremes) until there is
 * no room for another group or the table would be more than 5/8 full: *taken is where it stopped; the caller gives more
 * memory then. */
typedef struct ov_groups {
    const int32_t *program;
    size_t words;
    uint32_t *table;
    uint32_t bits;
    uint8_t *rows;
    uint32_t capacity;
    uint32_t used;
    uint8_t *varying; /* of the groups' keys, as ov_keys leaves it */
} ov_groups;
ov_status ov_group_add(ov_groups *groups, const uint8_t *slab, size_t slab_length, const uint8_t *keys,
                       const uint8_t *extremes, uint32_t from, uint32_t count, uint32_t *taken);
/* Enters the used rows into a new table, which is all zeros. */
ov_status ov_group_index(const ov_groups *groups);

/* Fills columns of a slab, whose bitmaps are zeros, with groups order[from], ... before to, out of `count` rows: a
 * program of OV_RESULT_WORDS words a column. *failed: the column in which a value has more digits than it may have, or
 * -1. */
ov_status ov_group_results(const int32_t *program, size_t words, const uint8_t *rows, size_t row_width, uint32_t count,
                           const uint32_t *order, uint32_t from, uint32_t to, uint8_t *slab, size_t slab_length,
                           int32_t *failed);
/* Messages: one record of a fixed layout at a time, as an image of its values and one text. The program has
 * OV_MESSAGE_WIDTH words a field (MessageWord of src/engine/message.ts, which also says what the image holds). */
typedef struct ov_message ov_message;

/* Checks a program (`count` words) against its plan and the image's length, and answers the memory that it takes,
 * aligned to 64. Not OV_OK: error->at is the field, error->word its word (-1: the program's size). */
ov_status ov_message_check(const ov_plan *plan, const int32_t *words, size_t count, size_t image_length, size_t *memory,
                           ov_error *error);

/* Prepares a checked program in that memory, which must live as long as the message is used; borrows the plan's pool.
 */
ov_message *ov_message_prepare(const ov_plan *plan, const int32_t *words, size_t count, size_t image_length,
                               uint8_t *memory);

/* Decodes a record of `length` bytes (more than the program reads do not count) into the image, aligned to 8, and
 * points *text to the characters in Latin-1, valid until the next call. 0: this record needs columns, because it is too
 * short, has bad values or characters beyond Latin-1; the image is then undefined. */
int ov_message_decode(const ov_message *message, const uint8_t *data, size_t length, uint8_t *image,
                      const uint8_t **text, size_t *text_length);

/* Bytes of the text of so many records at once. */
size_t ov_messages_room(const ov_message *message, size_t count);

/* Decodes records one behind another: record k into images + k * image_length (its length, a multiple of 16) and into
 * text + k * *text_length, which ov_messages_room has room for. *taken: how many were; the one behind them, if any is
 * left, needs columns. OV_BAD_RECORDS: record error->at is not inside the data. Other records' bytes may be looked at,
 * nothing outside the data is. */
ov_status ov_messages_decode(const ov_message *message, const ov_records *records, uint8_t *images, size_t image_length,
                             uint8_t *text, uint32_t *taken, size_t *text_length, ov_error *error);

/* Numbers of a DECIMAL128 column as text, slots [from, from + count): sign, digits, and a point before the last `scale`
 * (0 to 38) digits; nothing for slots without a value. `out` has room for 48 bytes a slot and 64 more, `ends` for count
 * + 1: where each begins in it, and the last one's end, which is returned. */
size_t ov_decimals(const uint8_t *values, const uint8_t *validity, size_t from, size_t count, int32_t scale,
                   uint8_t *out, int32_t *ends);

/* Rows first..last-1 of a slab as tuples of PostgreSQL's COPY BINARY (src/engine/tuple.ts: OV_TUPLE_WORDS words a
 * column, 1600 columns at most) to out[0, out_length), whole rows only, and what became of it to
 * written[OV_TUPLE_WRITTEN_WORDS]. extra: columns that are not in the slab. OV_BAD_ARGUMENT: a column's words are not
 * possible, or it has no place for `last` rows in its memory; OV_BAD_SLAB: offsets lead out of it. Reads only inside
 * slab and extra, writes only out and scratch (ov_tuples_scratch(words) bytes, aligned to 8). */
size_t ov_tuples_scratch(size_t words);
ov_status ov_tuples(const int32_t *program, size_t words, const uint8_t *slab, size_t slab_length, const uint8_t *extra,
                    size_t extra_length, uint32_t first, uint32_t last, uint8_t *scratch, uint8_t *out,
                    size_t out_length, int32_t *written);

/* Instruction sets that the kernels can use, best last; ov_set_level takes one of them or the best one below it that
 * this processor has, and returns the one in force. For tests and for OVERPUNCH_LEVEL; not thread-safe. */
typedef enum ov_level { OV_LEVEL_PORTABLE = 0, OV_LEVEL_AVX2 = 1, OV_LEVEL_AVX512 = 2, OV_LEVEL_NEON = 3 } ov_level;
ov_level ov_set_level(ov_level level);
ov_level ov_get_level(void);

#ifdef __cplusplus
}
#endif
#endif
