// What the ways of asking a proxy for a tunnel share: who is asked for, how replies are read, and what goes wrong.
import type { Socket } from 'node:net';
import type { Proxy } from '../../shared/proxy.ts';

/** The proxy could not be used. The message names no credentials. */
export class ProxyError extends Error {
  override readonly name = 'ProxyError';
  readonly isTransient: boolean;
  constructor(message: string, isTransient: boolean) {
    super(message);
    this.isTransient = isTransient;
  }
}

/** Where the tunnel is to lead. */
export type Destination = { readonly address: string; readonly port: number };

/** Asks for a tunnel on an open socket; once resolved the socket speaks to the destination. Rejects with ProxyError. */
export type Handshake = (socket: Socket, to: Destination, credentials: Proxy['credentials']) => Promise<void>;

/** Reads replies that come in turns; `release` gives the socket back with what was not read. */
export type ReplyReader = {
  /** Waits until `measure` says how long the reply is, and takes it. */
  take(measure: (bytes: Buffer) => number | undefined): Promise<Buffer>;
  release(): void;
};

const maxReplyBytes = 16_384;

export const createReplyReader = (socket: Socket): ReplyReader => {
  let pending = Buffer.alloc(0);
  let broken: ProxyError | undefined;
  let wake = (): void => undefined;
  const onReadable = (): void => {
    const chunk = socket.read() as Buffer | null;
    if (chunk !== null) pending = Buffer.concat([pending, chunk]);
    wake();
  };
  const onGone = (): void => {
    broken = new ProxyError('the proxy ended the connection instead of opening a tunnel', true);
    wake();
  };
  socket.on('readable', onReadable).on('end', onGone).on('error', onGone).on('close', onGone);
  return {
    async take(measure) {
      for (;;) {
        const length = measure(pending);
        if (length !== undefined && length <= pending.length) {
          const reply = pending.subarray(0, length);
          pending = pending.subarray(length);
          return reply;
        }
        if (broken !== undefined) throw broken;
        if (pending.length > maxReplyBytes) throw new ProxyError('the proxy’s reply is too long', false);
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
    release() {
      socket.off('readable', onReadable).off('end', onGone).off('error', onGone).off('close', onGone);
      if (pending.length > 0) socket.unshift(pending);
    },
  };
};
