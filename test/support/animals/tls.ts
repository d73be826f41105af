// Servers whose TLS is not to be trusted, or not TLS.
import { readFileSync } from 'node:fs';
import type { Animal, TargetOptions } from '../target-server.ts';

const pem = (name: string): string =>
  readFileSync(new URL(`../certificates/${name}`, import.meta.url), 'utf8');
const certified = (name: string): NonNullable<TargetOptions['tls']> => ({
  cert: pem(`${name}.pem`),
  key: pem('leaf.key'),
});

/** The authority that the good certificate, the expired one and the one of another name are signed by. */
export const authority = pem('authority.pem');

const polite = { onRequest: ({ reply }) => reply('private') } satisfies Omit<Animal, 'about'>;

type TlsAnimal = Animal & { readonly tls?: TargetOptions['tls'] };

export const tlsAnimals = {
  good: { about: 'has a good certificate', ...polite, tls: certified('good') },
  expired: { about: 'has an expired certificate', ...polite, tls: certified('expired') },
  selfSigned: { about: 'has signed its certificate itself', ...polite, tls: certified('self-signed') },
  otherName: { about: 'has the certificate of another name', ...polite, tls: certified('other-name') },
  oldVersion: {
    about: 'speaks nothing newer than TLS 1.1',
    ...polite,
    tls: { ...certified('good'), minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' },
  },
  noCipher: {
    about: 'shares no cipher with us',
    ...polite,
    tls: { ...certified('good'), maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES128-SHA' },
  },
  hangs: { about: 'hangs in the handshake' },
  plain: {
    about: 'speaks HTTP on a TLS port',
    onConnect: ({ send }) => send('HTTP/1.1 400 Bad Request\r\n\r\n'),
  },
  ends: {
    about: 'ends in the handshake',
    onConnect: ({ socket }) => socket.once('data', () => socket.end()),
  },
  resets: {
    about: 'resets in the handshake',
    onConnect: ({ socket }) => socket.once('data', () => socket.resetAndDestroy()),
  },
} as const satisfies Record<string, TlsAnimal>;
