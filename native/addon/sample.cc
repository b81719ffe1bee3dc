// The demo's sample data for JavaScript; see sample.h.
//
// SPDX-License-Identifier: Apache-2.0
#include "sample.h"

#include "../demo/sample.h"
#include "args.h"

namespace overpunch {

napi_value FillSample(napi_env env, napi_callback_info info) {
    napi_value args[2];
    size_t argc = 2;
    Span<uint8_t> buffer;
    Span<uint32_t> state;
    if (napi_get_cb_info(env, info, &argc, args, nullptr, nullptr) != napi_ok ||
        !get_array(env, args[0], "buffer", &buffer) || !get_array(env, args[1], "state", &state)) {
        return nullptr;
    }
    if (state.length < OV_SAMPLE_STATE) return throw_range(env, "state has 2 words");
    if (state.data[OV_SAMPLE_RANDOM] == 0) return throw_range(env, "the generator's state must not be 0");
    if (buffer.length > kMaxData) return throw_range(env, "buffer is longer than 2^30 bytes");
    if (overlap(buffer, state)) return throw_range(env, "buffer and state share memory");

    const size_t written = ov_sample_fill(buffer.data, buffer.length, state.data);
    napi_value result;
    return napi_create_uint32(env, static_cast<uint32_t>(written), &result) == napi_ok ? result : nullptr;
}

} // namespace overpunch
