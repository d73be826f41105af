import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { abbreviate, isHead, learnHead } from '../../../worker/http/known-head.ts';
import type { KnownHead } from '../../../worker/http/known-head.ts';
import type { Outcome } from '../../../worker/outcome.ts';
import { bytesOf, createEngine, summary } from '../../support/engine.ts';
import { head, openTarget } from '../../support/target-server.ts';
import type { Animal } from '../../support/target-server.ts';

/** What is learned of bytes that begin with a head, `raw` being the views of its fields that undici would make. */
const learn = (text: string): KnownHead | undefined => {
  const came = Buffer.from(text, 'latin1');
  const lines = [...text.slice(0, text.indexOf('\r\n\r\n')).matchAll(/\r\n([^:\r]*): ?([^\r]*)/g)];
  const raw = lines.flatMap(({ index, 0: line, 1: name = '', 2: value = '' }) => [
    came.subarray(index + 2, index + 2 + name.length),
    came.subarray(index + line.length - value.length, index + line.length),
  ]);
  const fields = raw.map((bytes, at) =>
    at % 2 === 0 ? bytes.toString('latin1').toLowerCase() : bytes.toString('latin1'),
  );
  return learnHead(came, raw, fields);
};

const nginx = head('200 OK', [
  'Server: nginx',
  'Content-Type: text/plain',
  'Content-Length: 5',
  'Connection: keep-alive',
]);

test('keeps all that a head says, and of its bytes what undici needs', () => {
  const known = learn(`${nginx}hello`);
  expect(known?.bytes.toString()).toBe(nginx);
  expect(known?.brief.toString()).toBe('HTTP/1.1 200 \r\ncontent-length:5\r\n\r\n');
  expect(known?.fields).toEqual([
    'server',
    'nginx',
    'content-type',
    'text/plain',
    'content-length',
    '5',
    'connection',
    'keep-alive',
  ]);
});

test.each([
  ['Transfer-Encoding: chunked', 'transfer-encoding:chunked'],
  ['Connection: close', 'connection:close'],
  ['Connection: Upgrade', 'connection:Upgrade'],
  ['Keep-Alive: timeout=5, max=3', 'keep-alive:timeout=5, max=3'],
  ['Content-Length: 5\r\nContent-Length: 5', 'content-length:5\r\ncontent-length:5'],
])('leaves %s in', (line, expected) => {
  const known = learn(head('404 Not Found', ['server: x', line]));
  expect(known?.brief.toString()).toBe(`HTTP/1.1 404 \r\n${expected}\r\n\r\n`);
});

test.each([
  ['an informational response', head('103 Early Hints', ['link: </a>'])],
  ['a response of HTTP/1.0', 'HTTP/1.0 200 OK\r\nserver: x\r\ncontent-length: 0\r\n\r\n'],
  ['a head after an empty line', `\r\n${nginx}`],
  ['a head that is not over', nginx.slice(0, -2)],
  ['a head without fields', head('200 OK')],
])('learns nothing of %s', (_what, text) => {
  expect(learn(text)).toBeUndefined();
});

test('learns nothing of a head with white space after its last value', () => {
  const came = Buffer.from(head('200 OK', ['x: y\t']));
  const at = came.indexOf('x: y');
  const raw = [came.subarray(at, at + 1), came.subarray(at + 3, at + 4)];
  expect(learnHead(came, raw, ['x', 'y'])).toBeUndefined();
});

test('learns nothing of a head whose end came in other bytes', () => {
  const came = Buffer.from(new Uint8Array(Buffer.from(nginx)).buffer);
  const value = { at: nginx.indexOf('keep-alive'), length: 'keep-alive'.length };
  const other = Buffer.allocUnsafeSlow(nginx.length).subarray(value.at, value.at + value.length);
  const same = came.subarray(value.at, value.at + value.length);
  expect(learnHead(came, [same, same], ['connection', 'keep-alive'])).toBeDefined();
  expect(learnHead(came, [same, other], ['connection', 'keep-alive'])).toBeUndefined();
});

