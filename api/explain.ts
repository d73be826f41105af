// The route that says why a batch took as long as it did, and what went wrong.
import { Router, type RequestHandler } from 'express';
import { z } from 'zod';
import type { BatchRecord } from '../shared/batch.ts';
import type { BatchStore } from '../shared/batch-store.ts';
import type { ResultStore } from '../shared/result-store.ts';
import { advise, adviceCodes } from './delivery/advice.ts';
import { figuresSchema, toFigures } from './delivery/figures.ts';
import { sentBefore } from './delivery/settled.ts';
import { addExcerpt, createTally } from './delivery/tally.ts';
import { findBatch } from './find-batch.ts';
import { requireJson } from './negotiation.ts';
import { readQuery } from './query.ts';
import { serve } from './routes.ts';
import { sendJson } from './send-json.ts';

export type ExplainDependencies = {
  readonly batches: BatchStore;
  readonly results: ResultStore;
};

export const explanationSchema = figuresSchema.extend({
  advice: z
    .array(z.object({ code: z.enum(adviceCodes), text: z.string() }))
    .describe('What the figures give reason to do; none where nothing stands out.'),
});

export type Explanation = Readonly<z.output<typeof explanationSchema>>;

export const createExplainRoutes = ({ batches, results }: ExplainDependencies): Router => {
  const explain = createExplainer(results);
  const getExplanation: RequestHandler = async (request, response) => {
    readQuery(request, {});
    const batch = await findBatch(batches, request, response);
    if (!sentBefore(response, batch, 'explain')) sendJson(response, await explain(batch));
  };
  const router = Router({ caseSensitive: true });
  router.use('/:id/explain', requireJson);
  serve(router, '/:id/explain', { get: getExplanation });
  return router;
};

/** Of very many results some 100,000 are read, which takes a third of a second of CPU time. */
const mostSegments = 1600;
const keptMs = { ended: 60_000, running: 2000 };
const mostKept = 100;

type Explainer = (batch: BatchRecord) => Promise<Explanation>;

/** Explains a batch once for all who ask within a while, also while the answer is being made. */
const createExplainer = (results: ResultStore): Explainer => {
  const kept = new Map<string, { readonly answer: Promise<Explanation>; readonly until: number }>();
  const make: Explainer = async (batch) => {
    const tally = createTally();
    for await (const excerpt of results.sample(batch.id, mostSegments)) addExcerpt(tally, excerpt);
    const figures = toFigures(batch, tally);
    return { ...figures, advice: advise(figures) };
  };
  return (batch) => {
    const key = `${batch.id} ${batch.endedAt ?? ''}`;
    const now = performance.now();
    const known = kept.get(key);
    if (known !== undefined && known.until > now) return known.answer;
    if (kept.size >= mostKept) kept.clear();
    const answer = make(batch);
    answer.catch(() => kept.delete(key));
    kept.set(key, { answer, until: now + (batch.endedAt === undefined ? keptMs.running : keptMs.ended) });
    return answer;
  };
};
