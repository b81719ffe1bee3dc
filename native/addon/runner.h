// What decoders and writers have in common: a checked plan and slab layout, memory to work in, and calls that go over
// records, one at a time, on JavaScript's thread or on others. A runner holds copies of all that it was made from, so
// nothing that JavaScript does later can change what was checked.
//
// SPDX-License-Identifier: Apache-2.0
#ifndef OVERPUNCH_ADDON_RUNNER_H
#define OVERPUNCH_ADDON_RUNNER_H

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>

#include <node_api.h>

#include "held.h"
#include "overpunch.h"
#include "prepared.h"
#include "records.h"
#include "threads.h"

namespace overpunch {

class Runner : public Held {
  protected:
    // Takes a plan and the layout of its slabs from arguments (code: Int32Array, pool: Uint8Array, table: Int32Array,
    // slabLength: number). False where an exception is pending.
    bool TakePlan(napi_env env, const napi_value *args);
    // Memory for the core to work in, zeroed. False where there is none.
    bool MakeScratch(size_t bytes);

    AlignedBytes scratch_;
    size_t bytes_ = 0; // of all memory that was taken
    bool is_busy_ = false;
    uint32_t last_thread_ = 0;
    ov_plan plan_{};
    ov_decoder decoder_{};

  private:
    friend class RecordsCall;
    AlignedBytes constants_;
};

// A call's records, which may have to be read from a file first, and what came of them.
class RecordsCall : public Call {
  public:
    void Run() final;
    bool IsAtHand() final;
    // Throws into JavaScript where something was wrong with the records, or with reading them: an Error with `syscall`
    // 'read' and the system's `errno` below 0, or 0 where the file ends too early.
    void Throw(napi_env env) final;

  protected:
    // As get_records, or data, first, count, stride, descriptor, position: to be read from a file, where the first one
    // lies at that position. False with an exception pending.
    bool TakeRecords(napi_env env, const napi_value *args, size_t argc);

    RecordArgs records_;
    ov_status status_ = OV_OK;
    ov_error error_{-1, -1};

  private:
    // Where ReadFile found the file's end.
    static constexpr int kEnd = -1;

    // Goes on with it. 0, or what went wrong: EAGAIN where it can't go on without waiting.
    int ReadFile(bool can_wait);
    void ThrowRead(napi_env env) const;

    uint32_t descriptor_ = 0;
    int64_t position_ = -1;
    size_t have_ = 0; // bytes
    int read_ = 0;

    virtual Runner *Used() const = 0;
    // Run, when the records are there.
    virtual void Make() = 0;
    void Hold() final;
    void Release(napi_env env) final;
    uint32_t *LastThread() final;
};

// Reads a call (a RecordsCall with Read and kArguments) from its arguments, and makes it at once.
template <typename CallOf> napi_value run_call(napi_env env, napi_callback_info info) {
    CallOf call;
    napi_value args[CallOf::kArguments];
    size_t argc = CallOf::kArguments;
    void *self;
    if (napi_get_cb_info(env, info, &argc, args, nullptr, &self) != napi_ok || !call.Read(env, self, args, argc)) {
        return nullptr;
    }
    call.Run();
    call.Throw(env);
    return nullptr;
}

// The same with threads as the first argument, which make the call.
template <typename CallOf> napi_value begin_call(napi_env env, napi_callback_info info) {
    napi_value args[1 + CallOf::kArguments];
    size_t argc = 1 + CallOf::kArguments;
    void *self;
    std::unique_ptr<CallOf> call(new (std::nothrow) CallOf());
    if (!call) return throw_no_memory(env);
    if (napi_get_cb_info(env, info, &argc, args, nullptr, &self) != napi_ok) return nullptr;
    Threads *threads = Threads::Get(env, args[0]);
    if (threads && call->Read(env, self, args + 1, argc - 1))
        threads->Begin(env, std::move(call), args + 1, CallOf::kArguments);
    return nullptr;
}

} // namespace overpunch
#endif
