// A decoder for JavaScript: a function that decodes records by one checked plan into one kind of slab.
//
// SPDX-License-Identifier: Apache-2.0
#ifndef OVERPUNCH_ADDON_DECODER_H
#define OVERPUNCH_ADDON_DECODER_H

#include <node_api.h>

#include "runner.h"

namespace overpunch {

class Decoder : public Runner {
  public:
    // prepare(code: Int32Array, pool: Uint8Array, table: Int32Array, slabLength: number): Decode
    // Throws TypeError or RangeError for a wrong argument, and an Error with code OVP_PLAN_INVALID, `part` ('plan' or
    // 'slab'), `at` and `word` where the core's check refuses the plan or the table. The decoder lives as long as the
    // function that this returns: a wrapped object would cost its unwrapping, 37 ns, at every message.
    static napi_value Prepare(napi_env env, napi_callback_info info);

  private:
    class DecodeCall;

    Decoder() = default;
    bool TakeAll(napi_env env, const napi_value *args, napi_value *decode);

    // Decode: (slab: Uint8Array, data: Uint8Array, first, count, stride): void
    //         (slab: Uint8Array, data: Uint8Array, first, count, starts: Uint32Array, ends: Uint32Array): void
    //         (slab: Uint8Array, data: Uint8Array, first, count, stride, descriptor, position): void
    // Throws TypeError, RangeError or what RecordsCall says; what the slab holds is then undefined.
    static napi_value Decode(napi_env env, napi_callback_info info);
    // Decode.begin(threads, ...): the same on any of the threads, one call at a time.
    static napi_value Begin(napi_env env, napi_callback_info info);
};

} // namespace overpunch
#endif
