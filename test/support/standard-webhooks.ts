// A receiver's side of Standard Webhooks 1.0.0, written from the specification and not from our code.
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { SeenRequest } from './target-server.ts';

export type ToldEvent = {
  readonly id: string;
  /** Seconds. */
  readonly timestamp: number;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look wherever they want
  readonly payload: any;
};

const toleranceSeconds = 300;

/** Throws where one of the signatures does not fit, or the attempt is not of now. */
export const verifyEvent = (request: Pick<SeenRequest, 'fields' | 'body'>, secret: string): ToldEvent => {
  const field = (name: string): string => {
    const found = request.fields.filter(([each]) => each.toLowerCase() === name);
    if (found.length !== 1) throw new Error(`${name} is there ${found.length} times`);
    return found[0]?.[1] ?? '';
  };
  const [id, timestamp] = [field('webhook-id'), field('webhook-timestamp')];
  if (!/^\d{10}$/.test(timestamp) || Math.abs(Date.now() / 1000 - Number(timestamp)) > toleranceSeconds)
    throw new Error(`the timestamp ${timestamp} is not of now`);
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.${request.body.toString()}`).digest();
  const isSigned = field('webhook-signature')
    .split(' ')
    .map((signature) => signature.split(','))
    .some(([version, text = '']) => {
      const given = Buffer.from(text, 'base64');
      return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected);
    });
  if (!isSigned) throw new Error('no signature fits');
  return { id, timestamp: Number(timestamp), payload: JSON.parse(request.body.toString()) };
};
