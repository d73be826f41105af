// Keeps quiet streams open: proxies end what says nothing. One timer for all of them.
import type { Writable } from 'node:stream';

export type KeepAlive = {
  /** From now on a comment goes out now and then; returns how to stop. */
  add(stream: Writable): () => void;
};

/** `comment` is what a reader of these streams skips. */
export const createKeepAlive = (comment: string, everyMs = 15_000): KeepAlive => {
  const streams = new Set<Writable>();
  const state: { timer?: NodeJS.Timeout } = {};
  const speak = (): void => {
    // One that does not read what it has is not to be given more.
    for (const stream of streams) if (!stream.writableNeedDrain) stream.write(comment);
  };
  return {
    add(stream) {
      streams.add(stream);
      state.timer ??= setInterval(speak, everyMs).unref();
      return () => {
        streams.delete(stream);
        if (streams.size > 0) return;
        clearInterval(state.timer);
        delete state.timer;
      };
    },
  };
};
