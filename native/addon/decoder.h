// A decoder for JavaScript: a function that decodes records by one checked plan into one kind of slab. It holds copies
// of all that it was made from, so nothing that JavaScript does later can change what was checked.
//
// SPDX-License-Identifier: Apache-2.0
#ifndef OVERPUNCH_ADDON_DECODER_H
#define OVERPUNCH_ADDON_DECODER_H

#include <cstddef>
#include <cstdint>

#include <node_api.h>

#include "overpunch.h"
#include "prepared.h"
#include "records.h"

namespace overpunch {

class Decoder {
  public:
    // prepare(code: Int32Array, pool: Uint8Array, table: Int32Array, slabLength: number): Decode
    // Throws TypeError or RangeError for a wrong argument, and an Error with code OVP_PLAN_INVALID, `part` ('plan' or
    // 'slab'), `at` and `word` where the core's check refuses the plan or the table. The decoder lives as long as the
    // function that this returns: a wrapped object would cost its unwrapping, 37 ns, at every message.
    static napi_value Prepare(napi_env env, napi_callback_info info);

  private:
    Decoder() = default;

    static constexpr size_t kArguments = 6;

    // A call's arguments, and what came of it.
    struct Call {
        Decoder *decoder = nullptr;
        uint8_t *slab = nullptr;
        RecordArgs records;
        ov_status status = OV_OK;
        ov_error error{-1, -1};
        napi_value args[kArguments];
    };
    struct Job;

    // Decode: (slab: Uint8Array, data: Uint8Array, first, count, stride): void
    //         (slab: Uint8Array, data: Uint8Array, first, count, starts: Uint32Array, ends: Uint32Array): void
    // Throws TypeError or RangeError; what the slab holds is then undefined.
    static napi_value Decode(napi_env env, napi_callback_info info);
    // Decode.later: the same on another thread, as a promise. One call at a time.
    static napi_value DecodeLater(napi_env env, napi_callback_info info);

    static bool Read(napi_env env, napi_callback_info info, Call *call);
    static void Run(Call *call);

    bool Export(napi_env env, const char *name, napi_callback callback, napi_value *function);
    static void Finalize(napi_env env, void *decoder, void *hint);
    void Release(napi_env env);

    AlignedBytes constants_;
    AlignedBytes scratch_;
    int64_t external_ = 0;
    int holders_ = 0; // functions, and the job under way
    bool is_busy_ = false;
    ov_plan plan_{};
    ov_decoder decoder_{};
};

} // namespace overpunch
#endif
