import { afterEach, describe, expect, test } from '@jest/globals';
import { EventEmitter, once } from 'node:events';
import { createAddressPolicy } from '../../../shared/address-policy.ts';
import { createConnector } from '../../../worker/guard/connector.ts';
import type { Question } from '../../../worker/http/carrier.ts';
import { Connection } from '../../../worker/http/connection.ts';
import { createConnections } from '../../../worker/http/connections.ts';
import type { Host } from '../../../worker/http/connections.ts';
import { RoundTrip } from '../../../worker/http/round-trip.ts';
import type { RoundTripListener } from '../../../worker/http/round-trip.ts';
import { connectionAnimals } from '../../support/animals/connections.ts';
import { openTarget } from '../../support/target-server.ts';
import type { Animal } from '../../support/target-server.ts';
import { until } from '../../support/until.ts';

const opened: { close: () => unknown }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
});

const openHost = async (animal: Animal): Promise<Host> => {
  const target = await openTarget(animal);
  const addresses = createAddressPolicy([{ address: '127.0.0.0', prefix: 8 }]);
  const connections = createConnections({
    connect: createConnector({ addresses, resolve: () => Promise.resolve([]) }),
  });
  opened.push(target, connections);
  return connections.host('tests', target.origin);
};

const question: Question = {
  method: 'GET',
  path: '/',
  headers: [],
  body: undefined,
  maxBodyBytes: 1000,
  truncates: false,
};

type Told = { readonly trip: RoundTrip; readonly steps: string[]; readonly ended: Promise<unknown> };

const begin = (
  host: Host,
  change: Partial<Question> = {},
  onHead = (_trip: RoundTrip): void => undefined,
): Told => {
  const steps: string[] = [];
  const told = new EventEmitter();
  const listener: RoundTripListener = {
    onSent: ({ phase }) => steps.push(`sent in ${phase}`),
    onHead: (it) => {
      steps.push(`head in ${it.phase}`);
      onHead(it);
    },
    onReleased: () => steps.push('released'),
    onEnd: ({ phase }) => {
      steps.push(`end in ${phase}`);
      told.emit('end');
    },
  };
  const departure = {
    connection: host.takeIdle(0) ?? host.open(),
    keepAlive: true,
    question: { ...question, ...change },
    startedAt: performance.now(),
  };
  const trip = new RoundTrip(departure, listener);
  const ended = once(told, 'end');
  trip.start();
  return { trip, steps, ended };
};

const isDestroyed = ({ connection }: RoundTrip): boolean =>
  connection instanceof Connection && connection.client.destroyed;

const unwanted = (trip: RoundTrip): void => {
  trip.wantsBody = false;
};

const polite: Animal = { about: 'well-behaved', onRequest: ({ reply }) => reply('whole') };

describe('a round trip', () => {
  test('tells of its steps in order and keeps its connection', async () => {
    const host = await openHost(polite);
    const { trip, steps, ended } = begin(host);
    expect(trip.phase).toBe('connect');
    await ended;
    expect(steps).toEqual(['sent in headers', 'head in body', 'end in ended']);
    expect(trip.fault).toBeUndefined();
    expect(Buffer.from(trip.body.bytes()).toString()).toBe('whole');
    expect(trip.headAt).toBeGreaterThanOrEqual(trip.sentAt);
    const again = begin(host);
    await again.ended;
    expect(again.trip.isReused).toBe(true);
    expect(again.trip.connection).toBe(trip.connection);
  });

  test('says nothing more once abandoned, at any step', async () => {
    const host = await openHost(connectionAnimals.acceptAndHang);
    const early = begin(host);
    early.trip.abandon();
    const late = begin(host);
    await until(() => late.steps.length === 1);
    late.trip.abandon();
    late.trip.abandon();
    await until(() => isDestroyed(late.trip));
    expect([early.steps, late.steps]).toEqual([[], ['sent in headers']]);
  });

  test('ends in a fault of the request where undici refuses to send it', async () => {
    const { trip, ended } = begin(await openHost(polite), { headers: ['bad name', 'x'] });
    await ended;
    expect(trip.fault?.failure.code).toBe('invalid_request');
    expect(trip.sentAt).toBe(0);
  });

  test('reads an unwanted body to its end, but not for ever', async () => {
    const host = await openHost({
      about: 'sends as much as the path says',
      onRequest: ({ reply }, { target }) => reply('x'.repeat(Number(target.slice(1)))),
    });
    const short = begin(host, { path: '/5000' }, unwanted);
    await short.ended;
    expect(short.trip.body.length).toBe(0);
    const long = begin(host, { path: '/900000' }, unwanted);
    await long.ended;
    expect(long.trip.isReused).toBe(true);
    expect(long.trip.fault).toBeUndefined();
    expect(isDestroyed(long.trip)).toBe(true);
  });
});
