// Groups in a table that JavaScript allocates. `state` is two words: bits (log2 of the table's rows) and rows in use.
//
// SPDX-License-Identifier: Apache-2.0
#include "../core/opcodes.h"
#include "args.h"
#include "keyed.h"
#include "overpunch.h"

namespace overpunch {
namespace {

// The table of a program and its state, checked for its size; false where an exception is thrown.
bool get_groups(napi_env env, napi_value program, napi_value table, napi_value state, ov_groups *groups,
                Span<uint8_t> *bytes, Span<uint32_t> *words) {
    Span<int32_t> code;
    if (!get_array(env, program, "program", &code) || !get_array(env, table, "table", bytes) ||
        !get_array(env, state, "state", words)) {
        return false;
    }
    if (code.length < OV_GROUP_HEADER || words->length < 2 || words->data[0] > 32 ||
        code.data[OV_GROUPW_ROW_WIDTH] < 0 ||
        (bytes->length >> words->data[0]) < static_cast<size_t>(code.data[OV_GROUPW_ROW_WIDTH]) ||
        words->data[1] >= uint64_t{1} << words->data[0] || reinterpret_cast<uintptr_t>(bytes->data) % 8 != 0) {
        throw_range(env, "the table is not of the size that program and state ask for");
        return false;
    }
    *groups = {code.data, code.length, bytes->data, words->data[0], words->data[1]};
    return true;
}

// groupAdd(program: Int32Array, table: Uint8Array, state: Uint32Array, slab: Uint8Array, keys: Uint8Array,
// extremes: Uint8Array, from, count): records taken
napi_value GroupAdd(napi_env env, napi_callback_info info) {
    napi_value args[8];
    size_t argc = 8;
    ov_groups groups{};
    Span<uint8_t> table, slab, keys, extremes;
    Span<uint32_t> state;
    uint32_t from, count;
    if (napi_get_cb_info(env, info, &argc, args, nullptr, nullptr) != napi_ok ||
        !get_groups(env, args[0], args[1], args[2], &groups, &table, &state) ||
        !get_array(env, args[3], "slab", &slab) || !get_array(env, args[4], "keys", &keys) ||
        !get_array(env, args[5], "extremes", &extremes) || !get_uint32(env, args[6], "from", &from) ||
        !get_uint32(env, args[7], "count", &count)) {
        return nullptr;
    }
    const int32_t width = groups.program[OV_GROUPW_KEY_WIDTH], extreme = groups.program[OV_GROUPW_EXTREMES];
    if (from > count || width < 0 || keys.length < static_cast<size_t>(width) * count || extreme < 0 ||
        extremes.length < static_cast<size_t>(extreme) * count) {
        return throw_range(env, "keys or extremes have fewer than count rows");
    }
    if (overlap(table, slab) || overlap(table, keys) || overlap(table, extremes)) {
        return throw_range(env, "the table shares memory with the input");
    }
    // the core tells nothing from no memory: what has no bytes needs some place
    static const uint8_t nothing[1] = {0};
    uint32_t taken = from;
    if (ov_group_add(&groups, slab.data ? slab.data : nothing, slab.length, keys.data ? keys.data : nothing,
                     extremes.data ? extremes.data : nothing, from, count, &taken) != OV_OK) {
        return throw_range(env, "the core refuses this program");
    }
    state.data[1] = groups.used;
    napi_value result;
    return napi_create_uint32(env, taken, &result) == napi_ok ? result : nullptr;
}

// groupMove(program, table, state, otherTable: Uint8Array, otherState: Uint32Array): the other table must be all zeros
napi_value GroupMove(napi_env env, napi_callback_info info) {
    napi_value args[5];
    size_t argc = 5;
    ov_groups from{}, to{};
    Span<uint8_t> table, other;
    Span<uint32_t> state, other_state;
    if (napi_get_cb_info(env, info, &argc, args, nullptr, nullptr) != napi_ok ||
        !get_groups(env, args[0], args[1], args[2], &from, &table, &state) ||
        !get_groups(env, args[0], args[3], args[4], &to, &other, &other_state)) {
        return nullptr;
    }
    if (overlap(table, other)) return throw_range(env, "the tables share memory");
    if (ov_group_move(&from, &to) != OV_OK) return throw_range(env, "the core refuses this table");
    other_state.data[1] = to.used;
    return nullptr;
}

// groupRows(program, table, state, rows: Uint8Array): copies all rows in use; answers their number
napi_value GroupRows(napi_env env, napi_callback_info info) {
    napi_value args[4];
    size_t argc = 4;
    ov_groups groups{};
    Span<uint8_t> table, rows;
    Span<uint32_t> state;
    if (napi_get_cb_info(env, info, &argc, args, nullptr, nullptr) != napi_ok ||
        !get_groups(env, args[0], args[1], args[2], &groups, &table, &state) ||
        !get_array(env, args[3], "rows", &rows)) {
        return nullptr;
    }
    const auto width = static_cast<size_t>(groups.program[OV_GROUPW_ROW_WIDTH]);
    if (rows.length < width * groups.used) return throw_range(env, "rows have no room for the groups");
    if (overlap(table, rows)) return throw_range(env, "the outputs share memory with the input");
    uint64_t place = 0;
    uint32_t count = 0;
    if (ov_group_rows(&groups, &place, rows.data, groups.used, &count) != OV_OK) {
        return throw_range(env, "the core refuses this program");
    }
    napi_value result;
    return napi_create_uint32(env, count, &result) == napi_ok ? result : nullptr;
}

} // namespace

void ExportGroup(Napi::Env env, Napi::Object exports) {
    set_function(env, exports, "groupAdd", GroupAdd);
    set_function(env, exports, "groupMove", GroupMove);
    set_function(env, exports, "groupRows", GroupRows);
}

} // namespace overpunch
