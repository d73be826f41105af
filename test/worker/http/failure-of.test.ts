import { describe, expect, test } from '@jest/globals';
import { BlockedAddressError } from '../../../worker/guard/judgement.ts';
import { NameError } from '../../../worker/guard/resolver.ts';
import { codingFault, dialFault, exchangeFault, fault } from '../../../worker/http/failure-of.ts';
import { HeadTooLargeError } from '../../../worker/http/head-limit.ts';

const coded = (code: string, message = code): Error => Object.assign(new Error(message), { code });
const nothingYet = { hasHead: false, receivedBytes: 0, declaredBytes: undefined };
const halfBody = { hasHead: true, receivedBytes: 5, declaredBytes: 10 };

describe('dialFault', () => {
  test.each([
    ['a refused address', new BlockedAddressError('no'), 'dns', 'blocked_address', false],
    ['an unknown name', new NameError('gone', false), 'dns', 'dns_failed', false],
    ['a name server in trouble', new NameError('later', true), 'dns', 'dns_failed', true],
    ['a closed port', coded('ECONNREFUSED'), 'tcp', 'connect_failed', true],
    ['an unreachable host', coded('EHOSTUNREACH'), 'tcp', 'connect_failed', true],
    ['no file descriptors left', coded('EMFILE'), 'tcp', 'connect_failed', true],
    ['an expired certificate', coded('CERT_HAS_EXPIRED'), 'tls', 'tls_failed', false],
    ['a reset in the handshake', coded('ECONNRESET'), 'tls', 'connect_failed', true],
    ['a header that cannot be sent', coded('UND_ERR_INVALID_ARG'), undefined, 'invalid_request', false],
  ] as const)('says what came of %s', (_what, error, step, code, isTransient) => {
    expect(dialFault(error, step)).toMatchObject({ failure: { code }, isTransient });
  });
});

describe('exchangeFault', () => {
  test.each([
    ['a reset', coded('ECONNRESET'), nothingYet, 'connection_lost'],
    ['an end', coded('UND_ERR_SOCKET', 'other side closed'), nothingYet, 'connection_lost'],
    ['an end within chunks', coded('HPE_INVALID_EOF_STATE'), halfBody, 'connection_lost'],
    ['an end before the length', coded('UND_ERR_RES_CONTENT_LENGTH_MISMATCH'), halfBody, 'connection_lost'],
    ['two lengths', coded('UND_ERR_RES_CONTENT_LENGTH_MISMATCH'), nothingYet, 'invalid_response'],
    ['an unasked 100', coded('UND_ERR_SOCKET', 'bad response'), nothingYet, 'invalid_response'],
    ['garbage', coded('HPE_INVALID_CONSTANT'), nothingYet, 'invalid_response'],
    ['a head too large', new HeadTooLargeError(), nothingYet, 'invalid_response'],
    ['a header that cannot be sent', coded('UND_ERR_INVALID_ARG'), nothingYet, 'invalid_request'],
    ['what nobody foresaw', new Error('odd'), nothingYet, 'invalid_response'],
  ] as const)('says what came of %s', (_what, error, progress, code) => {
    expect(exchangeFault(error, progress)).toMatchObject({
      failure: { code },
      isTransient: code === 'connection_lost',
    });
  });

  test('says how much had come', () => {
    expect(exchangeFault(coded('ECONNRESET'), halfBody).failure.message).toBe(
      'the connection ended after 5 of 10 bytes of the body',
    );
  });
});

test('codingFault tells a bomb from a lie', () => {
  expect(codingFault('too_large', 'gzip', 10).failure.code).toBe('body_too_large');
  expect(codingFault('corrupt', 'gzip', 10).failure.code).toBe('invalid_response');
  expect(codingFault('too_many_codings', 'gzip', 10).failure.code).toBe('invalid_response');
});

test('a fault has the meaning of its code for a message unless given one', () => {
  expect(fault('timed_out')).toEqual({
    failure: { code: 'timed_out', message: 'a deadline of this request passed' },
    isTransient: true,
  });
});
