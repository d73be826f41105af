// A process in another language, or with packages of its own, that is asked over its standard streams: a line of JSON each way.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Answer, Child } from './child.ts';

/** Starts the program; its first line is its greeting, `{"value": …}`, or `{"error": …}` where it cannot be of use. */
export const startLineChild = async (program: string, args: readonly string[]): Promise<Child> => {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const complaints: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => void complaints.push(text));
  // It may be gone when it is asked: then `ask` says so.
  child.stdin.on('error', () => {});
  const exited = once(child, 'close').catch(({ message }: Error) => void complaints.push(message));
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const dead = exited.then((): Answer => ({ error: lastLine(complaints) ?? 'its process ended' }));

  const answer = async (timeoutMs: number): Promise<unknown> => {
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(), timeoutMs);
    const late = once(timeout.signal, 'abort').then((): Answer => ({
      error: `no answer within ${timeoutMs} ms`,
    }));
    const said = lines
      .next()
      .then(({ value, done }) => (done === true ? dead : (JSON.parse(value) as Answer)));
    const { error, value } = await Promise.race([said, late]).finally(() => clearTimeout(timer));
    if (error !== undefined) throw new Error(error);
    return value;
  };
  const stop = async (): Promise<void> => {
    child.kill();
    await exited;
  };
  try {
    const greeting = await answer(30_000);
    return {
      pid: child.pid ?? 0,
      greeting,
      ask(question, timeoutMs) {
        child.stdin.write(`${JSON.stringify(question)}\n`);
        return answer(timeoutMs);
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
};

/** What a program that failed said at last: of a Python traceback the error itself. */
const lastLine = (texts: readonly string[]): string | undefined =>
  texts.join('').trim().split('\n').at(-1) || undefined;
