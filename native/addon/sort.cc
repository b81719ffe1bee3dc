// Sorting, on a thread of its own: millions of keys take longer than an event loop should wait. The arrays are held
// until it is done; nobody may write to them meanwhile.
//
// SPDX-License-Identifier: Apache-2.0
#include "args.h"
#include "keyed.h"
#include "overpunch.h"
#include "thread.h"

namespace overpunch {
namespace {

// A part of a step, for a thread of its own.
struct SortPart {
    const ov_sort_job *job = nullptr;
    ov_sort_steps step = OV_SORT_FILL;
    uint32_t part = 0, parts = 1;
    ov_status status = OV_OK;

    void Run() { status = ov_sort_step(job, step, part, parts); }
    static void RunPart(void *part) { static_cast<SortPart *>(part)->Run(); }
};

// One step by several threads, this one among them.
ov_status sort_step(const ov_sort_job &job, ov_sort_steps step, uint32_t parts) {
    SortPart part[OV_SORT_PARTS];
    Thread others[OV_SORT_PARTS];
    bool started[OV_SORT_PARTS] = {};
    ov_status status = OV_OK;
    for (uint32_t i = parts; i-- > 0;) {
        part[i].job = &job;
        part[i].step = step;
        part[i].part = i;
        part[i].parts = parts;
        started[i] = i > 0 && others[i].Start(SortPart::RunPart, &part[i]);
        if (!started[i]) part[i].Run();
    }
    for (uint32_t i = 0; i < parts; i++) {
        if (started[i]) others[i].Join();
        if (part[i].status != OV_OK) status = part[i].status;
    }
    return status;
}

class SortWorker : public Napi::AsyncWorker {
  public:
    SortWorker(Napi::Env env, const ov_sort_job &job, uint32_t parts)
        : Napi::AsyncWorker(env, "overpunch.sort"), deferred_(Napi::Promise::Deferred::New(env)), job_(job),
          parts_(parts) {}

    Napi::Promise Start(const Napi::CallbackInfo &info) {
        Napi::Array held = Napi::Array::New(Env());
        for (uint32_t i = 0; i < info.Length(); i++) held.Set(i, info[i]);
        held_ = Napi::Persistent(held.As<Napi::Object>());
        Queue();
        return deferred_.Promise();
    }

    void Execute() override {
        for (int step = OV_SORT_FILL; step <= OV_SORT_ORDER; step++) {
            const bool alone = step == OV_SORT_TIES;
            const auto status = alone ? ov_sort_step(&job_, OV_SORT_TIES, 0, parts_)
                                      : sort_step(job_, static_cast<ov_sort_steps>(step), parts_);
            if (status != OV_OK) return SetError("the core refuses these keys");
        }
    }
    void OnOK() override { deferred_.Resolve(Env().Undefined()); }
    void OnError(const Napi::Error &error) override { deferred_.Reject(error.Value()); }

  private:
    Napi::Promise::Deferred deferred_;
    Napi::ObjectReference held_;
    ov_sort_job job_;
    uint32_t parts_;
};

// sort(keys: Uint8Array, stride, width, count, varying: Uint8Array, order: Uint32Array, scratch: Uint8Array):
// Promise<void>
Napi::Value Sort(const Napi::CallbackInfo &info) {
    Napi::Env env = info.Env();
    Span<uint8_t> keys, varying, scratch;
    Span<uint32_t> order;
    uint32_t stride, width, count, threads;
    if (!get_array(env, info[0], "keys", &keys) || !get_uint32(env, info[1], "stride", &stride) ||
        !get_uint32(env, info[2], "width", &width) || !get_uint32(env, info[3], "count", &count) ||
        !get_array(env, info[4], "varying", &varying) || !get_array(env, info[5], "order", &order) ||
        !get_array(env, info[6], "scratch", &scratch) || !get_uint32(env, info[7], "threads", &threads)) {
        return {};
    }
    if (varying.length != size_t{2} * width || stride < width ||
        (width > 0 && count > 0 && (keys.length < width || (keys.length - width) / stride < count - 1)) ||
        order.length < count || scratch.length < ov_sort_scratch(count) ||
        reinterpret_cast<uintptr_t>(scratch.data) % 8 != 0) {
        throw_range(env, "keys, varying, order or scratch are not of the size that width and count ask for");
        return {};
    }
    if (overlap(keys, order) || overlap(keys, scratch) || overlap(varying, order) || overlap(varying, scratch) ||
        overlap(order, scratch)) {
        throw_range(env, "the outputs share memory with the input");
        return {};
    }
    constexpr uint32_t kLeast = 1 << 15; // keys that a thread is worth its while for
    uint32_t parts = count / kLeast < threads ? count / kLeast : threads;
    parts = parts < 1 ? 1 : parts > OV_SORT_PARTS ? uint32_t{OV_SORT_PARTS} : parts;
    const ov_sort_job job = {keys.data, stride, width, count, varying.data, order.data, scratch.data};
    // deletes itself when it is done
    return (new SortWorker(env, job, parts))->Start(info);
}

// sortScratch(count): bytes of scratch that sort needs
Napi::Value SortScratch(const Napi::CallbackInfo &info) {
    uint32_t count;
    if (!get_uint32(info.Env(), info[0], "count", &count)) return {};
    return Napi::Number::New(info.Env(), static_cast<double>(ov_sort_scratch(count)));
}

} // namespace

void ExportSort(Napi::Env env, Napi::Object exports) {
    exports.Set("sort", Napi::Function::New(env, Sort, "sort"));
    exports.Set("sortScratch", Napi::Function::New(env, SortScratch, "sortScratch"));
}

} // namespace overpunch
