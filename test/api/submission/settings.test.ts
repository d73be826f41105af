import { expect, test } from '@jest/globals';
import { createFieldErrors, type FieldErrors } from '../../../api/submission/field-errors.ts';
import { readSettings, type Settings } from '../../../api/submission/settings.ts';
import { createAddressPolicy } from '../../../shared/address-policy.ts';
import { createUrlRule } from '../../../shared/url-rule.ts';

const now = Date.parse('2026-01-01T00:00:00Z');
const urlRule = createUrlRule(createAddressPolicy([]));
const rules = { expiresSeconds: 3600, now: () => now, urlRule, hasWebhookSecret: false };

const read = (written: object): { settings: Settings | undefined; errors: FieldErrors } => {
  const errors = createFieldErrors();
  return { settings: readSettings({ ...written }, errors, rules), errors };
};

test.each([
  ['2026-01-01T00:59:59Z', now + 3_599_000],
  ['2026-01-01T01:30:00+01:00', now + 1_800_000],
  ['2020-02-29T00:00:00.5Z', Date.UTC(2020, 1, 29, 0, 0, 0, 500)],
])('reads notBefore %s', (notBefore, epochMs) => {
  const { settings, errors } = read({ notBefore });
  expect(errors.count()).toBe(0);
  expect(settings?.notBefore).toBe(epochMs);
});

test('a batch may wait for as long as it lives, and no longer', () => {
  const notBefore = '2026-12-31T00:00:00Z';
  expect(read({ notBefore, expiresIn: 31_536_000 }).errors.count()).toBe(0);
  expect(() => read({ notBefore }).errors.throwIfAny()).toThrow('one field is not valid');
  expect(read({ notBefore: '2026-01-01T01:00:00Z' }).errors.count()).toBe(1);
});

test.each(['2026-01-01', '2026-01-01T00:10:00', '2026-02-30T00:00:00Z', 'soon', 1_767_225_600_000])(
  'refuses notBefore %j',
  (notBefore) => expect(read({ notBefore }).errors.count()).toBe(1),
);

test('the usual priority is in the middle', () => {
  expect(read({}).settings).toEqual({ defaults: {}, priority: 50 });
});
