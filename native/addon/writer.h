// A writer for JavaScript: functions that write records, or the rows of a slab, as text by one checked program.
//
// SPDX-License-Identifier: Apache-2.0
#ifndef OVERPUNCH_ADDON_WRITER_H
#define OVERPUNCH_ADDON_WRITER_H

#include <node_api.h>

#include "overpunch.h"
#include "runner.h"

namespace overpunch {

class Writer : public Runner {
  public:
    // prepareWriter(code: Int32Array, pool: Uint8Array, table: Int32Array, slabLength: number, programCode: Int32Array,
    // programPool: Uint8Array): { write, begin, rows }
    // Throws as prepare does; `part` may be 'program' too.
    static napi_value Prepare(napi_env env, napi_callback_info info);

  private:
    struct Output;
    class WriteCall;

    Writer() = default;
    bool TakeAll(napi_env env, const napi_value *args, napi_value *object);
    bool TakeProgram(napi_env env, const napi_value *args);
    bool Export(napi_env env, napi_value object, const char *name, napi_callback callback);

    // write(written: Int32Array, out: Uint8Array, from: number, slab: Uint8Array, RECORDS), where RECORDS are
    //     data: Uint8Array, first, count, stride
    //     data: Uint8Array, first, count, starts: Uint32Array, ends: Uint32Array
    //     data: Uint8Array, first, count, stride, descriptor, position
    // Writes to out[from..]. Throws TypeError, RangeError or what RecordsCall says; what slab and out hold is then
    // undefined.
    static napi_value Write(napi_env env, napi_callback_info info);
    // begin(threads, ...): the same on any of the threads, one call at a time.
    static napi_value Begin(napi_env env, napi_callback_info info);
    // rows(written: Int32Array, out: Uint8Array, from: number, slab: Uint8Array, first: number, last: number)
    static napi_value Rows(napi_env env, napi_callback_info info);

    AlignedBytes program_;
    ov_writer writer_{};
};

} // namespace overpunch
#endif
