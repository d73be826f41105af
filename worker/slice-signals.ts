// What a slice that runs may be told from outside, and what of it was said: a signal checks itself each time it is asked.

/**
 * `stopping`: start nothing more. `interrupt`: end what is in flight too, where it may be repeated; the rest is recorded.
 * `abandon`, which interrupts as well: end all, and record nothing of it.
 */
export type SliceSignals = Readonly<Record<'stopping' | 'interrupt' | 'abandon', AbortSignal>>;

export type SaidSignals = { readonly isInterrupted: boolean; readonly isAbandoned: boolean };

/** What was said so far, at any time; `onInterrupt` is called once. */
export const followSignals = (
  { interrupt, abandon }: Omit<SliceSignals, 'stopping'>,
  onInterrupt: () => void,
): SaidSignals => {
  const said = { isInterrupted: false, isAbandoned: false };
  onAbort(interrupt, () => {
    said.isInterrupted = true;
    onInterrupt();
  });
  onAbort(abandon, () => {
    said.isAbandoned = true;
  });
  return said;
};

/** Also where it was before. */
const onAbort = (signal: AbortSignal, act: () => void): void => {
  if (signal.aborted) act();
  else signal.addEventListener('abort', act, { once: true });
};
