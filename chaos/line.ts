// The line between a process and its Redis: a TCP proxy that can be cut, mended, and made to lose replies.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export type Line = {
  /** `redis://127.0.0.1:…`: what goes here comes out at the socket behind it. */
  readonly url: string;
  /** Ends all connections and refuses new ones. */
  cut(): void;
  /** Ends all connections; new ones are taken, but nobody answers them before it is mended. */
  hold(): void;
  mend(): void;
  /** The next reply to a command, on whatever connection, is not delivered: its connection ends instead. */
  loseReply(): void;
  /** Replies lost so far. The command of each has been executed. */
  lost(): number;
  stop(): Promise<void>;
};

/** Resolves when it takes connections for the Unix socket `target`. */
export const startLine = async (target: string): Promise<Line> => {
  const state = { isCut: false, isHeld: false, toLose: 0, lost: 0 };
  const open = new Set<Socket>();
  const held = new Set<Socket>();
  const take = (near: Socket): void => {
    if (state.isCut) return void near.resetAndDestroy();
    if (!state.isHeld) return join(near);
    held.add(near);
    near.on('error', () => near.destroy()).on('close', () => held.delete(near));
  };
  const join = (near: Socket): void => {
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
  const endAll = (): void => [...open, ...held].forEach((near) => near.destroy());
  const server = createServer(take).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut() {
      state.isCut = true;
      endAll();
    },
    hold() {
      state.isHeld = true;
      endAll();
    },
    mend() {
      state.isCut = false;
      state.isHeld = false;
      held.forEach(join);
      held.clear();
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
