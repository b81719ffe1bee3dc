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

/* Instruction sets that the kernels can use, best last; ov_set_level takes one of them or the best one below it that
 * this processor has, and returns the one in force. For tests and for OVERPUNCH_LEVEL; not thread-safe. */
typedef enum ov_level { OV_LEVEL_PORTABLE = 0, OV_LEVEL_AVX2 = 1, OV_LEVEL_AVX512 = 2 } ov_level;
ov_level ov_set_level(ov_level level);
ov_level ov_get_level(void);

#ifdef __cplusplus
}
#endif
#endif
