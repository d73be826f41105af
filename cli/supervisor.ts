// The processes of `npm start`: one API and some workers, kept alive together and stopped in order.
import type { SupervisedMessage } from '../shared/supervised.ts';
import type { Child, ChildContext, ChildSpec } from './child.ts';
import { keepChild } from './child.ts';

export type Fleet = {
  readonly api: ChildSpec;
  readonly workers: readonly ChildSpec[];
  /** The API listens on this port, at the start and after every restart. */
  readonly onListening: (port: number) => void;
  /** Called once, when a child says that its operator must mend something. */
  readonly onMisconfigured: () => void;
};

export type Supervisor = {
  stopApi(withinMs: number): Promise<void>;
  stopWorkers(withinMs: number): Promise<void>;
  /** Ends every child at once. */
  kill(): void;
};

/** Starts every process of the fleet. */
export const superviseFleet = (fleet: Fleet, context: ChildContext): Supervisor => {
  const onMisconfigured = once(fleet.onMisconfigured);
  const onMessage = (message: unknown): void => {
    const port = (message as Partial<SupervisedMessage> | null)?.listeningOn;
    if (typeof port === 'number') fleet.onListening(port);
  };
  const keep = (spec: ChildSpec): Child => keepChild(spec, { onMessage, onMisconfigured }, context);
  const api = keep(fleet.api);
  const workers = fleet.workers.map(keep);
  return {
    stopApi: (withinMs) => api.stop(withinMs),
    stopWorkers: async (withinMs) => {
      await Promise.all(workers.map((worker) => worker.stop(withinMs)));
    },
    kill: () => [api, ...workers].forEach((child) => child.kill()),
  };
};

const once = (act: () => void): (() => void) => {
  const calls: true[] = [];
  return () => {
    if (calls.push(true) === 1) act();
  };
};
