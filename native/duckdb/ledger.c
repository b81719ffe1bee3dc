/* The ledger of scans, and the table functions that show it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _POSIX_C_SOURCE 200809L
#include "ledger.h"

#include <stdlib.h>
#include <string.h>

ov_ledger *ov_ledger_make(void) {
    ov_ledger *ledger = calloc(1, sizeof *ledger);
    if (!ledger) return NULL;
    pthread_mutex_init(&ledger->lock, NULL);
    ledger->users = 1;
    return ledger;
}

ov_ledger *ov_ledger_hold(ov_ledger *ledger) {
    pthread_mutex_lock(&ledger->lock);
    ledger->users++;
    pthread_mutex_unlock(&ledger->lock);
    return ledger;
}

static void drop(ov_entry *entry) {
    free(entry->file);
    free(entry->faults);
    free(entry);
}

void ov_ledger_release(void *one) {
    ov_ledger *ledger = one;
    pthread_mutex_lock(&ledger->lock);
    const int users = --ledger->users;
    pthread_mutex_unlock(&ledger->lock);
    if (users > 0) return;
    for (ov_entry *entry = ledger->newest, *next; entry; entry = next) {
        next = entry->next;
        drop(entry);
    }
    pthread_mutex_destroy(&ledger->lock);
    free(ledger);
}

/* Lets go of what is too old, under the lock. */
static void forget(ov_ledger *ledger) {
    int kept = 0;
    for (ov_entry **at = &ledger->newest; *at;) {
        ov_entry *entry = *at;
        if (++kept <= OV_KEPT_SCANS) {
            at = &entry->next;
            continue;
        }
        *at = entry->next;
        if (--entry->users == 0) drop(entry);
    }
}

ov_entry *ov_entry_make(ov_ledger *ledger, const char *file, uint32_t most_faults) {
    ov_entry *entry = calloc(1, sizeof *entry);
    if (!entry) return NULL;
    entry->file = strdup(file);
    entry->most_faults = most_faults;
    if (!entry->file) {
        drop(entry);
        return NULL;
    }
    entry->ledger = ov_ledger_hold(ledger);
    entry->users = 2;
    pthread_mutex_lock(&ledger->lock);
    entry->scan = ++ledger->scans;
    entry->next = ledger->newest;
    ledger->newest = entry;
    forget(ledger);
    pthread_mutex_unlock(&ledger->lock);
    return entry;
}

void ov_entry_release(ov_entry *entry) {
    ov_ledger *ledger = entry->ledger;
    pthread_mutex_lock(&ledger->lock);
    if (--entry->users == 0) drop(entry);
    pthread_mutex_unlock(&ledger->lock);
    ov_ledger_release(ledger);
}

bool ov_entry_wants(ov_entry *entry) {
    pthread_mutex_lock(&entry->ledger->lock);
    const bool wants = entry->fault_count < entry->most_faults;
    pthread_mutex_unlock(&entry->ledger->lock);
    return wants;
}

bool ov_entry_add(ov_entry *entry, const ov_fault *faults, uint32_t count) {
    bool good = true;
    pthread_mutex_lock(&entry->ledger->lock);
    const uint32_t left = entry->most_faults - entry->fault_count, taken = count < left ? count : left;
    if (taken > entry->fault_room - entry->fault_count) {
        uint64_t room = 2 * (uint64_t)entry->fault_room + taken;
        if (room > entry->most_faults) room = entry->most_faults;
        ov_fault *more = realloc(entry->faults, room * sizeof *more);
        good = more != NULL;
        if (good) {
            entry->faults = more;
            entry->fault_room = (uint32_t)room;
        }
    }
    if (good && taken > 0) {
        memcpy(entry->faults + entry->fault_count, faults, taken * sizeof *faults);
        entry->fault_count += taken;
    }
    pthread_mutex_unlock(&entry->ledger->lock);
    return good;
}

/* ---- The table functions: a row is copied when the query begins. ---- */

enum { TEXT_ROOM = OV_FIELD_ROOM };

typedef struct row {
    int64_t numbers[5];
    char texts[2][TEXT_ROOM];
} row;

typedef struct shown {
    row *rows;
    uint64_t count, done;
} shown;

typedef struct column {
    const char *name;
    bool text;
    int at; /* in numbers or texts */
} column;

static const column scan_columns[] = {{"scan", false, 0},          {"file", true, 0},
                                      {"records", false, 1},       {"bad_values", false, 2},
                                      {"short_records", false, 3}, {"long_records", false, 4}};
static const column fault_columns[] = {{"scan", false, 0}, {"record", false, 1}, {"offset", false, 2},
                                       {"field", true, 0}, {"hex", true, 1},     {"plan_column", false, 3}};
enum { SCAN_COLUMNS = 6, FAULT_COLUMNS = 6 };

