// The line between a process and its Redis: a TCP proxy that can be cut, mended, and made to lose replies.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export type Line = {
  /** `redis://127.0.0.1:…`: what goes here comes out at the socket behind it. */
  readonly url: string;
  /** Ends all connections and refuses new ones. */
  cut(): void;
  mend(): void;
  /** The next reply to a command, on whatever connection, is not delivered: its connection ends instead. */
  loseReply(): void;
  /** Replies lost so far. The command of each has been executed. */
  lost(): number;
  stop(): Promise<void>;
};

/** Resolves when it takes connections for the Unix socket `target`. */
export const startLine = async (target: string): Promise<Line> => {
  const state = { isCut: false, toLose: 0, lost: 0 };
  const open = new Set<Socket>();
  const join = (near: Socket): void => {
    if (state.isCut) return void near.resetAndDestroy();
    const far = connect(target);
    const end = (): void => {
      near.destroy();
      far.destroy();
      open.delete(near);
    };
    open.add(near);
    for (const socket of [near, far]) socket.setNoDelay(true).on('error', end).on('close', end);
    // What comes unasked, to a subscriber, is no reply.
    const asked = { is: false };
    near.on('data', () => void (asked.is = true)).pipe(far);
    far.on('data', (reply) => {
      if (state.toLose > 0 && asked.is) {
        state.toLose -= 1;
        state.lost += 1;
        return end();
      }
      asked.is = false;
      if (near.write(reply)) return;
      far.pause();
      near.once('drain', () => far.resume());
    });
  };
  const endAll = (): void => open.forEach((near) => near.destroy());
  const server = createServer(join).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut() {
      state.isCut = true;
      endAll();
    },
    mend() {
      state.isCut = false;
    },
    loseReply() {
      state.toLose += 1;
    },
    lost: () => state.lost,
    async stop() {
      server.close();
      endAll();
      await once(server, 'close');
    },
  };
};
