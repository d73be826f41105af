import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from '@jest/globals';
import { bodiesOf, shownOrigin, toCurl } from '../../../api/openapi/curl.ts';
import { submissionExamples } from '../../../api/openapi/body-examples.ts';
import { batchExample } from '../../../api/openapi/examples.ts';
import type { BatchId } from '../../../shared/batch.ts';
import { storedResult, testApi } from '../../support/api.ts';
import { createContract } from '../../support/contract.ts';

const api = testApi();
const { operations } = createContract();
const run = promisify(execFile);
const known: { ended?: BatchId; paused?: BatchId; told?: BatchId } = {};

beforeAll(async () => {
  const submit = (): Promise<BatchId> => api.submit(['https://example.com/']);
  const [ended, paused] = [await submit(), await submit()];
  const bytes = { inline: Buffer.from('a'), wireBytes: 1, bytes: 1, truncated: false };
  await api.results.record(ended, [storedResult(0, { body: bytes })]);
  await api.call('POST', `/v1/batches/${paused}/pause`);
  const told = await api.submit(['https://example.com/'], submissionExamples.webhook.value);
  await api.results.record(told, [storedResult(0)]);
  Object.assign(known, { ended, paused, told });
});

// One needs a batch of its own kind, one removes its batch.
const batchOf = async (operationId: string): Promise<string> => {
  if (operationId === 'pauseBatch') return await api.submit(['https://example.com/']);
  if (['appendRequests', 'sealBatch'].includes(operationId)) return await api.submit([], { open: true });
  if (operationId === 'resumeBatch') return String(known.paused);
  if (operationId === 'resendEvent') return String(known.told);
  if (operationId !== 'deleteBatch') return String(known.ended);
  const id = await api.submit(['https://example.com/']);
  await api.call('POST', `/v1/batches/${id}/cancel`);
  return id;
};

/** What a shell hands to curl. */
const argumentsOf = async (command: string): Promise<string[]> => {
  const standIn = `curl() { '${process.execPath}' -p 'JSON.stringify(process.argv.slice(1))' -- "$@"; }`;
  const { stdout } = await run('sh', ['-c', `${standIn}; ${command}`]);
  return JSON.parse(stdout) as string[];
};

const commands = operations.flatMap((operation) =>
  [...bodiesOf(operation), undefined]
    .slice(0, Math.max(1, bodiesOf(operation).length))
    .map((body) => [operation.operationId, body?.summary ?? '', { operation, body }] as const),
);

test.each(commands)('the command of %s works in a shell: %s', async (operationId, _, shown) => {
  const { method, path: pattern } = shown.operation;
  const command = toCurl(method, pattern, shown)
    .replace(shownOrigin, '')
    .replaceAll(batchExample.id.slice(4), (await batchOf(operationId)).slice(4));
  const words = await argumentsOf(command);
  const optionOf = (name: string): string | undefined => words[words.indexOf(name, 1) + 1 || words.length];
  const path = words.find((word) => word.startsWith('/')) ?? '';
  const [body, header] = [optionOf('-d'), optionOf('-H')];
  const [name, type = ''] = header?.split(': ') ?? [];
  const answer = await api.call(optionOf('-X') ?? (body === undefined ? 'GET' : 'POST'), path, {
    ...(body !== undefined && { body }),
    ...(name !== undefined && { headers: { [name]: type } }),
  });
  expect([command, Math.floor(answer.status / 100)]).toEqual([command, 2]);
});

test('quotes for a shell', () => {
  const operation = {
    operationId: 'x',
    tags: [],
    summary: '',
    parameters: [
      { name: 'host', in: 'path', required: true, schema: {}, description: '', example: 'http://a.test' },
    ],
    responses: {},
  } as const;
  const body = { summary: '', type: 'application/json', value: { a: "it's" } };
  expect(toCurl('put', '/v1/hosts/{host}', { operation, body })).toBe(
    [
      "curl -s -X PUT 'http://127.0.0.1:8080/v1/hosts/http%3A%2F%2Fa.test'",
      "-H 'content-type: application/json'",
      String.raw`-d '{"a":"it'\''s"}'`,
    ].join(' \\\n  '),
  );
  expect(toCurl('get', '/livez', { operation: { ...operation, parameters: [] }, body: undefined })).toBe(
    "curl -s 'http://127.0.0.1:8080/livez'",
  );
});
