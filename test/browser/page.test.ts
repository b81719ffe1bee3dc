/**
 * The record browser in Chromium, over ten million records: scrolling, filtering, ordering, a bad value followed to its bytes, files that
 * are dropped, keys, themes, all of it by keyboard too; and axe, the console and the policy have no complaint.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fastify } from 'fastify';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { newKey } from '../../src/server/access/access.js';
import { restService } from '../../src/server/app.js';
import { checkCatalog } from '../../src/server/catalog/catalog.js';
import { type RunningService, startService } from '../../src/server/start.js';
import { Looker, findChromium, launch } from './chromium.js';
import { BAD, COUNT, TRIPS, WRITTEN, amountOf, cityOf, writePayments } from './payments.js';

const chromium = findChromium();

describe.skipIf(chromium === null)('the record browser', () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'overpunch-browser-test-')));
  const datasets = writePayments(folder);
  const clerk = newKey('clerk', ['clerk']);
  const guarded = { payments: { ...datasets.payments, roles: ['clerk'], mask: ['AMOUNT'] } };
  let service: RunningService;
  let locked: RunningService;
  let browser: Browser;
  let looker: Looker;
  let page: Page;

  const start = async (json: object): Promise<RunningService> =>
    startService(await checkCatalog(json, folder), { port: 0, log: null, limits: { requestsPerMinute: 0 } });

  beforeAll(async () => {
    service = await start({ datasets, uploads: { folder: 'uploads' } });
    locked = await start({ datasets: guarded, keys: [clerk.entry] });
    browser = await launch(chromium!);
  }, 60_000);
  afterEach(async () => {
    await looker.end();
  });
  afterAll(async () => {
    await browser?.close();
    await service?.close(1000);
    await locked?.close(1000);
    rmSync(folder, { recursive: true, force: true });
  });

  async function open(hash = '', options: BrowserContextOptions = {}, expected: RegExp | null = null): Promise<void> {
    looker = await Looker.open(browser, options, expected);
    page = looker.page;
    await page.goto(`${service.address}/${hash}`);
  }
  const grid = () => page.getByRole('grid', { name: 'Records' });
  const field = (name: string) => page.getByRole('option', { name });
  const marked = () => page.locator('.bytes-hex .marked').allTextContents();
  /** The row of a record, as it is drawn: number, then values. */
  const row = (number: number) =>
    page
      .getByRole('row')
      .filter({ has: page.getByRole('rowheader', { name: number.toLocaleString('en'), exact: true }) });
  const cells = (number: number): Promise<string[]> => row(number).getByRole('gridcell').allTextContents();
  const filterBy = async (where: string): Promise<void> => {
    await page.getByLabel('Where').fill(where);
    await page.getByLabel('Where').press('Enter');
  };

  it('opens ten million records and scrolls to the last of them', async () => {
    await open();
    await looker.shows(COUNT);
    expect(await page.title()).toBe('Payments · Overpunch');
    expect(await cells(1)).toEqual(['1', 'Bern', '1.00', '1', 'PAID']);
    await page.getByText('10,000,000 records').waitFor();
    await looker.isAccessible('the grid');
    const asked: string[] = [];
    page.on('request', (request) => request.url().includes('/selection') && asked.push(request.url()));
    await grid().evaluate((table) => {
      table.scrollTop = table.scrollHeight;
    });
    await row(COUNT).waitFor();
    expect(await cells(COUNT)).toEqual([String(COUNT), cityOf(COUNT), amountOf(COUNT), '0', 'PAID']);
    expect(await looker.place()).toMatchObject({ last: COUNT, total: COUNT });
    // what is seen, and no more
    expect(asked.length).toBeLessThanOrEqual(2);
    await grid().evaluate((table) => {
      table.scrollTop = 0;
    });
    await row(1).waitFor();
  });

  it('scrolls row by row wherever it is', async () => {
    await open();
    await looker.shows(COUNT);
    await page.getByLabel('Go to row').fill('5000201');
    await page.getByLabel('Go to row').press('Enter');
    await row(5_000_201).waitFor();
    const before = await looker.place();
    await grid().hover();
    await page.mouse.wheel(0, 260);
    await page.waitForFunction(
      (text) => document.querySelector('.place')!.textContent!.includes(text),
      `Rows ${(before.first + 10).toLocaleString('en')}–`,
    );
    expect(await cells(5_000_201)).toEqual(['5000201', cityOf(5_000_201), amountOf(5_000_201), '201', 'PAID']);
  });

  it('takes requests back for what was scrolled past', async () => {
    await open();
    await looker.shows(COUNT);
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    await page.route('**/selection?*', async (route) => {
      if (!/from=500\d{4}&/.test(route.request().url())) return route.continue();
      await held;
      return route.continue().catch(() => {}); // it was taken back
    });
    const asked = page.waitForRequest(/from=500\d{4}&/);
    const refused = page.waitForEvent('requestfailed');
    await page.getByLabel('Go to row').fill('5000001');
    await page.getByLabel('Go to row').press('Enter');
    await asked;
    await grid().press('Control+End');
    expect((await refused).failure()?.errorText).toBe('net::ERR_ABORTED');
    release();
    await row(COUNT).waitFor();
  });

  it('asks again when a service that has no time says', async () => {
    looker = await Looker.open(browser, {}, /503 \(/);
    page = looker.page;
    let refused = 0;
    const problem = { status: 503, detail: 'The service has too much to do' };
    await page.route('**/selection?*', (route) =>
      refused++ > 0 ? route.continue() : route.fulfill({ status: 503, headers: { 'retry-after': '1' }, json: problem }),
    );
    await page.goto(service.address);
    await looker.shows(COUNT);
    expect(refused).toBe(2);
  });

  it('filters, says where a condition is wrong, and scrolls what is left to its end', async () => {
    await open('', {}, /400 \(Bad Request\)/);
    await looker.shows(COUNT);
    await filterBy('AMOUNT << 0');
    const error = page.getByRole('alert').filter({ hasText: 'Column 9' });
    await error.waitFor();
    expect(await page.locator('.filter-place mark').textContent()).toBe('<');
    expect(await page.getByLabel('Where').getAttribute('aria-invalid')).toBe('true');
    await looker.isAccessible('an error in the filter');
    await filterBy("CITY = 'Bern' AND AMOUNT > 0");
    const numbers = [...Array(2000).keys(), ...Array(2000).keys()].map((i, at) =>
      at < 2000 ? i + 1 : COUNT - 1999 + i,
    );
    const middle = Array.from({ length: 400 }, (_, i) => 5_000_001 + i);
    const all = [...numbers, ...middle].filter((n) => cityOf(n) === 'Bern' && n % 7 !== 0 && n !== BAD);
    await looker.shows(all.length);
    await page.getByText(`${all.length} records match`).waitFor();
    await grid().press('Control+End');
    const last = Math.max(...all);
    await row(last).waitFor();
    expect(await cells(last)).toEqual([String(last), 'Bern', amountOf(last), String(last % 1000), 'PAID']);
    await page.getByRole('button', { name: 'Clear' }).click();
    await looker.shows(COUNT);
  });

  it('orders by a column, up, down and not at all', async () => {
    await open(`#/payments?where=${encodeURIComponent('PAYMENT-NO > 0')}`);
    await looker.shows(WRITTEN);
    const header = page.getByRole('columnheader', { name: 'AMOUNT' });
    await header.click();
    await row(BAD).waitFor(); // what can't be read comes first
    expect(await header.getAttribute('aria-sort')).toBe('ascending');
    const least = COUNT - (COUNT % 7);
    expect(await cells(least)).toContain(amountOf(least));
    await header.click();
    await row(COUNT).waitFor();
    expect(await header.getAttribute('aria-sort')).toBe('descending');
    await header.click();
    await row(1).waitFor();
    expect(await header.getAttribute('aria-sort')).toBeNull();
  });

  it('follows a bad value to its bytes, and ties fields and bytes both ways', async () => {
    await open(`#/payments?where=${encodeURIComponent(`PAYMENT-NO >= ${BAD - 2} AND PAYMENT-NO < 2000`)}`);
    const bad = page.locator('td.bad');
    await bad.waitFor();
    expect(await bad.getAttribute('title')).toMatch(/digit/);
    await bad.click();
    await page.getByText('Record 1,234').waitFor();
    expect(page.url()).toContain(`record=${BAD}`);
    await expect.poll(marked).toEqual(['00', '00', 'AB', '01', '23', '40', '0C']);
    expect(await page.locator('.bytes-hex .bad').count()).toBe(7);
    expect(await page.locator('.record-said').textContent()).toMatch(/AMOUNT.*bytes 22–28.*digit/);
    await looker.isAccessible('a record');
    await field('CITY').hover();
    expect(await marked()).toHaveLength(12);
    expect((await page.locator('.bytes-text .marked').allTextContents()).join('').trim()).toBe(cityOf(BAD));
    await page.locator('.bytes-hex [data-at="30"]').hover();
    await page.locator('.field.hovered').filter({ hasText: 'BRANCH' }).waitFor();
    await page.locator('.bytes-text [data-at="0"]').click();
    await page.locator('.field.active').filter({ hasText: 'PAYMENT-NO' }).waitFor();
    await page.getByRole('tab', { name: 'Copybook' }).click();
    await page.locator('.copybook .active').filter({ hasText: 'PAYMENT-NO' }).waitFor();
    await looker.isAccessible('the copybook');
    await page.getByRole('tab', { name: 'Record' }).click();
    await page.getByRole('button', { name: 'Record behind' }).click();
    await page.getByText('Record 1,235').waitFor();
    await page.reload();
    await page.getByText('Record 1,235').waitFor();
    expect(await page.getByLabel('Where').inputValue()).toContain(`PAYMENT-NO >= ${BAD - 2}`);
    await page.goBack();
    await page.getByRole('complementary', { name: 'Details' }).waitFor({ state: 'hidden' });
  });

  it('shows chosen columns, and asks for these alone', async () => {
    await open('#/payments');
    await looker.shows(COUNT);
    await page.getByRole('button', { name: 'Columns' }).click();
    const dialog = page.getByRole('dialog', { name: 'Columns' });
    await dialog.getByRole('button', { name: 'None' }).click();
    await dialog.getByLabel('CITY').check();
    await dialog.getByLabel('BRANCH').check();
    await dialog.getByText('2 of 5 shown').waitFor();
    await looker.isAccessible('the choice of columns');
    const asked = page.waitForRequest(/\/selection\?/);
    await dialog.getByRole('button', { name: 'Show' }).click();
    expect(new URL((await asked).url()).searchParams.get('select')).toBe('PAYMENT.CITY,PAYMENT.BRANCH');
    await expect.poll(() => cells(1)).toEqual(['Bern', '1']);
    expect(page.url()).toContain('columns=PAYMENT.CITY');
  });

  it('has statistics with charts', async () => {
    await open(`#/payments?panel=statistics&where=${encodeURIComponent('PAYMENT-NO < 1001')}`);
    await page.getByText('Of all 1,000 records that match.').waitFor();
    const branch = page.getByRole('region', { name: 'BRANCH' });
    await branch.getByRole('img', { name: /^Histogram from 0 to 999; most values, 50,/ }).waitFor();
    expect(await branch.locator('rect').count()).toBe(20);
    expect(await page.getByRole('region', { name: 'CITY' }).getByRole('listitem').first().textContent()).toBe(
      'Bern200',
    );
    await looker.isAccessible('statistics');
  });

  it('opens files that are dropped, and takes them away again', async () => {
    await open('', {}, /4\d\d \(/);
    await looker.shows(COUNT);
    const transfer = await page.evaluateHandle(
      ({ copybook, data }) => {
        const moved = new DataTransfer();
        moved.items.add(new File([Uint8Array.from(data)], 'TRIPS.DAT'));
        moved.items.add(new File([copybook], 'trip.cpy'));
        return moved;
      },
      { copybook: TRIPS.copybook, data: [...TRIPS.data()] },
    );
    await page.dispatchEvent('main', 'dragover', { dataTransfer: transfer });
    await page.getByText('Drop a copybook and a data file', { exact: true }).waitFor();
    await page.dispatchEvent('main', 'drop', { dataTransfer: transfer });
    const dialog = page.getByRole('dialog', { name: 'Open files' });
    await dialog.getByText('dropped: trip.cpy').waitFor();
    await dialog.getByText('dropped: TRIPS.DAT').waitFor();
    await looker.isAccessible('files to open');
    await dialog.getByLabel('Code page').fill('nix');
    await dialog.getByLabel('Record format').selectOption('V');
    await dialog.getByRole('button', { name: 'Open' }).click();
    await dialog.getByRole('alert').filter({ hasText: 'nix' }).waitFor();
    await dialog.getByLabel('Code page').fill('037');
    await dialog.getByRole('button', { name: 'Open' }).click();
    await looker.shows(4);
    await looker.isAccessible('columns in groups');
    await page.setViewportSize({ width: 390, height: 844 });
    await looker.isAccessible('columns in groups, of which none is in view');
    await page.setViewportSize({ width: 1440, height: 900 });
    expect(await cells(3)).toEqual(['T002', '2', '2 items', 'BERN', '123.45']);
    await row(3).getByRole('gridcell').first().click();
    await field('LEG(2)').waitFor();
    await page.getByRole('button', { name: 'Close and forget it' }).click();
    await expect.poll(() => page.getByRole('navigation').getByRole('link').count()).toBe(1);
  });

  it('asks for a key where one is wanted, and shows what it may', async () => {
    looker = await Looker.open(browser, {}, /401 \(Unauthorized\)/);
    page = looker.page;
    await page.goto(locked.address);
    const dialog = page.getByRole('dialog', { name: 'This service wants a key' });
    await dialog.waitFor();
    await looker.isAccessible('the question for a key');
    await dialog.getByLabel('API key or token').fill('no-such-key');
    await dialog.getByLabel('API key or token').press('Enter');
    await dialog.getByRole('alert').filter({ hasText: 'not accepted' }).waitFor();
    await dialog.getByLabel('API key or token').fill(clerk.key);
    await dialog.getByRole('button', { name: 'Use this key' }).click();
    await looker.shows(COUNT);
    expect(await cells(1)).toEqual(['1', 'Bern', '***', '1', 'PAID']);
    expect(await page.evaluate(() => [Object.keys(localStorage), Object.keys(sessionStorage)])).toEqual([
      [],
      ['overpunch-key'],
    ]);
    await row(1).getByRole('gridcell').first().click();
    await page.getByText('The bytes are not shown').waitFor();
    await page.reload();
    await looker.shows(COUNT);
    await page.getByRole('button', { name: 'Forget the key' }).click();
    await dialog.waitFor();
  });

  it('is light or dark as the system is, or as it is told', async () => {
    await open('#/payments?record=1', { colorScheme: 'dark' });
    await looker.shows(COUNT);
    await page.getByText('Record 1', { exact: true }).waitFor();
    const back = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const dark = await back();
    await looker.isAccessible('dark');
    await page.getByRole('button', { name: 'Theme: system' }).click();
    expect(await back()).not.toBe(dark);
    await page.getByRole('button', { name: 'Theme: light' }).click();
    expect(await back()).toBe(dark);
    await page.reload();
    await page.getByRole('button', { name: 'Theme: dark' }).waitFor();
  });

  it('is walked through by keyboard alone', async () => {
    await open();
    await looker.shows(COUNT);
    const focused = () => page.evaluate(() => document.activeElement?.textContent || document.activeElement?.id);
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Skip to the records');
    await page.keyboard.press('Enter');
    expect(await grid().evaluate((table) => table === document.activeElement)).toBe(true);
    for (const key of ['ArrowDown', 'ArrowRight', 'ArrowDown']) await page.keyboard.press(key);
    await page
      .locator('#current-cell')
      .filter({ hasText: cityOf(3) })
      .waitFor();
    expect(await grid().getAttribute('aria-activedescendant')).toBe('current-cell');
    // to the header, and order by it
    await page.keyboard.press('/');
    await page.keyboard.type('PAYMENT-NO > 0');
    await page.keyboard.press('Enter');
    await looker.shows(WRITTEN);
    await grid().focus();
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await page.getByRole('columnheader', { name: 'CITY' }).and(page.locator('[aria-sort=ascending]')).waitFor();
    await row(1).waitFor();
    await grid().focus();
    await page.keyboard.press('Enter');
    await page.getByText('Record 1', { exact: true }).waitFor();
    const list = page.getByRole('listbox', { name: 'Fields of the record' });
    await expect.poll(() => list.evaluate((box) => box === document.activeElement)).toBe(true);
    await page.keyboard.press('End');
    await page.locator('.field.active').filter({ hasText: 'REMARK' }).waitFor();
    expect(await marked()).toHaveLength(15);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await page.locator('.field.active').filter({ hasText: 'PAYMENT-NO' }).waitFor();
    expect(await page.locator('#byte-cursor').getAttribute('aria-label')).toBe('byte 0, F0, 0, PAYMENT-NO');
    await page.keyboard.press('Escape');
    await page.getByRole('complementary', { name: 'Details' }).waitFor({ state: 'hidden' });
    expect(await grid().evaluate((table) => table === document.activeElement)).toBe(true);
  });

  it('fits a telephone', async () => {
    await open('', { viewport: { width: 390, height: 844 }, hasTouch: true });
    await looker.shows(COUNT);
    await looker.isAccessible('a small screen');
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    await page.getByRole('button', { name: 'Data sets' }).click();
    await page.getByRole('link', { name: /Payments/ }).waitFor();
    await looker.isAccessible('the list of data sets');
    await page.getByRole('button', { name: 'Data sets' }).click();
    await row(2).getByRole('gridcell').first().tap();
    await page.getByText('Record 2', { exact: true }).waitFor();
    await looker.isAccessible('a record on a small screen');
    await page.getByRole('button', { name: 'Close details' }).click();
    await row(1).waitFor();
  });

  it('works under the prefix of a service that mounts it', async () => {
    const app = fastify();
    await app.register(await restService(await checkCatalog({ datasets }, folder)), { prefix: '/mainframe' });
    const address = await app.listen({ host: '127.0.0.1', port: 0 });
    try {
      looker = await Looker.open(browser);
      page = looker.page;
      await page.goto(`${address}/mainframe`);
      await looker.shows(COUNT);
      expect(page.url()).toMatch(/\/mainframe\/#\/payments$/);
    } finally {
      await app.close();
    }
  });
});
