// The operations of the service itself: probes, and its description.
import { z } from 'zod';
import { livezSchema, readyzSchema } from '../health.ts';
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

export const serviceOperations: readonly Operation[] = [livez, readyz, getDescription, getReference];
