/**
 * `overpunch serve`: a REST service over the data sets of a catalog.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { type Command, Option } from 'commander';
import type { EngineChoice } from '../../options.js';
import type { RunningService } from '../../server/start.js';
import { checkChoice, checkInteger } from '../options.js';
import { Exit, say } from '../talk.js';

interface ServeFlags {
  readonly host: string;
  readonly port: number;
  readonly insecure?: true;
  readonly cors?: string[];
  readonly rateLimit?: number;
  readonly engine?: EngineChoice;
  readonly newKey?: string;
  readonly roles?: string[];
}

export function addServe(program: Command, finish: (exitCode: number) => void): void {
  const command = program.command('serve').summary('a REST service over data sets');
  const integer = (flag: string, min: number, max: number) => (text: string) =>
    checkInteger(/^\d+$/.test(text) ? Number(text) : text, { min, max }, flag);
  const list = (text: string): string[] => text.split(',').map((word) => word.trim());
  command
    .description(
      'Serves the data sets of a catalog (docs/server.md): pages, lookups, sums, streams; the document is at /docs.',
    )
    .argument(
      '[catalog]',
      'a JSON file, or a folder with a catalog.json; demo: a sample (./demo is a folder)',
      'catalog.json',
    )
    .option('--host <address>', 'where to listen', '127.0.0.1')
    .addOption(new Option('--port <n>', '0: one that is free').default(8080).argParser(integer('--port', 0, 65535)))
    .option('--insecure', 'let everybody in from anywhere')
    .addOption(new Option('--cors <origins>', 'pages that may call it (default: none)').argParser(list))
    .addOption(
      new Option('--rate-limit <n>', 'requests a minute of one address, 0: any (default 1000)').argParser(
        integer('--rate-limit', 0, 1e9),
      ),
    )
    .addOption(
      new Option('--engine <native|ts>', 'default: native where there is a binary').argParser(
        (text) => checkChoice(text, ['auto', 'native', 'ts'], '--engine') as EngineChoice,
      ),
    )
    .option('--new-key <name>', 'make an API key, print it and its entry for the catalog, and end')
    .addOption(new Option('--roles <names>', 'of the new key').argParser(list))
    .addHelpText(
      'after',
      `
Examples:
  overpunch serve demo
  overpunch serve catalog.json --port 9000
  overpunch serve --new-key nightly --roles clerk,auditor`,
    )
    .action(async (path: string) => {
      const flags = command.opts<ServeFlags>();
      // nobody else waits for all of this to load
      const { newKey, readCatalog, startService } = await import('../../server/index.js');
      if (flags.newKey !== undefined) {
        const { key, entry } = newKey(flags.newKey, flags.roles ?? []);
        process.stdout.write(`${JSON.stringify({ key, entry }, null, 2)}\n`);
        say('the key is shown once; the entry goes into the list "keys" of the catalog');
        finish(Exit.OK);
        return;
      }
      const demo = path === 'demo' ? await (await import('../../server/demo.js')).demoCatalog() : null;
      try {
        const { host, port, insecure = false, cors, engine, rateLimit } = flags;
        const service = await startService(demo?.catalog ?? (await readCatalog(path)), {
          host,
          port,
          insecure,
          ...(cors && { cors }),
          ...(engine && { engine }),
          ...(rateLimit !== undefined && { limits: { requestsPerMinute: rateLimit } }),
        });
        say(`serving ${service.address}, described at ${service.address}/docs; Ctrl-C ends`);
        await ended(service);
        finish(Exit.OK);
      } finally {
        await demo?.remove();
      }
    });
}

/** Waits for SIGINT or SIGTERM, then for the requests under way. */
async function ended(service: RunningService): Promise<void> {
  const signals = ['SIGINT', 'SIGTERM'] as const;
  await new Promise<void>((resolve) => {
    for (const signal of signals) process.once(signal, () => resolve());
  });
  const end = (): never => process.exit(Exit.INTERRUPTED);
  for (const signal of signals) process.once(signal, end);
  await service.close();
}
