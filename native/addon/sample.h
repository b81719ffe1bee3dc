// The demo's sample data for JavaScript.
//
// SPDX-License-Identifier: Apache-2.0
#ifndef OVERPUNCH_ADDON_SAMPLE_H
#define OVERPUNCH_ADDON_SAMPLE_H

#include <node_api.h>

namespace overpunch {

// fillSample(buffer: Uint8Array, state: Uint32Array): bytes written; see native/demo/sample.h
napi_value FillSample(napi_env env, napi_callback_info info);

} // namespace overpunch
#endif
