// Groups in a table and rows that JavaScript allocates. `state` is two words: bits (log2 of the table's entries) and
// rows in use.
//
// SPDX-License-Identifier: Apache-2.0
#include "../core/opcodes.h"
#include "args.h"
#include "keyed.h"
#include "overpunch.h"

namespace overpunch {
namespace {

// The groups of a program, whose table and rows are checked for their sizes; false where an exception is thrown.
bool get_groups(napi_env env, const napi_value *args, ov_groups *groups, Span<uint8_t> *table, Span<uint8_t> *rows,
                Span<uint32_t> *state) {
    Span<int32_t> program;
    if (!get_array(env, args[0], "program", &program) || !get_array(env, args[1], "table", table) ||
        !get_array(env, args[2], "rows", rows) || !get_array(env, args[3], "state", state)) {
        return false;
    }
    const int32_t width = program.length < OV_GROUP_HEADER ? 0 : program.data[OV_GROUPW_ROW_WIDTH];
    if (width <= 0 || state->length < 2 || state->data[0] > 32 || (table->length >> state->data[0]) < 8 ||
        reinterpret_cast<uintptr_t>(table->data) % 8 != 0) {
        throw_range(env, "the table is not of the size that program and state ask for");
        return false;
    }
    const size_t capacity = rows->length / static_cast<size_t>(width);
    if (capacity < state->data[1] || capacity >= UINT32_MAX) {
        throw_range(env, "the rows are not of the size that program and state ask for");
        return false;
    }
    *groups = {program.data,   program.length, reinterpret_cast<uint64_t *>(table->data),
               state->data[0], rows->data,     static_cast<uint32_t>(capacity),
               state->data[1]};
    return true;
}

// groupAdd(program: Int32Array, table: Uint8Array, rows: Uint8Array, state: Uint32Array, slab: Uint8Array,
// keys: Uint8Array, extremes: Uint8Array, from, count): records taken
napi_value GroupAdd(napi_env env, napi_callback_info info) {
    napi_value args[9];
    size_t argc = 9;
    ov_groups groups{};
    Span<uint8_t> table, rows, slab, keys, extremes;
    Span<uint32_t> state;
    uint32_t from, count;
    if (napi_get_cb_info(env, info, &argc, args, nullptr, nullptr) != napi_ok ||
        !get_groups(env, args, &groups, &table, &rows, &state) || !get_array(env, args[4], "slab", &slab) ||
        !get_array(env, args[5], "keys", &keys) || !get_array(env, args[6], "extremes", &extremes) ||
        !get_uint32(env, args[7], "from", &from) || !get_uint32(env, args[8], "count", &count)) {
        return nullptr;
    }
    const int32_t width = groups.program[OV_GROUPW_KEY_WIDTH], extreme = groups.program[OV_GROUPW_EXTREMES];
    if (from > count || width < 0 || keys.length < static_cast<size_t>(width) * count || extreme < 0 ||
        extremes.length < static_cast<size_t>(extreme) * count) {
        return throw_range(env, "keys or extremes have fewer than count rows");
    }
    if (overlap(table, slab) || overlap(table, keys) || overlap(table, extremes) || overlap(table, rows) ||
        overlap(rows, slab) || overlap(rows, keys) || overlap(rows, extremes)) {
        return throw_range(env, "table and rows share memory with the input");
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

// groupIndex(program, table, rows, state): enters the rows in use into a new table, which is all zeros
napi_value GroupIndex(napi_env env, napi_callback_info info) {
    napi_value args[4];
    size_t argc = 4;
    ov_groups groups{};
    Span<uint8_t> table, rows;
    Span<uint32_t> state;
    if (napi_get_cb_info(env, info, &argc, args, nullptr, nullptr) != napi_ok ||
        !get_groups(env, args, &groups, &table, &rows, &state)) {
        return nullptr;
    }
    if (overlap(table, rows)) return throw_range(env, "table and rows share memory");
    if (ov_group_index(&groups) != OV_OK) return throw_range(env, "the core refuses these groups");
    return nullptr;
}

} // namespace

void ExportGroup(Napi::Env env, Napi::Object exports) {
    set_function(env, exports, "groupAdd", GroupAdd);
    set_function(env, exports, "groupIndex", GroupIndex);
}

} // namespace overpunch
