// Calls on other threads; see later.h.
//
// SPDX-License-Identifier: Apache-2.0
#include "later.h"

#include "prepared.h"

namespace overpunch {

napi_value Later::Start(napi_env env, std::unique_ptr<Later> call, const char *name, const napi_value *args,
                        size_t count) {
    napi_value promise;
    if (!call->Queue(env, name, args, count, &promise)) {
        call->Free(env);
        return throw_no_memory(env);
    }
    call.release()->Hold();
    return promise;
}

bool Later::Queue(napi_env env, const char *name, const napi_value *args, size_t count, napi_value *promise) {
    napi_value text, held;
    if (napi_create_array_with_length(env, count, &held) != napi_ok) return false;
    for (size_t i = 0; i < count; i++) {
        if (napi_set_element(env, held, static_cast<uint32_t>(i), args[i]) != napi_ok) return false;
    }
    return napi_create_reference(env, held, 1, &arguments_) == napi_ok &&
           napi_create_string_utf8(env, name, NAPI_AUTO_LENGTH, &text) == napi_ok &&
           napi_create_async_work(env, nullptr, text, Execute, Complete, this, &work_) == napi_ok &&
           napi_create_promise(env, &deferred_, promise) == napi_ok && napi_queue_async_work(env, work_) == napi_ok;
}

void Later::Execute(napi_env, void *call) { static_cast<Later *>(call)->Run(); }

void Later::Complete(napi_env env, napi_status status, void *data) {
    std::unique_ptr<Later> call(static_cast<Later *>(data));
    // a cancelled call is one whose environment ends: nobody hears of it
    if (status == napi_ok) {
        napi_value value;
        if (call->Throw(env)) {
            napi_get_and_clear_last_exception(env, &value);
            napi_reject_deferred(env, call->deferred_, value);
        } else {
            napi_get_undefined(env, &value);
            napi_resolve_deferred(env, call->deferred_, value);
        }
    }
    call->Free(env);
    call->Release(env);
}

void Later::Free(napi_env env) {
    if (work_) napi_delete_async_work(env, work_);
    if (arguments_) napi_delete_reference(env, arguments_);
}

} // namespace overpunch
