import { beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { submissionExamples } from '../../../api/openapi/body-examples.ts';
import type { ParameterObject } from '../../../api/openapi/document.ts';
import { problemCodes, type ProblemCode } from '../../../api/problem.ts';
import type { BatchId } from '../../../shared/batch.ts';
import type { Crowding } from '../../../shared/capacity.ts';
import { testApi, type CallOptions } from '../../support/api.ts';
import { createContract, type DocumentedOperation, type Heard } from '../../support/contract.ts';
import { createDrives } from '../../support/drives.ts';
import { bodyOf, createProvocations } from '../../support/provocations.ts';
import { routesOf } from '../../support/routes-of.ts';

const api = testApi({ maxRequests: 10, maxBytes: 1_000_000, callsPerMinute: 1_000_000 });
const crowding: { by: Crowding | undefined } = { by: undefined };
const crowdedApi = testApi({ capacity: { look: () => Promise.resolve(crowding.by) } });
const guarded = testApi({ keys: [{ name: 'alice', key: 'k'.repeat(32) }] });
const contract = createContract();
const { operations } = contract;
const drives = createDrives({
  api,
  crowded: { api: crowdedApi, fill: (by) => void (crowding.by = by) },
  stopping: testApi(),
});
const limited = testApi({ callsPerMinute: 1 });
const provocations = createProvocations(api, { guarded, limited });
const known = { id: '' as BatchId, open: '' as BatchId };

beforeAll(async () => {
  known.id = await api.submit(['https://example.com/']);
  await api.call('POST', `/v1/batches/${known.id}/cancel`);
  known.open = await api.submit([], { open: true });
});

/** What cannot be had from an API that is well, and where it is had. */
const heardElsewhere: Partial<Readonly<Record<ProblemCode, string>>> = {
  internal: 'test/api/error-answers.test.ts',
  store_unavailable: 'test/api/error-answers.test.ts',
  storage_full: 'test/api/error-answers.test.ts',
  request_timeout: 'test/api/server.test.ts',
  idempotency_key_in_use: 'test/api/submission/idempotency.test.ts',
  append_in_progress: 'test/api/appends.test.ts',
  upload_aborted: 'nowhere: who is to hear it has gone',
};

const pathOf = ({ path, operationId }: DocumentedOperation): string =>
  path
    .replace('{id}', operationId === 'appendRequests' ? known.open : known.id)
    .replace('{index}', '0')
    .replace('{event}', 'evt_1')
    .replace('{code}', 'internal')
    .replace('{host}', 'http%3A%2F%2Fdriven.test');

test('every route is documented, and what is documented is a route', () => {
  const documented = operations.map(({ method, path }) => `${method} ${path}`);
  expect(routesOf(api.app).toSorted()).toEqual(documented.toSorted());
});

test('every operation is driven', () => {
  const ids = operations.map(({ operationId }) => operationId);
  expect(Object.keys(drives).toSorted()).toEqual(ids.toSorted());
});

describe.each(operations.map((operation) => [operation.operationId, operation] as const))(
  '%s',
  (id, operation) => {
    test('answers as it is documented, and with everything that is documented', async () => {
      const heard: Heard[] = [];
      for (const drive of drives[id] ?? []) heard.push(await drive());
      const own = new Set(heard.map(nameOf));
      for (const code of codesOf(operation)) {
        const provoke = provocations[code];
        if (provoke !== undefined && !own.has(code)) heard.push(await provoke(operation, pathOf(operation)));
      }
      expect(heard.flatMap((answer) => contract.faultsOf(id, answer))).toEqual([]);
      const names = new Set(heard.flatMap((answer) => [nameOf(answer), ...headersIn(answer)]));
      const documented = [...successesOf(operation), ...codesOf(operation)];
      const unheard = documented.filter((name) => !names.has(name));
      expect(unheard.filter((name) => !Object.hasOwn(heardElsewhere, name))).toEqual([]);
    });

    test('takes every parameter that is documented', async () => {
      for (const parameter of operation.parameters ?? []) {
        if (parameter.in !== 'query') continue;
        const path = `${pathOf(operation)}?${parameter.name}=${sampleOf(parameter, operation)}`;
        const answer = await api.call(operation.method.toUpperCase(), path, besideQuery(operation));
        expect([path, answer.status < 400 ? 'taken' : answer.json.errors]).toEqual([path, 'taken']);
      }
    });
  },
);

test('what is heard elsewhere is heard there', () => {
  const files = Object.values(heardElsewhere).filter((place) => place.endsWith('.ts'));
  expect(files.filter((file) => !existsSync(file))).toEqual([]);
});

/** A problem by its code, a success by its status. */
const nameOf = ({ status, text }: Heard): string =>
  status < 400 ? String(status) : (JSON.parse(text) as { code: string }).code;

/** Such as `200 etag`. */
const headersIn = ({ status, headers }: Heard): string[] =>
  Object.keys(headers).map((name) => `${status} ${name}`);

/** Each by its status, and the header fields that it may have. */
const successesOf = ({ responses }: DocumentedOperation): string[] =>
  Object.entries(responses)
    .filter(([status]) => Number(status) < 400)
    .flatMap(([status, { headers = {} }]) => [
      status,
      ...Object.keys(headers).map((name) => `${status} ${name.toLowerCase()}`),
    ]);

const codesOf = ({ responses }: DocumentedOperation): ProblemCode[] => {
  const schemas = JSON.stringify(
    Object.values(responses).map(({ content }) => content?.['application/problem+json']?.schema),
  );
  return problemCodes.filter((code) => schemas.includes(`"${code}"`));
};

/** Of a submission, a body whose settings stand in the query. */
const besideQuery = (operation: DocumentedOperation): CallOptions => {
  const [lines] = Object.values(operation.requestBody?.content['text/plain']?.examples ?? {});
  if (lines === undefined) return bodyOf(operation);
  return { body: String(lines.value), headers: { 'content-type': 'text/plain' } };
};

const { metadata, perHost, defaults } = submissionExamples.requests.value;
const samples: Readonly<Record<string, unknown>> = {
  metadata,
  perHost,
  defaults,
  webhook: submissionExamples.webhook.value.webhook,
};

const sampleOf = ({ name, schema, content }: ParameterObject, { tags }: DocumentedOperation): string => {
  if (content !== undefined) return encodeURIComponent(JSON.stringify(samples[name]));
  const { enum: allowed, items, minimum, type, format } = (schema ?? {}) as Told;
  if (type === 'boolean') return 'true';
  if (type === 'integer') return String(minimum);
  if (format === 'date-time') return new Date(Date.now() + 60_000).toISOString();
  const names = allowed ?? items?.enum;
  if (names !== undefined) return items === undefined ? String(names[0]) : names.slice(0, 2).join(',');
  if (tags.includes('webhooks')) return `evt_${known.id.slice(4)}-1`;
  return tags.includes('hosts') ? 'http%3A%2F%2Fa.test' : known.id;
};

type Told = {
  readonly enum?: string[];
  readonly items?: { readonly enum: string[] };
  readonly minimum?: number;
  readonly type?: string;
  readonly format?: string;
};
