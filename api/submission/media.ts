// What a submission comes as (RFC 9110 §8.3).
import contentType from 'content-type';
import type { Request } from 'express';
import { ApiError } from '../problem.ts';

/** A submission that is read by lines: a JSON value in each, or a URL. */
export type StreamFormat = Exclude<SubmissionFormat, 'json'>;

export const submissionFormats = ['json', 'ndjson', 'text'] as const;
export type SubmissionFormat = (typeof submissionFormats)[number];

const formats: Readonly<Record<string, SubmissionFormat>> = {
  'application/json': 'json',
  'application/x-ndjson': 'ndjson',
  'application/ndjson': 'ndjson',
  'application/jsonl': 'ndjson',
  'text/plain': 'text',
};

const advertised = ['application/json', 'application/x-ndjson', 'text/plain'] as const;

/** Throws `unsupported_media_type`, or `unsupported_charset`, where it is none of `offered`. */
export const formatOf = <F extends SubmissionFormat>(request: Request, offered: readonly F[]): F => {
  const { type, parameters } = parseContentType(request.headers['content-type']);
  const format = offered.find((each) => each === formats[type]);
  if (format === undefined) throw unsupported(request, offered);
  const charset = parameters['charset'];
  if (charset !== undefined && !/^(utf-?8|us-ascii)$/i.test(charset)) {
    throw new ApiError('unsupported_charset', 'send the body in UTF-8, as RFC 8259 §8.1 asks');
  }
  return format;
};

const unsupported = (request: Request, offered: readonly SubmissionFormat[]): ApiError => {
  const types = advertised.filter((type) => offered.some((format) => format === formats[type]));
  const field = request.method === 'POST' ? 'Accept-Post' : 'Accept';
  return new ApiError('unsupported_media_type', `send the body as Content-Type: ${types.join(', or ')}`, {
    headers: { [field]: types.join(', ') },
  });
};

const parseContentType = (
  field: string | undefined,
): { type: string; parameters: Record<string, string | undefined> } => {
  try {
    return contentType.parse(field ?? '');
  } catch {
    return { type: '', parameters: {} };
  }
};
