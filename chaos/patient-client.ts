// A client that does not give up: what it sends is sent again until it is answered. Notes all that it saw.
import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';

export type Answer = { readonly status: number; readonly text: string };

export type PatientClient = {
  /** Resolves with the first answer that is not 503; rejects after the patience, or when aborted. */
  call(method: Method, path: string, sent?: Sent): Promise<Answer>;
  /** How often each was seen. */
  readonly seen: ReadonlyMap<Seen, number>;
};

/** A status; a connection that was refused, or ended before its answer did; or no answer, for too long. */
export type Seen = number | 'closed' | 'silent';

type Method = 'GET' | 'POST' | 'DELETE';

export type Sent = {
  readonly json?: object;
  readonly headers?: Readonly<Record<string, string>>;
};

export type PatientClientOptions = {
  readonly origin: string;
  /** How long a call may take, all its attempts together: none begins later. */
  readonly patienceMs: number;
  /** How long an attempt may wait for its answer. */
  readonly answerWithinMs?: number;
  readonly signal: AbortSignal;
};

const firstRetryMs = 100;
/** Hundreds that knock at a closed door all the time would keep this process from all else. */
const mostRetryMs = 1000;

export const createPatientClient = ({
  origin,
  patienceMs,
  answerWithinMs = 60_000,
  signal,
}: PatientClientOptions): PatientClient => {
  const seen = new Map<Seen, number>();
  const attempt = async (method: Method, url: string, sent: Prepared): Promise<Answer> => {
    const { statusCode, body } = await request(url, {
      ...sent,
      method,
      signal: AbortSignal.any([signal, AbortSignal.timeout(answerWithinMs)]),
    });
    return { status: statusCode, text: await body.text() };
  };
  return {
    seen,
    async call(method, path, sent = {}) {
      const deadline = performance.now() + patienceMs;
      const prepared = prepare(sent);
      for (let failed = 0; performance.now() < deadline; failed += 1) {
        const answer = await attempt(method, `${origin}${path}`, prepared).catch(whyNone);
        signal.throwIfAborted();
        const what = typeof answer === 'string' ? answer : answer.status;
        seen.set(what, (seen.get(what) ?? 0) + 1);
        if (typeof answer !== 'string' && answer.status !== 503) return answer;
        await sleep(Math.min(firstRetryMs * 2 ** failed, mostRetryMs), undefined, { signal });
      }
      throw new Error(`${method} ${path} was not answered within ${patienceMs} ms`);
    },
  };
};

type Prepared = { readonly headers: Readonly<Record<string, string>>; readonly body: string | null };

const prepare = ({ json, headers = {} }: Sent): Prepared =>
  json === undefined
    ? { headers, body: null }
    : { headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(json) };

const whyNone = (error: Error): 'closed' | 'silent' => (error.name === 'TimeoutError' ? 'silent' : 'closed');
