// The line between one process and its Redis, which sees every step that the process takes, and can be the place where it dies.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { createSplitter } from './resp.ts';
import { batchIn, placesOf, type Failpoint, type Step } from './step.ts';
import type { StepNames } from './step-names.ts';

export type StepLine = {
  /** `redis://127.0.0.1:…` for the process. */
  readonly url: string;
  /**
   * Calls `strike`, which is to end the process at once, when it `isTime`, judged by all the places between which the process
   * would die: no byte passes after, either way.
   */
  arm(isTime: Armed['isTime'], strike: Armed['strike']): void;
  disarm(): void;
  stop(): Promise<void>;
};

/** A connection of the process; those that were open when it was struck are `isDead`. */
type Connection = { readonly near: Socket; readonly far: Socket; readonly steps: Step[]; isDead: boolean };

type Armed = {
  readonly isTime: (places: readonly Failpoint[]) => boolean;
  readonly strike: (places: readonly Failpoint[]) => void;
};

/** Each command, and each answer, is held for so long: so a process has many steps under way when it dies. */
const holdMs = 25;

/** Resolves when it takes connections for the Unix socket `target`. */
export const startStepLine = async (target: string, names: StepNames): Promise<StepLine> => {
  const open = new Set<Connection>();
  const state: { armed?: Armed } = {};
  /** Whether the process dies with that. */
  const isStruck = (): boolean => {
    const { armed } = state;
    if (armed === undefined) return false;
    const places = [...open].flatMap(({ steps }) => placesOf(steps));
    if (!armed.isTime(places)) return false;
    delete state.armed;
    for (const each of open) each.isDead = true;
    armed.strike(places);
    return true;
  };
  const sendOn = (connection: Connection, command: Buffer, step: Step): void => {
    if (connection.isDead || isStruck()) return;
    step.state = 'sent';
    connection.far.write(command);
  };
  const deliver = (connection: Connection, reply: Buffer, step: Step | undefined): void => {
    if (connection.isDead || isStruck()) return;
    if (step !== undefined) connection.steps.shift();
    connection.near.write(reply);
  };
  const take = (connection: Connection, command: Buffer): void => {
    const step: Step = { name: names.nameOf(command), batch: batchIn(command), state: 'held' };
    connection.steps.push(step);
    setTimeout(sendOn, holdMs, connection, command, step);
  };
  const answer = (connection: Connection, reply: Buffer): void => {
    // What comes unasked, to a subscriber, answers none.
    const step = connection.steps.find((each) => each.state === 'sent');
    if (step !== undefined) step.state = 'answered';
    setTimeout(deliver, holdMs, connection, reply, step);
  };
  const join = (near: Socket): void => {
    const far = connect(target);
    const connection: Connection = { near, far, steps: [], isDead: false };
    const end = (): void => {
      near.destroy();
      far.destroy();
      open.delete(connection);
    };
    open.add(connection);
    for (const socket of [near, far]) socket.setNoDelay(true).on('error', end).on('close', end);
    const [commands, replies] = [createSplitter(), createSplitter()];
    near.on('data', (chunk) => commands(chunk).forEach((command) => take(connection, command)));
    far.on('data', (chunk) => replies(chunk).forEach((reply) => answer(connection, reply)));
  };
  const server = createServer(join).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    arm(isTime, strike) {
      state.armed = { isTime, strike };
    },
    disarm() {
      delete state.armed;
    },
    async stop() {
      server.close();
      for (const { near } of open) near.destroy();
      await once(server, 'close');
    },
  };
};
