// Bodies that the document shows, and that tests send.
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
  template: {
    summary: 'A template, here of six requests',
    value: {
      template: {
        url: 'https://api.example.com/items?page={page}&key={key}',
        vars: { page: '1..3', key: ['a', 'b'] },
      },
      dedupe: true,
    },
  },
  open: { summary: 'One to which requests are appended later', value: { open: true, name: 'crawl' } },
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

export const appendExamples = {
  urls: submissionExamples.urls,
  requests: {
    summary: 'Requests of all kinds',
    value: { requests: submissionExamples.requests.value.requests },
  },
} as const satisfies Examples;

export const ndjsonExamples = {
  lines: {
    summary: 'URLs and requests, one a line',
    value:
      '"https://example.com/"\n' +
      '{"url":"https://api.example.com/prices","method":"POST","json":{"sku":18}}\n',
  },
} as const satisfies Examples;

export const textExamples = {
  lines: { summary: 'URLs, one a line', value: 'https://example.com/\nhttps://example.org/\n' },
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
