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
  const referred = [...text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(
    ([, name = '']) => name,
  );
  expect([...new Set(referred)].toSorted()).toEqual(Object.keys(document.components.schemas).toSorted());
});

test('names each operation once', () => {
  const ids = operations.map(({ operationId }) => operationId);
  expect(new Set(ids).size).toBe(ids.length);
});

test('tells every parameter of a path', () => {
  for (const { path, parameters = [] } of operations) {
    const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const told = parameters.filter((each) => each.in === 'path').map(({ name }) => name);
    expect([path, told]).toEqual([path, named]);
  }
});

test('has every problem code', () => {
  const elsewhere = ['route_not_found', 'method_not_allowed']; // of no operation: told in its description
  const told = operations.flatMap(({ responses }) =>
    Object.values(responses).map((each) => each.description),
  );
  expect(problemCodes.filter((code) => !told.join(' ').includes(`\`${code}\``))).toEqual(elsewhere);
  for (const code of elsewhere) expect(document.info.description).toContain(`\`${code}\``);
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
