// Servers whose bodies are too large, too small, too slow or not what they are called.
import zlib from 'node:zlib';
import { head } from '../target-server.ts';
import type { Animal, Visit } from '../target-server.ts';

const answers = (about: string, fields: readonly string[], ...parts: (string | Uint8Array)[]): Animal => ({
  about,
  onRequest: ({ send }) => send(head('200 OK', fields), ...parts),
});

const coded = (about: string, coding: string, body: string | Uint8Array): Animal => ({
  about,
  onRequest: ({ reply }) => reply(body, [`content-encoding: ${coding}`]),
});

const chunked = 'transfer-encoding: chunked';
const megabytes = (count: number): Buffer => Buffer.alloc(count * 1_000_000);
const gzipBomb = zlib.gzipSync(megabytes(50));

/** Goes on as long as the reader does: a paused or closed socket stops it. */
const pour = ({ socket, after }: Visit, piece: Uint8Array): void => {
  const more = (): void => {
    if (!socket.writable) return;
    if (socket.write(piece)) after(0, more);
    else socket.once('drain', more);
  };
  more();
};

export const bodyAnimals = {
  bodyStops: answers('stops half way through its body', ['content-length: 10'], 'half '),
  drippingBody: {
    about: 'sends a byte of the body every 20 ms, for ever',
    onRequest: ({ send, after }) => {
      const drip = (): void => {
        send('1\r\nx\r\n');
        after(20, drip);
      };
      send(head('200 OK', [chunked]));
      drip();
    },
  },
  infiniteBody: {
    about: 'sends chunks for ever, fast',
    onRequest: (visit) => {
      visit.send(head('200 OK', [chunked]));
      pour(visit, Buffer.concat([Buffer.from('ffff\r\n'), Buffer.alloc(0xffff), Buffer.from('\r\n')]));
    },
  },
  hundredMegabytes: {
    about: 'sends 100 MB until the connection ends',
    onRequest: (visit) => {
      visit.send(head('200 OK', ['content-length: 100000000']));
      pour(visit, Buffer.alloc(65_536));
    },
  },
  terabyte: answers('announces 1 TB', ['content-length: 1099511627776'], 'x'),
  shortBody: {
    about: 'ends before the length it announced',
    onRequest: ({ send, socket }) => {
      send(head('200 OK', ['content-length: 10']), 'half ');
      socket.end();
    },
  },
  resetMidBody: {
    about: 'resets the connection within the body',
    onRequest: ({ send, socket, after }) => {
      send(head('200 OK', ['content-length: 10']), 'half ');
      after(20, () => socket.resetAndDestroy());
    },
  },
  endMidChunk: {
    about: 'ends within a chunk',
    onRequest: ({ send, socket }) => {
      send(head('200 OK', [chunked]), '10\r\nhalf ');
      socket.end();
    },
  },
  missingLastChunk: {
    about: 'ends without the last chunk',
    onRequest: ({ send, socket }) => {
      send(head('200 OK', [chunked]), '4\r\nbody\r\n');
      socket.end();
    },
  },
  badChunkSize: answers('has a chunk size that is no number', [chunked], 'zz\r\nbody\r\n'),
  chunkOverflow: answers('has a chunk size beyond 64 bits', [chunked], 'FFFFFFFFFFFFFFFFF\r\n'),
  longBody: answers('sends more than the length it announced', ['content-length: 4'], 'bodyguard'),
  closeDelimited: {
    about: 'ends its body by closing',
    onRequest: ({ send, socket }) => {
      send(head('200 OK'), 'until the end');
      socket.end();
    },
  },
  oneByteChunks: answers(
    'sends 5,000 chunks of one byte',
    [chunked],
    `${'1\r\nx\r\n'.repeat(5000)}0\r\n\r\n`,
  ),
  trailers: answers('has trailers', [chunked, 'trailer: x-sum'], '4\r\nbody\r\n0\r\nx-sum: 1\r\n\r\n'),
  bodyOn204: {
    about: 'has a body where none may be',
    onRequest: ({ send }) => send(head('204 No Content'), 'body'),
  },
  empty: answers('has an empty body', ['content-length: 0']),
  gzip: coded('is honest about gzip', 'gzip', zlib.gzipSync('unfolded')),
  rawDeflate: coded('calls bare deflate deflate', 'deflate', zlib.deflateRawSync('unfolded')),
  brotli: coded('is honest about brotli', 'br', zlib.brotliCompressSync('unfolded')),
  unknownCoding: coded('uses a coding of its own', 'x-own', 'folded'),
  cutGzip: coded('cuts its gzip', 'gzip', zlib.gzipSync('unfolded'.repeat(100)).subarray(0, 20)),
  falseGzip: coded('calls text gzip', 'gzip', 'plain text'),
  gzipBomb: coded('unfolds 1000 to 1', 'gzip', gzipBomb),
  doubleGzipBomb: coded('unfolds twice', 'gzip, gzip', zlib.gzipSync(gzipBomb)),
  brotliBomb: coded('unfolds 50 MB from a few bytes', 'br', zlib.brotliCompressSync(megabytes(50))),
  sixCodings: coded('stacks six codings', 'gzip, gzip, gzip, gzip, gzip, gzip', zlib.gzipSync('x')),
  notUtf8: answers('has bytes that are no UTF-8', ['content-length: 2'], Buffer.from([0xff, 0xfe])),
} as const satisfies Record<string, Animal>;
