/**
 * Which engine runs: what the caller chose, else what OVERPUNCH_ENGINE says, else the native one where there is a binary
 * for this platform. A binary that is there but fails is an error, never a quiet fallback.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { OverpunchError, didYouMean } from '../errors.js';
import type { EngineChoice } from '../options.js';
import type { Engine } from './engine.js';
import { loadNativeEngine } from './native.js';
import { createTsEngine } from './ts/engine.js';

const CHOICES: readonly EngineChoice[] = ['auto', 'native', 'ts'];
const loaded = new Map<string, Engine>();

/**
 * The engine for a choice; loaded once.
 * @throws OverpunchError OVP_OPTION_ENGINE, OVP_ENGINE_MISSING (only where `native` was chosen), OVP_ENGINE_BROKEN
 */
export function loadEngine(choice: EngineChoice = 'auto'): Engine {
  const byEnvironment = check(choice, 'engine') === 'auto' && process.env.OVERPUNCH_ENGINE;
  const wanted = byEnvironment ? check(byEnvironment, 'OVERPUNCH_ENGINE') : choice;
  const reason = byEnvironment ? 'chosen by OVERPUNCH_ENGINE' : "chosen by engine: 'ts'";
  const key = `${wanted}, ${reason}`;
  let engine = loaded.get(key);
  if (!engine) {
    engine = wanted === 'ts' ? createTsEngine(reason) : wanted === 'native' ? loadNativeEngine() : loadBest();
    loaded.set(key, engine);
  }
  return engine;
}

function loadBest(): Engine {
  try {
    return loadNativeEngine();
  } catch (error) {
    if (error instanceof OverpunchError && error.code === 'OVP_ENGINE_MISSING') {
      return createTsEngine(error.message.split('\n', 1)[0]!);
    }
    throw error;
  }
}

function check(choice: string, name: string): EngineChoice {
  const known = CHOICES.find((candidate) => candidate === choice);
  if (known) return known;
  const [near] = didYouMean(String(choice), CHOICES);
  throw new OverpunchError('OVP_OPTION_ENGINE', `${name} is '${choice}'`, {
    hint: near ? `did you mean ${near}?` : `it can be ${CHOICES.join(', ')}.`,
  });
}
