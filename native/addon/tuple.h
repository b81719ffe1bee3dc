// Tuples of PostgreSQL's COPY BINARY for JavaScript.
//
// SPDX-License-Identifier: Apache-2.0
#ifndef OVERPUNCH_ADDON_TUPLE_H
#define OVERPUNCH_ADDON_TUPLE_H

#include <napi.h>

namespace overpunch {
void ExportTuples(Napi::Env env, Napi::Object exports);
} // namespace overpunch
#endif
