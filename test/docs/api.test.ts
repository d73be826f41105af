// docs/api.md holds what the code holds: fields, failure codes, problem codes, links.
import { expect, test } from '@jest/globals';
import { toHostView } from '../../api/delivery/host-view.ts';
import { resultFields } from '../../api/delivery/result-view.ts';
import { problemAdvice } from '../../api/openapi/problem-advice.ts';
import { problemCodes, problemStatuses } from '../../api/problem.ts';
import { toWebhookEventView } from '../../api/delivery/webhook-view.ts';
import { webhookSchema } from '../../api/submission/webhook.ts';
import { newBatchId } from '../../shared/batch.ts';
import { failureMeanings } from '../../shared/failure.ts';
import { toHostRecord } from '../../shared/host-record.ts';
import { requestDefaultsSchema } from '../../shared/request.ts';
import { decodeWebhookEvent } from '../../shared/webhook-event.ts';
import { webhookEventTypes } from '../../shared/webhook.ts';
import { signatureFields } from '../../worker/webhooks/signature.ts';
import { readDocument } from '../support/markdown.ts';

const page = readDocument('docs/api.md');

/** The rows under a header of three columns, by their first two; the third must say something. */
const coded = (header: string): string[] =>
  page.rowsUnder(header).map((row) => /^(\| `\w+` \| .+ \|) \S.+ \|$/.exec(row)?.[1] ?? `not told: ${row}`);

test('shows every failure code with its meaning, and what to do', () => {
  const rows = Object.entries(failureMeanings).map(([code, meaning]) => `| \`${code}\` | ${meaning} |`);
  expect(coded('| failure code | means | what to do |')).toEqual(rows);
});

test('shows every problem code with its status, and what to do', () => {
  const rows = problemCodes.map(
    (code) => `| \`${code}\` | ${problemStatuses[code]} | ${problemAdvice[code]} |`,
  );
  expect(page.rowsUnder('| problem code | status | what to do |')).toEqual(rows);
});

/** The names in the first column. */
const named = (header: string): string[] =>
  page.rowsUnder(header).flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map(lastOf));
const lastOf = (match: RegExpMatchArray): string => match[1] ?? '';

test('shows every field of a request', () => {
  const fields = ['url', 'id', ...Object.keys(requestDefaultsSchema.shape)];
  expect(named('| field of a request | takes | says |').toSorted()).toEqual(fields.toSorted());
});

test('shows every field of a result', () => {
  expect(named('| field of a result | has |').toSorted()).toEqual([...resultFields].toSorted());
});

test('shows every field of a host', () => {
  const seen = { host: '', fields: {}, parkedSlices: 0, limits: undefined, now: 0, isListening: () => true };
  const fields = Object.keys(toHostView(toHostRecord(seen)));
  expect(named('| field of a host | has |').toSorted()).toEqual(fields.toSorted());
});

test('shows every field of a webhook, every type of event, and every field of an event', () => {
  const fields = Object.keys(webhookSchema.in.shape);
  expect(named('| field of a webhook | takes | says |').toSorted()).toEqual(fields.toSorted());
  const types = page
    .rowsUnder('| event type | says |')
    .flatMap((row) => row.match(/(?<=^\|.*)batch\.\w+/g) ?? []);
  expect([...new Set(types)].toSorted()).toEqual([...webhookEventTypes].toSorted());
  const event = decodeWebhookEvent(1, '["batch.completed",1,0,[]]');
  const view = toWebhookEventView(newBatchId(), { ...event, status: 'pending', attempts: [] });
  expect(named('| field of an event | has |').toSorted()).toEqual(Object.keys(view).toSorted());
});

test('shows an event with the signature that it has', () => {
  const [, secret = '', fields = '', body = ''] =
    /With the secret `(\S+)`:\n\n```\nPOST .*\ncontent-type: .*\n([^]+?)\n\n([^]+?)\n```/.exec(page.text) ??
    [];
  const shown = Object.fromEntries(fields.split('\n').map((line) => line.split(': ')));
  const signing = {
    id: shown['webhook-id'],
    at: Number(shown['webhook-timestamp']) * 1000,
    secrets: [secret],
  };
  expect(signatureFields(Buffer.from(body), signing)).toEqual(shown);
});

test('links to what exists', () => {
  expect(page.brokenLinks()).toEqual([]);
});
