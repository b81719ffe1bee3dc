// Messages for JavaScript: a function that reads one record into an image and answers its text; and numbers as text.
//
// SPDX-License-Identifier: Apache-2.0
#ifndef OVERPUNCH_ADDON_MESSAGE_H
#define OVERPUNCH_ADDON_MESSAGE_H

#include <node_api.h>

namespace overpunch {

// prepareMessage(code: Int32Array, pool: Uint8Array, words: Int32Array, images: Uint8Array, capacity): ReadMessage
// Throws TypeError or RangeError for a wrong argument, and an Error with code OVP_PLAN_INVALID, `part` ('plan' or
// 'message'), `at` and `word` where the core's check refuses the plan or the program. The function that it returns
// reads one record into the first image and answers its text, undefined where it needs columns; or several, as many as
// there are images, up to one that needs columns, and answers their texts, all of one length; how many is the Int32
// behind the images, for which there are 16 bytes more. It keeps the images in memory and writes into them without
// looking again: their buffer must never be detached.
napi_value PrepareMessage(napi_env env, napi_callback_info info);

// digits(values: Int32Array, validity: Uint8Array, from, count, scale, ends: Int32Array): string
// Numbers of a DECIMAL128 column, at most 256, one behind another; `ends` says where.
napi_value Digits(napi_env env, napi_callback_info info);

} // namespace overpunch
#endif
