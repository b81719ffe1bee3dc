// A writer for JavaScript: two functions that write records, or the rows of a slab, as text by one checked program.
// They hold copies of all that they were made from, as decoders do.
//
// SPDX-License-Identifier: Apache-2.0
#ifndef OVERPUNCH_ADDON_WRITER_H
#define OVERPUNCH_ADDON_WRITER_H

#include <node_api.h>

#include "decoder.h"
#include "overpunch.h"

namespace overpunch {

class Writer {
  public:
    // prepareWriter(code: Int32Array, pool: Uint8Array, table: Int32Array, slabLength: number, programCode: Int32Array,
    // programPool: Uint8Array): { write, rows }
    // Throws as prepare does; `part` may be 'program' too.
    static napi_value Prepare(napi_env env, napi_callback_info info);

  private:
    Writer() = default;

    // write(written: Int32Array, out: Uint8Array, from: number, slab: Uint8Array, data: Uint8Array, first, count,
    // stride) write(written, out, from, slab, data, first, count, starts: Uint32Array, ends: Uint32Array) Writes to
    // out[from..]. Throws TypeError or RangeError; what slab and out hold is then undefined.
    static napi_value Write(napi_env env, napi_callback_info info);
    // rows(written: Int32Array, out: Uint8Array, from: number, slab: Uint8Array, first: number, last: number)
    static napi_value Rows(napi_env env, napi_callback_info info);

    static void Finalize(napi_env env, void *writer, void *hint);

    AlignedBytes constants_;
    AlignedBytes scratch_;
    int64_t external_ = 0;
    int functions_ = 0; // that hold it
    ov_plan plan_{};
    ov_decoder decoder_{};
    ov_writer writer_{};
};

} // namespace overpunch
#endif
