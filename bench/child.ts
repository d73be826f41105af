// A process of the benchmark's own that is asked over IPC, one question after the other.
import { fork } from 'node:child_process';
import { once } from 'node:events';

export type Child = {
  readonly pid: number;
  /** What the child said first, once it was ready. */
  readonly greeting: unknown;
  /** Sends a question and resolves with the answer; rejects with the child's error, at its death, or after `timeoutMs`. */
  ask(question: unknown, timeoutMs: number): Promise<unknown>;
  stop(): Promise<void>;
};

/** What travels back. */
export type Answer = { readonly value?: unknown; readonly error?: string };

/** Starts the file `script`; it must call `answerParent` when it is ready. */
export const startChild = async (script: string, args: readonly string[]): Promise<Child> => {
  const child = fork(script, args, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    // Typed arrays travel as they are: a million numbers are nothing.
    serialization: 'advanced',
  });
  const exited = once(child, 'exit');
  const answer = async (timeoutMs: number): Promise<unknown> => {
    const signal = AbortSignal.timeout(timeoutMs);
    const late = once(signal, 'abort').then(() => [{ error: `no answer within ${timeoutMs} ms` }]);
    const dead = exited.then(() => [{ error: 'its process ended' }]);
    const [first] = (await Promise.race([once(child, 'message'), late, dead])) as [Answer];
    if (first.error !== undefined) throw new Error(first.error);
    return first.value;
  };
  let last: Promise<unknown> = Promise.resolve();
  return {
    pid: child.pid ?? 0,
    greeting: await answer(30_000),
    ask(question, timeoutMs) {
      const asked = last.then(() => {
        child.send(question as Answer);
        return answer(timeoutMs);
      });
      last = asked.catch(() => undefined);
      return asked;
    },
    async stop() {
      child.kill();
      await exited;
    },
  };
};

/** The child's side: greets, then answers every question. */
export const answerParent = (greeting: unknown, answer: (question: unknown) => Promise<unknown>): void => {
  process.on('message', (question) => {
    answer(question).then(
      (value) => send({ value }),
      (error: unknown) => send({ error: error instanceof Error ? error.message : String(error) }),
    );
  });
  send({ value: greeting });
};

const send = (answer: Answer): void => void process.send?.(answer);
