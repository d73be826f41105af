import { expect, test } from '@jest/globals';
import { createLogger } from '../../shared/logger.ts';

const logged = (level: 'info' | 'warn', write: (logger: ReturnType<typeof createLogger>) => void): string => {
  const lines: string[] = [];
  write(createLogger('api', level, { write: (line) => void lines.push(line) }));
  return lines.join('');
};

test('writes one JSON object a line, with the role and a time that people can read', () => {
  const line = JSON.parse(
    logged('info', (logger) => logger.info({ batchId: 'bat_1' }, 'accepted')),
  ) as object;
  expect(line).toMatchObject({ name: 'api', msg: 'accepted', batchId: 'bat_1' });
  expect(line).toHaveProperty('time', expect.stringMatching(/^\d{4}-\d\d-\d\dT/));
});

test('writes nothing below its level', () => {
  expect(logged('warn', (logger) => logger.info('quiet'))).toBe('');
});

test.each([
  { authorization: 'secret' },
  { headers: { 'x-api-key': 'secret' } },
  { body: 'secret' },
  { req: { headers: { cookie: 'secret' } } },
  { request: { url: 'https://example.com/', body: 'secret' } },
  { req: { raw: { 'idempotency-key': 'secret', cookie: 'secret' } } },
])('keeps secrets out: %j', (fields) => {
  const text = logged('info', (logger) => logger.info(fields, 'seen'));
  expect(text).toContain('[Redacted]');
  expect(text).not.toContain('secret');
});
