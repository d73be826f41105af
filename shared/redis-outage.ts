// Tells "Redis cannot serve us now" from a bug. Judges errors by what the client and the server call them.

// What ioredis says of a connection that is down, slow or closing; and of sockets.
const clientErrors =
  /^(Connection is closed|Stream isn't writeable|Command timed out|Reached the max retries|Socket timeout)/;
const socketCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'ENOENT',
  'EAI_AGAIN',
]);
// First word of a reply of a server that is starting, full, busy, failing over or unable to write to its disk.
const replies = /^(OOM|LOADING|READONLY|BUSY|MISCONF|MASTERDOWN|CLUSTERDOWN|NOREPLICAS|TRYAGAIN)\b/;

/** True where Redis has no memory left for what it was asked to keep. */
export const isRedisFull = (error: unknown): boolean =>
  error instanceof Error && error.name === 'ReplyError' && error.message.startsWith('OOM');

/** True where the same call may succeed later, once Redis is back, or has room. */
export const isRedisOutage = (error: unknown): boolean => {
  if (!(error instanceof Error)) return false;
  if (error.name === 'MaxRetriesPerRequestError' || error.name === 'AbortError') return true;
  if (error.name === 'ReplyError') return replies.test(error.message);
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code !== undefined && syscall !== 'open') return socketCodes.has(code);
  return clientErrors.test(error.message);
};