static void add_columns(duck_bind bind, const column *columns, int count) {
    for (int i = 0; i < count; i++) {
        duck_type type = duck_simple_type(columns[i].text ? DUCK_VARCHAR : DUCK_BIGINT);
        duck_add_column(bind, columns[i].name, type);
        duck_destroy_type(&type);
    }
}

static void bind_scans(duck_bind bind) { add_columns(bind, scan_columns, SCAN_COLUMNS); }

static void bind_faults(duck_bind bind) { add_columns(bind, fault_columns, FAULT_COLUMNS); }

static void forget_shown(void *one) {
    shown *s = one;
    free(s->rows);
    free(s);
}

static void put_text(char *out, const char *text) {
    size_t length = strlen(text);
    if (length >= TEXT_ROOM) {
        length = TEXT_ROOM - 1;
        while (length > 0 && ((uint8_t)text[length] & 0xC0) == 0x80) length--; /* whole characters */
    }
    memcpy(out, text, length);
    out[length] = 0;
}

static uint64_t rows_of(const ov_entry *entry, bool faults, row *out) {
    if (!faults) {
        if (out) {
            *out = (row){{(int64_t)entry->scan, (int64_t)entry->records, (int64_t)entry->bad, (int64_t)entry->shorter,
                          (int64_t)entry->longer},
                         {"", ""}};
            put_text(out->texts[0], entry->file);
        }
        return 1;
    }
    for (uint32_t i = 0; out && i < entry->fault_count; i++, out++) {
        const ov_fault *f = &entry->faults[i];
        *out = (row){{(int64_t)entry->scan, (int64_t)f->record, (int64_t)f->offset, f->column, 0}, {"", ""}};
        put_text(out->texts[0], f->field);
        put_text(out->texts[1], f->hex);
    }
    return entry->fault_count;
}

static void init_shown(duck_init init, bool faults) {
    ov_ledger *ledger = duck_init_extra(init);
    shown *s = calloc(1, sizeof *s);
    if (!s) {
        duck_init_fail(init, "OVP_ENGINE_MEMORY: there is no memory");
        return;
    }
    pthread_mutex_lock(&ledger->lock);
    for (const ov_entry *entry = ledger->newest; entry; entry = entry->next) s->count += rows_of(entry, faults, NULL);
    s->rows = malloc((s->count + 1) * sizeof(row));
    uint64_t at = s->count;
    for (const ov_entry *entry = ledger->newest; s->rows && entry; entry = entry->next) {
        at -= rows_of(entry, faults, NULL);
        rows_of(entry, faults, s->rows + at);
    }
    pthread_mutex_unlock(&ledger->lock);
    if (!s->rows) {
        free(s);
        duck_init_fail(init, "OVP_ENGINE_MEMORY: there is no memory");
        return;
    }
    duck_set_init_data(init, s, forget_shown);
}

static void init_scans(duck_init init) { init_shown(init, false); }

static void init_faults(duck_init init) { init_shown(init, true); }

static void show(duck_call call, duck_chunk chunk, const column *columns, int count) {
    shown *s = duck_call_init_data(call);
    const uint64_t left = s->count - s->done, most = duck_vector_size(), rows = left < most ? left : most;
    for (int c = 0; c < count; c++) {
        duck_vector vector = duck_column(chunk, (uint64_t)c);
        int64_t *numbers = duck_data(vector);
        for (uint64_t i = 0; i < rows; i++) {
            const row *r = &s->rows[s->done + i];
            const char *text = r->texts[columns[c].at & 1];
            if (columns[c].text)
                duck_assign_string(vector, i, text, strlen(text));
            else
                numbers[i] = r->numbers[columns[c].at];
        }
    }
    s->done += rows;
    duck_set_size(chunk, rows);
}

static void show_scans(duck_call call, duck_chunk chunk) { show(call, chunk, scan_columns, SCAN_COLUMNS); }

static void show_faults(duck_call call, duck_chunk chunk) { show(call, chunk, fault_columns, FAULT_COLUMNS); }

static bool add_function(duck_connection connection, ov_ledger *ledger, const char *name, void (*bind)(duck_bind),
                         void (*init)(duck_init), void (*call)(duck_call, duck_chunk)) {
    duck_function function = duck_create_function();
    duck_set_name(function, name);
    duck_set_extra(function, ov_ledger_hold(ledger), ov_ledger_release);
    duck_set_bind(function, bind);
    duck_set_init(function, init);
    duck_set_call(function, call);
    const bool good = duck_register(connection, function) == 0;
    duck_destroy_function(&function);
    return good;
}

bool ov_ledger_register(duck_connection connection, ov_ledger *ledger) {
    return add_function(connection, ledger, "overpunch_scans", bind_scans, init_scans, show_scans) &&
           add_function(connection, ledger, "overpunch_faults", bind_faults, init_faults, show_faults);
}
