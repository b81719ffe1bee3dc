/**
 * What the processes of a service say to each other.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Catalog } from '../catalog/catalog.js';
import type { ProcessMetrics } from './operations.js';

/** The first: what it serves, where, and how many do. */
export interface Start {
  readonly kind: 'start';
  readonly catalog: Catalog;
  readonly port: number;
  readonly processes: number;
  /** Another one serves until this one can answer: if it never can, it ends. */
  readonly mustBeReady: boolean;
}

/** To a process that serves, from the one that looks after them. */
export type Order =
  | Start
  /** Take no more, finish, and end. */
  | { readonly kind: 'end' }
  /** Its metrics are wanted. */
  | { readonly kind: 'metrics'; readonly id: number }
  /** The text that it asked for. */
  | { readonly kind: 'gathered'; readonly id: number; readonly text: string };

/** From it. */
export type Report =
  /** It waits for its start. */
  | { readonly kind: 'here' }
  | { readonly kind: 'serving'; readonly address: string }
  /** It takes no more. */
  | { readonly kind: 'ending' }
  | { readonly kind: 'ended'; readonly metrics: ProcessMetrics }
  | { readonly kind: 'metrics'; readonly id: number; readonly metrics: ProcessMetrics }
  /** The metrics of all are wanted. */
  | { readonly kind: 'gather'; readonly id: number };
