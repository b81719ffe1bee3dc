// Prepared memory; see prepared.h.
//
// SPDX-License-Identifier: Apache-2.0
#include "prepared.h"

#include <new>

#include <napi.h>

namespace overpunch {

void FreeAligned::operator()(uint8_t *memory) const { ::operator delete[](memory, std::align_val_t{kAlignment}); }

AlignedBytes allocate(size_t bytes) {
    void *memory = ::operator new[](bytes, std::align_val_t{kAlignment}, std::nothrow);
    return AlignedBytes(static_cast<uint8_t *>(memory));
}

napi_value throw_invalid(napi_env env, const char *part, const ov_error &error) {
    Napi::Error exception = Napi::Error::New(env, "the core refuses this plan");
    exception.Set("code", "OVP_PLAN_INVALID");
    exception.Set("part", part);
    exception.Set("at", Napi::Number::New(env, error.at));
    exception.Set("word", Napi::Number::New(env, error.word));
    exception.ThrowAsJavaScriptException();
    return nullptr;
}

napi_value throw_no_memory(napi_env env) {
    napi_throw_error(env, "ERR_MEMORY_ALLOCATION_FAILED", "no memory for a decoder");
    return nullptr;
}

} // namespace overpunch
