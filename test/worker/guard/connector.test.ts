import { afterEach, describe, expect, test } from '@jest/globals';
import type { Socket } from 'node:net';
import type { AddressPolicy } from '../../../shared/address-policy.ts';
import { createAddressPolicy } from '../../../shared/address-policy.ts';
import { createConnector } from '../../../worker/guard/connector.ts';
import { BlockedAddressError } from '../../../worker/guard/judgement.ts';
import type { Dial } from '../../../worker/guard/dial.ts';
import { NameError } from '../../../worker/guard/resolver.ts';
import { openTarget } from '../../support/target-server.ts';
import type { TargetServer } from '../../support/target-server.ts';

const opened: { close: () => unknown }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
});

const openQuietTarget = async (address = '127.0.0.1'): Promise<TargetServer> => {
  const target = await openTarget({ about: 'accepts and says nothing' }, { address });
  opened.push(target);
  return target;
};

const loopback = createAddressPolicy([{ address: '127.0.0.0', prefix: 8 }]);

type Connected = { readonly dial: Dial; readonly socket?: Socket; readonly error?: Error };

const dialTo = ({
  hostname,
  port,
  answer = [],
  addresses = loopback,
}: {
  hostname: string;
  port: number;
  answer?: readonly string[] | Error;
  addresses?: AddressPolicy;
}): Promise<Connected> =>
  new Promise((resolve) => {
    const connect = createConnector({
      addresses,
      resolve: () => (answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)),
    });
    const dial = connect({ hostname, protocol: 'http:', port: String(port) }, (error, socket) => {
      if (error !== null) return resolve({ dial, error });
      opened.push({ close: () => socket?.destroy() });
      resolve({ dial, socket });
    });
  });

describe('the connector', () => {
  test('connects a name to the address it was checked for, and says how long each step took', async () => {
    const { port } = await openQuietTarget();
    const { dial, socket } = await dialTo({ hostname: 'a.example', port, answer: ['127.0.0.1'] });
    expect(socket?.remoteAddress).toBe('127.0.0.1');
    expect(dial).toMatchObject({ step: 'open', remoteAddress: '127.0.0.1', tlsMs: 0 });
    expect(dial.connectMs).toBeGreaterThan(0);
  });

  test('tries the next address when one refuses', async () => {
    const { port } = await openQuietTarget('127.0.0.3');
    const { dial } = await dialTo({ hostname: 'a.example', port, answer: ['127.0.0.2', '127.0.0.3'] });
    expect(dial.remoteAddress).toBe('127.0.0.3');
  });

  test.each([
    ['a literal', '10.0.0.1', []],
    ['the only address', 'a.example', ['10.0.0.1']],
    ['one of several addresses', 'a.example', ['127.0.0.1', '169.254.169.254']],
    ['an answer that is no address', 'a.example', ['not-an-ip']],
    ['a mapped loopback', 'a.example', ['::ffff:10.0.0.1']],
  ])('refuses %s without dialling', async (_what, hostname, answer) => {
    const target = await openQuietTarget();
    const { error } = await dialTo({ hostname, port: target.port, answer });
    expect(error).toBeInstanceOf(BlockedAddressError);
    expect(target.sockets()).toBe(0);
  });

  test('takes of localhost what is allowed, and of no other name', async () => {
    const { port } = await openQuietTarget();
    const answer = ['127.0.0.1', '::1'];
    expect((await dialTo({ hostname: 'localhost', port, answer })).dial.remoteAddress).toBe('127.0.0.1');
    expect((await dialTo({ hostname: 'a.example', port, answer })).error).toBeInstanceOf(BlockedAddressError);
    const nothing = createAddressPolicy([]);
    const refused = await dialTo({ hostname: 'localhost', port, answer, addresses: nothing });
    expect(refused.error).toBeInstanceOf(BlockedAddressError);
  });

  test('checks the peer once more when connected', async () => {
    const { port } = await openQuietTarget();
    let asked = 0;
    const addresses: AddressPolicy = { allows: () => (asked += 1) < 2, namesPort: () => true };
    const { error } = await dialTo({ hostname: '127.0.0.1', port, addresses });
    expect(error).toBeInstanceOf(BlockedAddressError);
    expect(asked).toBe(2);
  });

  test('hands on why a name has no address, and where the dial stood', async () => {
    const { dial, error } = await dialTo({
      hostname: 'a.example',
      port: 1,
      answer: new NameError('gone', false),
    });
    expect(error?.message).toBe('gone');
    expect(dial.step).toBe('dns');
  });

  test('calls nobody back once cancelled', async () => {
    const target = await openQuietTarget();
    const connect = createConnector({ addresses: loopback, resolve: () => Promise.resolve(['127.0.0.1']) });
    const calls: unknown[] = [];
    const dial = connect({ hostname: 'a.example', protocol: 'http:', port: String(target.port) }, (...call) =>
      calls.push(call),
    );
    dial.cancel();
    await dialTo({ hostname: '127.0.0.1', port: target.port });
    expect(calls).toEqual([]);
  });
});
