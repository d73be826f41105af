import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { describeMachine, formatMachine } from '../../bench/machine.ts';

test('names the machine, and the versions that do the work', () => {
  const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const machine = describeMachine();
  expect(machine.cores).toBeGreaterThan(0);
  expect(machine.versions).toEqual({
    node: process.versions.node,
    bullmq: dependencies['bullmq'],
    ioredis: dependencies['ioredis'],
    undici: dependencies['undici'],
  });
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
