// Bodies too large for memory, over every protocol: stored as they were sent, little of them in memory, nothing left behind.
import { readdir } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from '@jest/globals';
import { newBatchId, type BatchId } from '../../shared/batch.ts';
import type { BodyDraft, BodyStore } from '../../shared/body-store.ts';
import { createFileBodyStore } from '../../shared/body-store/file.ts';
import type { Outcome } from '../../worker/outcome.ts';
import { authority, tlsAnimals } from '../support/animals/tls.ts';
import { bytesOf, createEngine, summary, type Engine, type FetchOptions } from '../support/engine.ts';
import { openHttp2Target } from '../support/http2-target.ts';
import { head, openTarget, type Animal } from '../support/target-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';
import { waitFor } from '../support/wait-for.ts';

const folder = temporaryFolder();
const opened: { close: () => unknown }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
});

const files = createFileBodyStore(folder);
const memoryBytes = 10_000;
const large = randomBytes(1_500_000);

type Trouble = Partial<Pick<BodyDraft, 'write' | 'keep'>>;

/** A store whose drafts do what `trouble` does before they do their work. */
const storeWith = (trouble: Trouble): BodyStore => ({
  ...files,
  draft(id, index) {
    const draft = files.draft(id, index);
    return {
      write: async (part) => {
        await trouble.write?.(part);
        await draft.write(part);
      },
      keep: async () => {
        await trouble.keep?.();
        return await draft.keep();
      },
      discard: () => draft.discard(),
    };
  },
});

type Fetch = (options?: FetchOptions) => Promise<Outcome>;
type SetUp = { readonly batch: BatchId; readonly fetch: Fetch; readonly asked: () => number };

const engineWith = (bodies: BodyStore): Engine => {
  const engine = createEngine({
    ca: authority,
    keeping: { bodies, memoryBytes },
    timeouts: { bodyTimeoutMs: 300 },
  });
  opened.push(engine.connections);
  return engine;
};

type Target = {
  readonly origin: string;
  readonly requests: readonly unknown[];
  readonly close: () => Promise<void>;
};

const fetchFrom = (target: Target, trouble: Trouble, how: FetchOptions = {}): SetUp => {
  opened.push(target);
  const engine = engineWith(storeWith(trouble));
  const batch = newBatchId();
  const fetch: Fetch = (options) =>
    engine.fetch(`${target.origin}/`, { batch, maxBodyBytes: 10_000_000, ...how, ...options });
  return { batch, fetch, asked: () => target.requests.length };
};

const setUp = async (animal: Omit<Animal, 'about'>, trouble: Trouble = {}, tls = false): Promise<SetUp> => {
  const options = tls ? { tls: tlsAnimals.good.tls } : {};
  return fetchFrom(await openTarget({ about: 'has a large body', ...animal }, options), trouble);
};

const overHttp2 = async (trouble: Trouble = {}): Promise<SetUp> => {
  const target = await openHttp2Target(({ stream }) => {
    stream.respond({ ':status': 200 });
    stream.end(large);
  });
  return fetchFrom(target, trouble, { http2: true });
};

const sized: Omit<Animal, 'about'> = { onRequest: ({ reply }) => reply(large) };
const chunked: Omit<Animal, 'about'> = {
  onRequest({ send }) {
    send(head('200 OK', ['transfer-encoding: chunked']));
    for (let at = 0; at < large.length; at += 7001) {
      const chunk = large.subarray(at, at + 7001);
      send(`${chunk.length.toString(16)}\r\n`, chunk, '\r\n');
    }
    send('0\r\n\r\n');
  },
};
const endedByClose: Omit<Animal, 'about'> = {
  onRequest({ send, socket }) {
    send(head('200 OK', []), large);
    socket.end();
  },
};

const ways: readonly (readonly [string, (trouble?: Trouble) => Promise<SetUp>])[] = [
  ['of declared length', (trouble) => setUp(sized, trouble)],
  ['in chunks', (trouble) => setUp(chunked, trouble)],
  ['ended by a close', (trouble) => setUp(endedByClose, trouble)],
  ['over TLS', (trouble) => setUp(sized, trouble, true)],
  ['in chunks over TLS', (trouble) => setUp(chunked, trouble, true)],
  ['over HTTP/2', overHttp2],
];

const refOf = (outcome: Outcome): string =>
  (outcome.kind === 'response' && outcome.body.ref) || `not stored: ${summary(outcome)}`;

const filesOf = async (batch: BatchId): Promise<readonly string[]> =>
  await readdir(`${folder}/${batch}/0`).catch(() => []);

const untilNoFiles = (batch: BatchId): Promise<unknown> =>
  waitFor(async () => (await filesOf(batch)).length === 0);

