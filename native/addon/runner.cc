// Runners of plans; see runner.h.
//
// SPDX-License-Identifier: Apache-2.0
#include "runner.h"

#include <cstring>

#include "args.h"

namespace overpunch {

bool Runner::TakePlan(napi_env env, const napi_value *args) {
    Span<int32_t> code, table;
    Span<uint8_t> pool;
    uint32_t slab_length;
    if (!get_array(env, args[0], "code", &code) || !get_array(env, args[1], "pool", &pool) ||
        !get_array(env, args[2], "table", &table) || !get_uint32(env, args[3], "slabLength", &slab_length)) {
        return false;
    }
    const size_t bytes =
        round_up(code.length * sizeof(int32_t)) + round_up(table.length * sizeof(int32_t)) + round_up(pool.length);
    constants_ = allocate(bytes);
    if (!constants_) return throw_no_memory(env) != nullptr;
    bytes_ += bytes;
    auto *own_code = constants_.get();
    auto *own_table = copy(own_code, code);
    auto *own_pool = copy(own_table, table);
    copy(own_pool, pool);

    ov_error error{-1, -1};
    if (ov_plan_check(reinterpret_cast<const int32_t *>(own_code), code.length, own_pool, pool.length, &plan_,
                      &error) != OV_OK) {
        return throw_invalid(env, "plan", error) != nullptr;
    }
    if (ov_decoder_check(&plan_, reinterpret_cast<const int32_t *>(own_table), table.length, slab_length, &decoder_,
                         &error) != OV_OK) {
        return throw_invalid(env, "slab", error) != nullptr;
    }
    return true;
}

bool Runner::MakeScratch(size_t wanted) {
    const size_t bytes = round_up(wanted);
    scratch_ = allocate(bytes);
    if (!scratch_) return false;
    std::memset(scratch_.get(), 0, bytes);
    bytes_ += bytes;
    return true;
}

void RecordsCall::Throw(napi_env env) {
    if (status_ != OV_OK) throw_records(env, status_, records_, error_);
}

void RecordsCall::Hold() {
    Used()->Held::Hold();
    Used()->is_busy_ = true;
}

void RecordsCall::Release(napi_env env) {
    Used()->is_busy_ = false;
    Used()->Held::Release(env);
}

} // namespace overpunch
