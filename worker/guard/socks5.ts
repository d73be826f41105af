// A client of SOCKS 5 (RFC 1928) with user name and password (RFC 1929): asks for a tunnel to an address.
import { isIP } from 'node:net';
import { createReplyReader, ProxyError } from './proxy-handshake.ts';
import type { Destination, Handshake, ReplyReader } from './proxy-handshake.ts';

export const connectBySocks5: Handshake = async (socket, to, credentials) => {
  const reader = createReplyReader(socket);
  const methods = credentials === undefined ? [noCredentials] : [noCredentials, byPassword];
  socket.write(Buffer.from([5, methods.length, ...methods]));
  const [version, method = none] = await reader.take(ofLength(2));
  if (version !== 5) throw new ProxyError('the proxy does not speak SOCKS 5', false);
  if (!methods.includes(method)) {
    throw new ProxyError('the proxy wants credentials, or a method that is not supported', false);
  }
  if (method === byPassword && credentials !== undefined) {
    const { user, password } = credentials;
    socket.write(Buffer.concat([Buffer.from([1]), counted(user), counted(password)]));
    const [, status] = await reader.take(ofLength(2));
    if (status !== 0) throw new ProxyError('the proxy refused the credentials', false);
  }
  socket.write(Buffer.concat([Buffer.from([5, connect, 0]), destination(to)]));
  await readVerdict(reader);
  reader.release();
};

const noCredentials = 0;
const byPassword = 2;
const none = 255;
const connect = 1;

const readVerdict = async (reader: ReplyReader): Promise<void> => {
  const [version, code = none] = await reader.take(lengthOfVerdict);
  if (version !== 5) throw new ProxyError('the proxy does not speak SOCKS 5', false);
  if (code === 0) return;
  const reason = reasons[code] ?? `code ${code}`;
  throw new ProxyError(`the proxy refused to connect: ${reason}`, transientReasons.has(code));
};

/** A verdict ends in the address it is bound to: four bytes, sixteen, or a counted name; then the port. */
const lengthOfVerdict = (bytes: Buffer): number | undefined => {
  if (bytes.length > 1 && bytes[1] !== 0) return 2; // some say no more than that they refuse
  if (bytes.length < 5) return undefined;
  const lengths: Readonly<Record<number, number>> = { 1: 4, 3: 1 + (bytes[4] ?? 0), 4: 16 };
  return 4 + (lengths[bytes[3] ?? 0] ?? 4) + 2;
};

// RFC 1928 §6
const reasons: Readonly<Record<number, string>> = {
  1: 'general failure',
  2: 'not allowed by its rules',
  3: 'network unreachable',
  4: 'host unreachable',
  5: 'connection refused',
  6: 'time to live expired',
  7: 'command not supported',
  8: 'address type not supported',
};
const transientReasons: ReadonlySet<number> = new Set([1, 3, 4, 5, 6]);

const ofLength =
  (length: number): (() => number) =>
  () =>
    length;

const counted = (text: string): Buffer => {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from([bytes.length]), bytes]);
};

const destination = ({ address, port }: Destination): Buffer => {
  const bytes = isIP(address) === 6 ? v6Bytes(address) : address.split('.').map(Number);
  return Buffer.from([isIP(address) === 6 ? 4 : 1, ...bytes, port >> 8, port & 255]);
};

const v6Bytes = (address: string): number[] => {
  const plain = new URL(`http://[${address}]/`).hostname.slice(1, -1); // no dotted tail, one "::" at most
  const [left = '', right] = plain.split('::');
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'));
  const head = groups(left);
  const tail = groups(right ?? '');
  const zeros = Array<string>(8 - head.length - tail.length).fill('0');
  return [...head, ...zeros, ...tail].flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 255];
  });
};
