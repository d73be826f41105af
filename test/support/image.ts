// Builds what the Dockerfile describes without a Docker engine: every stage a folder, COPY a copy, RUN a shell command.
import { execFile } from 'node:child_process';
import { cp, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Stage } from './dockerfile.ts';

const execute = promisify(execFile);

/** In place of the image's user `node`: nobody where we are root, else ourselves. */
export const imageUser = process.getuid?.() === 0 ? 65_534 : undefined;

/** Builds all stages under `folder`; resolves with the root of the last, so that its `/app` is the folder `app` in there. */
export const buildImage = async (stages: readonly Stage[], folder: string): Promise<string> => {
  const rootOf = (stage: string): string => path.join(folder, stage);
  for (const { base, name = 'image', instructions } of stages) {
    const root = rootOf(name);
    await mkdir(path.join(root, 'app'), { recursive: true });
    if (stages.some((other) => other.name === base)) await cp(rootOf(base), root, { recursive: true });
    for (const instruction of instructions) {
      if (instruction.name === 'COPY') await copy(instruction.value, path.join(root, 'app'), rootOf);
      if (instruction.name === 'RUN') await run(instruction.value, root);
    }
  }
  return rootOf('image');
};

const copy = async (value: string, workdir: string, rootOf: (stage: string) => string): Promise<void> => {
  const [, stage, rest = ''] = /^(?:--from=(\S+) )?(.*)$/.exec(value) ?? [];
  const sources = rest.split(' ');
  const target = path.join(workdir, sources.pop() ?? '');
  for (const source of sources) {
    const from = stage === undefined ? source : path.join(rootOf(stage), source);
    const to = target.endsWith(path.sep) ? path.join(target, path.basename(from)) : target;
    await cp(from, to, { recursive: true, verbatimSymlinks: true });
  }
};

const run = async (value: string, root: string): Promise<void> => {
  const owner = imageUser ?? process.getuid?.() ?? '';
  const command = value
    .replace(/^(--mount=\S+ )+/, '')
    .replaceAll(' /data', ` ${path.join(root, 'data')}`)
    .replace('chown node:node', `chown ${owner}`);
  const env = { ...process.env, npm_config_prefer_offline: 'true' };
  await execute('sh', ['-c', command], { cwd: path.join(root, 'app'), env });
};
