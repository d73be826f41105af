// The page of figures that Prometheus reads.
import { Router } from 'express';
import { expositionType, gauge, writeExposition, type Metric } from '../shared/exposition.ts';
import type { FleetSurvey } from '../shared/fleet-survey.ts';
import { fleetMetrics } from './fleet-metrics.ts';
import { readQuery } from './query.ts';
import { serve } from './routes.ts';
import { within } from './within.ts';

export type MetricsDependencies = {
  readonly fleet: FleetSurvey;
  /** Figures of this process. */
  readonly ownMetrics: () => readonly Metric[];
};

const lookWithinMs = 1500;

/** Says what it can while Redis is away, and that it is. */
export const createMetricsRoutes = ({ fleet, ownMetrics }: MetricsDependencies): Router => {
  const router = Router({ caseSensitive: true });
  serve(router, '/metrics', {
    get: async (request, response) => {
      readQuery(request, {});
      const seen = await within(lookWithinMs, () => fleet.look());
      const isUp = gauge('fetchfleet_redis_up', 'Whether Redis answers, 1 or 0.', seen === undefined ? 0 : 1);
      const metrics = [isUp, ...(seen === undefined ? [] : fleetMetrics(seen)), ...ownMetrics()];
      response.set('Content-Type', expositionType).send(writeExposition(metrics));
    },
  });
  return router;
};
