import { expect, test } from '@jest/globals';
import { failure } from '../../shared/failure.ts';
import { decide } from '../../worker/retry-policy.ts';
import { unsent } from '../../worker/unsent.ts';
import { attempts, resolved } from '../support/outcomes.ts';

test('an attempt that was not made is tried again, whatever its method, since nothing was sent', () => {
  const request = resolved({ method: 'POST' });
  const outcome = unsent(request, failure('connect_failed', 'not sent'), 1000);
  const situation = { request, outcome, attempts: attempts(1000), now: 1000, expiresAt: 1e12, random: 0.5 };
  expect(decide(situation)).toMatchObject({ is: 'again' });
  expect(outcome).toMatchObject({ startedAt: 1000, wasSent: false, finalUrl: request.url });
});
