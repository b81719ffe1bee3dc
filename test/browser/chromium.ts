/**
 * A browser for the tests: Chromium as it is found, or as OVERPUNCH_TEST_CHROMIUM names it. Whatever goes wrong on a page (errors on
 * its console, exceptions, what its content security policy refuses) is kept, and is a fault at the end of a test.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { type Browser, type BrowserContextOptions, type Page, chromium } from 'playwright-core';
import { expect } from 'vitest';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/** Path of a Chromium; null where there is none, which is said. */
export function findChromium(): string | null {
  const given = process.env.OVERPUNCH_TEST_CHROMIUM;
  const folders = (process.env.PATH ?? '').split(delimiter);
  const found = given ?? folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find(existsSync);
  if (found === undefined)
    console.error('skipped: no chromium (OVERPUNCH_TEST_CHROMIUM names one that is not on PATH)');
  return found ?? null;
}

export const launch = (executablePath: string): Promise<Browser> =>
  // as root there is no sandbox; the pages are our own
  chromium.launch({ executablePath, args: ['--no-sandbox'] });

export class Looker {
  readonly faults: string[] = [];

  private constructor(readonly page: Page) {}

  /** @param expected what the console may say: requests that are refused, where that is what is tested */
  static async open(
    browser: Browser,
    options: BrowserContextOptions = {},
    expected: RegExp | null = null,
  ): Promise<Looker> {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(12_000);
    const looker = new Looker(page);
    page.on('console', (message) => {
      const text = `${message.type()}: ${message.text()}`;
      if (!['error', 'warning'].includes(message.type()) || expected?.test(text)) return;
      looker.faults.push(text);
    });
    page.on('pageerror', (error) => looker.faults.push(`exception: ${error.message}`));
    await page.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sourceFile }) => {
        console.error(`policy ${violatedDirective} violated: ${blockedURI} in ${sourceFile}`);
      });
    });
    return looker;
  }

  /** Nothing went wrong, and the page is closed. */
  async end(): Promise<void> {
    await this.page.context().close();
    expect(this.faults).toEqual([]);
  }

  /** axe finds no fault of weight on the page as it is. */
  async isAccessible(state: string): Promise<void> {
    await this.page.evaluate(AXE);
    const found = await this.page.evaluate(async () => {
      const { axe } = window as unknown as { axe: typeof import('axe-core') };
      const { violations } = await axe.run(document, { resultTypes: ['violations'] });
      return violations.map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes.map(({ html }) => html).join(' ')}`);
    });
    expect(
      found.filter((one) => /^(serious|critical)/.test(one)),
      state,
    ).toEqual([]);
  }

  /** The line under the grid: `Rows 1–26 of 10,000,000`. */
  async place(): Promise<{ first: number; last: number; total: number }> {
    const [first, last, total] = ((await this.page.locator('.place').textContent()) ?? '')
      .replaceAll(',', '')
      .match(/\d+/g)!
      .map(Number) as [number, number, number];
    return { first, last, total };
  }

  /** Waits until this many rows are selected and those in view have come. */
  async shows(total: number): Promise<void> {
    await this.page
      .getByText(`of ${total.toLocaleString('en')}`, { exact: false })
      .first()
      .waitFor();
    await this.page.locator('tbody td').first().waitFor();
    await this.page.waitForFunction(() => document.querySelectorAll('tr.waiting').length === 0);
  }
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
