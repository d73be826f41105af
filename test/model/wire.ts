// The connection that the stores are given: each of their scripts becomes a step that waits for its turn, reads go through.
import type { Redis } from '../../shared/redis.ts';
import { defineScript } from '../../shared/script.ts';
import type { Argument } from './call.ts';
import { nameOfScript, rules, scripts } from './rules.ts';
import { withOldSlices } from './slice-form.ts';
import type { Step } from './step.ts';
import type { World } from './world.ts';

type Perform = (step: Step) => Promise<unknown>;

export const createWire = (redis: Redis, perform: Perform): Redis =>
  new Proxy(redis, {
    get(target, name): unknown {
      if (name === 'evalsha') return (...call: [string, number, ...Argument[]]) => runScript(perform, call);
      if (name === 'zrem') return (key: string, member: string) => perform(leave(key, member));
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });

const runScript = async (
  perform: Perform,
  [sha1, count, ...rest]: [string, number, ...Argument[]],
): Promise<unknown> => {
  const name = nameOfScript(sha1);
  const [keys, args] = [rest.slice(0, count).map(String), withOldSlices(rest.slice(count))];
  const step = (these: readonly Argument[]): Step => {
    const call = { script: name, keys, args: these };
    const rule = (world: World): unknown => rules[name](world, call);
    const learn = name === 'putBack' ? learnOrder : undefined;
    return { label: () => describe(name, these), script: scripts[name], keys, args: these, rule, learn };
  };
  if (name !== 'reopen') return await perform(step(args));
  for (const run of splitRuns(args[2])) {
    const reply = await perform(step([...args.slice(0, 2), run]));
    if (reply !== 1) return reply;
  }
  return 1;
};

/** A set has no order in which those in it are put back. */
const learnOrder = ({ jobs: { wait } }: World, reply: unknown): void => {
  const moved = Array.isArray(reply) ? reply.map(String) : [];
  if (moved.every((id) => wait.includes(id))) wait.splice(wait.length - moved.length, moved.length, ...moved);
};

const bytesPerOpened = 20;

/** A retry that opens one request a call, as one of more failures than go into a call does. */
const splitRuns = (runs: Argument | undefined): Buffer[] =>
  Buffer.isBuffer(runs)
    ? Array.from({ length: runs.length / bytesPerOpened }, (_, i) =>
        runs.subarray(i * bytesPerOpened, (i + 1) * bytesPerOpened),
      )
    : [];

export const leaveScript = defineScript("return redis.call('ZREM', KEYS[1], ARGV[1])");

/** What is left by a plain command: the outbox, and what speaks of a batch that has gone. */
const leave = (key: string, member: string): Step => ({
  label: () => `take ${member} out of ${key}`,
  script: leaveScript,
  keys: [key],
  args: [member],
  rule: (world) => (membersOf(world, key)?.delete(member) === true ? 1 : 0),
});

const membersOf = (
  { keys, outbox, retained, listed }: World,
  key: string,
): { delete(member: string): boolean } | undefined => {
  if (key === keys.outbox) return outbox;
  return key === keys.retained ? retained : listed.get(key);
};

const describe = (name: string, args: readonly Argument[]): string =>
  `${name}(${args.map((arg) => (Buffer.isBuffer(arg) ? `<${arg.toString('hex').slice(0, 24)}>` : arg)).join(', ')})`;
