// Messages for JavaScript: a function that reads one record into an image and answers its text; and numbers as text.
//
// SPDX-License-Identifier: Apache-2.0
#ifndef OVERPUNCH_ADDON_MESSAGE_H
#define OVERPUNCH_ADDON_MESSAGE_H

#include <node_api.h>

namespace overpunch {

// prepareMessage(code: Int32Array, pool: Uint8Array, words: Int32Array, image: Uint8Array): (bytes: Uint8Array) =>
// string Throws TypeError or RangeError for a wrong argument, and an Error with code OVP_PLAN_INVALID, `part` ('plan'
// or 'message'), `at` and `word` where the core's check refuses the plan or the program. The function keeps the image
// in memory and writes into it without looking again: its buffer must never be detached. It returns undefined where the
// record needs columns.
napi_value PrepareMessage(napi_env env, napi_callback_info info);

// digits(values: Int32Array, validity: Uint8Array, from, count, scale, ends: Int32Array): string
// Numbers of a DECIMAL128 column, at most 256, one behind another; `ends` says where.
napi_value Digits(napi_env env, napi_callback_info info);

} // namespace overpunch
#endif
