// The line between one process and its Redis, which sees every step that the process takes, and can be the place where it dies.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { createSplitter } from './resp.ts';
import type { StepNames } from './step-names.ts';

/** Where a process is to die: before the n-th command of this name is sent on, or when it is executed and not answered. */
export type Failpoint = { readonly step: string; readonly when: 'before' | 'after'; readonly nth: number };

export type StepLine = {
  /** `redis://127.0.0.1:…` for the process. */
  readonly url: string;
  /** Calls `strike`, which is to end the process at once, when it comes there: no byte passes after, either way. */
  arm(failpoint: Failpoint, strike: () => void): void;
  disarm(): void;
  /** How often it took each step, since this was asked last. */
  takeCounts(): ReadonlyMap<string, number>;
  stop(): Promise<void>;
};

/** A connection of the process; those that were open when it was struck are `isDead`. */
type Connection = {
  readonly near: Socket;
  readonly far: Socket;
  /** The commands that are not answered yet: true for the one whose answer is not to come. */
  readonly unanswered: boolean[];
  isDead: boolean;
};

type Armed = { readonly failpoint: Failpoint; readonly strike: () => void; seen: number };

/** Resolves when it takes connections for the Unix socket `target`. */
export const startStepLine = async (target: string, names: StepNames): Promise<StepLine> => {
  const open = new Set<Connection>();
  const state: { counts: Map<string, number>; armed: Armed | undefined } = {
    counts: new Map(),
    armed: undefined,
  };
  const strike = (armed: Armed): void => {
    state.armed = undefined;
    for (const each of open) each.isDead = true;
    armed.strike();
  };
  /** What is to happen at this command. */
  const judge = (command: Buffer): 'before' | 'after' | undefined => {
    const name = names.nameOf(command);
    state.counts.set(name, (state.counts.get(name) ?? 0) + 1);
    const { armed } = state;
    if (armed?.failpoint.step !== name) return undefined;
    armed.seen += 1;
    return armed.seen === armed.failpoint.nth ? armed.failpoint.when : undefined;
  };
  const sendOn = (connection: Connection, command: Buffer): void => {
    if (connection.isDead) return;
    const when = judge(command);
    if (when === 'before' && state.armed !== undefined) return strike(state.armed);
    connection.unanswered.push(when === 'after');
    connection.far.write(command);
  };
  const deliver = (connection: Connection, reply: Buffer): void => {
    const isLast = connection.unanswered.shift() === true;
    if (connection.isDead) return;
    if (isLast && state.armed !== undefined) return strike(state.armed);
    connection.near.write(reply);
  };
  const join = (near: Socket): void => {
    const far = connect(target);
    const connection: Connection = { near, far, unanswered: [], isDead: false };
    const end = (): void => {
      near.destroy();
      far.destroy();
      open.delete(connection);
    };
    open.add(connection);
    for (const socket of [near, far]) socket.setNoDelay(true).on('error', end).on('close', end);
    const [commands, replies] = [createSplitter(), createSplitter()];
    near.on('data', (chunk) => commands(chunk).forEach((command) => sendOn(connection, command)));
    far.on('data', (chunk) => replies(chunk).forEach((reply) => deliver(connection, reply)));
  };
  const server = createServer(join).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    arm(failpoint, onHit) {
      state.armed = { failpoint, strike: onHit, seen: 0 };
    },
    disarm() {
      state.armed = undefined;
    },
    takeCounts() {
      const { counts } = state;
      state.counts = new Map();
      return counts;
    },
    async stop() {
      server.close();
      for (const { near } of open) near.destroy();
      await once(server, 'close');
    },
  };
};
