// A writer for JavaScript: two functions that write records, or the rows of a slab, as text by one checked program.
// They hold copies of all that they were made from, as decoders do.
//
// SPDX-License-Identifier: Apache-2.0
#ifndef OVERPUNCH_ADDON_WRITER_H
#define OVERPUNCH_ADDON_WRITER_H

#include <node_api.h>

#include "decoder.h"
#include "overpunch.h"
#include "records.h"

namespace overpunch {

class Writer {
  public:
    // prepareWriter(code: Int32Array, pool: Uint8Array, table: Int32Array, slabLength: number, programCode: Int32Array,
    // programPool: Uint8Array): { write, rows }
    // Throws as prepare does; `part` may be 'program' too.
    static napi_value Prepare(napi_env env, napi_callback_info info);

  private:
    Writer() = default;

    static constexpr size_t kArguments = 9;

    // A call's arguments, and what came of it.
    struct Call {
        Writer *writer = nullptr;
        Span<int32_t> written;
        Span<uint8_t> out, slab;
        uint32_t from = 0;
        RecordArgs records;
        ov_status status = OV_OK;
        ov_error error{-1, -1};
        napi_value args[kArguments];
    };
    struct Job;

    // write(written: Int32Array, out: Uint8Array, from: number, slab: Uint8Array, data: Uint8Array, first, count,
    // stride) write(written, out, from, slab, data, first, count, starts: Uint32Array, ends: Uint32Array) Writes to
    // out[from..]. Throws TypeError or RangeError; what slab and out hold is then undefined.
    static napi_value Write(napi_env env, napi_callback_info info);
    // writeLater: the same on another thread, as a promise. One call at a time.
    static napi_value WriteLater(napi_env env, napi_callback_info info);
    // rows(written: Int32Array, out: Uint8Array, from: number, slab: Uint8Array, first: number, last: number)
    static napi_value Rows(napi_env env, napi_callback_info info);

    // The arguments that write and rows have in common.
    static bool Read(napi_env env, Call *call);
    static bool ReadAll(napi_env env, napi_callback_info info, Call *call);
    static void Run(Call *call);

    bool Export(napi_env env, napi_value object, const char *name, napi_callback callback);
    static void Finalize(napi_env env, void *writer, void *hint);
    void Release(napi_env env);

    AlignedBytes constants_;
    AlignedBytes scratch_;
    int64_t external_ = 0;
    int holders_ = 0; // functions, and the job under way
    bool is_busy_ = false;
    ov_plan plan_{};
    ov_decoder decoder_{};
    ov_writer writer_{};
};

} // namespace overpunch
#endif
