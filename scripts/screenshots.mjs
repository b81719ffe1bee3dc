/**
 * Takes the pictures of the record browser in docs/: the sample, with a value that can't be read, at two sizes.
 *   node scripts/screenshots.mjs        (after npm run build; needs chromium, or OVERPUNCH_TEST_CHROMIUM)
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { existsSync } from 'node:fs';
import { open, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { demoCatalog } from '../dist/server/catalog/demo.js';
import { startService } from '../dist/server/start.js';

const docs = fileURLToPath(new URL('../docs/', import.meta.url));
const folders = (process.env.PATH ?? '').split(delimiter);
const executablePath =
  process.env.OVERPUNCH_TEST_CHROMIUM ?? folders.map((folder) => join(folder, 'chromium')).find(existsSync);

/** The record that is looked at, and its field that is spoilt. */
const RECORD = 9;
const FIELD = 'ACCOUNT.BALANCE';
const WIDE = { width: 1440, height: 900 };
const NARROW = { width: 390, height: 844 };
const where = encodeURIComponent("COUNTRY-CODE = 'DE'");
const columns = ['ACCOUNT-NUMBER', 'PERSON.LAST-NAME', 'CURRENCY-CODE', 'BALANCE', 'CREDIT-LIMIT', 'TRANSACTIONS']
  .map((name) => `ACCOUNT.${name}`)
  .join();

const SHOTS = [
  {
    name: 'browser',
    size: WIDE,
    scheme: 'light',
    hash: `columns=${columns}&record=${RECORD}`,
    ready: '.byte.marked.bad',
  },
  {
    name: 'browser-statistics',
    size: WIDE,
    scheme: 'dark',
    hash: `panel=statistics&where=${where}`,
    ready: '.card:nth-child(24)',
  },
  { name: 'browser-narrow', size: NARROW, scheme: 'light', hash: `columns=${columns}`, ready: 'tbody td' },
  { name: 'browser-narrow-record', size: NARROW, scheme: 'dark', hash: `record=${RECORD}`, ready: '.byte.marked.bad' },
];

const demo = await demoCatalog();
const service = await startService(demo.catalog, { port: 0, log: null });
const browser = await chromium.launch({ ...(executablePath && { executablePath }), args: ['--no-sandbox'] });
try {
  await spoil();
  for (const { name, size, scheme, hash, ready } of SHOTS) {
    const page = await browser.newPage({ viewport: size, colorScheme: scheme, reducedMotion: 'reduce' });
    await page.goto(`${service.address}/#/accounts?${hash}`);
    await page.locator(ready).first().waitFor();
    await page.locator('.busy').waitFor({ state: 'hidden' });
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    await writeFile(join(docs, `${name}.webp`), await webp(page, await page.screenshot()));
    await page.close();
  }
} finally {
  await browser.close();
  await service.close(1000);
  await demo.remove();
}

/** A third of PNG's bytes, and nobody sees the difference. The browser knows the format. */
async function webp(page, png) {
  await page.goto('about:blank');
  const bytes = await page.evaluate(async (text) => {
    const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${text}`)).blob());
    const canvas = new OffscreenCanvas(image.width, image.height);
    canvas.getContext('2d').drawImage(image, 0, 0);
    const blob = await canvas.convertToBlob({ type: 'image/webp', quality: 0.88 });
    return [...new Uint8Array(await blob.arrayBuffer())];
  }, png.toString('base64'));
  return Buffer.from(bytes);
}

async function spoil() {
  const answer = await fetch(`${service.address}/v1/datasets/accounts/records/${RECORD}/fields`);
  const { offset, items } = await answer.json();
  const file = await open(join(demo.catalog.folder, 'accounts.dat'), 'r+');
  await file.write(
    Buffer.from('00D7C5D5C4000C', 'hex'),
    0,
    7,
    offset + items.find(({ path }) => path === FIELD).offset,
  );
  await file.close();
}
