import { expect, test } from '@jest/globals';
import { corsOrigins, dnsServers, networks } from '../../shared/network-variables.ts';

test('reads networks, each with an optional port', () => {
  expect(networks.parse('127.0.0.0/8, 10.1.2.3/32:8080, [fd00::]/8:80')).toEqual([
    { address: '127.0.0.0', prefix: 8 },
    { address: '10.1.2.3', prefix: 32, port: 8080 },
    { address: 'fd00::', prefix: 8, port: 80 },
  ]);
});

test.each(['127.0.0.1', '127.0.0.0/33', '127.0.0.0/8:0', 'fd00::/129', 'a/8', ''])(
  'refuses the network %p',
  (text) => expect(networks.safeParse(text).success).toBe(false),
);

test('reads name servers, each with an optional port', () => {
  const servers = ['192.0.2.1', '192.0.2.2:5353', '2001:db8::1', '[2001:db8::1]', '[2001:db8::1]:53'];
  expect(dnsServers.parse(servers.join(', '))).toEqual(servers);
  expect(dnsServers.parse(undefined)).toEqual([]);
});

test.each([
  'dns.example',
  '192.0.2.1:0',
  '192.0.2.1:65536',
  '192.0.2',
  '[192.0.2.1]:53',
  '192.0.2.1,',
  '::1:x',
])('refuses the name server %p', (text) => expect(dnsServers.safeParse(text).success).toBe(false));

test('reads origins, as browsers spell them', () => {
  const origins = ['https://app.example.com', 'http://localhost:3000', 'http://[::1]:3000'];
  expect(corsOrigins.parse(origins.join(', '))).toEqual(origins);
  expect(corsOrigins.parse('*')).toEqual(['*']);
  expect(corsOrigins.parse(undefined)).toEqual([]);
});

test.each([
  'https://app.example.com/',
  'https://App.example.com',
  'https://app.example.com:443',
  'https://*.example.com',
  'ftp://example.com',
  'app.example.com',
  'null',
  'https://a.example,',
])('refuses the origin %p', (text) => expect(corsOrigins.safeParse(text).success).toBe(false));
