// The operations of hosts: how each fares, and its limits.
import { hostPageSchema, hostViewSchema } from '../delivery/host-view.ts';
import { hostListQuery } from '../hosts.ts';
import { hostLimitsSchema } from '../../shared/host-limits.ts';
import { limitsExamples } from './body-examples.ts';
import { hostExample } from './examples.ts';
import { bodyProblems, toParameters, type Operation } from './operation.ts';
import { hostParameter } from './parameters.ts';

const content = { 'application/json': { schema: hostViewSchema, example: hostExample } };

const listHosts: Operation = {
  id: 'listHosts',
  method: 'get',
  path: '/v1/hosts',
  tag: 'hosts',
  summary: 'List the hosts of which something is known or set, by name',
  parameters: toParameters(hostListQuery, {
    limit: 'How many at most; 100 where nothing is said.',
    after: '`next` of the page before.',
  }),
  answers: [
    {
      status: 200,
      description: 'A page of hosts.',
      content: {
        'application/json': { schema: hostPageSchema, example: { hosts: [hostExample], next: null } },
      },
    },
  ],
  problems: ['not_acceptable'],
};

const getHost: Operation = {
  id: 'getHost',
  method: 'get',
  path: '/v1/hosts/{host}',
  tag: 'hosts',
  summary: 'Read one host',
  description: 'One that was never asked is `idle`.',
  parameters: [hostParameter],
  answers: [{ status: 200, description: 'The host.', content }],
  problems: ['not_acceptable'],
};

const setHostLimits: Operation = {
  id: 'setHostLimits',
  method: 'put',
  path: '/v1/hosts/{host}',
  tag: 'hosts',
  summary: 'Set the limits of a host',
  description: 'In place of the default and of what was set before, at once and on every worker.',
  parameters: [hostParameter],
  body: {
    isRequired: true,
    description: '`concurrency`, `rate` or both.',
    content: { 'application/json': { schema: hostLimitsSchema, examples: limitsExamples } },
  },
  answers: [{ status: 200, description: 'The host with its limits.', content }],
  problems: [...bodyProblems, 'not_acceptable', 'storage_full'],
};

const removeHostLimits: Operation = {
  id: 'removeHostLimits',
  method: 'delete',
  path: '/v1/hosts/{host}',
  tag: 'hosts',
  summary: 'Remove the limits of a host',
  parameters: [hostParameter],
  answers: [{ status: 204, description: 'It has no limits of its own.' }],
  problems: ['not_acceptable'],
};

export const hostOperations: readonly Operation[] = [listHosts, getHost, setHostLimits, removeHostLimits];
