// Sockets whose bytes can be left where they are for a while, so that they are not read faster than they can be kept.
import type { Socket } from 'node:net';

export type Holdable = {
  /** Nothing more is handed on, beside what is being handed on just now. */
  hold(): void;
  /** Ends the hold, if there is one. */
  release(): void;
};

/** For a socket that is read when it says that it is readable. */
export const makeHoldable = (socket: Socket): Holdable => {
  const read = socket.read.bind(socket) as (size?: number) => unknown;
  let isHeld = false;
  socket.read = (size?: number): unknown => (isHeld ? null : read(size));
  return {
    hold: () => {
      isHeld = true;
    },
    release: () => {
      if (!isHeld) return;
      isHeld = false;
      // Later: whoever reads it may be in the middle of what came before.
      process.nextTick(() => !socket.destroyed && socket.emit('readable'));
    },
  };
};
