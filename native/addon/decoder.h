// A decoder for JavaScript: a function that decodes records by one checked plan into one kind of slab. It holds copies
// of all that it was made from, so nothing that JavaScript does later can change what was checked.
//
// SPDX-License-Identifier: Apache-2.0
#ifndef OVERPUNCH_ADDON_DECODER_H
#define OVERPUNCH_ADDON_DECODER_H

#include <cstddef>
#include <cstdint>
#include <memory>

#include <node_api.h>

#include "overpunch.h"

namespace overpunch {

struct FreeAligned {
    void operator()(uint8_t *memory) const;
};
using AlignedBytes = std::unique_ptr<uint8_t[], FreeAligned>;

class Decoder {
  public:
    // prepare(code: Int32Array, pool: Uint8Array, table: Int32Array, slabLength: number): Decode
    // Throws TypeError or RangeError for a wrong argument, and an Error with code OVP_PLAN_INVALID, `part` ('plan' or
    // 'slab'), `at` and `word` where the core's check refuses the plan or the table. The decoder lives as long as the
    // function that this returns: a wrapped object would cost its unwrapping, 37 ns, at every message.
    static napi_value Prepare(napi_env env, napi_callback_info info);

  private:
    Decoder() = default;

    // Decode: (slab: Uint8Array, data: Uint8Array, first, count, stride): void
    //         (slab: Uint8Array, data: Uint8Array, first, count, starts: Uint32Array, ends: Uint32Array): void
    // Throws TypeError or RangeError; what the slab holds is then undefined.
    static napi_value Decode(napi_env env, napi_callback_info info);

    static void Finalize(napi_env env, void *decoder, void *hint);

    AlignedBytes constants_;
    AlignedBytes scratch_;
    int64_t external_ = 0;
    ov_plan plan_{};
    ov_decoder decoder_{};
};

} // namespace overpunch
#endif
