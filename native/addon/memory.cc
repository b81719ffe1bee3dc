// Large memory: that the system had better hold it in large pages, and that it give it before it is used.
//
// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include "args.h"
#include "keyed.h"

#if defined(__linux__)
#include <sys/mman.h>
#if !defined(MADV_POPULATE_WRITE)
#define MADV_POPULATE_WRITE 23
#endif
#endif

namespace overpunch {
namespace {

constexpr uintptr_t kLarge = uintptr_t{1} << 21;

// largePages(bytes: Uint8Array): tells the system that they are best held in large pages. Changes no byte; answers how
// far their start is from the cache line's that it is in.
napi_value LargePages(napi_env env, napi_callback_info info) {
    napi_value args[1];
    size_t argc = 1;
    Span<uint8_t> bytes;
    if (napi_get_cb_info(env, info, &argc, args, nullptr, nullptr) != napi_ok ||
        !get_array(env, args[0], "bytes", &bytes)) {
        return nullptr;
    }
    const auto first = reinterpret_cast<uintptr_t>(bytes.data);
#if defined(__linux__) && defined(MADV_HUGEPAGE)
    const uintptr_t start = (first + kLarge - 1) & ~(kLarge - 1), end = (first + bytes.length) & ~(kLarge - 1);
    // a wish: where the system knows no such pages, small ones do
    if (start < end) madvise(reinterpret_cast<void *>(start), end - start, MADV_HUGEPAGE);
#endif
    napi_value result;
    return napi_create_uint32(env, static_cast<uint32_t>(first % 64), &result) == napi_ok ? result : nullptr;
}

// Gives memory its pages, which the system clears before, while another thread has not come that far. No byte changes.
class PopulateWorker : public Napi::AsyncWorker {
  public:
    PopulateWorker(Napi::Env env, Napi::Array held, std::vector<Span<uint8_t>> spans)
        : Napi::AsyncWorker(env, "overpunch.populate"), held_(Napi::Persistent(held.As<Napi::Object>())),
          spans_(std::move(spans)) {}

    void Execute() override {
#if defined(__linux__)
        for (const auto &span : spans_) {
            const auto first = reinterpret_cast<uintptr_t>(span.data);
            const uintptr_t end = (first + span.length) & ~(kLarge - 1);
            for (uintptr_t at = (first + kLarge - 1) & ~(kLarge - 1); at < end; at += kLarge) {
                // where the system does not know this, whoever writes first waits for the page
                if (madvise(reinterpret_cast<void *>(at), kLarge, MADV_POPULATE_WRITE) != 0) return;
            }
        }
#endif
    }

  private:
    Napi::ObjectReference held_;
    std::vector<Span<uint8_t>> spans_;
};

// populate(memory: Uint8Array[]): has it ready soon, in this order, by a thread of its own. Nobody need wait for it.
Napi::Value Populate(const Napi::CallbackInfo &info) {
    Napi::Env env = info.Env();
    if (!info[0].IsArray()) {
        throw_type(env, "memory", "an array");
        return {};
    }
    const auto memory = info[0].As<Napi::Array>();
    Napi::Array held = Napi::Array::New(env);
    std::vector<Span<uint8_t>> spans(memory.Length());
    for (uint32_t i = 0; i < spans.size(); i++) {
        const Napi::Value bytes = memory.Get(i);
        if (!get_array(env, bytes, "memory", &spans[i])) return {};
        held.Set(i, bytes);
    }
    (new PopulateWorker(env, held, std::move(spans)))->Queue(); // deletes itself when it is done
    return {};
}

} // namespace

void ExportMemory(Napi::Env env, Napi::Object exports) {
    set_function(env, exports, "largePages", LargePages);
    exports.Set("populate", Napi::Function::New(env, Populate, "populate"));
}

} // namespace overpunch
