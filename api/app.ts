// The Express app: middleware and routes, in order. Opens nothing; what it needs is handed in.
import express, { type Express, type RequestHandler, type Router } from 'express';
import { createAppendRoutes, type AppendRouteDependencies } from './appends.ts';
import { authenticate, type ApiKey } from './auth.ts';
import { createBatchRoutes, type BatchDependencies } from './batches.ts';
import { allowOrigins } from './cors.ts';
import { createCallCount } from './call-count.ts';
import { createControlRoutes, type ControlDependencies } from './control.ts';
import { answerErrors } from './error-answers.ts';
import { createEventRoutes, type EventDependencies } from './events.ts';
import { createExplainRoutes, type ExplainDependencies } from './explain.ts';
import { createHealthRoutes, type HealthDependencies } from './health.ts';
import { createHostRoutes, type HostDependencies } from './hosts.ts';
import { refuseBadHead } from './message-head.ts';
import { createMetricsRoutes, type MetricsDependencies } from './metrics.ts';
import { ApiError } from './problem.ts';
import { createPlanRoutes, type PlanDependencies } from './plans.ts';
import { createProblemRoutes } from './problems.ts';
import { limitCalls } from './rate-limit.ts';
import { identifyRequest } from './request-id.ts';
import { createReferenceRoutes } from './reference.ts';
import { createResultRoutes, type ResultDependencies } from './results.ts';
import { createWebhookRoutes, type WebhookDependencies } from './webhooks.ts';
import type { CallBudget } from '../shared/call-budget.ts';
import type { Metric } from '../shared/exposition.ts';
import type { Logger } from '../shared/logger.ts';

export type AppDependencies = BatchDependencies &
  AppendRouteDependencies &
  ControlDependencies &
  ResultDependencies &
  EventDependencies &
  WebhookDependencies &
  ExplainDependencies &
  HostDependencies &
  PlanDependencies &
  MetricsDependencies &
  HealthDependencies & {
    readonly keys: readonly ApiKey[];
    readonly corsOrigins: readonly string[];
    readonly callBudget: CallBudget;
    /** 0 is no limit. */
    readonly callsPerMinute: number;
    readonly logger: Logger;
  };

export const createApp = (dependencies: AppDependencies): Express => {
  const app = express();
  app.disable('x-powered-by').disable('etag').enable('case sensitive routing');
  app.set('query parser', false); // query.ts reads it, strictly
  const calls = createCallCount();
  const ownMetrics = (): readonly Metric[] => [...calls.read(), ...dependencies.ownMetrics()];
  app.use(
    calls.count,
    identifyRequest,
    setCommonHeaders,
    allowOrigins(dependencies.corsOrigins),
    refuseBadHead,
  );
  app.use(
    '/v1',
    authenticate(dependencies.keys),
    limitCalls(dependencies.callBudget, dependencies.callsPerMinute),
  );
  app.use('/v1/batches', routesOf(dependencies));
  app.use('/v1/hosts', createHostRoutes(dependencies));
  app.use('/v1/plans', createPlanRoutes(dependencies));
  // Behind what is asked most: each router that a call passes costs it some time.
  app.use(createHealthRoutes(dependencies));
  app.use(createMetricsRoutes({ ...dependencies, ownMetrics }));
  app.use(createProblemRoutes(), createReferenceRoutes());
  app.use(refuseUnknownPath);
  app.use(answerErrors(dependencies.logger));
  return app;
};

const routesOf = (dependencies: AppDependencies): Router[] => [
  createResultRoutes(dependencies),
  createEventRoutes(dependencies),
  createExplainRoutes(dependencies),
  createControlRoutes(dependencies),
  createWebhookRoutes(dependencies),
  createAppendRoutes(dependencies),
  createBatchRoutes(dependencies),
];

const setCommonHeaders: RequestHandler = (_request, response, next) => {
  response.set({ 'X-Content-Type-Options': 'nosniff', 'Cache-Control': 'no-store' });
  next();
};

const refuseUnknownPath: RequestHandler = () => {
  throw new ApiError('route_not_found', 'nothing is served at this path');
};
