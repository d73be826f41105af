import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { toleranceMs } from '../../worker/http/alarms.ts';
import type { Outcome } from '../../worker/outcome.ts';
import { bodyAnimals } from '../support/animals/bodies.ts';
import { connectionAnimals } from '../support/animals/connections.ts';
import { headAnimals } from '../support/animals/heads.ts';
import { redirectAnimals } from '../support/animals/redirects.ts';
import { authority, tlsAnimals } from '../support/animals/tls.ts';
import { createEngine, summary } from '../support/engine.ts';
import type { FetchOptions } from '../support/engine.ts';
import { openTarget } from '../support/target-server.ts';
import type { Animal, TargetOptions, TargetServer } from '../support/target-server.ts';

/** What one request to an animal comes to. Times in ms; `withinMs` is 500 where not said. */
type Expectation = {
  readonly result: string | RegExp;
  readonly afterMs?: number;
  readonly withinMs?: number;
  readonly message?: RegExp;
  readonly options?: FetchOptions;
};

const deadlines = { connectTimeoutMs: 200, headersTimeoutMs: 250, bodyTimeoutMs: 300 };
const total = { timeoutMs: 400 };
const lost: Expectation = { result: 'connection_lost transient' };
const invalid: Expectation = { result: 'invalid_response' };
const blocked: Expectation = { result: 'blocked_address' };
const tooLarge: Expectation = { result: 'body_too_large' };
const noHead: Expectation = {
  result: 'timed_out transient',
  afterMs: 250,
  withinMs: 300,
  message: /no response began within 250 ms/,
};

const expectHeads: Record<keyof typeof headAnimals, Expectation> = {
  halfHead: noHead,
  drippingHead: noHead,
  endlessHead: { ...invalid, message: /larger than 16384 bytes/ },
  garbage: invalid,
  http09: invalid,
  status99: invalid,
  status999: { result: '999 ok' },
  status1000: invalid,
  hugeHead: invalid,
  manyFields: { ...invalid, withinMs: 2000 },
  twoLengths: invalid,
  sameLengthTwice: invalid,
  negativeLength: invalid,
  lengthAndChunked: invalid,
  informationalFlood: { ...invalid, message: /informational/ },
  earlyHints: { result: '200 ok' },
  unaskedContinue: invalid,
  unaskedUpgrade: invalid,
  bareLineFeeds: invalid,
  foldedField: invalid,
  nulInField: invalid,
  spaceBeforeColon: invalid,
  namelessField: invalid,
  protoField: { result: '200 ok' },
  latin1Field: { result: '200 ok' },
  noReason: { result: '200 ok' },
  blankLineFirst: { result: '200 ok' },
  headThenEnd: lost,
  http10: { result: '200 old' },
  http2Preface: invalid,
};

const expectBodies: Record<keyof typeof bodyAnimals, Expectation> = {
  bodyStops: {
    result: 'timed_out transient',
    afterMs: 300,
    withinMs: 350,
    message: /no more of the body came for 300 ms/,
  },
  drippingBody: {
    result: 'timed_out transient',
    afterMs: 400,
    withinMs: 450,
    options: total,
    message: /longer than 400 ms/,
  },
  infiniteBody: tooLarge,
  hundredMegabytes: tooLarge,
  terabyte: { ...tooLarge, message: /1099511627776 bytes/ },
  shortBody: { ...lost, message: /after 5 of 10 bytes/ },
  resetMidBody: lost,
  endMidChunk: lost,
  missingLastChunk: lost,
  badChunkSize: invalid,
  chunkOverflow: invalid,
  longBody: { result: '200 body' },
  closeDelimited: { result: '200 until the end' },
  oneByteChunks: { result: `200 ${'x'.repeat(60)}`, withinMs: 2000 },
  trailers: { result: '200 body' },
  bodyOn204: { result: '204 ' },
  empty: { result: '200 ' },
  gzip: { result: /^200 / },
  rawDeflate: { result: /^200 / },
  brotli: { result: /^200 / },
  unknownCoding: { result: '200 folded' },
  cutGzip: invalid,
  falseGzip: { ...invalid, message: /Content-Encoding/ },
  gzipBomb: tooLarge,
  doubleGzipBomb: tooLarge,
  brotliBomb: tooLarge,
  sixCodings: invalid,
  notUtf8: { result: '200 \u00ff\u00fe' },
};

const expectConnections: Record<keyof typeof connectionAnimals, Expectation> = {
  acceptAndHang: noHead,
  endsOnAccept: lost,
  // The reset may come before or after our side has seen the connection made.
  resetsOnAccept: { result: /^(connection_lost|connect_failed) transient$/ },
  resetsOnRequest: lost,
  endsOnRequest: lost,
  halfCloses: lost,
  slow: { result: 'timed_out transient', afterMs: 250, withinMs: 300 },
  fewAtOnce: { result: '200 served', afterMs: 100 },
  deadKeepAlive: { result: '200 first', afterMs: 200 },
  resetsSecond: { result: '200 first' },
  endsSecond: { result: '200 first' },
  garbledSecond: { result: '200 first' },
  endsBetween: { result: '200 ends' },
  extraAtOnce: { result: '200 own / 1' },
  extraLater: { result: '200 own / 1' },
  bytesAfter: { result: '200 ok' },
  twoPerSocket: { result: '200 nth 1' },
  speaksFirst: { result: '200 early' },
  keepAliveHint: { result: '200 hint' },
  asksForClose: { result: '200 bye' },
};

