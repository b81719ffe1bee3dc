// What is prepared once from JavaScript's arrays and then used by every call: memory of its own for copies, and the
// refusal of what the core does not take.
//
// SPDX-License-Identifier: Apache-2.0
#ifndef OVERPUNCH_ADDON_PREPARED_H
#define OVERPUNCH_ADDON_PREPARED_H

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>

#include <node_api.h>

#include "args.h"
#include "overpunch.h"

namespace overpunch {

constexpr size_t kAlignment = 64;

struct FreeAligned {
    void operator()(uint8_t *memory) const;
};
using AlignedBytes = std::unique_ptr<uint8_t[], FreeAligned>;

inline size_t round_up(size_t bytes) { return (bytes + kAlignment - 1) & ~(kAlignment - 1); }

// Null where there is no memory.
AlignedBytes allocate(size_t bytes);

// Copies the elements and answers the next aligned place behind them.
template <typename T> uint8_t *copy(uint8_t *to, const Span<T> &from) {
    if (from.length > 0) std::memcpy(to, from.data, from.length * sizeof(T));
    return to + round_up(from.length * sizeof(T));
}

// Throws the core's refusal of a part: 'plan', 'slab' or 'message'.
napi_value throw_invalid(napi_env env, const char *part, const ov_error &error);
napi_value throw_no_memory(napi_env env);

} // namespace overpunch
#endif
