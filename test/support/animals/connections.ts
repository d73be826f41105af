// Servers that mishandle the connection itself.
import { head } from '../target-server.ts';
import type { Animal, Visit } from '../target-server.ts';

/** Answers the first request of a socket, and does this on the later ones. */
const firstOnly = (about: string, later: NonNullable<Animal['onRequest']>, delayMs = 0): Animal => ({
  about,
  onRequest: (visit, request) => {
    if (request.nth > 1) later(visit, request);
    else if (delayMs === 0) visit.reply('first');
    else visit.after(delayMs, () => visit.reply('first'));
  },
});

const nothing = (): void => undefined;

/** Serves a number of connections at a time, one request each; the others wait in silence until one has closed. */
export const fewAtOnce = (count: number, delayMs: number): Animal => {
  const served = new Set<Visit>();
  const waiting: Visit[] = [];
  const serve = (visit: Visit): void => {
    served.add(visit);
    visit.socket.once('close', () => {
      served.delete(visit);
      const next = waiting.shift();
      if (next !== undefined) serve(next);
    });
    visit.after(delayMs, () => {
      visit.reply('served', ['connection: close']);
      visit.socket.end();
    });
  };
  return {
    about: `serves ${count} connections at a time, each in ${delayMs} ms`,
    onRequest: (visit) => {
      if (served.size < count) serve(visit);
      else waiting.push(visit);
    },
  };
};

export const connectionAnimals = {
  acceptAndHang: { about: 'takes the request and never answers' },
  endsOnAccept: { about: 'ends each connection at once', onConnect: ({ socket }) => socket.end() },
  resetsOnAccept: {
    about: 'resets each connection at once',
    onConnect: ({ socket }) => socket.resetAndDestroy(),
  },
  resetsOnRequest: { about: 'resets when asked', onRequest: ({ socket }) => socket.resetAndDestroy() },
  endsOnRequest: { about: 'ends when asked', onRequest: ({ socket }) => socket.end() },
  halfCloses: {
    about: 'closes its own direction and goes on listening',
    onConnect: ({ socket }) => {
      socket.allowHalfOpen = true;
    },
    onRequest: ({ socket }) => socket.end(),
  },
  slow: { about: 'answers after 400 ms', onRequest: ({ after, reply }) => after(400, () => reply('slow')) },
  fewAtOnce: fewAtOnce(2, 100),
  deadKeepAlive: firstOnly('answers only the first request of a socket, after 200 ms', nothing, 200),
  resetsSecond: firstOnly('resets at the second request of a socket', ({ socket }) =>
    socket.resetAndDestroy(),
  ),
  endsSecond: firstOnly('ends at the second request of a socket', ({ socket }) => socket.end()),
  garbledSecond: firstOnly('answers the second request of a socket with garbage', ({ send }) =>
    send('garbage\r\n\r\n'),
  ),
  endsBetween: {
    about: 'promises keep-alive and ends after each answer',
    onRequest: ({ reply, socket }) => {
      reply('ends', ['connection: keep-alive']);
      socket.end();
    },
  },
  extraAtOnce: {
    about: 'answers each request twice, in one piece',
    onRequest: ({ send }, { nth, target }) =>
      send(answer(`own ${target} ${nth}`) + answer(`EXTRA ${target} ${nth}`)),
  },
  extraLater: {
    about: 'answers each request once more 30 ms later',
    onRequest: ({ send, after }, { nth, target }) => {
      send(answer(`own ${target} ${nth}`));
      after(30, () => send(answer(`EXTRA ${target} ${nth}`)));
    },
  },
  bytesAfter: {
    about: 'sends stray bytes after its answer',
    onRequest: ({ send }) => send(`${answer('ok')}\r\nstray`),
  },
  twoPerSocket: {
    about: 'answers two requests of a socket and hangs on the third',
    onRequest: ({ reply }, { nth }) => {
      if (nth < 3) reply(`nth ${nth}`);
    },
  },
  speaksFirst: { about: 'answers before it is asked', onConnect: ({ send }) => send(answer('early')) },
  keepAliveHint: {
    about: 'says that it closes idle connections after 1 s',
    onRequest: ({ reply }) => reply('hint', ['connection: keep-alive', 'keep-alive: timeout=1']),
  },
  asksForClose: {
    about: 'asks for a close and leaves it to us',
    onRequest: ({ reply }) => reply('bye', ['connection: close']),
  },
} as const satisfies Record<string, Animal>;

const answer = (body: string): string => head('200 OK', [`content-length: ${body.length}`]) + body;
