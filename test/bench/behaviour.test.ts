import { expect, test } from '@jest/globals';
import { replyOf, type Behaviour } from '../../bench/behaviour.ts';

const strained: Behaviour = { is: 'strained', baseMs: 50, knee: 40, cap: 100 };
const throttling: Behaviour = { is: 'throttling', retryAfterSeconds: 3, delayMs: 20 };

test.each<[string, Behaviour, { inFlight?: number; refusingForMs?: number }, ReturnType<typeof replyOf>]>([
  ['a steady host always takes the same time', { is: 'steady', delayMs: 7 }, {}, { status: 200, delayMs: 7 }],
  [
    'and sends as much',
    { is: 'steady', delayMs: 7, bodyBytes: 9 },
    {},
    { status: 200, delayMs: 7, bodyBytes: 9 },
  ],
  ['a strained one is steady up to the knee', strained, { inFlight: 40 }, { status: 200, delayMs: 50 }],
  [
    'and takes four times as long at twice the knee',
    strained,
    { inFlight: 80 },
    { status: 200, delayMs: 200 },
  ],
  ['it bears its cap', strained, { inFlight: 100 }, { status: 200, delayMs: 312.5 }],
  ['and refuses beyond', strained, { inFlight: 101 }, { status: 503, delayMs: 0 }],
  ['a throttling one refuses at first', throttling, {}, { status: 503, delayMs: 0, retryAfterSeconds: 3 }],
  [
    'and as long as it said',
    throttling,
    { refusingForMs: 2999 },
    { status: 503, delayMs: 0, retryAfterSeconds: 3 },
  ],
  ['and then is steady', throttling, { refusingForMs: 3000 }, { status: 200, delayMs: 20 }],
  ['a hanging one never answers', { is: 'hanging' }, {}, undefined],
])('%s', (_, behaviour, situation, reply) => {
  expect(replyOf(behaviour, { inFlight: 1, refusingForMs: 0, ...situation })).toEqual(reply);
});
