// Whether every script is held to the model.
import { readdirSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { scripts } from './rules.ts';
import type { Script } from '../../shared/script.ts';

const hosts = 'permits are a matter between workers and hosts, and move no batch: test/worker/hosts';
const webhooks = 'no batch of the model has a webhook: test/worker/webhooks';

/** Scripts without a rule → why, and where they are tested. */
const excused: Readonly<Record<string, string>> = {
  'adapt-host': hosts,
  'block-host': hosts,
  'forget-hosts': hosts,
  lease: hosts,
  park: hosts,
  'claim-delivery': webhooks,
  'note-delivery': webhooks,
  'resend-event': webhooks,
  'spend-call': 'it moves no batch: test/shared/call-budget.test.ts',
  mark: 'it writes nothing that anybody reads: test/shared/durability.test.ts',
};

const folder = new URL('../../shared/scripts/', import.meta.url);
const files = readdirSync(folder).map((file) => file.replace('.ts', ''));

const scriptsIn = async (file: string): Promise<readonly string[]> => {
  const exported = (await import(new URL(`${file}.ts`, folder).pathname)) as Record<string, unknown>;
  return Object.values(exported).flatMap((value) => (isScript(value) ? [value.sha1] : []));
};

const isScript = (value: unknown): value is Script =>
  typeof value === 'object' && value !== null && 'sha1' in value;

test.each(files)('%s is played, or excused with a reason', async (file) => {
  const played = new Set(Object.values(scripts).map(({ sha1 }) => sha1));
  const missing = (await scriptsIn(file)).filter((sha1) => !played.has(sha1));
  expect(missing.length > 0).toBe(file in excused);
});

test('what is excused is there', () => {
  expect(Object.keys(excused).filter((file) => !files.includes(file))).toEqual([]);
});
