// Conditional answers about a batch that has ended: what was read once need not be sent again (RFC 9110 §13).
import { createHash } from 'node:crypto';
import type { Response } from 'express';
import type { BatchRecord } from '../../shared/batch.ts';

/**
 * Whether the caller has this very answer already; 304 was sent then. Names the answer otherwise, where the batch has
 * ended: until somebody retries or removes it, the same question has the same answer.
 */
export const sentBefore = (response: Response, batch: BatchRecord, form: string): boolean => {
  if (batch.endedAt === undefined) return false;
  const { req: request } = response;
  const question = [batch.id, batch.endedAt, batch.generation ?? 0, form, request.originalUrl].join('\n');
  nameAnswer(response, question);
  if (!request.fresh) return false;
  response.status(304).end();
  return true;
};

/**
 * Names an answer by its own text, or by all that decides it; Express sends 304 instead of the text to who has it
 * already. For what seldom changes any more.
 */
export const nameAnswer = (response: Response, text: string): void => tagAnswer(response, tagOf(text));

/** As `nameAnswer`, for who knows the tag. */
export const tagAnswer = (response: Response, tag: string): void => {
  response.setHeader('ETag', tag);
  response.setHeader('Cache-Control', 'private, no-cache');
};

/** Weak: the same results may be written in other words by another build, and are sent in several codings. */
export const tagOf = (text: string): string =>
  `W/"${createHash('sha256').update(text).digest('base64url').slice(0, 27)}"`;
