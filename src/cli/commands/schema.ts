/**
 * `overpunch schema`: what `decode` gives, as a schema for other programs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { type Command, Option } from 'commander';
import { OverpunchError } from '../../errors.js';
import type { Layout } from '../../layout/item.js';
import { arrowSchema } from '../../schemas/arrow.js';
import { avroSchema } from '../../schemas/avro.js';
import { type JsonSchemaOptions, jsonSchema, openApi } from '../../schemas/json-schema.js';
import { addCopybookOptions, checksOption, copybookJobOf, writeText } from '../copybook-job.js';
import { checkChoice } from '../options.js';
import { Exit } from '../talk.js';

const FORMATS: Readonly<Record<string, (layout: Layout, options: JsonSchemaOptions) => unknown>> = {
  json: jsonSchema,
  avro: avroSchema,
  arrow: arrowSchema,
  openapi: openApi,
};
const NAMES = Object.keys(FORMATS);

/** --format is the schema's here. */
const FLAGS = { format: '--source-format <auto|fixed|free|variable>' };

export function addSchema(program: Command, finish: (exitCode: number) => void): void {
  const command = program.command('schema').summary('JSON Schema, Avro, Arrow or OpenAPI schema of the records');
  command
    .description(
      'Writes the schema of what decode gives: of its JSON lines (json, openapi), of Avro records, of Arrow batches.',
    )
    .addOption(
      new Option(`--format <${NAMES.join('|')}>`, 'default json').argParser((text) =>
        checkChoice(text, NAMES, '--format'),
      ),
    )
    .addOption(checksOption());
  addCopybookOptions(command, FLAGS)
    .addHelpText(
      'after',
      `
Examples:
  overpunch schema account.cpy > account.schema.json
  overpunch schema account.cpy --format avro -o account.avsc`,
    )
    .action(async (path: string | undefined) => {
      const { format = 'json', checks } = command.opts<{ format?: string; checks?: 'none' | 'comment' | 'enforce' }>();
      if (checks !== undefined && (format === 'avro' || format === 'arrow'))
        throw new OverpunchError('OVP_OPTION_VALUE', `--checks: a schema of ${format} has no place for checks`);
      const { copybook, options, output } = await copybookJobOf(command, path, FLAGS);
      const schema = FORMATS[format]!(copybook.layout, { ...options, ...(checks && { checks }) });
      await writeText(`${JSON.stringify(schema, null, 2)}\n`, output);
      finish(Exit.OK);
    });
}
