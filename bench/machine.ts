// What the figures were measured on: without it they mean nothing.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import os from 'node:os';
import { findPrograms } from './programs.ts';

export type Machine = {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  /** Version by name: Node and the packages that do the work. */
  readonly versions: Readonly<Record<string, string>>;
};

/** nginx is looked for on `searchPath` (as in PATH). */
export const describeMachine = (searchPath: string): Machine => ({
  cpu: os.cpus()[0]?.model.trim() ?? 'unknown',
  cores: os.availableParallelism(),
  memoryGiB: Math.round(os.totalmem() / 2 ** 30),
  system: `${os.type()} ${os.release()}`,
  versions: { node: process.versions.node, ...pinnedVersions(), ...nginxVersion(searchPath) },
});

const pinnedVersions = (): Record<string, string> => {
  const { dependencies = {} } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    dependencies?: Record<string, string>;
  };
  const wanted = ['bullmq', 'ioredis', 'undici'];
  return Object.fromEntries(wanted.map((name) => [name, dependencies[name] ?? 'unknown']));
};

/** nginx tells it on its standard error. */
const nginxVersion = (searchPath: string): Record<string, string> => {
  const [program] = findPrograms('nginx', searchPath);
  if (program === undefined) return {};
  const { stderr } = spawnSync(program, ['-v'], { encoding: 'utf8' });
  return { nginx: /nginx\/(\S+)/.exec(stderr)?.[1] ?? 'unknown' };
};

export const formatMachine = ({ cpu, cores, memoryGiB, system, versions }: Machine): string => {
  const packages = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `${cores} × ${cpu}, ${memoryGiB} GiB, ${system}\n${packages.join(', ')}`;
};
