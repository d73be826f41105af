// The Express app: middleware and routes, in order. Opens nothing; what it needs is handed in.
import express, { type Express, type RequestHandler, type Router } from 'express';
import { authenticate, type ApiKey } from './auth.ts';
import { createBatchRoutes, type BatchDependencies } from './batches.ts';
import { createControlRoutes, type ControlDependencies } from './control.ts';
import { answerErrors } from './error-answers.ts';
import { createEventRoutes, type EventDependencies } from './events.ts';
import { createHealthRoutes, type HealthDependencies } from './health.ts';
import { createHostRoutes, type HostDependencies } from './hosts.ts';
import { refuseBadHead } from './message-head.ts';
import { ApiError } from './problem.ts';
import { createResultRoutes, type ResultDependencies } from './results.ts';
import { createWebhookRoutes, type WebhookDependencies } from './webhooks.ts';
import type { Logger } from '../shared/logger.ts';

export type AppDependencies = BatchDependencies &
  ControlDependencies &
  ResultDependencies &
  EventDependencies &
  WebhookDependencies &
  HostDependencies &
  HealthDependencies & { readonly keys: readonly ApiKey[]; readonly logger: Logger };

export const createApp = (dependencies: AppDependencies): Express => {
  const app = express();
  app.disable('x-powered-by').disable('etag').enable('case sensitive routing');
  app.set('query parser', false); // query.ts reads it, strictly
  app.use(setCommonHeaders, refuseBadHead);
  app.use(createHealthRoutes(dependencies));
  app.use('/v1', authenticate(dependencies.keys));
  app.use('/v1/batches', routesOf(dependencies));
  app.use('/v1/hosts', createHostRoutes(dependencies));
  app.use(refuseUnknownPath);
  app.use(answerErrors(dependencies.logger));
  return app;
};

const routesOf = (dependencies: AppDependencies): Router[] => [
  createResultRoutes(dependencies),
  createEventRoutes(dependencies),
  createControlRoutes(dependencies),
  createWebhookRoutes(dependencies),
  createBatchRoutes(dependencies),
];

const setCommonHeaders: RequestHandler = (_request, response, next) => {
  response.set({ 'X-Content-Type-Options': 'nosniff', 'Cache-Control': 'no-store' });
  next();
};

const refuseUnknownPath: RequestHandler = () => {
  throw new ApiError('route_not_found', 'nothing is served at this path');
};
