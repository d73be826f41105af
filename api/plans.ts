// The route of plans: takes what a batch takes, fetches and stores nothing, and says what would come of it.
import { Router, type RequestHandler } from 'express';
import type { HostLimits } from '../shared/host-limits.ts';
import type { HostLimitStore } from '../shared/host-limit-store.ts';
import { ownerOf } from './auth.ts';
import { toPlanView } from './delivery/plan-view.ts';
import { requireJson } from './negotiation.ts';
import { serve } from './routes.ts';
import { sendJson } from './send-json.ts';
import type { Incoming } from './submission/incoming.ts';
import { survey } from './submission/survey.ts';

export type PlanDependencies = {
  readonly incoming: Incoming;
  readonly hostLimits: HostLimitStore;
  /** What holds for a host for which nothing is set. */
  readonly usualLimits: HostLimits;
  /** How many workers are there, and how many requests each has in flight at most. */
  readonly countWorkers: () => Promise<number>;
  readonly workerConcurrency: number;
};

export const createPlanRoutes = (dependencies: PlanDependencies): Router => {
  const router = Router({ caseSensitive: true });
  serve(router, '/', { post: [requireJson, ...dependencies.incoming.receive, plan(dependencies)] });
  return router;
};

const plan =
  ({
    incoming,
    hostLimits,
    usualLimits,
    countWorkers,
    workerConcurrency,
  }: PlanDependencies): RequestHandler =>
  async (request, response) => {
    const submission = await incoming.open(request, ownerOf(response)).read({ toleratesInvalid: true });
    const surveyed = await survey(submission);
    const [own, workers] = await Promise.all([hostLimits.all(), countWorkers()]);
    const limitsOf = (host: string): HostLimits =>
      tighten({ ...usualLimits, ...own.get(host) }, submission.perHost ?? {});
    sendJson(response, toPlanView(surveyed, { workers, concurrency: workerConcurrency, limitsOf }));
  };

/** Limits of a batch only ever make less of what holds anyway. */
const tighten = (limits: HostLimits, perHost: HostLimits): HostLimits => {
  const concurrency = Math.min(limits.concurrency ?? Infinity, perHost.concurrency ?? Infinity);
  const rate = [limits.rate, perHost.rate]
    .filter((each) => each !== undefined)
    .toSorted((a, b) => a.requests / a.periodMs - b.requests / b.periodMs)[0];
  return {
    ...(concurrency < Infinity && { concurrency }),
    ...(rate !== undefined && { rate }),
  };
};
