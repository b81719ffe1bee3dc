/**
 * The REST service, as `overpunch/server` exports it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
export { newKey } from './access/access.js';
export { type ServiceOptions, restService } from './app.js';
export {
  type Catalog,
  type CatalogEntry,
  type JwtSettings,
  type KeyEntry,
  checkCatalog,
  readCatalog,
} from './catalog/catalog.js';
export type { HiddenField, MaskedField } from '../schemas/protection.js';
export { openCatalog } from './catalog/opencatalog.js';
export type { Limits } from './service.js';
export { type RunningService, type StartOptions, startService } from './start.js';
