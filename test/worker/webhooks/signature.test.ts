import { expect, test } from '@jest/globals';
import { signatureFields } from '../../../worker/webhooks/signature.ts';

// The vector that the libraries of Standard Webhooks are tested with.
const vector = {
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  at: 1_614_265_330_999,
  payload: Buffer.from('{"test": 2432232314}'),
  signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
};

test('signs as the specification says', () => {
  const { payload, secret, id, at, signature } = vector;
  expect(signatureFields(payload, { id, at, secrets: [secret] })).toEqual({
    'webhook-id': id,
    'webhook-timestamp': '1614265330',
    'webhook-signature': signature,
  });
});

test('every secret signs, so that one can be replaced by another', () => {
  const { payload, secret, id, at, signature } = vector;
  const other = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
  const [first = '', ...rest] = (
    signatureFields(payload, { id, at, secrets: [other, secret] })['webhook-signature'] ?? ''
  ).split(' ');
  expect(first).toMatch(/^v1,[A-Za-z0-9+/]{43}=$/);
  expect(first).not.toBe(signature);
  expect(rest).toEqual([signature]);
});
