/* Writes records as text: straight from their bytes where that is possible, otherwise block by block by way of the
 * slab.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bind.h"
#include "records.h"
#include "rows.h"
#include "x86/writers.h"

static size_t round_up(size_t bytes) { return (bytes + 63) / 64 * 64; }

size_t ov_write_scratch_size(const ov_writer *writer) {
    return round_up(ov_scratch_size(writer->plan)) + ov_bound_size(writer);
}

static uint8_t *portable_row(ov_text_out *out, const ov_op *op, uint32_t i, uint8_t *at) {
    return ov_row(out, op, i, at, ov_write_json_text, ov_write_csv_text, ov_write_integer, portable_row);
}

ov_row_writer *ov_row_writer_for(ov_level level) {
    ov_row_writer *wide = ov_x86_row_writer(level);
    return wide ? wide : portable_row;
}

ov_record_writer *ov_record_writer_for(ov_level level) { return ov_x86_record_writer(level); }

/* Records that the slab has room for. */
static uint32_t capacity_of(const ov_decoder *decoder) {
    const int32_t *plan = decoder->plan->code;
    return (uint32_t)decoder
        ->table[(size_t)plan[OV_PLANW_FRAMES] * OV_FRAME_WIDTH + (size_t)plan[OV_PLANW_COLUMNS] * OV_COLUMN_WIDTH];
}

/* A call. */
typedef struct writing {
    const ov_decoder *decoder;
    const ov_bound *bound;
    const ov_records *records;
    ov_text_out out;
    uint8_t *at, *first;
    uint32_t done;     /* records */
    uint32_t capacity; /* of the slab */
    int32_t shorter, longer;
    ov_row_writer *row;
    ov_record_writer *record;
} writing;

static void begin(writing *w, const ov_writer *writer, const ov_decoder *decoder, const uint8_t *slab, uint8_t *scratch,
                  uint8_t *out, size_t out_length) {
    const ov_level level = ov_get_level();
    memset(w, 0, offsetof(writing, out));
    w->decoder = decoder;
    w->bound = ov_bind(writer, decoder, slab, level, scratch + round_up(ov_scratch_size(writer->plan)));
    w->out.end = out + out_length;
    w->out.reserve = w->bound->reserve;
    w->out.is_csv = writer->code[OV_PROGRAMW_FORMAT] == OV_FORMAT_CSV;
    w->out.is_broken = w->out.is_full = false;
    w->out.ops = w->bound->ops;
    w->out.texts = w->bound->texts;
    w->at = w->first = out;
    w->done = 0;
    w->capacity = capacity_of(decoder);
    w->shorter = w->longer = 0;
    w->row = ov_row_writer_for(level);
    w->record = w->bound->is_direct ? ov_record_writer_for(level) : NULL;
}

static void end(const writing *w, int32_t status, int32_t *written) {
    memset(written, 0, OV_WRITTEN_WORDS * sizeof *written);
    written[OV_WRITTENW_STATUS] = status;
    written[OV_WRITTENW_RECORDS] = (int32_t)w->done;
    written[OV_WRITTENW_BYTES] = (int32_t)(w->at - w->first);
    written[OV_WRITTENW_SHORT] = w->shorter;
    written[OV_WRITTENW_LONG] = w->longer;
}

/* Rows [first, last) of the slab; returns how many. */
static uint32_t write_rows(writing *w, uint32_t first, uint32_t last) {
    ov_text_out *out = &w->out;
    uint32_t i = first;
    for (; i < last; i++) {
        if (!ov_has_room(out, w->at, 0)) {
            out->is_full = true;
            break;
        }
        out->line = w->at;
        uint8_t *next = w->row(out, out->ops, i, w->at);
        if (!next) break;
        w->at = next;
    }
    return i - first;
}

/* Writes records straight from their bytes, up to one that has something unusual or no room. */
static void write_records(writing *w) {
    const ov_records *r = w->records;
    ov_text_out *out = &w->out;
    const ov_bound *bound = w->bound;
    for (; w->done < r->count; w->done++) {
        size_t start, length;
        if (!ov_record_at(r, w->done, &start, &length)) return;
        if ((int64_t)length < bound->shortest || (bound->exact >= 0 && (int64_t)length != bound->exact)) return;
        if (!ov_has_room(out, w->at, 0)) {
            out->is_full = true;
            return;
        }
        out->line = w->at;
        uint8_t *next = w->record(out, out->ops, r->data + start, w->at);
        if (!next) return;
        w->at = next;
    }
}

static ov_records some_records(const ov_records *r, uint32_t from, uint32_t count) {
    ov_records some = *r;
    const uint64_t first = r->first + (uint64_t)from * (r->starts ? 1 : r->stride);
    some.first = (uint32_t)(first > UINT32_MAX ? UINT32_MAX : first);
    some.count = count;
    return some;
}

