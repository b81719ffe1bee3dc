// What decoders and writers have in common: a checked plan and slab layout, memory to work in, and calls that go over
// records, one at a time, on JavaScript's thread or on others. A runner holds copies of all that it was made from, so
// nothing that JavaScript does later can change what was checked.
//
// SPDX-License-Identifier: Apache-2.0
#ifndef OVERPUNCH_ADDON_RUNNER_H
#define OVERPUNCH_ADDON_RUNNER_H

#include <cstddef>
#include <cstdint>

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
    ov_plan plan_{};
    ov_decoder decoder_{};

  private:
    friend class RecordsCall;
    AlignedBytes constants_;
};

// A call's records, and what came of them.
class RecordsCall : public Call {
  public:
    // Throws into JavaScript where something was wrong with the records.
    void Throw(napi_env env) final;

  protected:
    RecordArgs records_;
    ov_status status_ = OV_OK;
    ov_error error_{-1, -1};

  private:
    virtual Runner *Used() const = 0;
    void Hold() final;
    void Release(napi_env env) final;
};

} // namespace overpunch
#endif
