/* What the scans of a database came to: how many records, and which values were bad. SQL reads it by overpunch_scans()
 * and overpunch_faults().
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OV_LEDGER_H
#define OV_LEDGER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "duck.h"

enum { OV_KEPT_SCANS = 256, OV_FIELD_ROOM = 256, OV_HEX_ROOM = 2 * 64 + 1 };

typedef struct ov_fault {
    uint64_t record; /* from 1 */
    uint64_t offset; /* in the file */
    uint32_t row;
    int32_t column;            /* of the plan file's plan; -1: a table's counter */
    char field[OV_FIELD_ROOM]; /* with subscripts */
    char hex[OV_HEX_ROOM];
} ov_fault;

typedef struct ov_entry {
    uint64_t scan;
    char *file;
    _Atomic uint64_t records, bad, shorter, longer;
    ov_fault *faults; /* under the ledger's lock */
    uint32_t fault_count, fault_room, most_faults;
    struct ov_ledger *ledger;
    struct ov_entry *next; /* an older one */
    int users;             /* scans that write into it, and the ledger itself */
} ov_entry;

/* Lives as long as somebody uses it: functions and scans hold it. */
typedef struct ov_ledger {
    pthread_mutex_t lock;
    int users;
    uint64_t scans;
    ov_entry *newest;
} ov_ledger;

ov_ledger *ov_ledger_make(void);
ov_ledger *ov_ledger_hold(ov_ledger *ledger);
void ov_ledger_release(void *ledger);

/* An entry for a scan that begins, with room for the details of so many bad values; NULL: no memory. */
ov_entry *ov_entry_make(ov_ledger *ledger, const char *file, uint32_t most_faults);
void ov_entry_release(ov_entry *entry);
/* Is there room for details of more bad values? */
bool ov_entry_wants(ov_entry *entry);
bool ov_entry_add(ov_entry *entry, const ov_fault *faults, uint32_t count);

/* Registers overpunch_scans() and overpunch_faults(). */
bool ov_ledger_register(duck_connection connection, ov_ledger *ledger);

#endif
