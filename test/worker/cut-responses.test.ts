// However a response is cut on its way, what is kept of it is what was sent: sockets read into the same memory again and again.
import { afterEach, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { bytesOf, createEngine, type Engine } from '../support/engine.ts';
import { openTarget, type TargetServer, type Visit } from '../support/target-server.ts';

const started: { engine?: Engine; target?: TargetServer } = {};

afterEach(async () => {
  started.engine?.connections.close();
  await started.target?.close();
});

const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '0', '-'), minLength: 1, maxLength: 40 });
const body = fc.string({ unit: fc.constantFrom('x', 'y', '\n', '{'), minLength: 0, maxLength: 3000 });
const trailer = fc.constantFrom('', 'x-sum: 7\r\n', 'connection: close\r\nx-last: 1\r\n');

type Answer = { readonly value: string; readonly body: string; readonly text: string };

const sized = fc.tuple(word, body).map(([value, text]): Answer => ({
  value,
  body: text,
  text: `HTTP/1.1 200 OK\r\nx-value: ${value}\r\ncontent-length: ${text.length}\r\n\r\n${text}`,
}));
const chunked = fc.tuple(word, body, trailer).map(([value, text, trailers]): Answer => {
  const chunk = text === '' ? '' : `${text.length.toString(16)}\r\n${text}\r\n`;
  const head = `HTTP/1.1 200 OK\r\nx-value: ${value}\r\ntransfer-encoding: chunked\r\n\r\n`;
  return { value, body: text, text: `${head}${chunk}0\r\n${trailers}\r\n` };
});
const hinted = sized.map((answer): Answer => ({
  ...answer,
  text: `HTTP/1.1 103 Early Hints\r\nlink: </${answer.value}>\r\n\r\n${answer.text}`,
}));
const answer = fc.oneof(sized, chunked, hinted);
const cuts = fc.array(fc.nat(3200), { maxLength: 6 });

/** One piece after the other, each in a turn of its own. */
const sendCut = ({ send, after }: Visit, text: string, at: readonly number[]): void => {
  const places = [...new Set(at.map((place) => place % text.length))].toSorted((a, b) => a - b);
  const pieces = [0, ...places].map((start, nth) => text.slice(start, places[nth] ?? text.length));
  const next = (): void => {
    const piece = pieces.shift();
    if (piece === undefined) return;
    send(piece);
    after(1, next);
  };
  next();
};

test('a response is what was sent, however it was cut', async () => {
  const answers: { answer: Answer; at: readonly number[] }[] = [];
  const target = await openTarget({
    about: 'answers in pieces',
    onRequest(visit, request) {
      const chosen = answers[Number(request.target.slice(1))];
      if (chosen !== undefined) sendCut(visit, chosen.answer.text, chosen.at);
    },
  });
  const engine = createEngine();
  Object.assign(started, { engine, target });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ answer, at: cuts }), { minLength: 1, maxLength: 12 }),
      async (some) => {
        answers.splice(0, answers.length, ...some);
        const outcomes = await Promise.all(
          some.map((_, place) => engine.fetch(`${target.origin}/${place}`, { connection: 'reuse' })),
        );
        const kept = outcomes.map((outcome) =>
          outcome.kind === 'response'
            ? [outcome.headers[outcome.headers.indexOf('x-value') + 1], bytesOf(outcome)?.toString()]
            : [outcome.kind],
        );
        expect(kept).toEqual(some.map(({ answer: { value, body: text } }) => [value, text]));
      },
    ),
    { numRuns: 150 },
  );
}, 60_000);
