// What was asked for by a GET of results: in which form, order and amount.
import type { Request, Response } from 'express';
import { outcomes, type ResultOutcome } from '../../shared/result.ts';
import { resultOrders, type ResultOrder } from '../../shared/result-store.ts';
import { negotiate } from '../negotiation.ts';
import { listOf, oneOf, readQuery, refuseParameter, trueOrFalse, wholeNumber } from '../query.ts';
import { defaultPageLimit, maxPageLimit } from './page.ts';
import { resultFields, type ResultField } from './result-view.ts';

export type ResultsQuery = {
  readonly form: ResultForm;
  /** A cursor of this order; results behind it are meant. */
  readonly after: number;
  readonly limit: number;
  readonly order: ResultOrder;
  readonly outcome: ResultOutcome | undefined;
  readonly fields: ReadonlySet<ResultField> | undefined;
  /** The answer goes on until the batch ends. */
  readonly follow: boolean;
};

const mediaTypes = { json: 'application/json', ndjson: 'application/x-ndjson', csv: 'text/csv' } as const;
export type ResultForm = keyof typeof mediaTypes;
const forms = Object.keys(mediaTypes) as ResultForm[];

export const resultsQuery = {
  format: oneOf(forms),
  after: wholeNumber(0, Number.MAX_SAFE_INTEGER),
  limit: wholeNumber(1, Number.MAX_SAFE_INTEGER),
  order: oneOf(resultOrders),
  outcome: oneOf(outcomes),
  fields: listOf(resultFields),
  follow: trueOrFalse,
};

/** Throws `query_invalid` or `not_acceptable`. */
export const readResultsQuery = (request: Request, response: Response): ResultsQuery => {
  const {
    format,
    after = 0,
    limit,
    order = 'completion',
    outcome,
    fields,
    follow = false,
  } = readQuery(request, resultsQuery);
  const form = format ?? acceptedForm(request, response, follow);
  if (follow && form !== 'ndjson') throw refuseParameter('follow', 'works with NDJSON only');
  if (form === 'json' && limit !== undefined && limit > maxPageLimit)
    throw refuseParameter('limit', `must be a whole number from 1 to ${maxPageLimit}`);
  const usualLimit = form === 'json' ? defaultPageLimit : Number.MAX_SAFE_INTEGER;
  return { form, after, limit: limit ?? usualLimit, order, outcome, fields, follow };
};

const acceptedForm = (request: Request, response: Response, follow: boolean): ResultForm => {
  const offered = follow ? (['ndjson'] as const) : forms;
  const type = negotiate(
    request,
    response,
    offered.map((form) => mediaTypes[form]),
  );
  return offered.find((form) => mediaTypes[form] === type) ?? 'json';
};
