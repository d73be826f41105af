// What the document shows: submissions that tests send, and answers that the service gave.
import type { z } from 'zod';
import type { BatchView } from '../delivery/batch-view.ts';
import type { HostView } from '../delivery/host-view.ts';
import type { resultPageSchema, resultSchema } from '../delivery/result-schema.ts';
import type { WebhookEventView, WebhookView } from '../delivery/webhook-view.ts';
import type { Problem } from '../problem.ts';
import type { Examples } from './operation.ts';

export const submissionExamples = {
  urls: {
    summary: 'URLs alone',
    value: { urls: ['https://example.com/', 'https://example.org/', 'https://example.net/'] },
  },
  requests: {
    summary: 'Requests of all kinds, and defaults for them',
    value: {
      name: 'prices',
      metadata: { run: 17 },
      defaults: { timeoutMs: 5000, headers: { accept: 'application/json' } },
      perHost: { concurrency: 8, rate: { requests: 50, periodMs: 1000 } },
      expiresIn: 3600,
      requests: [
        { id: 'a-17', url: 'https://api.example.com/prices/17' },
        {
          id: 'a-18',
          url: 'https://api.example.com/prices',
          method: 'POST',
          json: { sku: 18 },
          retry: { unsafe: true },
        },
        {
          id: 'a-19',
          url: 'https://api.example.com/prices/19',
          acceptStatus: '200-299,404',
          maxBodyBytes: 65_536,
        },
      ],
    },
  },
  webhook: {
    summary: 'One that says when it has ended',
    value: {
      urls: ['https://example.com/'],
      webhook: {
        url: 'https://example.com/hook',
        secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
        events: ['batch.completed', 'failed'],
      },
    },
  },
} as const satisfies Examples;

export const retryExamples = {
  some: { summary: 'Those that failed with a bad status of the server', value: { statuses: '500-599,429' } },
  all: { summary: 'All that failed', value: {} },
} as const satisfies Examples;

export const limitsExamples = {
  both: {
    summary: 'At most 8 at once, and 50 a second',
    value: { concurrency: 8, rate: { requests: 50, periodMs: 1000 } },
  },
} as const satisfies Examples;

const path = '/v1/batches/bat_01a20021-db16-7eb2-8fc6-afdccefd4dff';

export const batchExample: BatchView = {
  id: 'bat_01a20021-db16-7eb2-8fc6-afdccefd4dff',
  name: 'httpbin',
  status: 'completed',
  counts: { total: 109, pending: 0, running: 0, succeeded: 105, failed: 4, cancelled: 0, expired: 0 },
  progress: 1,
  throughput: { recentPerSecond: null, meanPerSecond: 39.5 },
  eta: null,
  statuses: { '200': 105, '404': 1, '503': 1 },
  failures: { connect_failed: 1, dns_failed: 1, http_status: 2 },
  priority: 50,
  perHost: null,
  createdAt: '2026-11-21T22:02:28.517Z',
  notBefore: null,
  startedAt: '2026-11-21T22:02:28.544Z',
  endedAt: '2026-11-21T22:02:31.304Z',
  expiresAt: '2026-11-22T22:02:28.517Z',
  timing: { queuedMs: 27, runMs: 2760 },
  metadata: {},
  links: {
    self: path,
    results: `${path}/results`,
    events: `${path}/events`,
    cancel: `${path}/cancel`,
    retry: `${path}/retry`,
  },
};

export const resultExample: z.output<typeof resultSchema> = {
  index: 100,
  url: 'http://127.0.0.1:8000/status/404',
  outcome: 'failed',
  status: 404,
  headers: { 'content-type': 'text/html; charset=utf-8', 'content-length': '0' },
  body: { text: '', bytes: 0, contentType: 'text/html; charset=utf-8', truncated: false },
  failure: { code: 'http_status', message: 'the status 404 is not among 200-399' },
  attempts: [{ startedAt: '2026-11-21T22:02:28.601Z', waitMs: 0, totalMs: 4.2, status: 404 }],
  timings: { queueMs: 84, dnsMs: 0, connectMs: 0.3, tlsMs: 0, ttfbMs: 3.1, bodyMs: 0.8, totalMs: 4.2 },
  connection: { reused: false, policy: 'fresh', remoteAddress: '127.0.0.1', protocol: 'http/1.1' },
};

export const resultPageExample: z.output<typeof resultPageSchema> = {
  results: [resultExample],
  next: 4_194_304,
  isLast: false,
};

export const webhookEventExample: WebhookEventView = {
  id: 'evt_01a20021-db16-7eb2-8fc6-afdccefd4dff-1',
  type: 'batch.completed',
  createdAt: '2026-11-21T22:02:31.304Z',
  status: 'pending',
  attempts: [{ startedAt: '2026-11-21T22:02:31.320Z', durationMs: 12.5, status: 500, failure: null }],
  nextAttemptAt: '2026-11-21T22:02:36.333Z',
  links: { resend: `${path}/webhooks/evt_01a20021-db16-7eb2-8fc6-afdccefd4dff-1/resend` },
};

export const webhookExample: WebhookView = {
  webhook: {
    url: 'https://example.com/hook',
    events: ['batch.completed', 'batch.cancelled', 'batch.expired'],
    progressPercent: null,
    isGone: false,
  },
  events: [webhookEventExample],
  next: null,
};

export const hostExample: HostView = {
  host: 'https://api.example.com',
  state: 'ok',
  why: null,
  blockedUntil: null,
  limits: { concurrency: 8, rate: { requests: 50, periodMs: 1000 } },
  limit: 8,
  inFlight: 6,
  waiting: 40,
  parkedSlices: 2,
  links: { self: '/v1/hosts/https%3A%2F%2Fapi.example.com' },
};

export const problemExample: Problem = {
  type: 'about:blank',
  title: 'Bad Request',
  status: 400,
  code: 'body_invalid',
  detail: 'one field is not valid; see errors',
  errors: [{ pointer: '/priority', message: 'must be at most 100' }],
};
