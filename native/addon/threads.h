// Threads that make calls of the core, oldest first, while JavaScript's own thread does other things or makes one of
// them itself. Calls are begun and ended by JavaScript's thread, in the same order.
//
// SPDX-License-Identifier: Apache-2.0
#ifndef OVERPUNCH_ADDON_THREADS_H
#define OVERPUNCH_ADDON_THREADS_H

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>

#include <node_api.h>

#include "held.h"
#include "thread.h"

namespace overpunch {

// A call of the core that any thread can make; all that it needs lies ready in it.
class Call {
  public:
    virtual ~Call() = default;
    // On any thread: no Node-API here.
    virtual void Run() = 0;
    // Whether Run would not wait for anything, so that JavaScript's own thread can make it. It may do a part of it.
    virtual bool IsAtHand() { return true; }

  private:
    friend class Threads;
    enum class State { kRunnable, kAwaited, kDone };

    // Takes hold of what must not be used otherwise, or freed, until Release.
    virtual void Hold() = 0;
    virtual void Release(napi_env env) = 0;
    // Throws into JavaScript where Run failed.
    virtual void Throw(napi_env env) = 0;
    // Where it is kept which thread last used this call's memory, which is in that thread's cache then.
    virtual uint32_t *LastThread() = 0;

    std::atomic<State> state_{State::kRunnable};
    bool is_taken_ = false;
    Call *next_ = nullptr;
    napi_ref arguments_ = nullptr;
};

class Threads : public Held {
  public:
    // makeThreads(count: number): { step(): number, wait(): Promise<void>, end(): void }
    // None is started before there are several calls to make.
    static napi_value Make(napi_env env, napi_callback_info info);
    // Null with an exception pending where the value is not what Make answered.
    static Threads *Get(napi_env env, napi_value value);

    // False with an exception pending where nothing was begun. The arguments are kept until the call has ended; these
    // threads must not be among them, or calls that nobody ends would keep them for ever.
    bool Begin(napi_env env, std::unique_ptr<Call> call, const napi_value *args, size_t count);

  private:
    // What step answers, as src/engine/threads.ts has it.
    enum Step : uint32_t { kEnded, kHelped, kRunning };

    explicit Threads(uint32_t most) : most_(most) {}

    // step(): ends the oldest call if it is done (and throws what was wrong with it): 0. Otherwise makes a call that no
    // thread has begun, 1, or there is none, 2.
    static napi_value StepOn(napi_env env, napi_callback_info info);
    // wait(): a promise that the oldest call is done, or that a step is due. One at a time.
    static napi_value Wait(napi_env env, napi_callback_info info);
    // end(): waits for calls that are being made, forgets the others and ends the threads. Nothing can be begun then.
    static napi_value EndThem(napi_env env, napi_callback_info info);

    static Threads *This(napi_env env, napi_callback_info info);
    static void Notified(napi_env env, napi_value function, void *threads, void *data);
    static void OnEnvironmentEnd(void *threads);

    bool Prepare(napi_env env, napi_value *object);
    void End(napi_env env) override;
    void Join();
    void Answer(napi_env env);

    static bool Run(Call *call);
    // Has a call taken by another thread. False where there is none.
    bool GiveBack(Call *call);
    void Work();
    bool IsAnythingNew() const;
    // A call that nobody has begun, or null: one whose memory this thread used last, or the oldest. The lock is held.
    Call *Take(uint32_t thread);
    // Takes the oldest call out of the list, and lets go of its arguments.
    std::unique_ptr<Call> Remove(napi_env env);

    const uint32_t most_;
    napi_env env_ = nullptr;
    napi_threadsafe_function done_ = nullptr;
    napi_deferred waiting_ = nullptr;

    // Calls in order; only JavaScript's thread takes any out.
    Call *oldest_ = nullptr;
    Call *newest_ = nullptr;
    std::atomic<uint32_t> untaken_count_{0};

    std::mutex mutex_;
    std::condition_variable wake_;
    std::unique_ptr<Thread[]> threads_;
    uint32_t started_ = 0, at_work_ = 0;
    uint32_t idle_ = 0;
    std::atomic<bool> is_ending_{false};
};

} // namespace overpunch
#endif
