// What functions are bound to; see held.h.
//
// SPDX-License-Identifier: Apache-2.0
#include "held.h"

namespace overpunch {

bool Held::Bind(napi_env env, const char *name, napi_callback callback, napi_value *function) {
    return napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, this, function) == napi_ok &&
           BindTo(env, *function);
}

bool Held::BindTo(napi_env env, napi_value object) {
    if (napi_add_finalizer(env, object, this, Finalize, nullptr, nullptr) != napi_ok) return false;
    Hold();
    return true;
}

void Held::Account(napi_env env, int64_t bytes) {
    int64_t total;
    external_ = bytes;
    napi_adjust_external_memory(env, bytes, &total);
}

void Held::Finalize(napi_env env, void *held, void *) { static_cast<Held *>(held)->Release(env); }

void Held::Release(napi_env env) {
    if (--holders_ > 0) return;
    End(env);
    int64_t total;
    napi_adjust_external_memory(env, -external_, &total);
    delete this;
}

} // namespace overpunch
