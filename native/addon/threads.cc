// Threads for calls of the core; see threads.h.
//
// SPDX-License-Identifier: Apache-2.0
#include "threads.h"

#include <chrono>
#include <new>

#include "args.h"
#include "prepared.h"

namespace overpunch {
namespace {

constexpr uint32_t kMost = 1024;
// Threads are known by numbers: JavaScript's own, then those that were started.
constexpr uint32_t kNobody = 0, kOwn = 1;
constexpr napi_type_tag kTag = {0x6f76657270756e63, 0x6874687265616473};

// A thread that sleeps is woken in some 50 microseconds, so it looks out for as long before it goes to sleep.
constexpr std::chrono::microseconds kLookOut{50};

template <typename Condition> void look_out(Condition condition) {
    const auto until = std::chrono::steady_clock::now() + kLookOut;
    while (!condition() && std::chrono::steady_clock::now() < until) {
    }
}

} // namespace

napi_value Threads::Make(napi_env env, napi_callback_info info) {
    napi_value count, object;
    size_t argc = 1;
    uint32_t most;
    if (napi_get_cb_info(env, info, &argc, &count, nullptr, nullptr) != napi_ok ||
        !get_uint32(env, count, "count", &most)) {
        return nullptr;
    }
    if (most > kMost) return throw_range(env, "count is 1024 at most");
    auto *threads = new (std::nothrow) Threads(most);
    if (!threads) return throw_no_memory(env);
    const bool is_made = threads->Prepare(env, &object);
    threads->Release(env);
    return is_made ? object : throw_no_memory(env);
}

bool Threads::Prepare(napi_env env, napi_value *object) {
    napi_value name, step, wait, end;
    threads_.reset(new (std::nothrow) Thread[most_]);
    if (!threads_ || napi_create_string_utf8(env, "overpunch.threads", NAPI_AUTO_LENGTH, &name) != napi_ok ||
        napi_create_threadsafe_function(env, nullptr, nullptr, name, 0, 1, nullptr, nullptr, this, Notified, &done_) !=
            napi_ok) {
        return false;
    }
    env_ = env;
    // only a call that is waited for keeps the event loop going
    napi_unref_threadsafe_function(env, done_);
    // behind done_'s own hook, so that this one comes before it
    return napi_add_env_cleanup_hook(env, OnEnvironmentEnd, this) == napi_ok &&
           napi_create_object(env, object) == napi_ok && BindTo(env, *object) &&
           napi_wrap(env, *object, this, nullptr, nullptr, nullptr) == napi_ok &&
           napi_type_tag_object(env, *object, &kTag) == napi_ok && Bind(env, "step", StepOn, &step) &&
           napi_set_named_property(env, *object, "step", step) == napi_ok && Bind(env, "wait", Wait, &wait) &&
           napi_set_named_property(env, *object, "wait", wait) == napi_ok && Bind(env, "end", EndThem, &end) &&
           napi_set_named_property(env, *object, "end", end) == napi_ok;
}

Threads *Threads::Get(napi_env env, napi_value value) {
    napi_valuetype type;
    bool is_tagged = false;
    void *threads;
    if (napi_typeof(env, value, &type) != napi_ok || type != napi_object ||
        napi_check_object_type_tag(env, value, &kTag, &is_tagged) != napi_ok || !is_tagged ||
        napi_unwrap(env, value, &threads) != napi_ok) {
        throw_type(env, "threads", "what makeThreads answered");
        return nullptr;
    }
    return static_cast<Threads *>(threads);
}

Threads *Threads::This(napi_env env, napi_callback_info info) {
    size_t argc = 0;
    void *threads = nullptr;
    napi_get_cb_info(env, info, &argc, nullptr, nullptr, &threads);
    return static_cast<Threads *>(threads);
}

bool Threads::Begin(napi_env env, std::unique_ptr<Call> call, const napi_value *args, size_t count) {
    if (is_ending_) return refuse(env, "the threads have ended");
    napi_value held;
    if (napi_create_array_with_length(env, count, &held) != napi_ok) return throw_no_memory(env) != nullptr;
    for (size_t i = 0; i < count; i++) {
        if (napi_set_element(env, held, static_cast<uint32_t>(i), args[i]) != napi_ok)
            return throw_no_memory(env) != nullptr;
    }
    if (napi_create_reference(env, held, 1, &call->arguments_) != napi_ok) return throw_no_memory(env) != nullptr;

    call->Hold();
    Call *const begun = call.release();
    std::lock_guard<std::mutex> lock(mutex_);
    (oldest_ ? newest_->next_ : oldest_) = begun;
    newest_ = begun;
    const uint32_t untaken = ++untaken_count_;
    if (idle_ > 0) {
        wake_.notify_one();
    } else if (untaken > 1 && started_ < most_) {
        const bool is_started =
            threads_[started_].Start([](void *self) { static_cast<Threads *>(self)->Work(); }, this);
        if (is_started) started_++; // else fewer do it, or this thread alone
    }
    return true;
}

Call *Threads::Take(uint32_t thread) {
    Call *found = nullptr;
    for (Call *call = oldest_; call; call = call->next_) {
        if (call->is_taken_) continue;
        const uint32_t last = *call->LastThread();
        if (last == thread) {
            found = call;
            break;
        }
        if (!found || (last == kNobody && *found->LastThread() != kNobody)) found = call;
    }
    if (!found) return nullptr;
    found->is_taken_ = true;
    *found->LastThread() = thread;
    untaken_count_--;
    return found;
}

bool Threads::GiveBack(Call *call) {
    std::lock_guard<std::mutex> lock(mutex_);
    if (started_ == 0) return false;
    call->is_taken_ = false;
    untaken_count_++;
    wake_.notify_one();
    return true;
}

bool Threads::IsAnythingNew() const { return untaken_count_ > 0 || is_ending_; }

// True where somebody waits for it. From then on JavaScript's thread may end the call.
bool Threads::Run(Call *call) {
    call->Run();
    return call->state_.exchange(Call::State::kDone) == Call::State::kAwaited;
}

void Threads::Work() {
    std::unique_lock<std::mutex> lock(mutex_);
    const uint32_t thread = kOwn + ++at_work_;
    while (!is_ending_) {
        if (Call *call = Take(thread)) {
            lock.unlock();
            if (Run(call)) napi_call_threadsafe_function(done_, nullptr, napi_tsfn_nonblocking);
            lock.lock();
            continue;
        }
        lock.unlock();
        look_out([this] { return IsAnythingNew(); });
        lock.lock();
        idle_++;
        wake_.wait(lock, [this] { return IsAnythingNew(); });
        idle_--;
    }
}

napi_value Threads::StepOn(napi_env env, napi_callback_info info) {
    Threads *threads = This(env, info);
    Call *const oldest = threads->oldest_;
    if (!oldest) return throw_range(env, "no call was begun");
    Step step = kEnded;
    if (oldest->state_ != Call::State::kDone) {
        Call *call;
        {
            std::lock_guard<std::mutex> lock(threads->mutex_);
            call = threads->Take(kOwn);
        }
        if (call && !call->IsAtHand() && threads->GiveBack(call)) call = nullptr;
        if (call) {
            if (Run(call)) threads->Answer(env);
            step = call == oldest ? kEnded : kHelped;
        } else {
            step = kRunning;
        }
    }
    if (step == kEnded) {
        std::unique_ptr<Call> ended = threads->Remove(env);
        ended->Throw(env);
    }
    napi_value result;
    return napi_create_uint32(env, step, &result) == napi_ok ? result : nullptr;
}

std::unique_ptr<Call> Threads::Remove(napi_env env) {
    std::unique_ptr<Call> call;
    {
        std::lock_guard<std::mutex> lock(mutex_);
        call.reset(oldest_);
        if (call && !call->is_taken_) untaken_count_--;
        if (call) oldest_ = call->next_;
    }
    if (!call) return call;
    napi_delete_reference(env, call->arguments_);
    call->Release(env);
    return call;
}

napi_value Threads::Wait(napi_env env, napi_callback_info info) {
    Threads *threads = This(env, info);
    if (!threads->oldest_) return throw_range(env, "no call was begun");
    if (threads->waiting_) return throw_range(env, "somebody waits already");
    napi_value promise;
    if (napi_create_promise(env, &threads->waiting_, &promise) != napi_ok) return nullptr;
    auto state = Call::State::kRunnable;
    // without another thread only a step goes on
    const bool is_awaited =
        threads->started_ > 0 && (threads->oldest_->state_.compare_exchange_strong(state, Call::State::kAwaited) ||
                                  state == Call::State::kAwaited);
    if (is_awaited)
        napi_ref_threadsafe_function(env, threads->done_);
    else
        threads->Answer(env);
    return promise;
}

void Threads::Notified(napi_env env, napi_value, void *threads, void *) {
    if (env) static_cast<Threads *>(threads)->Answer(env);
}

void Threads::Answer(napi_env env) {
    if (done_) napi_unref_threadsafe_function(env, done_);
    napi_value undefined;
    if (waiting_ && napi_get_undefined(env, &undefined) == napi_ok) {
        napi_resolve_deferred(env, waiting_, undefined);
        waiting_ = nullptr;
    }
}

napi_value Threads::EndThem(napi_env env, napi_callback_info info) {
    Threads *threads = This(env, info);
    threads->End(env);
    threads->Answer(env);
    return nullptr;
}

void Threads::Join() {
    {
        std::lock_guard<std::mutex> lock(mutex_);
        is_ending_ = true;
    }
    wake_.notify_all();
    while (started_ > 0) threads_[--started_].Join();
    while (oldest_) Remove(env_);
}

void Threads::End(napi_env env) {
    if (!env_) return;
    Join();
    napi_remove_env_cleanup_hook(env, OnEnvironmentEnd, this);
    env_ = nullptr;
    napi_release_threadsafe_function(done_, napi_tsfn_abort);
    done_ = nullptr;
}

// Its memory is freed with its functions.
void Threads::OnEnvironmentEnd(void *data) {
    auto *threads = static_cast<Threads *>(data);
    threads->Join();
    threads->env_ = nullptr;
    threads->done_ = nullptr; // ends on its own
}

} // namespace overpunch
