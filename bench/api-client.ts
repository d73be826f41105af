// The API as the benchmark calls it. Every call rejects soon after its signal is aborted.
import { request } from 'undici';

export type Batch = {
  readonly id: string;
  readonly status: string;
  readonly endedAt?: string | number | null;
  readonly counts: Readonly<Record<string, number>>;
};

export type ApiClient = {
  /** Submits what `POST /v1/batches` takes. */
  submit(submission: object): Promise<Batch>;
  /** Submits NDJSON. */
  submitLines(lines: Buffer): Promise<Batch>;
  read(id: string): Promise<Batch>;
  untilEnded(id: string): Promise<Batch>;
  /** All results in the order of completion, a line of JSON each, with all or these fields. */
  results(id: string, fields?: readonly string[]): Promise<readonly string[]>;
  /** Those to come too, until the batch ends. */
  followResults(id: string): Promise<readonly string[]>;
  /** Reads all results as a stream, looks at nothing but how many they are, and keeps none. */
  countResults(id: string): Promise<{ readonly results: number; readonly bytes: number }>;
  act(id: string, action: 'cancel' | 'pause' | 'resume'): Promise<void>;
  /** Removes a batch that has ended. */
  remove(id: string): Promise<void>;
  /** Sets what holds for a host over all workers; undefined takes it back. */
  limitHost(origin: string, limit: HostLimit | undefined): Promise<void>;
  /** How many calls are under way, this one among them. */
  openCalls(): Promise<number>;
};

export type HostLimit = {
  readonly concurrency?: number;
  readonly rate?: { readonly requests: number; readonly periodMs: number };
};

export const createApiClient = (origin: string, signal: AbortSignal): ApiClient => {
  const batches = `${origin}/v1/batches`;
  const call = (method: Method, url: string, sent: Sent = {}): Promise<string> =>
    send(method, url, { ...sent, signal });
  const read = async (url: string): Promise<Batch> => JSON.parse(await call('GET', url)) as Batch;
  const readLines = async (url: string): Promise<readonly string[]> => {
    const text = await call('GET', url, { accept: 'application/x-ndjson' });
    return text.split('\n').filter((line) => line !== '');
  };
  return {
    submit: async (submission) => JSON.parse(await call('POST', batches, { body: submission })) as Batch,
    async submitLines(lines) {
      const headers = { 'content-type': 'application/x-ndjson' };
      const { statusCode, body } = await request(batches, { method: 'POST', headers, body: lines, signal });
      const text = await body.text();
      if (statusCode !== 202) throw new Error(`POST ${batches} was answered ${statusCode}: ${text}`);
      return JSON.parse(text) as Batch;
    },
    read: (id) => read(`${batches}/${id}`),
    async untilEnded(id) {
      for (;;) {
        const batch = await read(`${batches}/${id}?wait=30`);
        if (batch.endedAt !== undefined && batch.endedAt !== null) return batch;
      }
    },
    async results(id, fields) {
      const query = fields === undefined ? '' : `?fields=${fields.join()}`;
      return await readLines(`${batches}/${id}/results${query}`);
    },
    followResults: (id) => readLines(`${batches}/${id}/results?follow=true`),
    async countResults(id) {
      const headers = { accept: 'application/x-ndjson' };
      const { body } = await request(`${batches}/${id}/results`, { headers, signal });
      const seen = { results: 0, bytes: 0 };
      for await (const chunk of body) {
        const bytes = chunk as Buffer;
        seen.bytes += bytes.length;
        for (let at = bytes.indexOf(newline); at !== -1; at = bytes.indexOf(newline, at + 1))
          seen.results += 1;
      }
      return seen;
    },
    act: async (id, action) => void (await call('POST', `${batches}/${id}/${action}`)),
    remove: async (id) => void (await call('DELETE', `${batches}/${id}`)),
    async limitHost(host, limit) {
      const url = `${origin}/v1/hosts/${encodeURIComponent(host)}`;
      await (limit === undefined ? call('DELETE', url) : call('PUT', url, { body: limit }));
    },
    async openCalls() {
      const metrics = await call('GET', `${origin}/metrics`, { accept: '*/*' });
      return Number(/^fetchfleet_api_open_calls (\d+)$/m.exec(metrics)?.[1]);
    },
  };
};

const newline = 0x0a;

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';
type Sent = { readonly body?: object; readonly accept?: string };

const send = async (
  method: Method,
  url: string,
  { body: json, accept = 'application/json', signal }: Sent & { signal: AbortSignal },
): Promise<string> => {
  const headers = { accept, ...(json !== undefined && { 'content-type': 'application/json' }) };
  const sent = json === undefined ? null : JSON.stringify(json);
  const { statusCode, body } = await request(url, { method, headers, body: sent, signal });
  const text = await body.text();
  if (statusCode >= 300) throw new Error(`${method} ${url} was answered ${statusCode}: ${text}`);
  return text;
};
