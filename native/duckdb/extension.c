/* The extension's entry: DuckDB calls it by the name of the file that it loads.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "query.h"
#include "read_copybook.h"

duck_entry ov_duck_api[DUCK_ENTRIES];

#ifdef _WIN32
#define EXPORT __declspec(dllexport)
#else
#define EXPORT __attribute__((visibility("default")))
#endif

EXPORT bool overpunch_init_c_api(duck_extension extension, const duck_access *access);

/* OVERPUNCH_LEVEL holds the kernels down, as it does the addon's. */
static void hold_down(void) {
    static const char *const names[] = {"portable", "avx2", "avx512", "neon"};
    const char *wanted = getenv("OVERPUNCH_LEVEL");
    for (int level = 0; wanted && level < 4; level++) {
        if (strcmp(wanted, names[level]) == 0) ov_set_level((ov_level)level);
    }
}

bool overpunch_init_c_api(duck_extension extension, const duck_access *access) {
    const void *api = access->api(extension, DUCK_API_VERSION);
    if (!api) return false; /* DuckDB says why */
    /* The table is gone afterwards; it is the same for every database of this process. */
    memcpy(ov_duck_api, api, sizeof ov_duck_api);
    hold_down();
    void *const *database = access->database(extension);
    duck_connection connection = NULL;
    ov_ledger *ledger = ov_ledger_make();
    if (!database || !ledger || duck_connect(*database, &connection) != 0) {
        access->fail(extension, "overpunch: no connection to the database");
        if (ledger) ov_ledger_release(ledger);
        return false;
    }
    /* What a thread fills at a time must fit into a vector. */
    const bool good = duck_vector_size() >= OV_ROWS && ov_read_copybook_register(connection, ledger) &&
                      ov_ledger_register(connection, ledger);
    ov_ledger_release(ledger);
    duck_disconnect(&connection);
    if (!good) access->fail(extension, "overpunch: its functions could not be registered");
    return good;
}
