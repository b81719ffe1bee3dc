/**
 * `overpunch serve`: a REST service over the data sets of a catalog.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import cluster from 'node:cluster';
import { type Command, Option } from 'commander';
import type { EngineChoice } from '../../options.js';
import type { Catalog } from '../../server/catalog/catalog.js';
import type { RunningService, StartOptions } from '../../server/start.js';
import { checkChoice, checkInteger } from '../options.js';
import { Exit, say, sayError } from '../talk.js';

interface ServeFlags {
  readonly host: string;
  readonly port: number;
  readonly insecure?: boolean;
  readonly cors?: string[];
  readonly rateLimit?: number;
  readonly engine?: EngineChoice;
  readonly processes?: number;
  readonly maxRequests?: number;
  readonly maxStreams?: number;
  readonly maxMemory?: number;
  readonly folder?: string;
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
      'a JSON file, a folder with a catalog.json, a database; demo: a sample (./demo is a folder)',
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
      new Option(
        '--processes <n>',
        'so many serve, and are replaced where they die; SIGHUP: new ones, catalog read again',
      ).argParser(integer('--processes', 1, 256)),
    )
    .addOption(
      new Option('--max-requests <n>', 'answered at once by a process, more get 503 (default 1000)').argParser(
        integer('--max-requests', 1, 1e6),
      ),
    )
    .addOption(new Option('--max-streams <n>', 'among them (default 256)').argParser(integer('--max-streams', 1, 1e6)))
    .addOption(
      new Option('--max-memory <mb>', 'of a process, above which requests get 503 (default: any)').argParser(
        integer('--max-memory', 64, 1e7),
      ),
    )
    .addOption(
      new Option('--engine <native|ts>', 'default: native where there is a binary').argParser(
        (text) => checkChoice(text, ['auto', 'native', 'ts'], '--engine') as EngineChoice,
      ),
    )
    .option('--folder <dir>', "what a database's paths are relative to (default: where SQLite's file is, or here)")
    .option('--new-key <name>', 'make an API key, print it and its entry for the catalog, and end')
    .addOption(new Option('--roles <names>', 'of the new key').argParser(list))
    .addHelpText(
      'after',
      `
Examples:
  overpunch serve demo
  overpunch serve catalog.json --port 9000
  overpunch serve sqlite:catalog.db
  overpunch serve --new-key nightly --roles clerk,auditor`,
    )
    .action(async (path: string) => {
      const flags = command.opts<ServeFlags>();
      // nobody else waits for all of this to load
      const { newKey, openCatalog, startService } = await import('../../server/index.js');
      if (flags.newKey !== undefined) {
        const { key, entry } = newKey(flags.newKey, flags.roles ?? []);
        process.stdout.write(`${JSON.stringify({ key, entry }, null, 2)}\n`);
        say('the key is shown once; the entry goes into the list "keys" of the catalog');
        finish(Exit.OK);
        return;
      }
      const options = optionsOf(flags);
      if (flags.processes !== undefined && cluster.isWorker) {
        const { serveAsOneOf } = await import('../../server/process/worker.js');
        // it would wait for messages otherwise
        process.exit(await serveAsOneOf(options).then(() => Exit.OK, sayError));
      }
      const demo =
        path === 'demo'
          ? await (await import('../../server/catalog/demo.js')).demoCatalog((flags.processes ?? 1) === 1)
          : null;
      const catalog = async (): Promise<Catalog> => demo?.catalog ?? openCatalog(path, flags.folder);
      try {
        if (flags.processes !== undefined) finish(await serveBySeveral(flags.processes, flags, catalog));
        else {
          const service = await startService(await catalog(), options);
          sayWhere(service.address);
          await ended(service);
          finish(Exit.OK);
        }
      } finally {
        await demo?.remove();
      }
    });
}

function optionsOf({ host, port, insecure = false, cors, engine, ...flags }: ServeFlags): StartOptions {
  return {
    host,
    port,
    insecure,
    ...(cors && { cors }),
    ...(engine && { engine }),
    limits: {
      ...(flags.rateLimit !== undefined && { requestsPerMinute: flags.rateLimit }),
      ...(flags.maxRequests !== undefined && { requestsAtOnce: flags.maxRequests }),
      ...(flags.maxStreams !== undefined && { streamsAtOnce: flags.maxStreams }),
      ...(flags.maxMemory !== undefined && { memoryBytes: flags.maxMemory * 2 ** 20 }),
    },
  };
}

const sayWhere = (address: string): void => say(`serving ${address}, described at ${address}/docs; Ctrl-C ends`);

/** Looks after several processes; SIGHUP has new ones take over. Returns the exit code. */
async function serveBySeveral(
  count: number,
  { host, port }: ServeFlags,
  catalog: () => Promise<Catalog>,
): Promise<number> {
  const { Processes } = await import('../../server/process/cluster.js');
  const { serverPeers } = await import('../../server/peers.js');
  const options = { count, host, port, catalog, serving: sayWhere, say, complain: sayError };
  const processes = new Processes(options, await serverPeers());
  const running = processes.run();
  process.on('SIGHUP', () => {
    processes.reload();
  });
  let isToldTwice = false;
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (isToldTwice) processes.kill(Exit.INTERRUPTED);
      else processes.end();
      isToldTwice = true;
    });
  }
  return running;
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Waits for SIGINT or SIGTERM, then for the requests under way. */
async function ended(service: RunningService): Promise<void> {
  await new Promise<void>((resolve) => {
    for (const signal of SIGNALS) process.once(signal, () => resolve());
  });
  const end = (): never => process.exit(Exit.INTERRUPTED);
  for (const signal of SIGNALS) process.once(signal, end);
  await service.close();
}
