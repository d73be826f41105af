// Routes of hosts: how each fares, and the limits that operators set for it. These hold for all API keys.
import { Router, type RequestHandler } from 'express';
import type { HostLimitStore } from '../shared/host-limit-store.ts';
import { hostLimitsSchema, type HostLimits } from '../shared/host-limits.ts';
import type { HostStore } from '../shared/host-store.ts';
import { toHostView, type HostPageView } from './delivery/host-view.ts';
import { hostOf, isHostName } from './host-name.ts';
import { requireJson } from './negotiation.ts';
import { readQuery, textOf, wholeNumber } from './query.ts';
import { serve } from './routes.ts';
import { sendJson } from './send-json.ts';
import { parseDocument, refuseUnsafe } from './submission/document.ts';
import { createFieldErrors } from './submission/field-errors.ts';
import { parseField } from './submission/field-rules.ts';
import { bodyOf, receiveJson } from './submission/receive.ts';
import { defaultUploadPace } from './submission/upload-pace.ts';

export type HostDependencies = {
  readonly hosts: HostStore;
  readonly hostLimits: HostLimitStore;
};

export const createHostRoutes = (dependencies: HostDependencies): Router => {
  const router = Router({ caseSensitive: true });
  router.use(requireJson);
  serve(router, '/', { get: listHosts(dependencies) });
  serve(router, '/*host', {
    get: getHost(dependencies),
    put: [
      refuseBadPath,
      ...receiveJson({ maxBytes: maxLimitsBytes, pace: defaultUploadPace }),
      setLimits(dependencies),
    ],
    delete: removeLimits(dependencies),
  });
  return router;
};

const maxLimitsBytes = 16_384;
const maxPageLimit = 1000;

export const hostListQuery = {
  limit: wholeNumber(1, maxPageLimit),
  after: textOf(isHostName, 'the name of a host, as in next'),
};

const listHosts =
  ({ hosts }: HostDependencies): RequestHandler =>
  async (request, response) => {
    const { limit = 100, after } = readQuery(request, hostListQuery);
    const page = await hosts.list({ limit, after });
    const view: HostPageView = { hosts: page.hosts.map(toHostView), next: page.next ?? null };
    sendJson(response, view);
  };

const getHost =
  ({ hosts }: HostDependencies): RequestHandler =>
  async (request, response) => {
    readQuery(request, {});
    sendJson(response, toHostView(await hosts.get(hostOf(request))));
  };

/** Before the body is asked for. */
const refuseBadPath: RequestHandler = (request, _response, next) => {
  readQuery(request, {});
  hostOf(request);
  next();
};

const setLimits =
  ({ hosts, hostLimits }: HostDependencies): RequestHandler =>
  async (request, response) => {
    const host = hostOf(request);
    await hostLimits.set(host, readLimits(bodyOf(request)));
    sendJson(response, toHostView(await hosts.get(host)));
  };

const removeLimits =
  ({ hostLimits }: HostDependencies): RequestHandler =>
  async (request, response) => {
    readQuery(request, {});
    await hostLimits.remove(hostOf(request));
    response.status(204).end();
  };

/** Reads `{concurrency?, rate?}`, of which one must be there. Throws ApiError. */
const readLimits = (bytes: Buffer): HostLimits => {
  const written = parseDocument(bytes);
  const errors = createFieldErrors();
  refuseUnsafe(written, [], errors);
  const limits = parseField(hostLimitsSchema, written, { path: [], errors });
  if (limits !== undefined && limits.concurrency === undefined && limits.rate === undefined)
    errors.add([], 'give concurrency, rate or both; DELETE removes the limits');
  errors.throwIfAny();
  return limits ?? {};
};
