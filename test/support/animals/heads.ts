// Servers that get the head of a response wrong, or only odd.
import { head } from '../target-server.ts';
import type { Animal } from '../target-server.ts';

/** Answers every request with these bytes. */
const says = (about: string, ...parts: (string | Uint8Array)[]): Animal => ({
  about,
  onRequest: ({ send }) => send(...parts),
});

/** Answers with these bytes and ends the connection. */
const saysAndEnds = (about: string, ...parts: string[]): Animal => ({
  about,
  onRequest: ({ send, socket }) => {
    send(...parts);
    socket.end();
  },
});

const ok = 'HTTP/1.1 200 OK\r\n';
const end = 'content-length: 2\r\n\r\nok';

export const headAnimals = {
  halfHead: says('sends half a head and hangs', `${ok}x-half: ye`),
  drippingHead: {
    about: 'sends a byte of the head every 20 ms, for ever',
    onRequest: ({ send, after }) => {
      const drip = (): void => {
        send('x');
        after(20, drip);
      };
      send(`${ok}x-long: `);
      drip();
    },
  },
  endlessHead: {
    about: 'sends header fields for ever',
    onRequest: ({ send, after }) => {
      const pour = (): void => {
        send('x-more: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n'.repeat(20));
        after(1, pour);
      };
      send(ok);
      pour();
    },
  },
  garbage: says('answers with bytes of another protocol', '\u0016\u0003\u0001 not http at all\r\n\r\n'),
  http09: saysAndEnds('answers as HTTP/0.9', 'hello'),
  status99: says('has a status of two digits', 'HTTP/1.1 99 X\r\n\r\n'),
  status999: says('has a status of its own making', `HTTP/1.1 999 Custom\r\n${end}`),
  status1000: says('has a status of four digits', `HTTP/1.1 1000 X\r\n${end}`),
  hugeHead: says('has a field of 17,000 bytes', `${ok}x-huge: ${'y'.repeat(17_000)}\r\n${end}`),
  manyFields: says('has 5,000 fields', `${ok}${'x-a: b\r\n'.repeat(5000)}${end}`),
  twoLengths: says('has two lengths that differ', `${ok}content-length: 3\r\ncontent-length: 4\r\n\r\nabcd`),
  sameLengthTwice: says('has the same length twice', `${ok}content-length: 2\r\n${end}`),
  negativeLength: says('has a negative length', `${ok}content-length: -2\r\n\r\nok`),
  lengthAndChunked: says(
    'has a length and chunks: smuggling',
    `${ok}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`,
  ),
  informationalFlood: says(
    'sends 103 a hundred thousand times',
    'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(100_000),
  ),
  earlyHints: says(
    'sends three 103 before its answer',
    'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(3),
    ok,
    end,
  ),
  unaskedContinue: says('says 100 Continue unasked', 'HTTP/1.1 100 Continue\r\n\r\n', ok, end),
  unaskedUpgrade: says(
    'switches protocols unasked',
    head('101 Switching Protocols', ['upgrade: x', 'connection: upgrade']),
  ),
  bareLineFeeds: says('ends its lines with LF alone', `${ok}${end}`.replaceAll('\r\n', '\n')),
  foldedField: says('folds a field over two lines', `${ok}x-folded: a\r\n b\r\n${end}`),
  nulInField: says('has a NUL in a field', `${ok}x-nul: a\u0000b\r\n${end}`),
  spaceBeforeColon: says('has a space before a colon', `${ok}x-space : a\r\n${end}`),
  namelessField: says('has a field without a name', `${ok}: a\r\n${end}`),
  protoField: says('has a field called __proto__', `${ok}__proto__: polluted\r\n${end}`),
  latin1Field: says('has a field in Latin-1', `${ok}x-name: caf\u00e9\r\n${end}`),
  noReason: says('has no reason phrase', `HTTP/1.1 200\r\n${end}`),
  blankLineFirst: says('starts with an empty line', `\r\n${ok}${end}`),
  headThenEnd: saysAndEnds('ends within the head', `${ok}x-half: y`),
  http10: saysAndEnds('speaks HTTP/1.0 and closes', 'HTTP/1.0 200 OK\r\n\r\nold'),
  http2Preface: says('answers with HTTP/2 settings', Buffer.from('000006040000000000000400100000', 'hex')),
} as const satisfies Record<string, Animal>;
