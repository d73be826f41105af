import { afterEach, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import zlib from 'node:zlib';
import { createAddressPolicy } from '../../../shared/address-policy.ts';
import { createUrlRule } from '../../../shared/url-rule.ts';
import { createAttempt } from '../../../worker/attempt.ts';
import { createConnections } from '../../../worker/http/connections.ts';
import type { Outcome } from '../../../worker/outcome.ts';
import { createEngine, requestTo } from '../../support/engine.ts';
import { head, openTarget } from '../../support/target-server.ts';
import type { Animal, TargetServer, Visit } from '../../support/target-server.ts';

// Every case is a URL as a user might submit it; nothing here but loopback is ever dialled.
type Text =
  | string
  | { readonly repeat: readonly [prefix: string, unit: string, count: number, suffix: string] };
type Script = {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, Text | readonly string[]>>;
  readonly rawReply?: string;
  readonly drip?: 'headers' | 'body';
  readonly hang?: 'body';
  readonly reset?: 'headers';
  readonly bomb?: string;
  readonly truncated?: 'gzip';
  readonly headersBytes?: number;
  readonly tcp?: string;
  readonly tls?: string;
};
type DnsAnswer = readonly string[] | { readonly error?: string; readonly delayMs?: number };
type Case = {
  readonly group: string;
  readonly name: string;
  readonly input: Text;
  readonly expect: {
    readonly refused?: true;
    readonly stage?: 'submit' | 'run';
    readonly outcome?: 'succeeded' | 'failed';
    readonly code?: string;
    readonly retryable?: boolean;
    readonly hops?: number;
    readonly finalStatus?: number;
    readonly finalPath?: string;
    readonly finalMethod?: string;
    readonly maxRequests?: number;
  };
  readonly setup?: {
    readonly server?: Script;
    readonly dns?: Readonly<Record<string, readonly DnsAnswer[]>>;
  };
};

const cases = JSON.parse(
  readFileSync(new URL('../../support/bad-urls.json', import.meta.url), 'utf8'),
) as Case[];
const named = (wanted: (each: Case) => boolean): [name: string, each: Case][] =>
  cases.filter(wanted).map((each) => [`${each.group}: ${each.name}`, each]);

const written = (text: Text): string =>
  typeof text === 'string' ? text : text.repeat[0] + text.repeat[1].repeat(text.repeat[2]) + text.repeat[3];

const opened: { close: () => unknown }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
});

const publicOnly = createAddressPolicy([]);
const urlRule = createUrlRule(publicOnly);

describe('submission refuses', () => {
  test.each(named(({ expect: { stage } }) => stage === 'submit'))('%s', (_name, { input }) => {
    expect(urlRule(written(input))).toHaveProperty('refusal');
  });
});

describe('the guard lets nothing out to', () => {
  const insideNames: Readonly<Record<string, string>> = {
    metadata: '169.254.169.254',
    'localhost.localdomain': '127.0.0.1',
    'ip6-localhost': '::1',
    'intranet-wiki': '10.0.0.1',
    'db.prod.internal': '10.0.0.2',
    'hr.corp': '172.16.0.1',
    'host.docker.internal': '192.168.65.2',
  };
  test.each(named(({ expect: { refused } }) => refused === true))('%s', async (_name, { input }) => {
    const engine = createEngine({
      allow: [],
      query: async (name) => {
        const address = name.startsWith('localhost.') ? '127.0.0.1' : (insideNames[name] ?? '127.0.0.1');
        return { addresses: [address] };
      },
    });
    opened.push(engine.connections);
    expect(await engine.fetch(written(input))).toMatchObject({
      failure: { code: 'blocked_address' },
      isTransient: false,
      wasSent: false,
    });
  });
});

describe('the guard lets pass', () => {
  test.each(
    named(
      ({ expect: { outcome, stage }, setup }) =>
        stage === 'run' && outcome === 'succeeded' && setup === undefined,
    ),
  )('%s', async (_name, { input }) => {
    const asked: string[] = [];
    const connections = createConnections({
      connect: ({ hostname }, callback) => {
        asked.push(hostname);
        queueMicrotask(() => callback(Object.assign(new Error('not dialled'), { code: 'ESTUB' }), null));
        return {
          step: 'tcp',
          dnsMs: 0,
          connectMs: 0,
          tlsMs: 0,
          remoteAddress: undefined,
          cancel: () => undefined,
        };
      },
    });
    const timeouts = { connectTimeoutMs: 1000, headersTimeoutMs: 1000, bodyTimeoutMs: 1000 };
    const attempt = createAttempt({ connections, urlRule, timeouts, now: Date.now });
    const { signal } = new AbortController();
    const outcome = await new Promise((resolve) => {
      attempt({ request: requestTo(written(input)), owner: 'tests', signal }, resolve);
    });
    expect(outcome).toMatchObject({ failure: { message: expect.stringContaining('ESTUB') } });
    expect(asked).toHaveLength(1);
  });
});

const scripted = (script: Script): Animal => {
  const bomb = script.bomb === undefined ? undefined : createBomb(script.bomb);
  return {
    about: 'does what the case says',
    onRequest: (visit, { method, target }) => {
      if (target === '/final') visit.reply(method);
      else if (bomb !== undefined) visit.reply(bomb, [`content-encoding: ${script.bomb}`]);
      else play(visit, script);
    },
  };
};