describe.each(ways)('a large body %s', (_way, open) => {
  test('is stored as it was sent', async () => {
    const { batch, fetch } = await open();
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => fetch()));
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({
        kind: 'response',
        body: { wireBytes: large.length, bytes: large.length, truncated: false },
      });
      expect((await files.read(batch, refOf(outcome))).equals(large)).toBe(true);
    }
    expect(await filesOf(batch)).toHaveLength(5);
  });

  test('waits for a slow store, which is no fault of the host', async () => {
    const store = { isHeld: true, written: 0 };
    const { batch, fetch } = await open({
      write: async ({ length }) => {
        await until(() => !store.isHeld);
        store.written += length;
      },
    });
    const ended = fetch({ timeoutMs: 400 });
    setTimeout(() => (store.isHeld = false), 900);
    const outcome = await ended;
    expect((await files.read(batch, refOf(outcome))).equals(large)).toBe(true);
    expect(store.written).toBe(large.length);
  });

  test('is asked for once more where it cannot be stored, and is kept in memory then', async () => {
    for (const [step, afterMs] of [
      ['write', 0],
      ['keep', 900],
    ] as const) {
      const fail = async (): Promise<never> => {
        await new Promise((resolve) => void setTimeout(resolve, afterMs));
        throw new Error('ENOSPC');
      };
      const { batch, fetch, asked } = await open({ [step]: fail });
      expect(bytesOf(await fetch({ timeoutMs: 800 }))?.equals(large)).toBe(true);
      expect(asked()).toBe(2);
      await untilNoFiles(batch);
    }
  });

  test.each(['write', 'keep'])('leaves nothing behind where nobody wants it before the %s', async (step) => {
    const store = { calls: 0 };
    const abort = new AbortController();
    const { batch, fetch } = await open({
      [step]: async () => {
        store.calls += 1;
        if (step === 'keep' || store.calls === 3) abort.abort();
      },
    });
    expect(summary(await fetch({ signal: abort.signal }))).toBe('cancelled');
    await untilNoFiles(batch);
  });
});

test('a host cannot fill the memory while the store waits', async () => {
  const endless = { sent: 0 };
  const store = { isHeld: true };
  const piece = Buffer.alloc(65_536, 'x');
  const { fetch } = await setUp(
    {
      onRequest({ send, socket }) {
        send(head('200 OK', [`content-length: ${400 * piece.length}`]));
        const write = (): void => {
          while (endless.sent < 400 && !socket.destroyed) {
            endless.sent += 1;
            if (!socket.write(piece)) return void socket.once('drain', write);
          }
        };
        write();
      },
    },
    { write: () => until(() => !store.isHeld, 10_000) },
  );
  const ended = fetch({ maxBodyBytes: 400 * piece.length });
  await until(() => endless.sent > 3);
  for (let sent = -1; sent !== endless.sent;) {
    sent = endless.sent;
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
  }
  // What the kernel takes off the host's hands is not in our memory.
  expect(endless.sent).toBeLessThan(200);
  store.isHeld = false;
  expect(await ended).toMatchObject({ kind: 'response', body: { bytes: 400 * piece.length } });
});

test('a host that falls silent is not waited for because the store was', async () => {
  const store = { isHeld: true };
  const { batch, fetch } = await setUp(
    {
      onRequest: ({ send }) =>
        send(head('200 OK', [`content-length: ${large.length}`]), large.subarray(0, 900_000)),
    },
    { write: () => until(() => !store.isHeld) },
  );
  const ended = fetch();
  // Longer than a host may be silent.
  setTimeout(() => (store.isHeld = false), 700);
  expect(await ended).toMatchObject({
    failure: { code: 'timed_out', message: 'no more of the body came for 300 ms' },
  });
  await untilNoFiles(batch);
});

test('a body under a content coding is measured from the store', async () => {
  const zipped = gzipSync(large);
  const reply = (body: Buffer, coding: string): Omit<Animal, 'about'> => ({
    onRequest: (visit) => visit.reply(body, [`content-encoding: ${coding}`]),
  });
  const { batch, fetch } = await setUp(reply(zipped, 'gzip'));
  const outcome = await fetch();
  expect(outcome).toMatchObject({ body: { wireBytes: zipped.length, bytes: large.length } });
  expect((await files.read(batch, refOf(outcome))).equals(zipped)).toBe(true);

  const twice = await setUp(reply(gzipSync(zipped), 'gzip, gzip'));
  expect(await twice.fetch()).toMatchObject({ body: { bytes: large.length } });

  const corrupt = await setUp(reply(large, 'gzip'));
  expect(summary(await corrupt.fetch())).toBe('invalid_response');
  await untilNoFiles(corrupt.batch);

  const bomb = await setUp(reply(gzipSync(Buffer.alloc(12_000_000)), 'gzip'));
  expect(summary(await bomb.fetch())).toBe('body_too_large');
  await untilNoFiles(bomb.batch);
});

test('a large body is truncated, refused or broken off as a small one is', async () => {
  const { batch, fetch } = await setUp(chunked);
  const cut = await fetch({ maxBodyBytes: 500_000, onBodyTooLarge: 'truncate' });
  expect(cut).toMatchObject({ body: { bytes: 500_000, truncated: true } });
  expect((await files.read(batch, refOf(cut))).equals(large.subarray(0, 500_000))).toBe(true);
  expect(summary(await fetch({ maxBodyBytes: 500_000 }))).toBe('body_too_large');

  const broken = await setUp({
    onRequest({ send, socket }) {
      send(head('200 OK', [`content-length: ${large.length}`]), large.subarray(0, 900_000));
      socket.end();
    },
  });
  expect(summary(await broken.fetch())).toBe('connection_lost transient');
  await untilNoFiles(broken.batch);
});

test('stays in memory where the host may not be asked again, or it belongs to no batch', async () => {
  const { fetch } = await setUp(sized);
  expect(bytesOf(await fetch({ method: 'POST' }))?.equals(large)).toBe(true);
  const engine = engineWith(files);
  const target = await openTarget({ about: 'has a large body', ...sized });
  opened.push(target);
  const outcome = await engine.fetch(target.origin, { maxBodyBytes: 10_000_000 });
  expect(bytesOf(outcome)?.equals(large)).toBe(true);
});
