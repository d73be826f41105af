// The steps that a process has under way on one connection, and between which of them it would die now. Pure.

/** Where a process dies: before a command of this name is sent on, or when it is executed and not answered. */
export type Failpoint = { readonly step: string; readonly when: 'before' | 'after' };

export type Step = {
  readonly name: string;
  /** The id of the batch that it is about; empty where it is about none. */
  readonly batch: string;
  /** Held on its way there; with Redis; executed, and its answer held on its way back. */
  state: 'held' | 'sent' | 'answered';
};

/**
 * Of each batch the last step that is executed and the first that is not, in the order in which they were sent; none where
 * nobody knows, because Redis has one of it at this moment.
 */
export const placesOf = (steps: readonly Step[]): readonly Failpoint[] => {
  const byBatch = new Map<string, Step[]>();
  for (const step of steps) {
    byBatch.set(step.batch, [...(byBatch.get(step.batch) ?? []), step]);
  }
  return [...byBatch.values()].flatMap((some): readonly Failpoint[] => {
    if (some.some(({ state }) => state === 'sent')) return [];
    const last = some.findLast(({ state }) => state === 'answered');
    const next = some.find(({ state }) => state === 'held');
    return [
      ...(last === undefined ? [] : [{ step: last.name, when: 'after' as const }]),
      ...(next === undefined ? [] : [{ step: next.name, when: 'before' as const }]),
    ];
  });
};

/** Keys come first. */
const lookedAtBytes = 4096;

/** The id of the batch that a command is about; empty where it is about none. */
export const batchIn = (command: Buffer): string =>
  /bat_[\da-f-]{36}/.exec(command.toString('latin1', 0, lookedAtBytes))?.[0] ?? '';
