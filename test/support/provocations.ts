// Requests that an operation must refuse, from its entry in the document alone: the same ones whatever it does.
import { gzipSync } from 'node:zlib';
import type { ProblemCode } from '../../api/problem.ts';
import type { Answer, CallOptions, TestApi } from './api.ts';
import type { DocumentedOperation } from './contract.ts';
import { sendBytes } from './raw-http.ts';

export type Provocation = (operation: DocumentedOperation, path: string) => Promise<RefusalHeard>;
export type RefusalHeard = Pick<Answer, 'status' | 'headers' | 'text'>;

/** By the code that each is answered with; `path` is one that the operation would serve. */
export const createProvocations = (
  api: TestApi,
  { guarded, limited }: { readonly guarded: TestApi; readonly limited: TestApi },
): Partial<Readonly<Record<ProblemCode, Provocation>>> => {
  const call = (operation: DocumentedOperation, path: string, more?: CallOptions): Promise<Answer> =>
    api.call(operation.method.toUpperCase(), path, more ?? bodyOf(operation));
  const asJson =
    (body: string | Buffer, headers: Record<string, string> = {}): Provocation =>
    (operation, path) =>
      call(operation, path, { body, headers: { 'content-type': 'application/json', ...headers } });
  const raw =
    (fields: string): Provocation =>
    async ({ method }, path) =>
      await hear(api.port(), `${method.toUpperCase()} ${path} HTTP/1.1\r\nHost: a\r\n${fields}\r\n\r\n`);
  return {
    unauthorized: ({ method }, path) => guarded.call(method.toUpperCase(), path),
    rate_limited: async ({ method }, path) => {
      await limited.call('GET', '/v1/hosts');
      return await limited.call(method.toUpperCase(), path);
    },
    query_invalid: (operation, path) => call(operation, `${path}?nonsense=1`),
    path_invalid: (operation) =>
      call(operation, operation.path.replace(/\{\w+\}/, '%').replaceAll(/\{\w+\}/g, '0')),
    batch_not_found: (operation) =>
      call(operation, operation.path.replace('{id}', noBatch).replaceAll(/\{\w+\}/g, '0')),
    not_acceptable: (operation, path) =>
      call(operation, path, { ...bodyOf(operation), headers: { accept: 'text/nonsense' } }),
    http_invalid: raw('Host: b'),
    expectation_failed: raw('Expect: nonsense'),
    head_too_large: raw(`X-Long: ${'x'.repeat(20_000)}`),
    body_invalid: asJson('{"nonsense":1}'),
    body_invalid_json: asJson('{'),
    body_invalid_utf8: asJson(Buffer.from('{"a":"\xff"}', 'latin1')),
    body_invalid_encoding: asJson(gzipSync('{}').subarray(0, 12), { 'content-encoding': 'gzip' }),
    body_too_deep: asJson(`{"template":${'['.repeat(40)}${']'.repeat(40)}}`),
    body_too_large: asJson(Buffer.alloc(4_194_305, ' ')),
    line_too_large: (operation, path) =>
      call(operation, path, {
        body: Buffer.alloc(1_048_577, 'x'),
        headers: { 'content-type': 'application/x-ndjson' },
      }),
    too_many_requests_in_batch: asJson(JSON.stringify({ urls: Array(11).fill('https://example.com/') })),
    idempotency_key_invalid: (operation, path) =>
      call(operation, path, { ...bodyOf(operation), headers: { 'idempotency-key': 'a b' } }),
    unsupported_media_type: (operation, path) =>
      call(operation, path, { body: '{}', headers: { 'content-type': 'text/nonsense' } }),
    unsupported_charset: asJson('{}', { 'content-type': 'application/json; charset=latin1' }),
    unsupported_encoding: asJson('{}', { 'content-encoding': 'nonsense' }),
  };
};

const noBatch = 'bat_01930000-0000-7000-8000-000000000000';

/** An example of it, where it takes a body. */
export const bodyOf = ({ requestBody }: DocumentedOperation): CallOptions => {
  const [example] = Object.values(requestBody?.content['application/json']?.examples ?? {});
  return example === undefined ? {} : { json: example.value };
};

/** What is answered on a connection of its own; nothing follows what was sent. */
const hear = async (port: number, bytes: string): Promise<RefusalHeard> => {
  const { socket, closed } = sendBytes(port, bytes);
  socket.once('connect', () => socket.end());
  const [head = '', text = ''] = (await closed).split('\r\n\r\n');
  const [statusLine = '', ...fields] = head.split('\r\n');
  const headers = Object.fromEntries(
    fields.map((field) => {
      const [name = '', value = ''] = field.split(/: (.*)/);
      return [name.toLowerCase(), value];
    }),
  );
  return { status: Number(statusLine.split(' ')[1]), headers, text };
};
