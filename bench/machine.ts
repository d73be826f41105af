// What the figures were measured on: without it they mean nothing.
import { readFileSync } from 'node:fs';
import os from 'node:os';

export type Machine = {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  /** Version by name: Node and the packages that do the work. */
  readonly versions: Readonly<Record<string, string>>;
};

export const describeMachine = (): Machine => ({
  cpu: os.cpus()[0]?.model.trim() ?? 'unknown',
  cores: os.availableParallelism(),
  memoryGiB: Math.round(os.totalmem() / 2 ** 30),
  system: `${os.type()} ${os.release()}`,
  versions: { node: process.versions.node, ...pinnedVersions() },
});

const pinnedVersions = (): Record<string, string> => {
  const { dependencies = {} } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    dependencies?: Record<string, string>;
  };
  const wanted = ['bullmq', 'ioredis', 'undici'];
  return Object.fromEntries(wanted.map((name) => [name, dependencies[name] ?? 'unknown']));
};

export const formatMachine = ({ cpu, cores, memoryGiB, system, versions }: Machine): string => {
  const packages = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `${cores} × ${cpu}, ${memoryGiB} GiB, ${system}\n${packages.join(', ')}`;
};