const createBomb = (codings: string): Uint8Array =>
  codings
    .split(',')
    .reduce<Uint8Array>(
      (body, coding) => (coding === 'br' ? zlib.brotliCompressSync(body) : zlib.gzipSync(body)),
      Buffer.alloc(5_000_000),
    );

const play = (visit: Visit, script: Script): void => {
  const { send, reply, after, socket } = visit;
  const drip = (): void => {
    send(script.drip === 'body' ? '1\r\nx\r\n' : 'x');
    after(20, drip);
  };
  if (script.rawReply !== undefined) {
    const [text = '', count] = script.rawReply.split(/ x (?=\d+$)/);
    send(text.repeat(Number(count ?? 1)));
    socket.end();
  } else if (script.reset !== undefined) socket.resetAndDestroy();
  else if (script.drip !== undefined) {
    send(
      script.drip === 'body' ? head('200 OK', ['transfer-encoding: chunked']) : 'HTTP/1.1 200 OK\r\nx-drip: ',
    );
    drip();
  } else if (script.hang !== undefined) send(head('200 OK', ['content-length: 10']), 'half ');
  else if (script.truncated !== undefined) {
    reply(zlib.gzipSync('x'.repeat(1000)).subarray(0, 15), ['content-encoding: gzip']);
  } else if (script.headersBytes !== undefined) reply('', [`x-long: ${'y'.repeat(script.headersBytes)}`]);
  else answer(visit, script);
};

const answer = ({ send, reply, origin }: Visit, { status = 200, headers = {} }: Script): void => {
  const lines = Object.entries(headers).flatMap(([name, value]) => {
    const values = Array.isArray(value) ? value : [value];
    return values.map((each: Text) => `${name}: ${written(each).replace('{target}', origin)}`);
  });
  if ('content-length' in headers) send(head(`${status} X`, lines));
  else reply('body', lines, `${status} X`);
};

const run = async ({ name, input, setup }: Case): Promise<{ outcome: Outcome; target: TargetServer }> => {
  const target = await openTarget(scripted(setup?.server ?? {}));
  let lookups = 0;
  const engine = createEngine({
    allow: [{ address: '127.0.0.1', prefix: 32, port: target.port }],
    timeouts: { connectTimeoutMs: 500, headersTimeoutMs: 500, bodyTimeoutMs: 500 },
    query: async (asked) => {
      const script = setup?.dns?.[asked] ?? [];
      const given = script[Math.min(lookups, script.length - 1)] ?? { error: 'ENOTFOUND' };
      lookups += 1;
      if ('error' in given) throw Object.assign(new Error(asked), { code: given.error });
      if (!Array.isArray(given)) return new Promise(() => undefined);
      return { addresses: given as readonly string[] };
    },
  });
  opened.push(target, engine.connections);
  const url = written(input).replace('{target}', target.origin);
  const isPosted = name.startsWith('POST ');
  const posted = { method: 'POST', body: Buffer.from('x') } as const;
  return { outcome: await engine.fetch(url, { timeoutMs: 1000, ...(isPosted && posted) }), target };
};

/** Cases of hostile-targets.test.ts. */
const elsewhere = new Set([
  'https to http downgrade drops credentials',
  'invalid utf-8 body as text',
  'lone surrogate via utf-16 body',
  'retry-after 10 years',
  'retry-after negative / text / date in the past',
  'tcp black hole',
  'tls handshake hangs',
  'two responses for one request',
  'wrong host certificate',
]);
// A public address must never be dialled, so these take the last answer only.
const lastAnswerOnly = ({ setup, ...rest }: Case): Case => ({
  ...rest,
  ...(setup !== undefined && {
    setup: {
      ...setup,
      ...(setup.dns !== undefined && {
        dns: Object.fromEntries(
          Object.entries(setup.dns).map(([name, answers]) => [name, answers.slice(-1)]),
        ),
      }),
    },
  }),
});

describe('at run time', () => {
  test.each(named(({ name, setup }) => setup !== undefined && !elsewhere.has(name)))(
    '%s',
    async (_name, each) => {
      const { outcome, target } = await run(lastAnswerOnly(each));
      const { code, retryable, hops, finalStatus, finalPath, finalMethod, maxRequests = 20 } = each.expect;
      const isAnswer = each.expect.outcome === 'succeeded';
      expect(outcome).toMatchObject({
        kind: isAnswer ? 'response' : 'failure',
        ...(code !== undefined && { failure: { code } }),
        ...(retryable !== undefined && { isTransient: retryable }),
        ...(finalStatus !== undefined && { status: finalStatus }),
        ...(finalPath !== undefined && { finalUrl: target.origin + finalPath }),
      });
      expect(outcome.redirects).toHaveLength(hops ?? outcome.redirects.length);
      expect(target.requests.at(-1)?.method ?? finalMethod).toBe(
        finalMethod ?? target.requests.at(-1)?.method,
      );
      expect(target.requests.length).toBeLessThanOrEqual(maxRequests);
    },
  );
});