const expectRedirects: Record<keyof typeof redirectAnimals, Expectation> = {
  selfLoop: { result: 'too_many_redirects' },
  pairLoop: { result: 'too_many_redirects' },
  endlessChain: { result: 'too_many_redirects', message: /more than 5/ },
  toMetadata: { ...blocked, message: /169\.254\.169\.254/ },
  toMappedLoopback: blocked,
  toDecimal: blocked,
  toFile: blocked,
  toUserinfo: blocked,
  toRefusedPort: blocked,
  toUnknownName: { result: 'dns_failed' },
  toClosedPort: { result: 'connect_failed transient', message: /ECONNREFUSED/ },
  withoutLocation: { result: '302 moved' },
  twoLocations: invalid,
  unparsableLocation: invalid,
  longLocation: invalid,
  longishLocation: invalid,
  notModifiedWithLocation: { result: '304 ' },
  endlessRedirectBody: { result: '200 arrived', afterMs: 300, withinMs: 400 },
  refresh: { result: '200 stay' },
};

const untrusted: Expectation = { result: 'tls_failed' };

const expectTls: Record<keyof typeof tlsAnimals, Expectation> = {
  good: { result: '200 private' },
  expired: { ...untrusted, message: /CERT_HAS_EXPIRED/ },
  selfSigned: { ...untrusted, message: /SELF_SIGNED/ },
  otherName: { ...untrusted, message: /ALTNAME/ },
  oldVersion: untrusted,
  noCipher: untrusted,
  hangs: {
    result: 'timed_out transient',
    afterMs: 200,
    withinMs: 250,
    message: /no connection was made within 200 ms/,
  },
  plain: untrusted,
  ends: { result: 'connect_failed transient', message: /TLS handshake/ },
  resets: { result: 'connect_failed transient', message: /TLS handshake/ },
};

const engine = createEngine({
  timeouts: deadlines,
  ca: authority,
  query: (name) =>
    name === 'good.example'
      ? Promise.resolve({ addresses: ['127.0.0.1'] })
      : Promise.reject(Object.assign(new Error(name), { code: 'ENOTFOUND' })),
});
const loopDelay = monitorEventLoopDelay({ resolution: 1 });
loopDelay.enable();

// The first request of a process compiles the parser.
beforeAll(() => visit(connectionAnimals.endsOnRequest, (target) => target.origin, {}));
afterAll(() => {
  loopDelay.disable();
  engine.connections.close();
});

type Sighting = { readonly outcome: Outcome; readonly tookMs: number; readonly busyMs: number };

/** `busyMs` is how late this machine itself was at worst: no deadline can be kept better. */
const visit = async (
  animal: Animal & TargetOptions,
  urlOf: (target: TargetServer) => string,
  options: FetchOptions,
): Promise<Sighting> => {
  const target = await openTarget(animal, animal);
  loopDelay.reset();
  const startedAt = performance.now();
  const outcome = await engine.fetch(urlOf(target), options);
  const tookMs = performance.now() - startedAt;
  await target.close();
  return { outcome, tookMs, busyMs: loopDelay.max / 1e6 };
};

type Row = readonly [about: string, animal: Animal & TargetOptions, expected: Expectation];

const rows = <Name extends string>(
  animals: Readonly<Record<Name, Animal>>,
  expectations: Readonly<Record<Name, Expectation>>,
): Row[] =>
  (Object.keys(animals) as Name[]).map((name) => [animals[name].about, animals[name], expectations[name]]);

const exactly = (text: string): RegExp =>
  new RegExp(`^${text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)}$`);

describe('a server that', () => {
  test.each([
    ...rows(headAnimals, expectHeads),
    ...rows(bodyAnimals, expectBodies),
    ...rows(connectionAnimals, expectConnections),
    ...rows(redirectAnimals, expectRedirects),
  ])('%s', async (_about, animal, { result, afterMs = 0, withinMs = 500, message = /./, options = {} }) => {
    const { outcome, tookMs, busyMs } = await visit(animal, (target) => `${target.origin}/`, options);
    expect(summary(outcome)).toMatch(typeof result === 'string' ? exactly(result) : result);
    expect(outcome.kind === 'failure' ? outcome.failure.message : 'answered').toMatch(message);
    expect(tookMs).toBeGreaterThanOrEqual(afterMs - toleranceMs);
    expect(tookMs - busyMs * 3).toBeLessThan(withinMs);
  });

  test.each(rows(tlsAnimals, expectTls))(
    '%s, asked by name',
    async (_about, animal, { result, message = /./, ...times }) => {
      const { outcome, tookMs, busyMs } = await visit(
        animal,
        ({ port }) => `https://good.example:${port}/`,
        {},
      );
      expect(summary(outcome)).toBe(result);
      expect(outcome.kind === 'failure' ? outcome.failure.message : 'answered').toMatch(message);
      expect(tookMs).toBeGreaterThanOrEqual(times.afterMs ?? 0);
      expect(tookMs - busyMs * 3).toBeLessThan(times.withinMs ?? 500);
    },
  );

  test('has a good certificate for its address is asked by address too', async () => {
    const { outcome } = await visit(tlsAnimals.good, (target) => `${target.origin}/`, {});
    expect(summary(outcome)).toBe('200 private');
    expect(outcome.timings.tlsMs).toBeGreaterThan(0);
  });
});
