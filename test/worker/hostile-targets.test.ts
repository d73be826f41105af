// The cases of bad-urls.json that need more than a scripted answer: TLS, a black hole, a second request, a reader, a retry.
import { afterEach, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { writeResults } from '../../api/delivery/result-view.ts';
import { resultOf } from '../../worker/result-of.ts';
import { decide } from '../../worker/retry-policy.ts';
import { connectionAnimals } from '../support/animals/connections.ts';
import { authority, tlsAnimals } from '../support/animals/tls.ts';
import { openBlackHole } from '../support/black-hole.ts';
import { bytesOf, createEngine } from '../support/engine.ts';
import type { Engine } from '../support/engine.ts';
import { attempts, resolved } from '../support/outcomes.ts';
import { openTarget } from '../support/target-server.ts';
import type { Animal, TargetOptions, TargetServer } from '../support/target-server.ts';
import { waitFor } from '../support/wait-for.ts';

type Case = {
  readonly name: string;
  readonly expect: { readonly code?: string; readonly outcome?: string; readonly retryable?: boolean };
  readonly setup?: {
    readonly server?: {
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly bodyB64?: string;
    };
  };
};

const cases = JSON.parse(
  readFileSync(new URL('../support/bad-urls.json', import.meta.url), 'utf8'),
) as Case[];
const caseOf = (name: string): Case => {
  const found = cases.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no case ${name}`);
  return found;
};

const opened: { close: () => unknown }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
});

const open = async (animal: Animal & TargetOptions): Promise<TargetServer> => {
  const target = await openTarget(animal, animal);
  opened.push(target);
  return target;
};

const openEngine = (): Engine => {
  const engine = createEngine({
    ca: authority,
    timeouts: { connectTimeoutMs: 200, headersTimeoutMs: 200, bodyTimeoutMs: 200 },
    query: () => Promise.resolve({ addresses: ['127.0.0.1'] }),
  });
  opened.push(engine.connections);
  return engine;
};

/** What the case of this name says an outcome must be. */
const failureOf = (name: string): object => {
  const { code, retryable } = caseOf(name).expect;
  return { kind: 'failure', failure: { code }, ...(retryable !== undefined && { isTransient: retryable }) };
};

test('wrong host certificate', async () => {
  const { origin } = await open(tlsAnimals.otherName);
  expect(await openEngine().fetch(`${origin}/x`)).toMatchObject(failureOf('wrong host certificate'));
});

test('tls handshake hangs', async () => {
  const { port } = await open(tlsAnimals.hangs);
  expect(await openEngine().fetch(`https://127.0.0.1:${port}/x`)).toMatchObject(
    failureOf('tls handshake hangs'),
  );
});

test('tcp black hole', async () => {
  const hole = await openBlackHole();
  opened.push(hole);
  const startedAt = performance.now();
  const outcome = await openEngine().fetch(`${hole.origin}/x`);
  expect(outcome).toMatchObject(failureOf('tcp black hole'));
  expect(outcome).toMatchObject({ failure: { message: expect.stringContaining('no connection was made') } });
  expect(performance.now() - startedAt).toBeLessThan(1000);
});

test('two responses for one request: the second is nobody’s answer', async () => {
  const { origin } = await open(connectionAnimals.extraLater);
  const engine = openEngine();
  const paths = ['/1', '/2', '/3', '/4'];
  for (const path of paths) {
    for (const owner of ['one', 'another']) {
      const outcome = await engine.fetch(`${origin}${path}`, { owner });
      expect(bytesOf(outcome)?.toString()).toMatch(new RegExp(`^own ${path} `));
    }
    // The extra answers come after 30 ms, to sockets that have nothing to do.
    const extrasAreHere = performance.now() + 60;
    await waitFor(() => performance.now() > extrasAreHere);
  }
});

test('https to http downgrade drops credentials', async () => {
  const plain = await open({ about: 'elsewhere', onRequest: ({ reply }) => reply('there') });
  const secure = await open({
    ...tlsAnimals.good,
    onRequest: ({ reply }) => reply('', [`location: http://other.example.com:${plain.port}/`], '302 X'),
  });
  const headers = { Authorization: 'Bearer x', Cookie: 'a=b', 'X-Api-Key': 'k' };
  const outcome = await openEngine().fetch(`https://good.example:${secure.port}/redirect`, { headers });
  expect(outcome).toMatchObject({ kind: 'response', redirects: [{ status: 302 }] });
  const names = plain.requests[0]?.fields.map(([name]) => name.toLowerCase());
  expect(names).toEqual(['host', 'connection', 'user-agent', 'accept', 'accept-encoding']);
});

test.each(['invalid utf-8 body as text', 'lone surrogate via utf-16 body'])('%s', async (name) => {
  const { headers = {}, bodyB64 = '' } = caseOf(name).setup?.server ?? {};
  const fields = Object.entries(headers).map((field) => field.join(': '));
  const { origin } = await open({
    about: name,
    onRequest: ({ reply }) => reply(Buffer.from(bodyB64, 'base64'), fields),
  });
  const outcome = await openEngine().fetch(`${origin}/x`);
  const result = resultOf({
    request: resolved(),
    slice: 0,
    outcome,
    failure: undefined,
    attempts: [],
    acceptedAt: 0,
  });
  const [view = ''] = await writeResults([result], { path: '/' });
  expect(JSON.parse(view)).toMatchObject({ outcome: 'succeeded', body: { base64: bodyB64 } });
});

const retryCases = [
  ['retry-after 10 years', '315360000', undefined],
  ['retry-after negative / text / date in the past', '-5', 500],
  ['retry-after negative / text / date in the past', 'soon', 500],
  ['retry-after negative / text / date in the past', 'Thu, 01 Jan 1970 00:00:00 GMT', 500],
] as const;

test.each(retryCases)('%s: %s', async (name, retryAfter, afterMs) => {
  const { status } = caseOf(name).setup?.server ?? {};
  const { origin } = await open({
    about: name,
    onRequest: ({ reply }) => reply('', [`retry-after: ${retryAfter}`], `${status} X`),
  });
  const outcome = await openEngine().fetch(`${origin}/x`);
  const now = Date.now();
  const situation = {
    request: resolved(),
    outcome,
    attempts: attempts(now),
    now,
    expiresAt: now + 3_600_000,
    random: 0.5,
  };
  const final = { is: 'final', failure: { code: caseOf(name).expect.code } };
  expect(decide(situation)).toMatchObject(afterMs === undefined ? final : { is: 'again', afterMs });
  expect(decide({ ...situation, expiresAt: now + 100 })).toMatchObject(final);
});
