// Servers that send their callers elsewhere.
import type { Animal } from '../target-server.ts';

const sendsTo = (about: string, ...locations: string[]): Animal => ({
  about,
  onRequest: ({ reply }) =>
    reply(
      'moved',
      locations.map((location) => `location: ${location}`),
      '302 Found',
    ),
});

export const redirectAnimals = {
  selfLoop: {
    about: 'redirects to itself',
    onRequest: ({ reply }, { target }) => reply('', [`location: ${target}`], '302 X'),
  },
  pairLoop: {
    about: 'redirects to and fro',
    onRequest: ({ reply }, { target }) => reply('', [`location: ${target === '/a' ? '/b' : '/a'}`], '301 X'),
  },
  endlessChain: {
    about: 'redirects ever further',
    onRequest: ({ reply }, { target }) => reply('', [`location: ${target}x`], '307 X'),
  },
  toMetadata: sendsTo('redirects to a cloud’s metadata', 'http://169.254.169.254/latest/meta-data/'),
  toMappedLoopback: sendsTo('redirects to an IPv4-mapped address', 'http://[::ffff:a00:1]/'),
  toDecimal: sendsTo('redirects to an address written as a number', 'http://167772161/'),
  toFile: sendsTo('redirects to a file', 'file:///etc/passwd'),
  toUserinfo: sendsTo('redirects with a password', 'http://user:pw@example.com/'),
  toRefusedPort: sendsTo('redirects to a mail server’s port', 'http://127.0.0.1:25/'),
  toUnknownName: sendsTo('redirects to a name that is not there', 'http://gone.example/'),
  toClosedPort: sendsTo('redirects to a closed port', 'http://127.0.0.1:1024/'),
  withoutLocation: sendsTo('redirects nowhere'),
  twoLocations: sendsTo('redirects to two places', '/a', 'http://127.0.0.1/'),
  unparsableLocation: sendsTo('redirects to nonsense', 'http://[::1'),
  longLocation: sendsTo('redirects to 20 KB', `/${'a'.repeat(20_000)}`),
  longishLocation: sendsTo('redirects to 9 KB', `/${'a'.repeat(9000)}`),
  notModifiedWithLocation: {
    about: 'says 304 with a Location',
    onRequest: ({ reply }) => reply('', ['location: /elsewhere'], '304 Not Modified'),
  },
  endlessRedirectBody: {
    about: 'redirects with a body that never ends',
    onRequest: ({ send, after, reply }, { target }) => {
      if (target !== '/') return reply('arrived');
      const drip = (): void => {
        send('1\r\nx\r\n');
        after(10, drip);
      };
      send('HTTP/1.1 302 X\r\nlocation: /end\r\ntransfer-encoding: chunked\r\n\r\n');
      drip();
    },
  },
  refresh: {
    about: 'asks browsers to move on',
    onRequest: ({ reply }) => reply('stay', ['refresh: 0;url=http://10.0.0.1/']),
  },
} as const satisfies Record<string, Animal>;
