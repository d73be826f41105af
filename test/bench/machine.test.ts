import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { describeMachine, formatMachine } from '../../bench/machine.ts';

test('names the machine, and the versions that do the work', () => {
  const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const machine = describeMachine('/nowhere');
  expect(machine.cores).toBeGreaterThan(0);
  expect(machine.versions).toEqual({
    node: process.versions.node,
    bullmq: dependencies['bullmq'],
    ioredis: dependencies['ioredis'],
    undici: dependencies['undici'],
  });
});

test('names nginx with its version where there is one', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'fetchfleet-test-'));
  try {
    const script = '#!/bin/sh\necho "nginx version: nginx/1.2.3 (Some)" >&2\n';
    await writeFile(path.join(folder, 'nginx'), script, { mode: 0o755 });
    expect(describeMachine(folder).versions['nginx']).toBe('1.2.3');
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('is told in two lines', () => {
  const machine = {
    cpu: 'Some CPU',
    cores: 2,
    memoryGiB: 8,
    system: 'Linux 6',
    versions: { node: '20.1.0' },
  };
  expect(formatMachine(machine)).toBe('2 × Some CPU, 8 GiB, Linux 6\nnode 20.1.0');
});
