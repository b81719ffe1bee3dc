/* Reads a file of records for several threads.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _FILE_OFFSET_BITS 64
#define _POSIX_C_SOURCE 200809L
#include "input.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    WINDOW = 1 << 18, /* bytes read at a time: they stay in the second-level cache */
    MORSEL = 1 << 22, /* bytes that a thread takes at a time */
    MOST_WINDOW = 1 << 29
};

static bool not_readable(ov_trouble *trouble, const char *path, const char *why) {
    return ov_say(trouble, "OVP_IO_OPEN: %.400s could not be read: %s", path, why);
}

static const char *why_not(int error) {
    switch (error) {
    case ENOENT: return "there is no such file or directory";
    case EACCES:
    case EPERM: return "permission denied";
    case EISDIR: return "it is a directory";
    case ENOTDIR: return "a part of its path is not a directory";
    case EMFILE:
    case ENFILE: return "too many files are open";
    default: return "the system refused it";
    }
}

uint64_t ov_input_size(const char *path) {
    struct stat about;
    return stat(path, &about) == 0 && S_ISREG(about.st_mode) ? (uint64_t)about.st_size : 0;
}

bool ov_input_open(ov_input *input, const char *path, const int32_t *framing, uint64_t first, uint64_t count,
                   ov_trouble *trouble) {
    struct stat about;
    memset(input, 0, sizeof *input);
    input->path = path;
    input->file = open(path, O_RDONLY | O_CLOEXEC);
    if (input->file < 0) return not_readable(trouble, path, why_not(errno));
    if (fstat(input->file, &about) != 0 || !S_ISREG(about.st_mode)) {
        close(input->file);
        return not_readable(trouble, path, S_ISDIR(about.st_mode) ? "it is a directory" : "it is no regular file");
    }
    pthread_mutex_init(&input->lock, NULL);
    memcpy(input->framing, framing, sizeof input->framing);
    input->size = (uint64_t)about.st_size;
    input->first = first;
    input->end = count > UINT64_MAX - first ? UINT64_MAX : first + count;
    if (framing[OV_FRAMINGW_FORMAT] != OV_FRAMING_FIXED) return true;
    input->lrecl = (uint64_t)framing[OV_FRAMINGW_LRECL];
    input->whole = input->size / input->lrecl;
    input->morsel = MORSEL / input->lrecl;
    if (input->morsel < OV_BLOCK) input->morsel = OV_BLOCK;
    atomic_init(&input->next, first);
    return true;
}

void ov_input_close(ov_input *input) {
    close(input->file);
    pthread_mutex_destroy(&input->lock);
}

bool ov_reader_make(ov_reader *reader, const ov_input *input, uint32_t most) {
    memset(reader, 0, sizeof *reader);
    reader->most = most;
    if (input->lrecl > 0) {
        uint64_t fit = WINDOW / input->lrecl / OV_BLOCK * OV_BLOCK;
        if (fit < OV_BLOCK) fit = OV_BLOCK;
        /* what one decoder takes must fit into 2^30 bytes */
        while (fit > 1 && fit * input->lrecl > MOST_WINDOW) fit /= 2;
        if (fit < most) reader->most = (uint32_t)fit;
        reader->room = reader->most * input->lrecl;
        return true; /* made when bytes are wanted */
    }
    reader->room = WINDOW;
    reader->starts = malloc(2 * sizeof(uint32_t) * most);
    if (!reader->starts) return false;
    reader->ends = reader->starts + most;
    return true;
}

void ov_reader_free(ov_reader *reader) {
    free(reader->bytes);
    free(reader->starts);
}

/* Reads bytes; less than asked for only at the file's end. False: an error. */
static bool read_at(const ov_input *input, uint8_t *out, size_t length, uint64_t at, size_t *got) {
    *got = 0;
    while (*got < length) {
        const ssize_t n = pread(input->file, out + *got, length - *got, (off_t)(at + *got));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return false;
        if (n == 0) break;
        *got += (size_t)n;
    }
    return true;
}

static bool has_memory(ov_reader *reader, ov_trouble *trouble) {
    if (!reader->bytes) reader->bytes = malloc(reader->room + 64);
    return reader->bytes || ov_say(trouble, "OVP_ENGINE_MEMORY: there is no memory for %zu bytes", reader->room);
}

/* The first bytes found, as x'C1C2'. */
static const char *hex(const uint8_t *bytes, size_t length, char *out) {
    static const char digits[] = "0123456789ABCDEF";
    char *at = out;
    for (size_t i = 0; i < length && i < 16; i++) {
        *at++ = digits[bytes[i] >> 4];
        *at++ = digits[bytes[i] & 15];
    }
    *at = 0;
    return out;
}

static ov_next fixed(ov_input *input, ov_reader *reader, bool bytes, ov_block *block, ov_trouble *trouble) {
    const uint64_t end = input->end < input->whole ? input->end : input->whole;
    if (reader->at >= reader->stop) {
        reader->at = atomic_fetch_add(&input->next, input->morsel);
        reader->stop = reader->at + input->morsel < end ? reader->at + input->morsel : end;
    }
    if (reader->at >= end) {
        reader->at = reader->stop = 0;
        const uint64_t rest = input->size - input->whole * input->lrecl;
        if (rest == 0 || input->end <= input->whole) return OV_NEXT_END;
        ov_say(trouble,
               "OVP_FRAME_LENGTH: %.300s: the file's length is not a multiple of LRECL: %" PRIu64
               " bytes are left over where a record has %" PRIu64 " (record %" PRIu64 ", byte %" PRIu64 ")",
               input->path, rest, input->lrecl, input->whole + 1, input->whole * input->lrecl);
        return OV_NEXT_TROUBLE;
    }
    const uint64_t left = reader->stop - reader->at;
    const uint32_t count = left < reader->most ? (uint32_t)left : reader->most;
    *block = (ov_block){.record = reader->at, .base = reader->at * input->lrecl};
    block->records.count = count;
    block->records.stride = (uint32_t)input->lrecl;
    reader->at += count;
    if (!bytes) return OV_NEXT_BLOCK;
    if (!has_memory(reader, trouble)) return OV_NEXT_TROUBLE;
    size_t got;
    const size_t wanted = count * (size_t)input->lrecl;
    if (!read_at(input, reader->bytes, wanted, block->base, &got) || got < wanted) {
        not_readable(trouble, input->path, "an error, or it became shorter meanwhile");
        return OV_NEXT_TROUBLE;
    }
    block->records.data = reader->bytes;
    block->records.length = wanted;
    return OV_NEXT_BLOCK;
}

