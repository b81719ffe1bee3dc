/**
 * Cobrix on Spark, with one worker thread in one JVM: what data engineers use. From Maven Central, by `mvn`; the program around it is
 * cobrix/Decode.java.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Workload } from '../workloads/workload.js';
import { build, measured } from './command.js';
import { type Figure, Missing, type Outcome, type Peer } from './peer.js';

/** Spark 3.5 runs on Java 8, 11 and 17. */
const COBRIX = '2.6.9';
const SPARK = '3.5.6';
const JAVA = [8, 11, 17];

const SOURCE = fileURLToPath(new URL('../../../bench/peers/cobrix/Decode.java', import.meta.url));
/** Packages of the JDK that Spark reaches into (its own launcher opens the same). */
const OPENED = ['lang', 'lang.invoke', 'lang.reflect', 'io', 'net', 'nio', 'util', 'util.concurrent'];
const OPENED_SUN = ['sun.nio.ch', 'sun.nio.cs', 'sun.security.action', 'sun.util.calendar', 'jdk.internal.ref'];

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>peers</groupId>
  <artifactId>cobrix</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>za.co.absa.cobrix</groupId>
      <artifactId>spark-cobol_2.12</artifactId>
      <version>${COBRIX}</version>
    </dependency>
    <dependency>
      <groupId>org.apache.spark</groupId>
      <artifactId>spark-sql_2.12</artifactId>
      <version>${SPARK}</version>
    </dependency>
  </dependencies>
</project>
`;

let classPath = '';

function install(cache: string): string {
  const found = /version "(?:1\.)?(\d+)/.exec(build('java', ['-version']));
  if (!found || !JAVA.includes(Number(found[1])))
    throw new Missing(`Spark ${SPARK} needs Java ${JAVA.join(', ')}; java is ${found?.[1] ?? 'something else'}`);
  const folder = join(cache, `cobrix-${COBRIX}-spark-${SPARK}`);
  const jars = join(folder, 'jars');
  const classes = join(folder, 'classes');
  const done = join(folder, 'complete');
  if (!existsSync(done)) {
    mkdirSync(classes, { recursive: true });
    writeFileSync(join(folder, 'pom.xml'), POM);
    build('mvn', ['-q', '-B', 'dependency:copy-dependencies', `-DoutputDirectory=${jars}`], { cwd: folder });
    writeFileSync(done, '');
  }
  build('javac', ['-d', classes, '-cp', join(jars, '*'), SOURCE]);
  classPath = [classes, join(jars, '*')].join(delimiter);
  return `Cobrix ${COBRIX}, Spark ${SPARK}, Java ${found[1]}`;
}

function optionsOf({ recfm, segments }: Workload): string[] {
  if (recfm === 'F') return [];
  // the descriptors are IBM's: high byte first, their own four bytes counted
  const options = ['record_format=V', 'is_rdw_big_endian=true', 'is_rdw_part_of_record_length=true'];
  if (!segments) return options;
  const groups = Object.entries(segments.groups).map(
    ([value, group], k) => `redefine_segment_id_map:${k}=${group} => ${value}`,
  );
  return [...options, `segment_field=${segments.field.replaceAll('-', '_')}`, ...groups];
}

type Line =
  | { action: 'decode' | 'parquet'; seconds: number; cpu: number }
  | { action: 'check'; records: number; sum: string };

export const cobrix: Peer = {
  name: 'cobrix',
  title: 'Cobrix on Spark, local[1]: all columns decoded and thrown away (noop), and written as Parquet',
  install,
  refuses: () => null,
  run({ workload, copybook, data, warmUp, folder }): Outcome {
    const opens = [...OPENED.map((name) => `java.base/java.${name}`), ...OPENED_SUN.map((name) => `java.base/${name}`)];
    const { stdout } = measured('java', [
      ...opens.map((name) => `--add-opens=${name}=ALL-UNNAMED`),
      '-Xmx4g',
      '-cp',
      classPath,
      'Decode',
      copybook,
      warmUp,
      data,
      join(folder, 'cobrix.parquet'),
      workload.checked.spark,
      ...optionsOf(workload),
    ]);
    const lines = stdout
      .split('\n')
      .filter((line) => line.startsWith('{"action"'))
      .map((line) => JSON.parse(line) as Line);
    const figures: Figure[] = [];
    let found: Outcome['found'] = { records: null, sum: null };
    for (const line of lines) {
      if (line.action === 'check') found = { records: line.records, sum: BigInt(line.sum) };
      else
        figures.push({ task: line.action === 'decode' ? 'columns' : 'Parquet', seconds: line.seconds, cpu: line.cpu });
    }
    return { figures, found };
  },
};
