import { expect, test } from '@jest/globals';
import { failure, failureMeanings } from '../../shared/failure.ts';

test('the table of codes is closed', () => {
  expect(Object.keys(failureMeanings).toSorted()).toEqual(
    (
      'blocked_address body_too_large cancelled connect_failed connection_lost dns_failed expired http_status internal ' +
      'invalid_request invalid_response timed_out tls_failed too_many_redirects worker_lost'
    ).split(' '),
  );
});

test('a failure says what its code means unless something better is known', () => {
  expect(failure('cancelled')).toEqual({ code: 'cancelled', message: failureMeanings.cancelled });
  expect(failure('timed_out', 'no byte for 15 s')).toEqual({
    code: 'timed_out',
    message: 'no byte for 15 s',
  });
});
