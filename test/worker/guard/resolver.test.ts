import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { createNameQuery, createResolver, NameError } from '../../../worker/guard/resolver.ts';
import type { NameAnswer } from '../../../worker/guard/resolver.ts';

const dnsError = (code: string): Error => Object.assign(new Error(code), { code });

const setUp = (
  answers: readonly (NameAnswer | Error)[],
): {
  resolve: ReturnType<typeof createResolver>;
  asked: string[];
  pass: (ms: number) => void;
} => {
  let nowMs = 0;
  const asked: string[] = [];
  const resolve = createResolver({
    now: () => nowMs,
    maxNames: 3,
    query: async (name) => {
      const answer = answers[Math.min(asked.push(name), answers.length) - 1];
      if (answer === undefined || answer instanceof Error) throw answer ?? dnsError('ENOTFOUND');
      return answer;
    },
  });
  return { resolve, asked, pass: (ms) => void (nowMs += ms) };
};

describe('createResolver', () => {
  test('asks once for many at a time and keeps the answer for its TTL', async () => {
    const { resolve, asked, pass } = setUp([{ addresses: ['192.0.2.1'], ttlSeconds: 10 }]);
    const answers = await Promise.all([resolve('a.example'), resolve('A.example'), resolve('a.example')]);
    expect(answers).toEqual([['192.0.2.1'], ['192.0.2.1'], ['192.0.2.1']]);
    pass(9999);
    await resolve('a.example');
    expect(asked).toEqual(['a.example']);
    pass(2);
    await resolve('a.example');
    expect(asked).toHaveLength(2);
  });

  test('keeps a TTL of a day for half a minute and a TTL of zero for a second', async () => {
    const long = setUp([{ addresses: ['192.0.2.1'], ttlSeconds: 86_400 }]);
    await long.resolve('a.example');
    long.pass(30_001);
    await long.resolve('a.example');
    expect(long.asked).toHaveLength(2);
    const short = setUp([{ addresses: ['192.0.2.1'], ttlSeconds: 0 }]);
    await short.resolve('a.example');
    short.pass(999);
    await short.resolve('a.example');
    expect(short.asked).toHaveLength(1);
  });

  test.each([
    ['ENOTFOUND', false],
    ['ENODATA', false],
    ['ESERVFAIL', true],
    ['ETIMEOUT', true],
    ['ECONNREFUSED', true],
    ['EAI_AGAIN', true],
  ])('tells a name that is not there from one that cannot be asked for: %s', async (code, isTransient) => {
    const { resolve } = setUp([dnsError(code)]);
    await expect(resolve('a.example')).rejects.toMatchObject({ name: 'NameError', isTransient });
  });

  test('remembers an unknown name for five seconds, a failing server for one', async () => {
    const unknown = setUp([dnsError('ENOTFOUND')]);
    await expect(unknown.resolve('a.example')).rejects.toBeInstanceOf(NameError);
    unknown.pass(4999);
    await expect(unknown.resolve('a.example')).rejects.toBeInstanceOf(NameError);
    expect(unknown.asked).toHaveLength(1);
    const failing = setUp([dnsError('ESERVFAIL'), { addresses: ['192.0.2.1'] }]);
    await expect(failing.resolve('a.example')).rejects.toBeInstanceOf(NameError);
    failing.pass(1001);
    expect(await failing.resolve('a.example')).toEqual(['192.0.2.1']);
  });

  test('takes an empty answer as no address', async () => {
    const { resolve } = setUp([{ addresses: [] }]);
    await expect(resolve('a.example')).rejects.toMatchObject({ isTransient: false });
  });

  test('forgets the oldest names beyond its limit', async () => {
    const { resolve, asked } = setUp([{ addresses: ['192.0.2.1'] }]);
    for (const name of ['a', 'b', 'c', 'd', 'a']) await resolve(name);
    expect(asked).toEqual(['a', 'b', 'c', 'd', 'a']);
  });
});

describe('createNameQuery', () => {
  test('knows localhost and .invalid without asking anybody', async () => {
    const query = createNameQuery(['127.0.0.1:1']);
    expect((await query('localhost')).addresses).toContain('127.0.0.1');
    expect((await query('app.localhost.')).addresses).toEqual(['127.0.0.1', '::1']);
    await expect(query('no-such-host.invalid')).rejects.toMatchObject({ isTransient: false });
  });

  test('asks the servers it was given', async () => {
    const asked: string[] = [];
    const server = await openNameServer((name) => asked.push(name));
    try {
      const query = createNameQuery([server.address]);
      expect((await query('a.test')).addresses).toEqual(['192.0.2.7']);
      expect(new Set(asked)).toEqual(new Set(['a.test']));
    } finally {
      server.close();
    }
  });
});

/** Answers 192.0.2.7 to every question for an IPv4 address, and nothing to the others (RFC 1035 §4). */
const openNameServer = async (
  onName: (name: string) => unknown,
): Promise<{ address: string; close(): void }> => {
  const server = createSocket('udp4');
  server.on('message', (question, { port, address }) => {
    const end = question.indexOf(0, 12) + 5;
    onName(nameIn(question));
    const isV4 = question.readUInt16BE(end - 4) === 1;
    const head = Buffer.from([...question.subarray(0, 2), 0x81, 0x80, 0, 1, 0, isV4 ? 1 : 0, 0, 0, 0, 0]);
    const answer = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 7]);
    const parts = [head, question.subarray(12, end), ...(isV4 ? [answer] : [])];
    server.send(Buffer.concat(parts), port, address);
  });
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
  return { address: `127.0.0.1:${server.address().port}`, close: () => server.close() };
};

const nameIn = (question: Buffer): string => {
  const labels: string[] = [];
  for (let at = 12; question[at] !== 0; at += 1 + (question[at] ?? 0)) {
    labels.push(question.toString('latin1', at + 1, at + 1 + (question[at] ?? 0)));
  }
  return labels.join('.');
};
