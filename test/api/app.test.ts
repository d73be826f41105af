import { connect } from 'node:net';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { problemStatuses } from '../../api/problem.ts';
import { badInputs, expand, type BadInput } from '../support/bad-inputs.ts';
import { testApi, type Answer } from '../support/api.ts';

const key = 'k'.repeat(32);
const api = testApi({ maxBytes: 8_388_608 });
const small = testApi({ maxRequests: 10 });
const guarded = testApi({ keys: [{ name: 'alice', key }] });
const known = { id: '', idOfOtherTenant: 'bat_01930000-0000-7000-8000-000000000000' };

beforeAll(async () => {
  known.id = await api.submit(['https://example.com/']);
});

const expectProblem = (answer: Answer, { expect: expected }: BadInput): void => {
  expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
  const problem = answer.json;
  expect(problemStatuses).toHaveProperty(problem.code, answer.status);
  expect(problem).toMatchObject({ type: `/problems/${problem.code}`, status: answer.status });
  expect(problem.requestId).toBe(answer.headers['x-request-id']);
  if (expected.pointer !== undefined) {
    expect(problem.errors.map((each: { pointer: string }) => each.pointer)).toContain(expected.pointer);
  }
  if (expected.parameter !== undefined) {
    expect(problem.errors.map((each: { parameter: string }) => each.parameter)).toContain(expected.parameter);
  }
  if (expected.errorsLength !== undefined) expect(problem.errors).toHaveLength(expected.errorsLength);
};

const expectResults = (answer: Answer, { expect: expected }: BadInput): void => {
  expect(answer.json.results).toHaveLength(expected.results ?? -1);
};

const table = (kind: BadInput['kind']): [string, BadInput][] =>
  badInputs(kind).map((each) => [each.name, each]);

describe('a body', () => {
  test.each(table('batch-body'))('%s', async (_, bad) => {
    const before = await api.call('GET', '/v1/batches?limit=1');
    const headers = { 'content-type': 'application/json', ...bad.setup?.headers };
    const given = Object.entries(headers).filter((pair): pair is [string, string] => pair[1] !== null);
    const answer = await api.call('POST', '/v1/batches', {
      body: expand(bad.input),
      headers: Object.fromEntries(given),
    });
    expect(answer.status).toBe(bad.expect.status);
    if (answer.status === 202) return;
    expectProblem(answer, bad);
    expect((await api.call('GET', '/v1/batches?limit=1')).json).toEqual(before.json);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

describe('an upload to an open batch', () => {
  const append = (id: string, bad: BadInput): Promise<Answer> =>
    small.call('POST', `/v1/batches/${id}/requests`, {
      body: expand(bad.input),
      headers: { 'content-type': 'application/x-ndjson' },
    });
  test.each(table('upload'))('%s', async (_, bad) => {
    const id = await small.submit([], { open: true });
    const { status, line, accepted = 0, repeat = 1, why } = bad.expect;
    for (let time = 0; time < repeat; time += 1) {
      const answer = await append(id, bad);
      expect(answer.status).toBe(status);
      if (status === 202) continue;
      expectProblem(answer, bad);
      expect(answer.json.code).toBe(why);
      const errors: { line: number }[] = answer.json.errors ?? [answer.json];
      if (line !== undefined) expect(errors.map((each) => each.line)).toContain(line);
    }
    expect((await small.call('GET', `/v1/batches/${id}`)).json.counts.total).toBe(accepted);
  });
});

describe('a query', () => {
  test.each(table('query'))('%s', async (_, bad) => {
    const [method = '', path = ''] = expand(bad.input).toString().split(' ');
    const at = path
      .replace('{idOfOtherTenant}', known.idOfOtherTenant)
      .replace('{ID}', known.id.toUpperCase())
      .replace('{id}', known.id);
    const answer = await api.call(method, at);
    expect(answer.status).toBe(bad.expect.status);
    if (answer.status === 200) return expectResults(answer, bad);
    expectProblem(answer, bad);
    expect(answer.json.code).toBe(bad.expect.why);
  });
});

describe('a message head', () => {
  // The cases of slow and broken bodies are in receive.test.ts and upload-pace.test.ts.
  const elsewhere = new Set(['short body then close', 'slow body (1 byte/s)']);
  test.each(table('header').filter(([name]) => !elsewhere.has(name)))('%s', async (name, bad) => {
    const { status, header } = bad.expect;
    const answer = await sendRaw(toMessage(name, bad.input));
    expect(answer.status).toBe(status);
    expect(Object.keys(answer.headers)).toEqual(expect.arrayContaining(header === undefined ? [] : [header]));
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
    if (status !== 202) expectProblem(answer, bad);
  });
});

const authCases = new Set(['no key', 'wrong scheme', 'key in query is ignored', '64 KB key', 'revoked key']);

type Target = { readonly port: number; readonly message: string };

const toMessage = (name: string, input: BadInput['input']): Target => {
  const port = authCases.has(name) ? guarded.port() : api.port();
  if ('raw' in input) return { port, message: input.raw };
  const { ':path': path = '/v1/batches', ':method': method = 'POST', ...fields } = input;
  const body = '{"urls":["https://example.com/"]}';
  const headers = {
    host: 'a',
    'content-type': 'application/json',
    'content-length': String(body.length),
    ...fields,
  };
  const text = (value: unknown): string => (typeof value === 'string' ? value : expand(value).toString());
  const lines = Object.entries(headers).map(([field, value]) => `${field}: ${text(value)}\r\n`);
  return { port, message: `${method} ${text(path)} HTTP/1.1\r\n${lines.join('')}\r\n${body}` };
};

/** Sends bytes as they are and reads one answer. */
const sendRaw = ({ port, message }: Target): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(message));
    let received = '';
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`closed after ${received}`)));
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString();
      const [head = '', text] = received.split('\r\n\r\n');
      const [status = '', ...fields] = head.split('\r\n');
      const headers = Object.fromEntries(
        fields.map((field) => [
          field.slice(0, field.indexOf(':')).toLowerCase(),
          field.slice(field.indexOf(':') + 2),
        ]),
      );
      if (text === undefined || Buffer.byteLength(text) < Number(headers['content-length'])) return;
      socket.removeAllListeners('close').destroy();
      const bytes = Buffer.from(text);
      resolve({ status: Number(status.split(' ')[1]), headers, text, bytes, json: JSON.parse(text) });
    });
  });

test('none of it was a fault of the service', () => {
  expect([...api.log, ...small.log, ...guarded.log].filter((line) => line.includes('"level":50'))).toEqual(
    [],
  );
});

test('serves nothing at other paths, and says so after it has asked for the key', async () => {
  const answer = await api.call('GET', '/v1/nothing');
  expect([answer.status, answer.json.code]).toEqual([404, 'route_not_found']);
  expect((await guarded.call('GET', '/v1/nothing')).status).toBe(401);
  expect((await guarded.call('GET', '/livez')).status).toBe(200);
});

test('tells nothing of itself and keeps answers out of caches', async () => {
  const { headers } = await api.call('GET', '/v1/batches');
  expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
  expect(headers).not.toHaveProperty('x-powered-by');
  expect(headers).not.toHaveProperty('etag');
});
