// What `npm start` prints when everything runs: the address, and a first batch to copy.

export type Running = {
  readonly origin: string;
  readonly workers: number;
  /** Which Redis, in the reader's words. */
  readonly redis: string;
  readonly needsKey: boolean;
};

export const greeting = ({ origin, workers, redis, needsKey }: Running): string => {
  const curl = needsKey ? 'curl -sS -H "authorization: Bearer $KEY"' : 'curl -sS';
  return `
Fetchfleet is ready: ${origin} (${workers} ${workers === 1 ? 'worker' : 'workers'}, ${redis})

Submit a batch:${needsKey ? ' (KEY is one of FETCHFLEET_API_KEYS)' : ''}
  ${curl} ${origin}/v1/batches -H 'content-type: application/json' \\
    -d '{"urls": ["https://example.com/", "https://example.org/"]}'

Wait for it by the id in the answer, then read its results:
  ${curl} '${origin}/v1/batches/<id>?wait=30'
  ${curl} ${origin}/v1/batches/<id>/results

Ctrl-C stops it.

`;
};

/** The origin to reach a listener by: an address that stands for all of them becomes the loopback. */
export const originOf = (host: string, port: number): string => {
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
};
