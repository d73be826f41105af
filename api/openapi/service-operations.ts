// The operations of the service itself: probes, and its description.
import { z } from 'zod';
import { livezSchema, readyzSchema } from '../health.ts';
import { problemCodes } from '../problem.ts';
import type { Operation } from './operation.ts';

const livez: Operation = {
  id: 'livez',
  method: 'get',
  path: '/livez',
  tag: 'service',
  summary: 'Is the process alive',
  isPublic: true,
  answers: [
    {
      status: 200,
      description: 'It is.',
      content: { 'application/json': { schema: livezSchema, example: { status: 'ok' } } },
    },
  ],
  problems: [],
};

const readyz: Operation = {
  id: 'readyz',
  method: 'get',
  path: '/readyz',
  tag: 'service',
  summary: 'Can it serve',
  isPublic: true,
  answers: [
    {
      status: 200,
      description: 'It can, or all but take in new batches.',
      content: { 'application/json': { schema: readyzSchema, example: { status: 'full', of: 'memory' } } },
    },
  ],
  problems: ['store_unavailable'],
};

const getDescription: Operation = {
  id: 'getDescription',
  method: 'get',
  path: '/openapi.json',
  tag: 'service',
  summary: 'This API as OpenAPI 3.1',
  isPublic: true,
  answers: [
    {
      status: 200,
      description: 'The document.',
      content: { 'application/json': { schema: z.looseObject({ openapi: z.string() }) } },
    },
  ],
  problems: ['query_invalid', 'not_acceptable'],
};

const getReference: Operation = {
  id: 'getReference',
  method: 'get',
  path: '/docs',
  tag: 'service',
  summary: 'This API as a page to read',
  isPublic: true,
  answers: [
    {
      status: 200,
      description: 'The page.',
      headers: ['Content-Security-Policy'],
      content: { 'text/html': { schema: z.string() } },
    },
  ],
  problems: ['query_invalid', 'not_acceptable'],
};

const getMetrics: Operation = {
  id: 'getMetrics',
  method: 'get',
  path: '/metrics',
  tag: 'service',
  summary: 'Figures for Prometheus',
  description: 'It says what it can while Redis is away, and that it is.',
  isPublic: true,
  answers: [{ status: 200, description: 'The figures.', content: { 'text/plain': { schema: z.string() } } }],
  problems: ['query_invalid'],
};

const listProblems: Operation = {
  id: 'listProblems',
  method: 'get',
  path: '/problems',
  tag: 'service',
  summary: 'What to do about every problem',
  isPublic: true,
  answers: [{ status: 200, description: 'All of them.', content: { 'text/plain': { schema: z.string() } } }],
  problems: ['query_invalid'],
};

const getProblem: Operation = {
  id: 'getProblem',
  method: 'get',
  path: '/problems/{code}',
  tag: 'service',
  summary: 'What to do about one problem',
  description: 'Where the `type` of a problem leads.',
  isPublic: true,
  parameters: [
    {
      name: 'code',
      in: 'path',
      schema: z.enum(problemCodes),
      description: 'The code of a problem.',
      example: 'batch_not_found',
    },
  ],
  answers: [
    {
      status: 200,
      description: 'Its status, and what to do.',
      content: { 'text/plain': { schema: z.string() } },
    },
  ],
  problems: ['query_invalid', 'route_not_found'],
};

export const serviceOperations: readonly Operation[] = [
  livez,
  readyz,
  getMetrics,
  getDescription,
  getReference,
  listProblems,
  getProblem,
];
