import type { Request, Response } from 'express';
import { expect, test } from '@jest/globals';
import { refuseBadHead } from '../../api/message-head.ts';

const codeOf = (rawHeaders: string[], more: object = {}): string => {
  const passed = { by: false };
  const head = { rawHeaders, headers: {}, httpVersion: '1.1', ...more } as unknown as Request;
  try {
    void refuseBadHead(head, {} as Response, () => {
      passed.by = true;
    });
  } catch (error) {
    return (error as { code: string }).code;
  }
  return passed.by ? 'passed' : 'stuck';
};

test.each([
  ['one Host', ['Host', 'a'], {}, 'passed'],
  ['two Hosts', ['Host', 'a', 'HOST', 'a'], {}, 'http_invalid'],
  ['no Host', ['X', 'host'], {}, 'http_invalid'],
  ['no Host in HTTP/1.0', [], { httpVersion: '1.0' }, 'passed'],
  ['the one expectation there is', ['Host', 'a'], { headers: { expect: '100-Continue' } }, 'passed'],
  ['another expectation', ['Host', 'a'], { headers: { expect: '200-ok' } }, 'expectation_failed'],
])('%s', (_, rawHeaders, more, code) => {
  expect(codeOf(rawHeaders, more)).toBe(code);
});
