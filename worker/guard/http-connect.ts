// CONNECT (RFC 9110 §9.3.6): asks an HTTP proxy for a tunnel.
import { isIP } from 'node:net';
import type { Proxy } from '../../shared/proxy.ts';
import { createReplyReader, ProxyError } from './proxy-handshake.ts';
import type { Destination, Handshake } from './proxy-handshake.ts';

export const connectByHttp: Handshake = async (socket, to, credentials) => {
  const reader = createReplyReader(socket);
  socket.write(question(to, credentials), 'latin1');
  for (;;) {
    const head = await reader.take(endOfHead);
    const status = Number(/^HTTP\/1\.[01] (\d{3})(?: |\r)/.exec(head.toString('latin1'))?.[1]);
    if (status >= 100 && status < 200) continue;
    if (status < 200 || status > 299 || Number.isNaN(status)) throw refusal(status);
    return reader.release();
  }
};

/** The value of Proxy-Authorization (RFC 7617). */
export const basicCredentials = ({ user, password }: NonNullable<Proxy['credentials']>): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

const question = ({ address, port }: Destination, credentials: Proxy['credentials']): string => {
  const authority = isIP(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`;
  const fields = [`Host: ${authority}`];
  if (credentials !== undefined) fields.push(`Proxy-Authorization: ${basicCredentials(credentials)}`);
  return `CONNECT ${authority} HTTP/1.1\r\n${fields.join('\r\n')}\r\n\r\n`;
};

const endOfHead = (bytes: Buffer): number | undefined => {
  const end = bytes.indexOf('\r\n\r\n');
  return end === -1 ? undefined : end + 4;
};

const refusal = (status: number): ProxyError => {
  if (Number.isNaN(status)) return new ProxyError('the proxy’s reply to CONNECT is not HTTP', false);
  if (status === 407) return new ProxyError(credentialsRefused, false);
  return new ProxyError(`the proxy refused to connect (${status})`, status >= 500 || status === 429);
};

export const credentialsRefused = 'the proxy wants credentials, or other ones (407)';