static ov_next fault(const ov_input *input, const uint8_t *bytes, size_t length, ov_trouble *trouble) {
    const int32_t *s = input->state;
    const int32_t value = s[OV_SCANW_FAULT_VALUE];
    const size_t at = (size_t)s[OV_SCANW_FAULT_AT];
    const char *code = "OVP_FRAME_RDW", *what = "this is no RDW, by the length it would have:";
    switch (s[OV_SCANW_FAULT]) {
    case OV_SCANFAULT_TRUNCATED:
        code = "OVP_FRAME_TRUNCATED";
        what = "the file ends inside a record; bytes left:";
        break;
    case OV_SCANFAULT_RDW_NOT_ZERO:
        what = "this is no RDW, its third and fourth byte must be zero; length:";
        if (value >= 4 && at + 4 <= length && bytes[at + 2] <= 3 && bytes[at + 3] == 0) {
            code = "OVP_FRAME_SPANNED";
            what = "this is a segment of a spanned record (RECFM VS or VBS); length:";
        }
        break;
    case OV_SCANFAULT_BDW_TOO_SMALL:
        code = "OVP_FRAME_BDW";
        what = "this is no BDW, by the length it would have:";
        break;
    case OV_SCANFAULT_RECORD_BEYOND_BLOCK:
        code = "OVP_FRAME_BLOCK";
        what = "a record reaches beyond its block, by its length:";
        break;
    case OV_SCANFAULT_BLOCK_REST:
        code = "OVP_FRAME_BLOCK";
        what = "a block ends inside an RDW; bytes left:";
        break;
    default: break;
    }
    char found[40];
    ov_say(trouble, "%s: %.300s: %s %d; found x'%s' (record %" PRIu64 ", byte %" PRIu64 ")", code, input->path, what,
           (int)value, hex(bytes + at, at < length ? length - at : 0, found), input->record + 1, input->offset + at);
    return OV_NEXT_TROUBLE;
}

/* Under the lock: reads on from where the last thread was, until there is a wanted record. */
static ov_next scan(ov_input *input, ov_reader *reader, ov_block *block, ov_trouble *trouble) {
    while (!input->done && input->record < input->end) {
        size_t got, found;
        if (!has_memory(reader, trouble)) return OV_NEXT_TROUBLE;
        if (!read_at(input, reader->bytes, reader->room, input->offset, &got)) {
            not_readable(trouble, input->path, "an error");
            return OV_NEXT_TROUBLE;
        }
        input->state[OV_SCANW_FINAL] = input->offset + got >= input->size;
        if (ov_scan(input->framing, reader->bytes, 0, got, reader->starts, reader->ends, reader->most, input->state,
                    &found) != OV_OK) {
            ov_say(trouble, "OVP_ENGINE_STATUS: %.300s: records can't be found in it", input->path);
            return OV_NEXT_TROUBLE;
        }
        const int32_t status = input->state[OV_SCANW_STATUS];
        if (found == 0 && status == OV_SCAN_FAULT) return fault(input, reader->bytes, got, trouble);
        const uint64_t record = input->record, base = input->offset;
        const size_t taken = (size_t)input->state[OV_SCANW_NEXT];
        input->record += found;
        input->offset += taken; /* a fault comes up again, as the first that is found */
        if (status == OV_SCAN_MORE && input->state[OV_SCANW_FINAL]) input->done = true;
        if (found == 0 && taken == 0 && status == OV_SCAN_MORE && !input->done) {
            if (reader->room >= MOST_WINDOW) {
                ov_say(trouble,
                       "OVP_FRAME_LENGTH: %.300s: a record of more than %d bytes can't be read (byte %" PRIu64 ")",
                       input->path, MOST_WINDOW, input->offset);
                return OV_NEXT_TROUBLE;
            }
            free(reader->bytes);
            reader->bytes = NULL;
            reader->room *= 2;
        }
        if (record + found <= input->first || found == 0) continue;
        const uint64_t skipped = record < input->first ? input->first - record : 0;
        const uint64_t wanted = input->end - record < found ? input->end - record : found;
        *block = (ov_block){.record = record + skipped, .base = base};
        block->records = (ov_records){
            reader->bytes, got, reader->starts, reader->ends, (uint32_t)skipped, (uint32_t)(wanted - skipped), 0};
        return OV_NEXT_BLOCK;
    }
    return OV_NEXT_END;
}

ov_next ov_input_next(ov_input *input, ov_reader *reader, bool bytes, ov_block *block, ov_trouble *trouble) {
    if (input->lrecl > 0) return fixed(input, reader, bytes, block, trouble);
    pthread_mutex_lock(&input->lock);
    const ov_next next = scan(input, reader, block, trouble);
    pthread_mutex_unlock(&input->lock);
    return next;
}
