// A client that does not give up: what it sends is sent again until it is answered. Notes all that it saw.
import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';

export type Answer = { readonly status: number; readonly text: string };

export type PatientClient = {
  /** Resolves with the first answer that is not 503; rejects after the patience, or when aborted. */
  call(method: 'GET' | 'POST' | 'DELETE', path: string, sent?: Sent): Promise<Answer>;
  /** How often each status was seen, `closed` standing for a connection that ended without an answer. */
  readonly seen: ReadonlyMap<number | 'closed', number>;
};

export type Sent = {
  readonly json?: object;
  readonly headers?: Readonly<Record<string, string>>;
};

export type PatientClientOptions = {
  readonly origin: string;
  readonly patienceMs: number;
  readonly signal: AbortSignal;
};

const retryMs = 100;
const answerWithinMs = 60_000;

export const createPatientClient = ({ origin, patienceMs, signal }: PatientClientOptions): PatientClient => {
  const seen = new Map<number | 'closed', number>();
  const note = (what: number | 'closed'): void => void seen.set(what, (seen.get(what) ?? 0) + 1);
  const attempt = async (method: string, url: string, { json, headers = {} }: Sent): Promise<Answer> => {
    const { statusCode, body } = await request(url, {
      method,
      headers: { ...headers, ...(json !== undefined && { 'content-type': 'application/json' }) },
      body: json === undefined ? null : JSON.stringify(json),
      signal: AbortSignal.any([signal, AbortSignal.timeout(answerWithinMs)]),
    });
    return { status: statusCode, text: await body.text() };
  };
  return {
    seen,
    async call(method, path, sent = {}) {
      const deadline = performance.now() + patienceMs;
      while (performance.now() < deadline) {
        const answer = await attempt(method, `${origin}${path}`, sent).catch(() => undefined);
        signal.throwIfAborted();
        note(answer?.status ?? 'closed');
        if (answer !== undefined && answer.status !== 503) return answer;
        await sleep(retryMs, undefined, { signal });
      }
      throw new Error(`${method} ${path} was not answered within ${patienceMs} ms`);
    },
  };
};
