// What the document shows of plans and explanations, as the service gave them.
import type { PlanView } from '../delivery/plan-view.ts';
import type { Explanation } from '../explain.ts';
import { batchExample } from './examples.ts';

export const planExample: PlanView = {
  counts: { requests: 3, duplicates: 1, invalid: 1, fetched: 2, hosts: 1 },
  invalid: [
    {
      index: 2,
      url: 'http://10.0.0.1/',
      message: '/urls/2: 10.0.0.1 is not a public address, and FETCHFLEET_ALLOW_NETWORKS does not allow it',
    },
  ],
  hosts: [
    {
      host: 'https://api.example.com',
      requests: 2,
      limits: { concurrency: 8, rate: { requests: 10, periodMs: 1000 } },
      seconds: 0.5,
    },
  ],
  estimate: {
    seconds: 0.5,
    boundBy: 'workers',
    assumptions: { workers: 1, requestsInFlightPerWorker: 256, secondsPerRequest: 0.5 },
  },
};

export const explanationExample: Explanation = {
  batch: batchExample.id,
  status: 'completed',
  results: { stored: 109, read: 109 },
  time: {
    line: { sumMs: 23303.9, share: 0.342, p50: 178.2, p95: 178.2, p99: 1330.7 },
    retries: { sumMs: 1741.1, share: 0.026, p50: 0, p95: 0, p99: 665.3 },
    dns: { sumMs: 1437.5, share: 0.021, p50: 13.6, p95: 20.7, p99: 22.2 },
    connect: { sumMs: 15363.9, share: 0.226, p50: 155.1, p95: 178.2, p99: 178.2 },
    tls: { sumMs: 0, share: 0, p50: 0, p95: 0, p99: 0 },
    firstByte: { sumMs: 25919.8, share: 0.381, p50: 204.7, p95: 252, p99: 1158.4 },
    body: { sumMs: 129.3, share: 0.002, p50: 0, p95: 1.1, p99: 13.6 },
    other: { sumMs: 159.7, share: 0.002, p50: 0.2, p95: 0.7, p99: 44.5 },
  },
  hosts: [
    {
      host: 'http://127.0.0.1:8000',
      results: 107,
      failed: 2,
      reused: 2,
      totalMs: { p50: 382.1, p95: 438.9, p99: 1330.7 },
    },
    {
      host: 'http://does-not-resolve.invalid',
      results: 1,
      failed: 1,
      reused: 0,
      totalMs: { p50: 33.7, p95: 33.7, p99: 33.7 },
    },
    {
      host: 'http://127.0.0.1:8001',
      results: 1,
      failed: 1,
      reused: 0,
      totalMs: { p50: 0.9, p95: 0.9, p99: 0.9 },
    },
  ],
  failures: [
    {
      code: 'http_status',
      count: 2,
      example: {
        index: 100,
        url: 'http://127.0.0.1:8000/status/404',
        message: 'the status 404 is not among 200-399',
      },
    },
    {
      code: 'dns_failed',
      count: 1,
      example: {
        index: 108,
        url: 'http://does-not-resolve.invalid/',
        message: 'does-not-resolve.invalid does not resolve (RFC 6761)',
      },
    },
    {
      code: 'connect_failed',
      count: 1,
      example: {
        index: 107,
        url: 'http://127.0.0.1:8001/',
        message: 'the connection could not be opened (ECONNREFUSED)',
      },
    },
  ],
  connections: { reused: 2, fresh: 107 },
  throttled: 0,
  advice: [
    {
      code: 'failures',
      text: '2 % of the results are http_status, such as 100: their responses say why; acceptStatus makes a status a success',
    },
    {
      code: 'line',
      text: '34 % of the time was spent waiting in line, nearly all for http://127.0.0.1:8000: its limits set the pace, see /v1/hosts; if it can take more, raise them',
    },
    {
      code: 'firstByte',
      text: '38 % of the time the hosts took to begin their answers: more at once helps as long as they do not slow down',
    },
  ],
};