test('tells the same head from all others, and leaves the rest of the bytes alone', () => {
  const known = learn(nginx);
  if (known === undefined) throw new Error('it was not learned');
  const bytes = Buffer.from(`${nginx}hello`);
  expect(isHead(known, bytes)).toBe(true);
  expect(isHead(known, Buffer.from(nginx.replace('5', '6')))).toBe(false);
  expect(isHead(known, bytes.subarray(0, nginx.length - 1))).toBe(false);
  const spared = abbreviate(known, bytes);
  expect(bytes.subarray(spared).toString()).toBe(`${known.brief.toString()}hello`);
});

/** A response as it is sent, in so many pieces. */
type Sent = { readonly status: number; readonly fields: readonly string[]; readonly body: string };
type Answer = Sent & { readonly bytes: string; readonly pieces: number };

const lines = ['Server: x', 'ETag: "1"', 'Connection: keep-alive', 'Keep-Alive: timeout=60', 'X-A: \u00fc'];

const answers: fc.Arbitrary<Answer> = fc
  .record({
    statusLine: fc.constantFrom('200 OK', '200', '404 Not Found', '304 Not Modified', '500 '),
    fields: fc.subarray(lines),
    text: fc.constantFrom('', 'hello', 'HTTP/1.1 200 OK\r\n\r\n'),
    isChunked: fc.boolean(),
    pieces: fc.constantFrom(1, 1, 1, 2, 3),
  })
  .map(({ statusLine, fields, text, isChunked, pieces }) => {
    const body = statusLine.startsWith('304') ? '' : text;
    const all = [...fields, isChunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${body.length}`];
    const chunks = `${body === '' ? '' : `${body.length.toString(16)}\r\n${body}\r\n`}0\r\n\r\n`;
    const sent = isChunked && !statusLine.startsWith('304') ? chunks : body;
    const status = Number(statusLine.slice(0, 3));
    return { status, fields: all, body, bytes: head(statusLine, all) + sent, pieces };
  });

const answering = (list: readonly Answer[]): Animal => ({
  about: 'answers in turn',
  onRequest: ({ send, after }, { nth }) => {
    const { bytes, pieces } = list[nth - 1] ?? { bytes: '', pieces: 0 };
    const size = Math.ceil(bytes.length / pieces);
    for (let piece = 0; piece < pieces; piece += 1) {
      after(piece * 3, () => send(bytes.slice(piece * size, (piece + 1) * size)));
    }
  },
});

const received = (outcome: Outcome): Sent => {
  if (outcome.kind !== 'response') throw new Error(summary(outcome));
  const { status, headers } = outcome;
  const names = headers.filter((_, at) => at % 2 === 0);
  const fields = names.map((name, at) => `${name}: ${headers[at * 2 + 1]}`);
  return { status, fields, body: bytesOf(outcome)?.toString() ?? '' };
};

const withLowerNames = ({ status, fields, body }: Answer): Sent => ({
  status,
  fields: fields.map((line) => line.replace(/^[^:]*/, (name) => name.toLowerCase())),
  body,
});

test('a response is the same, whether its head was known or not', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(answers, { minLength: 1, maxLength: 4 }), async (list) => {
      // Each four times in a row: read, learned, recognized, recognized.
      const turns = list.flatMap((answer) => [answer, answer, answer, answer]);
      const target = await openTarget(answering(turns));
      const engine = createEngine();
      for (const answer of turns) {
        const outcome = await engine.fetch(target.origin, { acceptStatus: '200-599' });
        expect(received(outcome)).toEqual(withLowerNames(answer));
      }
      expect(target.sockets()).toBe(1);
      engine.connections.close();
      await target.close();
    }),
    { numRuns: 40 },
  );
});