static bool has_faults(const ov_plan *plan, const int32_t *head) {
    const int32_t columns = plan->code[OV_PLANW_COLUMNS], frames = plan->code[OV_PLANW_FRAMES];
    const int32_t *counts = head + OV_HEAD_SPACES + plan->code[OV_PLANW_SPACES];
    int32_t any = 0;
    for (int32_t i = 0; i < columns; i++) any |= counts[2 * i + 1];
    for (int32_t i = 0; i < frames; i++) any |= counts[2 * columns + i];
    return any != 0;
}

/* Decodes the next block and writes it. *status: what ended the call, or -1. */
static ov_status write_block(writing *w, uint8_t *slab, uint8_t *scratch, int32_t *status, ov_error *error) {
    const int32_t *head = (const int32_t *)(const void *)slab;
    const ov_plan *plan = w->decoder->plan;
    const uint32_t count = ov_min32(ov_min32(OV_BLOCK, w->capacity), w->records->count - w->done);
    if (count == 0) {
        *status = OV_WRITTEN_BLOCK;
        return OV_OK;
    }
    ov_records some = some_records(w->records, w->done, count);
    ov_status result = ov_decode(w->decoder, &some, slab, scratch, error);
    if (result == OV_BAD_RECORDS) error->at += (int32_t)w->done;
    if (result != OV_OK) return result;
    if (head[OV_HEAD_RECORDS] < (int32_t)count || has_faults(plan, head)) {
        *status = OV_WRITTEN_BLOCK;
        return OV_OK;
    }
    const uint32_t rows = write_rows(w, 0, count);
    if (w->out.is_broken) return OV_BAD_SLAB;
    if (rows < count) {
        *status = OV_WRITTEN_NO_ROOM;
        if (head[OV_HEAD_SHORT] + head[OV_HEAD_LONG] > 0) {
            some.count = rows; /* only these count */
            result = ov_decode(w->decoder, &some, slab, scratch, error);
            if (result != OV_OK) return result;
        }
    }
    w->done += rows;
    w->shorter += head[OV_HEAD_SHORT];
    w->longer += head[OV_HEAD_LONG];
    return OV_OK;
}

static bool is_good(const ov_writer *writer, const ov_decoder *decoder, const uint8_t *slab, const uint8_t *scratch,
                    const uint8_t *out, size_t out_length, const int32_t *written) {
    return writer && decoder && writer->plan == decoder->plan && slab && scratch && out && written &&
           (uintptr_t)slab % 8 == 0 && (uintptr_t)scratch % 64 == 0 && out_length <= INT32_MAX;
}

ov_status ov_write(const ov_writer *writer, const ov_decoder *decoder, const ov_records *records, uint8_t *slab,
                   uint8_t *scratch, uint8_t *out, size_t out_length, int32_t *written, ov_error *error) {
    if (!error || !records || !is_good(writer, decoder, slab, scratch, out, out_length, written))
        return OV_BAD_ARGUMENT;
    if (records->length > OV_MAX_DATA || (!records->data && records->length > 0) ||
        (!records->starts) != (!records->ends) || records->count > INT32_MAX)
        return OV_BAD_ARGUMENT;
    *error = (ov_error){-1, -1};
    writing w;
    begin(&w, writer, decoder, slab, scratch, out, out_length);
    w.records = records;
    int32_t status = -1;
    while (status < 0 && w.done < records->count) {
        if (w.record && records->data) write_records(&w);
        if (w.out.is_full) {
            status = OV_WRITTEN_NO_ROOM;
        } else if (w.done < records->count) {
            const ov_status result = write_block(&w, slab, scratch, &status, error);
            if (result != OV_OK) return result;
        }
    }
    end(&w, status < 0 ? OV_WRITTEN_ALL : status, written);
    return OV_OK;
}

ov_status ov_write_rows(const ov_writer *writer, const ov_decoder *decoder, const uint8_t *slab, uint32_t first,
                        uint32_t last, uint8_t *scratch, uint8_t *out, size_t out_length, int32_t *written) {
    if (!is_good(writer, decoder, slab, scratch, out, out_length, written)) return OV_BAD_ARGUMENT;
    const uint32_t records = (uint32_t)((const int32_t *)(const void *)slab)[OV_HEAD_RECORDS];
    if (records > capacity_of(decoder)) return OV_BAD_SLAB;
    if (first > last || last > records) return OV_BAD_ARGUMENT;
    writing w;
    begin(&w, writer, decoder, slab, scratch, out, out_length);
    w.done = write_rows(&w, first, last);
    if (w.out.is_broken) return OV_BAD_SLAB;
    end(&w, w.done < last - first ? OV_WRITTEN_NO_ROOM : OV_WRITTEN_ALL, written);
    return OV_OK;
}
