import { describe, expect, test } from '@jest/globals';
import { createAddressPolicy } from '../../shared/address-policy.ts';
import { createUrlRule, literalAddress, maxUrlLength, portOf } from '../../shared/url-rule.ts';

const rule = createUrlRule(createAddressPolicy([]));

const reasonFor = (text: string): string => {
  const verdict = rule(text);
  return 'refusal' in verdict ? verdict.refusal.reason : 'accepted';
};

describe('accepts', () => {
  test.each([
    'http://example.com',
    'HTTPS://EXAMPLE.COM/a?b=c#d',
    'http://example.com:8080/',
    'http://example.com:00443/',
    'http://bücher.example.com/',
    'http://my_host.example./',
    'http://8.8.8.8/',
    'http://[2606:4700:4700::1111]/',
    'http://localhost/',
    'http://example.com/a%20b?q=%E2%82%AC',
  ])('%s', (text) => expect(reasonFor(text)).toBe('accepted'));
});

describe('refuses', () => {
  test.each([
    ['', 'url_not_absolute'],
    ['/etc/passwd', 'url_not_absolute'],
    ['//example.com/', 'url_not_absolute'],
    ['example.com', 'url_not_absolute'],
    ['http:example.com', 'url_not_absolute'],
    ['http:/example.com', 'url_not_absolute'],
    ['http:///example.com', 'url_not_absolute'],
    ['http://', 'url_not_absolute'],
    ['ftp://example.com/', 'url_scheme'],
    ['file:///etc/passwd', 'url_scheme'],
    ['javascript:alert(1)', 'url_scheme'],
    ['view-source:http://example.com', 'url_scheme'],
    ['httpss://example.com/', 'url_scheme'],
    ['http://user@example.com/', 'url_userinfo'],
    ['http://user:pass@example.com/', 'url_userinfo'],
    ['http://example.com@127.0.0.1/', 'url_userinfo'],
    ['http:\\\\127.0.0.1/', 'url_backslash'],
    ['http://example.com\\@127.0.0.1/', 'url_backslash'],
    [' http://example.com/', 'url_whitespace_or_control'],
    ['http://example.com/\n', 'url_whitespace_or_control'],
    ['http://exa\tmple.com/', 'url_whitespace_or_control'],
    ['http://example.com/\u202e', 'url_whitespace_or_control'],
    ['http://exam\u200bple.com/', 'url_whitespace_or_control'],
    ['http://example.com%40127.0.0.1/', 'url_unparsable'],
    ['http://example.com:65536/', 'url_unparsable'],
    ['http://256.0.0.1/', 'url_unparsable'],
    ['http://[::1/', 'url_unparsable'],
    ['http://example.com:22/', 'url_port'],
    ['http://example.com:6379/', 'url_port'],
    ['https://example.com:10250/', 'url_port'],
    ['http://127.0.0.1/', 'url_private_address'],
    ['http://2130706433/', 'url_private_address'],
    ['http://0x7f.1/', 'url_private_address'],
    ['http://0177.0.0.1/', 'url_private_address'],
    ['http://%31%32%37.0.0.1/', 'url_private_address'],
    ['http://127。0。0。1/', 'url_private_address'],
    ['http://127.0.0.1./', 'url_private_address'],
    ['http://[::1]/', 'url_private_address'],
    ['http://[::ffff:7f00:1]/', 'url_private_address'],
    ['http://169.254.169.254/latest/', 'url_private_address'],
  ])('%j: %s', (text, reason) => expect(reasonFor(text)).toBe(reason));

  test('a URL longer than the limit', () => {
    expect(reasonFor(`http://example.com/${'a'.repeat(maxUrlLength)}`)).toBe('url_too_long');
  });
});

test('what an allowed network names is accepted, address and port', () => {
  const open = createUrlRule(createAddressPolicy([{ address: '127.0.0.0', prefix: 8, port: 9200 }]));
  expect('url' in open('http://127.0.0.1:9200/')).toBe(true);
  expect('url' in open('http://127.0.0.1:9201/')).toBe(false);
  expect('url' in open('http://example.com:6379/')).toBe(false);
});

test('judges a URL alike whether or not its origin was asked for before', () => {
  const judge = createUrlRule(createAddressPolicy([{ address: '127.0.0.0', prefix: 8, port: 9200 }]));
  const texts = ['http://127.0.0.1:9200/a', 'http://127.0.0.1:9200/b c', 'http://127.0.0.1:9201/a'];
  const ask = (): string[] => texts.map((text) => ('url' in judge(text) ? 'accepted' : 'refused'));
  expect(ask()).toEqual(['accepted', 'refused', 'refused']);
  expect(ask()).toEqual(['accepted', 'refused', 'refused']);
});

test('knows the port of a URL and the address it spells', () => {
  expect(portOf(new URL('http://a/'))).toBe(80);
  expect(portOf(new URL('https://a/'))).toBe(443);
  expect(portOf(new URL('https://a:80/'))).toBe(80);
  expect(literalAddress('[::1]')).toBe('::1');
  expect(literalAddress('127.0.0.1.')).toBe('127.0.0.1');
  expect(literalAddress('localhost')).toBeUndefined();
});
