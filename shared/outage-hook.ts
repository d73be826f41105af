// A hook of the log: while Redis is away or full all who need it say so at once, and again; one line a second is enough.
import type { LoggerOptions } from 'pino';
import { isRedisOutage } from './redis-outage.ts';

type LogMethod = NonNullable<NonNullable<LoggerOptions['hooks']>['logMethod']>;

const gapMs = 1000;
const warn = 40;

/** Leaves out warnings whose `err` is an outage of Redis, but for one in a second, which counts those as `unsaid`. */
export const createOutageHook = (now: () => number = () => performance.now()): LogMethod => {
  const last = { at: -Infinity, unsaid: 0 };
  return function hook(args, method, level) {
    const [fields, ...rest] = args as unknown as [unknown, string];
    if (level !== warn || !tellsOfOutage(fields)) return method.apply(this, args);
    if (now() - last.at < gapMs) {
      last.unsaid += 1;
      return;
    }
    method.call(this, last.unsaid > 0 ? { ...fields, unsaid: last.unsaid } : fields, ...rest);
    last.at = now();
    last.unsaid = 0;
  };
};

const tellsOfOutage = (fields: unknown): fields is object =>
  typeof fields === 'object' && fields !== null && 'err' in fields && isRedisOutage(fields.err);
