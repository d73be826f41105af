// A request as it will be sent: its own fields over the batch's defaults over the service's. Pure.
import type { Config } from '../shared/config.ts';
import type { SliceOptions, SliceRequest } from '../shared/request.ts';
import type { DefaultsWithJar } from './cookie-jars.ts';
import type { ResolvedRequest, RetryBudgets } from './outcome.ts';

/** Resolves the requests of one batch; those that are a URL and nothing else, which most are, share one template. */
export const createRequestResolver = (
  defaults: DefaultsWithJar,
  service: Config['fetch'],
): ((request: SliceRequest) => ResolvedRequest) => {
  const template = resolveRequest({ index: 0, url: '' }, defaults, service);
  return (request) =>
    isPlain(request)
      ? { ...template, index: request.index, url: request.url }
      : resolveRequest(request, defaults, service);
};

const isPlain = (request: SliceRequest): boolean => {
  for (const field in request) if (field !== 'index' && field !== 'url') return false;
  return true;
};

export const resolveRequest = (
  request: SliceRequest,
  defaults: DefaultsWithJar,
  service: Config['fetch'],
): ResolvedRequest => {
  const merged = { ...defaults, ...request };
  const retry = { ...defaults.retry, ...request.retry };
  const maxAttempts = retry.maxAttempts ?? service.maxAttempts;
  const { bytes, bytesType } = bodyOf(request, defaults);
  return {
    index: request.index,
    ...(request.id !== undefined && { id: request.id }),
    url: request.url,
    method: merged.method ?? 'GET',
    headers: mergeHeaders(request, defaults, bytesType),
    ...(bytes !== undefined && { body: bytes }),
    timeoutMs: merged.timeoutMs ?? service.timeoutMs,
    maxBodyBytes: merged.maxBodyBytes ?? service.maxBodyBytes,
    onBodyTooLarge: merged.onBodyTooLarge ?? 'fail',
    maxRedirects: merged.maxRedirects ?? service.maxRedirects,
    maxAttempts,
    retries: budgetsOf(retry, maxAttempts),
    ...(retry.withinMs !== undefined && { withinMs: retry.withinMs }),
    retryUnsafe: retry.unsafe ?? false,
    acceptStatus: merged.acceptStatus ?? '200-399',
    connection: merged.connection ?? 'auto',
    http2: merged.http2 ?? false,
    ...(merged.proxy !== undefined && { proxy: merged.proxy }),
    ...(merged.cookies === true && defaults.jar !== undefined && { cookies: defaults.jar }),
  };
};

const throttledRetries = 10;

/** Who wants a single attempt gets one, whatever the host says. */
const budgetsOf = (
  { network, status, throttled }: NonNullable<SliceOptions['retry']>,
  maxAttempts: number,
): RetryBudgets => ({
  throttled: throttled ?? (maxAttempts === 1 ? 0 : throttledRetries),
  network: network ?? maxAttempts - 1,
  status: status ?? maxAttempts - 1,
});

/** A default body is for the methods that have one; its type belongs to it alone. */
const bodyOf = (request: SliceRequest, defaults: SliceOptions): Pick<SliceOptions, 'bytes' | 'bytesType'> => {
  const method = request.method ?? defaults.method ?? 'GET';
  if (method === 'GET' || method === 'HEAD') return none;
  return request.bytes === undefined ? defaults : request;
};

const none = {};

/** Names are compared without case (RFC 9110 §5.1); the request's spelling wins. */
const mergeHeaders = (
  request: SliceRequest,
  defaults: SliceOptions,
  contentType: string | undefined,
): Readonly<Record<string, string>> => {
  if (request.headers === undefined && defaults.headers === undefined && contentType === undefined)
    return none;
  const own = request.headers ?? none;
  const ownNames = new Set(Object.keys(own).map((name) => name.toLowerCase()));
  const inherited = Object.entries(defaults.headers ?? none).filter(
    ([name]) => !ownNames.has(name.toLowerCase()),
  );
  const headers = { ...Object.fromEntries(inherited), ...own };
  const hasType = Object.keys(headers).some((name) => name.toLowerCase() === 'content-type');
  return contentType === undefined || hasType ? headers : { ...headers, 'content-type': contentType };
};
