/* The table function read_copybook(path, plan := path or blob, start := n, count := n, record_number := bool, bad :=
 * bool).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OV_READ_COPYBOOK_H
#define OV_READ_COPYBOOK_H

#include "ledger.h"

bool ov_read_copybook_register(duck_connection connection, ov_ledger *ledger);

#endif
