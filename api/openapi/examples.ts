// Answers that the document shows, as the service gave them.
import type { z } from 'zod';
import type { BatchView } from '../delivery/batch-view.ts';
import type { HostView } from '../delivery/host-view.ts';
import type { resultPageSchema, resultSchema } from '../delivery/result-schema.ts';
import type { WebhookEventView, WebhookView } from '../delivery/webhook-view.ts';
import type { AppendView } from '../submission/append.ts';

const path = '/v1/batches/bat_01a20021-db16-7eb2-8fc6-afdccefd4dff';

export const batchExample: BatchView = {
  id: 'bat_01a20021-db16-7eb2-8fc6-afdccefd4dff',
  name: 'httpbin',
  status: 'completed',
  counts: { total: 109, pending: 0, running: 0, succeeded: 105, failed: 4, cancelled: 0, expired: 0 },
  duplicates: null,
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

export const openBatchExample: BatchView = {
  ...batchExample,
  status: 'running',
  counts: { total: 152, pending: 40, running: 7, succeeded: 105, failed: 0, cancelled: 0, expired: 0 },
  progress: 0.69,
  throughput: { recentPerSecond: 38.2, meanPerSecond: 39.5 },
  eta: {
    at: '2026-11-21T22:02:32.534Z',
    earliest: '2026-11-21T22:02:32.300Z',
    latest: '2026-11-21T22:02:32.801Z',
  },
  statuses: { '200': 105 },
  failures: {},
  endedAt: null,
  timing: { queuedMs: 27, runMs: null },
  links: {
    self: path,
    results: `${path}/results`,
    events: `${path}/events`,
    cancel: `${path}/cancel`,
    pause: `${path}/pause`,
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

export const csvExample = 'index,url,outcome,status\r\n100,http://127.0.0.1:8000/status/404,failed,404\r\n';

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

export const appendExample: AppendView = { accepted: 2, deduplicated: 0, total: 152 };
