/* A file of records, handed out to threads piece by piece: byte ranges where all records have one length; otherwise one
 * thread at a time reads on and finds where records begin and end, which costs a few ns each, and all decode.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OV_INPUT_H
#define OV_INPUT_H

#include <pthread.h>
#include <stdatomic.h>

#include "plan_file.h"

typedef struct ov_input {
    const char *path;
    int file;
    uint64_t size;
    int32_t framing[8];
    uint64_t first, end; /* records wanted, numbered from 0 */
    /* records of one length */
    uint64_t lrecl, whole, morsel;
    _Atomic uint64_t next;
    /* others: all below under the lock */
    pthread_mutex_t lock;
    uint64_t offset, record;
    int32_t state[OV_SCAN_STATE];
    bool done;
} ov_input;

/* What one thread reads into. */
typedef struct ov_reader {
    uint8_t *bytes;
    size_t room;
    uint32_t *starts, *ends;
    uint32_t most;     /* records at a time */
    uint64_t at, stop; /* records of one length: what is left of the piece */
} ov_reader;

/* Records in memory. */
typedef struct ov_block {
    ov_records records;
    uint64_t record; /* number of the first, from 0 */
    uint64_t base;   /* where data[0] is in the file */
} ov_block;

/* Opens records [first, first + count) of a file. False: trouble. */
bool ov_input_open(ov_input *input, const char *path, const int32_t *framing, uint64_t first, uint64_t count,
                   ov_trouble *trouble);
void ov_input_close(ov_input *input);
/* Bytes, 0 where the file can't be looked at. */
uint64_t ov_input_size(const char *path);

/* most: records wanted at a time, a multiple of OV_BLOCK. */
bool ov_reader_make(ov_reader *reader, const ov_input *input, uint32_t most);
void ov_reader_free(ov_reader *reader);

typedef enum ov_next { OV_NEXT_BLOCK, OV_NEXT_END, OV_NEXT_TROUBLE } ov_next;
/* The next records that nobody has taken yet, valid until the next call. bytes false: only how many there are. */
ov_next ov_input_next(ov_input *input, ov_reader *reader, bool bytes, ov_block *block, ov_trouble *trouble);

#endif
