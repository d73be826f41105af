import { describe, expect, test } from '@jest/globals';
import { assert, integer, property } from 'fast-check';
import { createAddressPolicy } from '../../shared/address-policy.ts';

const policy = createAddressPolicy([]);

describe('refuses special-purpose addresses', () => {
  test.each(
    (
      '0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.0 100.127.255.255 127.0.0.1 127.255.255.254 168.63.129.16 ' +
      '169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.192 192.0.2.1 192.31.196.1 192.52.193.1 192.88.99.1 ' +
      '192.168.0.1 192.175.48.1 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 ' +
      '240.0.0.1 255.255.255.255 :: ::1 ::ffff:127.0.0.1 ::ffff:7f00:1 ::ffff:8.8.8.8 ::ffff:808:808 ::127.0.0.1 ' +
      '::ffff:0:127.0.0.1 64:ff9b::7f00:1 64:ff9b:1::7f00:1 100::1 2001::1 2001:db8::1 2002:7f00:1:: 2620:4f:8000::1 ' +
      '3fff::1 4000::1 5f00::1 fc00::1 fd00:ec2::254 fe80::1 febf:ffff::1 fec0::1 ff02::1'
    ).split(' '),
  )('%s', (address) => expect(policy.allows(address, 80)).toBe(false));
});

describe('allows public addresses, right up to the borders', () => {
  test.each(
    (
      '1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.1 126.255.255.255 128.0.0.1 169.253.255.255 ' +
      '169.255.0.1 172.15.255.255 172.32.0.1 191.255.255.255 198.17.255.255 198.20.0.1 223.255.255.255 ' +
      '2606:4700:4700::1111 2a00:1450::1 2001:4860:4860::8888 2003::1'
    ).split(' '),
  )('%s', (address) => expect(policy.allows(address, 80)).toBe(true));
});

test.each(['', 'localhost', '1.2.3', '999.1.1.1', '[::1]', 'fe80::1%eth0', '1.1.1.1 ', 'not-an-ip'])(
  'text that is no plain address is refused: %j',
  (text) => expect(policy.allows(text, 80)).toBe(false),
);

test('an allowed network opens just that network, and its mapped spellings', () => {
  const open = createAddressPolicy([{ address: '127.0.0.0', prefix: 8 }]);
  for (const address of [
    '127.0.0.1',
    '127.9.9.9',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '0:0:0:0:0:ffff:7f00:1',
  ]) {
    expect(open.allows(address, 1)).toBe(true);
  }
  for (const address of ['10.0.0.1', '::1', '::ffff:10.0.0.1']) expect(open.allows(address, 1)).toBe(false);
});

test('an allowed network with a port opens that port only', () => {
  const open = createAddressPolicy([
    { address: '10.1.2.3', prefix: 32, port: 8080 },
    { address: 'fd00::', prefix: 8, port: 80 },
  ]);
  expect(open.allows('10.1.2.3', 8080)).toBe(true);
  expect(open.allows('10.1.2.3', 8081)).toBe(false);
  expect(open.allows('10.1.2.4', 8080)).toBe(false);
  expect(open.allows('fd12::1', 80)).toBe(true);
  expect(open.allows('fd12::1', 81)).toBe(false);
  expect(open.namesPort(8080)).toBe(true);
  expect(open.namesPort(443)).toBe(false);
});

test('no embedded form of a refused IPv4 address is allowed', () => {
  const octet = integer({ min: 0, max: 255 });
  assert(
    property(octet, octet, octet, (b, c, d) => {
      const hex = `7f${b.toString(16).padStart(2, '0')}:${((c << 8) | d).toString(16)}`;
      for (const form of [
        `::ffff:127.${b}.${c}.${d}`,
        `::ffff:${hex}`,
        `::${hex}`,
        `64:ff9b::${hex}`,
        `2002:${hex}::`,
      ]) {
        expect(policy.allows(form, 80)).toBe(false);
      }
    }),
  );
});
