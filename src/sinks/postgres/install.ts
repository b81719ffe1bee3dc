/**
 * Makes the schema `overpunch` where it is missing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Client } from 'pg';
import { OverpunchError } from '../../errors.js';
import { CONTROL_SQL, CONTROL_VERSION } from './control.js';

/** Inside a transaction. @throws OverpunchError OVP_IO_CONTROL */
export async function install(client: Client): Promise<void> {
  await client.query("SELECT pg_advisory_xact_lock(hashtextextended('overpunch install', 0))");
  const { rows } = await client.query("SELECT to_regproc('overpunch.version') IS NOT NULL AS is_there");
  if (!(rows[0] as { is_there: boolean }).is_there) {
    const { rows: may } = await client.query(
      "SELECT has_database_privilege(current_database(), 'CREATE') AS may, to_regnamespace('overpunch') IS NOT NULL AS other",
    );
    const { may: isAllowed, other } = may[0] as { may: boolean; other: boolean };
    if (!isAllowed || other) {
      throw new OverpunchError(
        'OVP_IO_CONTROL',
        other ? 'The schema overpunch has no functions of Overpunch' : 'The schema overpunch is missing',
        { hint: "The database's owner makes it with what overpunch load --print-roles prints." },
      );
    }
    await client.query(`CREATE SCHEMA overpunch;\n${CONTROL_SQL}`);
    return;
  }
  const { rows: found } = await client.query('SELECT overpunch.version() AS version');
  const { version } = found[0] as { version: number };
  if (version !== CONTROL_VERSION) {
    throw new OverpunchError(
      'OVP_IO_CONTROL',
      `The schema overpunch is of version ${version}; this program works with version ${CONTROL_VERSION}`,
    );
  }
}
