import { afterEach, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { createEngine } from '../../support/engine.ts';
import type { Engine } from '../../support/engine.ts';
import { openTarget } from '../../support/target-server.ts';
import type { Animal, TargetServer } from '../../support/target-server.ts';

const opened: { close: () => unknown }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
});

const setUp = async (
  animal: Omit<Animal, 'about'>,
  answers: readonly (readonly string[])[],
): Promise<{ target: TargetServer; engine: Engine }> => {
  const target = await openTarget({ about: 'a server of this test', ...animal });
  let lookups = 0;
  let nowMs = 0;
  const engine = createEngine({
    allow: [{ address: '127.0.0.1', prefix: 32, port: target.port }],
    // Every answer is forgotten before the next question.
    now: () => (nowMs += 60_000),
    query: async () => ({ addresses: answers[Math.min((lookups += 1), answers.length) - 1] ?? [] }),
  });
  opened.push(target, engine.connections);
  return { target, engine };
};

describe('a name that changes its answer', () => {
  const good = ['127.0.0.1'];
  const inside = ['169.254.169.254'];

  test('between two attempts is refused at the second', async () => {
    const { target, engine } = await setUp({ onRequest: ({ reply }) => reply('', [], '503 X') }, [
      good,
      inside,
    ]);
    const url = `http://rebinds.example:${target.port}/`;
    expect(await engine.fetch(url, { connection: 'fresh' })).toMatchObject({ status: 503 });
    expect(await engine.fetch(url, { connection: 'fresh' })).toMatchObject({
      failure: { code: 'blocked_address' },
    });
    expect(target.sockets()).toBe(1);
  });

  test('between two hops to the same host is refused at the second', async () => {
    const { target, engine } = await setUp(
      { onRequest: ({ reply }) => reply('', ['location: /next', 'connection: close'], '302 X') },
      [good, inside],
    );
    const outcome = await engine.fetch(`http://rebinds.example:${target.port}/`);
    expect(outcome).toMatchObject({ failure: { code: 'blocked_address' }, redirects: [{ status: 302 }] });
    expect(target.requests).toHaveLength(1);
  });

  test('is dialled at what was checked, though it would answer otherwise a moment later', async () => {
    const { target, engine } = await setUp({ onRequest: ({ reply }) => reply('ok') }, [good, inside]);
    const outcome = await engine.fetch(`http://rebinds.example:${target.port}/`);
    expect(outcome).toMatchObject({ status: 200, connection: { remoteAddress: '127.0.0.1' } });
  });
});

// Ways to write one byte of an IPv4 address, and an address in fewer parts.
const byte = (value: number): fc.Arbitrary<string> =>
  fc.constantFrom(
    `${value}`,
    `0x${value.toString(16)}`,
    `0X${value.toString(16).toUpperCase()}`,
    `0${value.toString(8)}`,
    `000${value.toString(8)}`,
    encodeURIComponent(`${value}`).replaceAll(/\d/g, (digit) => `%3${digit}`),
    `${value}`.replaceAll(/\d/g, (digit) => String.fromCharCode(0xff10 + Number(digit))),
  );

const spelledV4 = fc.tuple(fc.constant(127), fc.nat(255), fc.nat(255), fc.nat(255)).chain(([a, b, c, d]) =>
  fc.oneof(
    fc
      .tuple(byte(a), byte(b), byte(c), byte(d), fc.constantFrom('.', '。', '．', '%2e'))
      .map(([w, x, y, z, dot]) => [w, x, y, z].join(dot)),
    fc.tuple(byte(a), byte(b)).map(([w, x]) => `${w}.${x}.${c * 256 + d}`),
    byte(a).map((w) => `${w}.${(b * 256 + c) * 256 + d}`),
    fc.constantFrom(
      `${((a * 256 + b) * 256 + c) * 256 + d}`,
      `0x${(((a * 256 + b) * 256 + c) * 256 + d).toString(16)}`,
      `[::ffff:${a}.${b}.${c}.${d}]`,
      `[0:0:0:0:0:ffff:${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}]`,
      `[::${a}.${b}.${c}.${d}]`,
      `[64:ff9b::${a}.${b}.${c}.${d}]`,
      `[2002:${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}::1]`,
    ),
  ),
);

const spelledHost = fc.oneof(
  spelledV4,
  fc.constantFrom(
    '[::1]',
    '[0:0::1]',
    '[::]',
    'localhost',
    'LOCALHOST.',
    'a.b.localhost',
    'ｌocalhost',
    '0',
    '0x0',
    '0.0.0.0',
  ),
);

test('no spelling of a loopback address is dialled', async () => {
  const target = await openTarget({
    about: 'hears whether it is dialled',
    onRequest: ({ reply }) => reply('inside'),
  });
  const engine = createEngine({ allow: [], query: () => Promise.resolve({ addresses: ['127.0.0.1'] }) });
  opened.push(target, engine.connections);
  const trail = fc.constantFrom('', '/', '/?@example.com', '/#@example.com');
  await fc.assert(
    fc.asyncProperty(
      spelledHost,
      fc.constantFrom('http', 'HTTP', 'https'),
      trail,
      async (host, scheme, end) => {
        const outcome = await engine.fetch(`${scheme}://${host}:${target.port}${end}`);
        expect(outcome).toMatchObject({ kind: 'failure', wasSent: false });
        expect(target.sockets()).toBe(0);
      },
    ),
    { numRuns: 500 },
  );
});
