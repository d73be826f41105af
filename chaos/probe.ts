// One question to the API, and all there is to its answer: status, form, how long it took. Asked once, never again.
import { request } from 'undici';

export type Answered = {
  readonly status: number;
  readonly type: string;
  readonly retryAfter: string | undefined;
  readonly text: string;
  readonly tookMs: number;
};

export type Asked = {
  readonly method?: 'GET' | 'POST';
  readonly json?: object;
  readonly signal: AbortSignal;
};

const answerWithinMs = 30_000;

/** Undefined where the connection was refused, or ended or kept silent for 30 s before the answer. */
export const probe = async (
  url: string,
  { method = 'GET', json, signal }: Asked,
): Promise<Answered | undefined> => {
  const askedAt = performance.now();
  const asked = {
    method,
    headers: json === undefined ? {} : { 'content-type': 'application/json' },
    body: json === undefined ? null : JSON.stringify(json),
    signal: AbortSignal.any([signal, AbortSignal.timeout(answerWithinMs)]),
  };
  const answered = await request(url, asked)
    .then(async ({ statusCode, headers, body }) => ({
      status: statusCode,
      type: String(headers['content-type']),
      retryAfter: headers['retry-after']?.toString(),
      text: await body.text(),
      tookMs: performance.now() - askedAt,
    }))
    .catch(() => undefined);
  signal.throwIfAborted();
  return answered;
};

/** Whether it says, as it should, that it cannot serve now, and when to come again. */
export const isRefusal = (answered: Answered | undefined, status: 503 | 507): boolean =>
  answered?.status === status &&
  answered.type.startsWith('application/problem+json') &&
  Number(answered.retryAfter) > 0;
