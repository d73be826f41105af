import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { createDocument, version } from '../../../api/openapi/document.ts';
import { problemCodes } from '../../../api/problem.ts';
import { createContract } from '../../support/contract.ts';

const contract = createContract();
const { document, operations } = contract;
const text = JSON.stringify(document);

test('is the same every time', () => {
  expect(JSON.stringify(createDocument())).toBe(text);
});

test('has the version of the package', () => {
  expect(version).toBe((JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }).version);
});

test('refers to what is there, and has nothing that nobody refers to', () => {
  const referred = [...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, place = '']) =>
    place.replace('#/components/', ''),
  );
  const { schemas, headers } = document.components;
  const there = [
    ...Object.keys(schemas).map((name) => `schemas/${name}`),
    ...Object.keys(headers).map((name) => `headers/${name}`),
  ];
  expect([...new Set(referred)].toSorted()).toEqual(there.toSorted());
});

describe('each operation', () => {
  const all = operations.map((operation) => [operation.operationId, operation] as const);

  test('has a name of its own, which is one in every language', () => {
    const ids = all.map(([id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => !/^[a-z][A-Za-z]+$/.test(id))).toEqual([]);
  });

  test('is under one tag, which is told', () => {
    const known = document.tags.map(({ name }) => name);
    for (const [id, { tags }] of all)
      expect([id, known.filter((name) => tags.includes(name))]).toEqual([id, tags]);
    expect(known.filter((name) => !all.some(([, { tags }]) => tags[0] === name))).toEqual([]);
    for (const { description } of document.tags) expect(description).not.toBe('');
  });

  test('has a summary of its own, of one line', () => {
    const summaries = all.map(([, { summary }]) => summary);
    expect(new Set(summaries).size).toBe(summaries.length);
    expect(summaries.filter((summary) => !/^[A-Z][^\n]{5,80}[^.]$/.test(summary))).toEqual([]);
  });

  test('has a success and a refusal, each with a description', () => {
    for (const [id, { responses }] of all) {
      const kinds = new Set(Object.keys(responses).map((status) => status.charAt(0)));
      expect([id, kinds.has('2'), kinds.has('4'), kinds.has('5')]).toEqual([id, true, true, true]);
      expect(Object.values(responses).filter(({ description }) => description.trim() === '')).toEqual([]);
    }
  });

  test('wants an API key under /v1, where there are any, and nowhere else', () => {
    expect(document.security).toEqual([{ apiKey: [] }, {}]);
    for (const [id, { path, security, responses }] of all) {
      const isOpen = !path.startsWith('/v1/');
      expect([id, security]).toEqual([id, isOpen ? [] : undefined]);
      expect([id, Object.hasOwn(responses, '401')]).toEqual([id, !isOpen]);
    }
  });

  test('tells every parameter of its path, and each parameter once', () => {
    for (const [id, { path, parameters = [] }] of all) {
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const told = parameters.filter((each) => each.in === 'path');
      expect([id, told.map(({ name }) => name)]).toEqual([id, named]);
      expect(told.every(({ required }) => required)).toBe(true);
      expect(new Set(parameters.map(({ in: place, name }) => `${place} ${name}`)).size).toBe(
        parameters.length,
      );
    }
  });

  test('says of each parameter what it does and what it may be', () => {
    const parameters = all.flatMap(([, operation]) => operation.parameters ?? []);
    for (const { name, description, schema, content } of parameters) {
      expect([name, description !== '', (schema === undefined) !== (content === undefined)]).toEqual([
        name,
        true,
        true,
      ]);
    }
  });

  test('can be told from the others by its path', () => {
    const shapes = Object.keys(document.paths).map((path) => path.replaceAll(/\{\w+\}/g, '{}'));
    expect(new Set(shapes).size).toBe(shapes.length);
    expect(shapes.filter((shape) => !/^(\/[a-z0-9{}.]+)+$/.test(shape))).toEqual([]);
  });
});

test('has every problem code', () => {
  const elsewhere = ['method_not_allowed']; // of no operation: told in its description
  const told = operations.flatMap(({ responses }) =>
    Object.values(responses).map((each) => each.description),
  );
  expect(problemCodes.filter((code) => !told.join(' ').includes(`\`${code}\``))).toEqual(elsewhere);
  for (const code of ['route_not_found', ...elsewhere])
    expect(document.info.description).toContain(`\`${code}\``);
});

describe('schemas', () => {
  const { schemas } = document.components;

  test('take no member unknown in what is written, and do not forbid new ones in what is read', () => {
    expect(schemas['BatchSubmission']?.['additionalProperties']).toBe(false);
    expect(schemas['FetchRequest']?.['additionalProperties']).toBe(false);
    expect(schemas['Batch']).not.toHaveProperty('additionalProperties');
  });

  test('say what is required', () => {
    expect(schemas['FetchRequest']?.['required']).toEqual(['url']);
    expect(schemas['BatchSubmission']).not.toHaveProperty('required');
    expect(schemas['Result']?.['required']).toEqual(['index', 'url', 'outcome', 'attempts', 'timings']);
    expect(schemas['ResultFields']).not.toHaveProperty('required');
  });

  test('stand where they are used by name', () => {
    expect(schemas['BatchPage']).toMatchObject({
      properties: { batches: { items: { $ref: '#/components/schemas/Batch' } } },
    });
  });
});

const examples = operations.flatMap(({ operationId, requestBody, responses }) =>
  [requestBody, ...Object.values(responses)].flatMap((each) =>
    Object.entries(each?.content ?? {}).flatMap(([type, media]) => {
      const values = [...Object.values(media.examples ?? {}).map(({ value }) => value), media.example];
      return values
        .filter((value) => value !== undefined)
        .map((value) => ({ operationId, type, schema: media.schema, value }));
    }),
  ),
);

test('has examples that are valid', () => {
  expect(examples.length).toBeGreaterThan(15);
  const faults = examples.flatMap(({ operationId, type, schema, value }) =>
    contract.faultsIn(schema, value).map((fault) => `${operationId} ${type} ${fault}`),
  );
  expect(faults).toEqual([]);
});

test('is held against values strictly', () => {
  const batch = { $ref: '#/components/schemas/Batch' };
  const example = examples.find(({ operationId }) => operationId === 'getBatch')?.value as object;
  expect(contract.faultsIn(batch, { ...example, more: 1 })).toEqual([': Unrecognized key: "more"']);
  expect(contract.faultsIn(batch, { ...example, progress: 2 })).toHaveLength(1);
});
