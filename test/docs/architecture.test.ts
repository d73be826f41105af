// docs/architecture.md names files and keys that exist, and every key that there is.
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { newBatchId } from '../../shared/batch.ts';
import { createKeys } from '../../shared/keys.ts';
import { queueName } from '../../shared/queue.ts';
import { deliveryQueueName } from '../../shared/webhook-queue.ts';
import { readSources } from '../support/source-tree.ts';

const page = readFileSync('docs/architecture.md', 'utf8');
const quoted = [...page.matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? '');

test('names source files that exist', () => {
  const files = [...readSources(), ...readSources(['test'])].map(({ path }) => `/${path}`);
  const named = quoted.filter((text) => text.endsWith('.ts'));
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((name) => !files.some((file) => file.endsWith(`/${name}`)))).toEqual([]);
});

test('names folders that exist', () => {
  expect(quoted.filter((text) => /^[a-z/]+\/$/.test(text) && !existsSync(text))).toEqual([]);
});

test('shows every key and channel in Redis', () => {
  const id = newBatchId();
  const keys = createKeys('ff');
  const { all, channel } = keys.batch(id);
  const single = Object.values(keys).filter((key) => typeof key === 'string' && key !== keys.queuePrefix);
  const many = [
    keys.batches('<owner>'),
    keys.host('<name>'),
    keys.parked('<name>'),
    keys.worker('<id>'),
    keys.idempotency('<owner>', '<key>'),
    keys.calls('<owner>'),
  ];
  const queues = [queueName, deliveryQueueName].map((name) => `${keys.queuePrefix}:${name}:…`);
  const shown = [...all, channel, ...single, ...many, ...queues].map((key) =>
    String(key).replace(id, '<batch>'),
  );
  expect(shown.filter((key) => !quoted.includes(key))).toEqual([]);
});
