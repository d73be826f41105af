import { expect, test } from '@jest/globals';
import { newBatchId } from '../../shared/batch.ts';
import { Journey, type Company } from '../../worker/journey.ts';
import { attempts, resolved } from '../support/outcomes.ts';

const written = { index: 7, url: 'http://a.test:81/x' };

const company = (): Company & { readonly told: unknown[] } => {
  const told: unknown[] = [];
  return {
    told,
    batch: newBatchId(),
    weight: 2,
    resolve: (request) => {
      told.push('resolved');
      return resolved({ url: request.url });
    },
    hear: (journey, { is }) => told.push([journey.written.index, is]),
  };
};

test('resolves its request when it is first asked for, and once', () => {
  const some = company();
  const journey = new Journey(some, written, undefined);
  expect([journey.host, some.told]).toEqual(['http://a.test:81', []]);
  expect(journey.request.url).toBe(written.url);
  expect(journey.request).toBe(journey.request);
  expect(some.told).toEqual(['resolved']);
});

test('passes on what it hears in line', () => {
  const some = company();
  new Journey(some, written, undefined).admit({ is: 'closed' });
  expect(some.told).toEqual([[7, 'closed']]);
});

test('begins with what it went through before', () => {
  const history = { attempts: attempts(1, 2), notBefore: 3 };
  expect(new Journey(company(), written, history)).toMatchObject(history);
  expect(new Journey(company(), written, undefined)).toMatchObject({ attempts: [], notBefore: 0 });
});
