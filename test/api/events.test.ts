import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { request } from 'undici';
import type { BatchId } from '../../shared/batch.ts';
import { storedResult, testApi } from '../support/api.ts';
import { waitFor } from '../support/wait-for.ts';

const api = testApi();

type Told = { readonly id: string; readonly event: string; readonly data: { readonly index?: number } };

type Listener = { readonly heard: Told[]; readonly isOver: () => boolean; hangUp(): void };

/** A client of the stream, from the rules of its grammar. */
const listen = async (id: BatchId, query = '', lastEventId?: string): Promise<Listener> => {
  const headers = {
    accept: 'text/event-stream',
    ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
  };
  const { body, statusCode } = await request(`${api.origin()}/v1/batches/${id}/events${query}`, { headers });
  expect(statusCode).toBe(200);
  const state = { text: '', isOver: false };
  const heard: Told[] = [];
  body.on('error', () => {}).once('close', () => (state.isOver = true));
  body.setEncoding('utf8').on('data', (chunk: string) => {
    const blocks = (state.text + chunk).split('\n\n');
    state.text = blocks.pop() ?? '';
    heard.push(...blocks.filter((block) => block.startsWith('id: ')).map(parse));
  });
  return { heard, isOver: () => state.isOver, hangUp: () => void body.destroy() };
};

const parse = (block: string): Told => {
  const fields = Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s)));
  return { ...(fields as unknown as Told), data: JSON.parse(String(fields['data'])) as Told['data'] };
};

const submit = (count: number): Promise<BatchId> =>
  api.submit(Array.from({ length: count }, (_, index) => `https://example.com/${index}`));

const indexesOf = (heard: readonly Told[]): (number | undefined)[] =>
  heard.filter(({ event }) => event === 'result').map(({ data }) => data.index);

test('tells of progress, of every result, and of the end, and closes', async () => {
  const id = await submit(3);
  const listener = await listen(id);
  await waitFor(() => listener.heard.length > 0);
  expect(listener.heard[0]).toMatchObject({ id: '0', event: 'progress', data: { id, status: 'queued' } });
  await api.results.record(id, [storedResult(1)]);
  await waitFor(() => indexesOf(listener.heard).length === 1);
  expect(listener.heard.find(({ event }) => event === 'result')?.data).toEqual({
    index: 1,
    url: 'https://example.com/1',
    outcome: 'succeeded',
    status: 200,
  });
  await api.results.record(id, [storedResult(0), storedResult(2)]);
  await waitFor(listener.isOver);
  expect(indexesOf(listener.heard)).toEqual([1, 0, 2]);
  expect(listener.heard.at(-1)).toMatchObject({
    event: 'end',
    id: expect.stringMatching(/^\d+-end$/),
    data: { status: 'completed', counts: { succeeded: 3 } },
  });
});

test('tells of what was asked for alone', async () => {
  const id = await submit(2);
  const listener = await listen(id, '?types=end');
  const results = await listen(id, '?types=result&fields=index,timings');
  await api.results.record(id, [storedResult(0), storedResult(1)]);
  await waitFor(() => listener.isOver() && results.isOver());
  expect(listener.heard.map(({ event }) => event)).toEqual(['end']);
  expect(results.heard.map(({ data }) => Object.keys(data))).toEqual([
    ['index', 'timings'],
    ['index', 'timings'],
  ]);
});

test('tells of each result once, wherever the connection is lost', async () => {
  const id = await submit(40);
  for (let first = 0; first < 40; first += 8) {
    const indexes = Array.from({ length: 8 }, (_, at) => first + at);
    await api.results.record(
      id,
      indexes.map((index) => storedResult(index)),
    );
  }
  const whole = await listen(id, '?types=result');
  await waitFor(whole.isOver);
  await fc.assert(
    fc.asyncProperty(fc.nat(39), async (at) => {
      const resumed = await listen(id, '?types=result', whole.heard[at]?.id);
      await waitFor(resumed.isOver);
      expect(resumed.heard).toEqual(whole.heard.slice(at + 1));
    }),
    { numRuns: 15 },
  );
});

test('tells all who listen the same, over many pages of results', async () => {
  const id = await submit(450);
  const listeners = await Promise.all(Array.from({ length: 20 }, () => listen(id)));
  const indexes = Array.from({ length: 450 }, (_, index) => index);
  await api.results.record(
    id,
    indexes.slice(0, 300).map((index) => storedResult(index)),
  );
  await api.call('POST', `/v1/batches/${id}/cancel`);
  await waitFor(() => listeners.every(({ isOver }) => isOver()));
  const [first] = listeners;
  for (const { heard } of listeners) {
    expect(indexesOf(heard)).toEqual(indexes);
    expect(heard.slice(-2)).toEqual(first?.heard.slice(-2));
    expect(heard.slice(-2).map(({ event }) => event)).toEqual(['progress', 'end']);
  }
});

test('lets a browser rest that has heard the end', async () => {
  const id = await submit(1);
  await api.results.record(id, [storedResult(0)]);
  const listener = await listen(id);
  await waitFor(listener.isOver);
  const again = await api.call('GET', `/v1/batches/${id}/events`, {
    headers: { 'last-event-id': listener.heard.at(-1)?.id ?? '' },
  });
  expect(again.status).toBe(204);
});

test('ends when the batch is cancelled, with what nobody fetched any more', async () => {
  const id = await submit(2);
  const listener = await listen(id);
  await waitFor(() => listener.heard.length > 0);
  await api.call('POST', `/v1/batches/${id}/cancel`);
  await waitFor(listener.isOver);
  expect(indexesOf(listener.heard)).toEqual([0, 1]);
  expect(listener.heard.at(-1)?.data).toMatchObject({ status: 'cancelled' });
});

test.each([
  ['an id that is none of ours', { 'last-event-id': 'x' }, '', 400, 'last_event_id_invalid'],
  ['an id past all numbers', { 'last-event-id': '9999999999999999' }, '', 400, 'last_event_id_invalid'],
  ['an unknown type', {}, '?types=all', 400, 'query_invalid'],
  ['the body of a result', {}, '?fields=body', 400, 'query_invalid'],
  ['another media type', { accept: 'application/json' }, '', 406, 'not_acceptable'],
])('refuses %s', async (_, headers, query, status, code) => {
  const id = await submit(1);
  const answer = await api.call('GET', `/v1/batches/${id}/events${query}`, { headers });
  expect([answer.status, answer.json.code]).toEqual([status, code]);
});

test('has nothing to tell of a batch that is not there', async () => {
  const answer = await api.call('GET', '/v1/batches/bat_01a20118-e693-7f41-85d0-4d83f9f16782/events');
  expect(answer.status).toBe(404);
});
