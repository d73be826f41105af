import { beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { problemCodes, type ProblemCode } from '../../../api/problem.ts';
import type { BatchId } from '../../../shared/batch.ts';
import { testApi } from '../../support/api.ts';
import { createContract, type DocumentedOperation, type Heard } from '../../support/contract.ts';
import { createDrives } from '../../support/drives.ts';
import { bodyOf, createProvocations } from '../../support/provocations.ts';
import { routesOf } from '../../support/routes-of.ts';

const api = testApi({ maxRequests: 10, maxBytes: 1_000_000 });
const crowded = (by: 'memory' | 'backlog'): ReturnType<typeof testApi> =>
  testApi({ capacity: { look: () => Promise.resolve(by) } });
const guarded = testApi({ keys: [{ name: 'alice', key: 'k'.repeat(32) }] });
const contract = createContract();
const { operations } = contract;
const drives = createDrives({
  api,
  crowded: { memory: crowded('memory'), backlog: crowded('backlog') },
  stopping: testApi(),
});
const provocations = createProvocations(api, guarded);
const known: { id: BatchId } = { id: '' as BatchId };

beforeAll(async () => {
  known.id = await api.submit(['https://example.com/']);
  await api.call('POST', `/v1/batches/${known.id}/cancel`);
});

/** What cannot be had from an API that is well, and where it is had. */
const heardElsewhere: Partial<Readonly<Record<ProblemCode, string>>> = {
  internal: 'test/api/error-answers.test.ts',
  store_unavailable: 'test/api/error-answers.test.ts',
  storage_full: 'test/api/error-answers.test.ts',
  request_timeout: 'test/api/server.test.ts',
  idempotency_key_in_use: 'test/api/submission/idempotency.test.ts',
  upload_aborted: 'nowhere: who is to hear it has gone',
};

const pathOf = ({ path }: DocumentedOperation): string =>
  path
    .replace('{id}', known.id)
    .replace('{index}', '0')
    .replace('{event}', 'evt_1')
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
      const names = new Set(heard.map(nameOf));
      const documented = [...successesOf(operation), ...codesOf(operation)];
      expect(documented.filter((name) => !names.has(name) && !Object.hasOwn(heardElsewhere, name))).toEqual(
        [],
      );
    });

    test('takes every parameter that is documented', async () => {
      for (const { in: place, name, schema } of operation.parameters ?? []) {
        if (place !== 'query') continue;
        const path = `${pathOf(operation)}?${name}=${sampleOf(schema, operation)}`;
        const answer = await api.call(operation.method.toUpperCase(), path, bodyOf(operation));
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

const successesOf = ({ responses }: DocumentedOperation): string[] =>
  Object.keys(responses).filter((status) => Number(status) < 400);

const codesOf = ({ responses }: DocumentedOperation): ProblemCode[] => {
  const schemas = JSON.stringify(
    Object.values(responses).map(({ content }) => content?.['application/problem+json']?.schema),
  );
  return problemCodes.filter((code) => schemas.includes(`"${code}"`));
};

const sampleOf = (schema: Readonly<Record<string, unknown>>, { tags }: DocumentedOperation): string => {
  const {
    enum: allowed,
    items,
    minimum,
    type,
  } = schema as {
    enum?: string[];
    items?: { enum: string[] };
    minimum?: number;
    type?: string;
  };
  if (type === 'boolean') return 'true';
  if (type === 'integer') return String(minimum);
  const names = allowed ?? items?.enum;
  if (names !== undefined) return items === undefined ? String(names[0]) : names.slice(0, 2).join(',');
  if (tags.includes('webhooks')) return `evt_${known.id.slice(4)}-1`;
  return tags.includes('hosts') ? 'http%3A%2F%2Fa.test' : known.id;
};
