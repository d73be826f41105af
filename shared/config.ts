// The configuration: one parse of the environment into a frozen value. The only reader of process.env.
import path from 'node:path';
import { z } from 'zod';
import { corsOrigins, dnsServers, networks } from './network-variables.ts';
import { integer } from './number-variables.ts';
import { requestLimits } from './request.ts';
import { apiKeys, webhookSecrets } from './secret-variables.ts';

/** Thrown at boot; `problems` has a line for every variable that is unknown or malformed. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(`the configuration is not valid:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

/** Every variable: its parser with the default, and what it sets in the user's words. The docs are held to this table. */
export const variables = {
  REDIS_URL: {
    schema: z.url({ protocol: /^(rediss?|unix)$/ }).optional(),
    about: 'the Redis to use: `redis://`, `rediss://` or `unix://`; unset, `npm start` runs a private one',
  },
  FETCHFLEET_HOST: { schema: z.string().min(1).default('127.0.0.1'), about: 'address the API listens on' },
  FETCHFLEET_PORT: { schema: integer(0, 65_535, 8080), about: 'port the API listens on' },
  FETCHFLEET_API_KEYS: {
    schema: apiKeys,
    about:
      'who may use the API: `name:key` pairs, comma-separated; with none it is open, and only on a loopback address',
  },
  FETCHFLEET_AUTH: {
    schema: z.enum(['keys', 'none']).default('keys'),
    about: '`none` allows an open API on any address: something in front of it guards it',
  },
  FETCHFLEET_WEBHOOK_SECRET: {
    schema: webhookSecrets,
    about:
      'signs webhooks whose batch brings no secret, on API and workers: `whsec_` and base64; several, comma-separated, all sign',
  },
  FETCHFLEET_ALLOW_NETWORKS: {
    schema: networks,
    about: 'private networks that may be fetched: CIDRs, each with an optional port, comma-separated',
  },
  FETCHFLEET_DNS_SERVERS: {
    schema: dnsServers,
    about:
      'name servers to ask instead of the machine’s own: addresses, each with an optional port, comma-separated',
  },
  FETCHFLEET_CORS_ORIGINS: {
    schema: corsOrigins,
    about: 'origins whose pages may call the API from a browser, comma-separated, or `*` for all',
  },
  FETCHFLEET_RATE_LIMIT: {
    schema: integer(0, 1_000_000, 0),
    about: 'calls a minute that each API key may make, over all APIs; 0 is no limit',
  },
  FETCHFLEET_DATA_DIR: {
    schema: z.string().min(1).default('./data'),
    about: 'directory of the large bodies and of the private Redis',
  },
  FETCHFLEET_WORKERS: { schema: integer(0, 64, 1), about: 'worker processes that `npm start` runs' },
  FETCHFLEET_CONCURRENCY: { schema: integer(1, 10_000, 256), about: 'requests in flight per worker' },
  FETCHFLEET_HOST_CONCURRENCY: {
    schema: integer(1, 10_000, 256),
    about: 'requests in flight to one host, over all workers',
  },
  FETCHFLEET_HOST_RATE: {
    schema: integer(0, 1_000_000, 0),
    about: 'requests a second to one host, over all workers; 0 is no limit',
  },
  FETCHFLEET_HOST_LIMITS: {
    schema: z.enum(['on', 'off']).default('on'),
    about: '`off`: no host is spared, whatever it says and whatever was set for it',
  },
  FETCHFLEET_KEY_PREFIX: {
    schema: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 letters, digits, _ or -')
      .default('ff'),
    about: 'first part of every Redis key, the same for API and workers',
  },
  FETCHFLEET_SLICE_SIZE: {
    schema: integer(1, 1000, 500),
    about: 'most requests per slice, the unit on the queue; at most 250 of the first 25,000 of a batch',
  },
  FETCHFLEET_MAX_REQUESTS: {
    schema: integer(1, 10_000_000, 1_000_000),
    about: 'most requests in one batch',
  },
  FETCHFLEET_MAX_SUBMISSION_BYTES: {
    schema: integer(1024, 1_073_741_824, 134_217_728),
    about: 'most bytes in one JSON submission',
  },
  FETCHFLEET_MAX_STREAM_BYTES: {
    schema: integer(1024, 1_099_511_627_776, 8_589_934_592),
    about: 'most bytes in one submission as NDJSON or text, decompressed',
  },
  FETCHFLEET_INLINE_BODY_BYTES: {
    schema: integer(0, 1_048_576, 16_384),
    about: 'response bodies up to this size are kept in Redis, larger ones in the data directory',
  },
  FETCHFLEET_MAX_BODY_BYTES: {
    schema: integer(0, requestLimits.maxBodyBytes, 10_485_760),
    about: 'largest response body, where a request sets no `maxBodyBytes`',
  },
  FETCHFLEET_CONNECT_TIMEOUT_MS: {
    schema: integer(1, 600_000, 5000),
    about: 'longest time to resolve the name, connect and shake hands, together',
  },
  FETCHFLEET_HEADERS_TIMEOUT_MS: {
    schema: integer(1, 600_000, 30_000),
    about: 'longest wait from the request sent to the head of the response',
  },
  FETCHFLEET_BODY_TIMEOUT_MS: {
    schema: integer(1, 600_000, 15_000),
    about: 'longest gap between two parts of a response body',
  },
  FETCHFLEET_TIMEOUT_MS: {
    schema: integer(1, requestLimits.timeoutMs, 60_000),
    about: 'longest time for one attempt as a whole, where a request sets no `timeoutMs`',
  },
  FETCHFLEET_MAX_REDIRECTS: {
    schema: integer(0, requestLimits.maxRedirects, 5),
    about: 'redirects followed, where a request sets no `maxRedirects`',
  },
  FETCHFLEET_MAX_ATTEMPTS: {
    schema: integer(1, requestLimits.maxAttempts, 3),
    about: 'attempts at a request, where it sets no `retry.maxAttempts`',
  },
  FETCHFLEET_EXPIRES_SECONDS: {
    schema: integer(1, 31_536_000, 86_400),
    about: 'age at which an unfinished batch expires, where it sets no `expiresIn`',
  },
  FETCHFLEET_RETENTION_SECONDS: {
    schema: integer(1, 31_536_000, 86_400),
    about: 'time an ended batch and its results are kept, where it sets no `retention`',
  },
  FETCHFLEET_GRACE_MS: {
    schema: integer(0, 600_000, 20_000),
    about: 'time that running requests get to finish at shutdown',
  },
  FETCHFLEET_LOG_LEVEL: {
    schema: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
    about: 'least severe log line written: `trace`, `debug`, `info`, `warn`, `error`, `fatal` or `silent`',
  },
} as const;

type VariableName = keyof typeof variables;
type Values = { [Name in VariableName]: z.output<(typeof variables)[Name]['schema']> };

/** Parses an environment; throws ConfigError naming every bad variable. Empty values count as unset. */
export const loadConfig = (environment: NodeJS.ProcessEnv = process.env): Config => {
  const values = parseVariables(environment);
  refuseOpenListener(values);
  return Object.freeze(arrange(values));
};

/** The whole configuration, frozen. Durations in ms unless the name says otherwise. */
export type Config = Readonly<ReturnType<typeof arrange>>;

// oxlint-disable-next-line typescript/explicit-function-return-type -- Config is inferred from here
const arrange = (values: Values) => ({
  redisUrl: values.REDIS_URL,
  keyPrefix: values.FETCHFLEET_KEY_PREFIX,
  dataDir: path.resolve(values.FETCHFLEET_DATA_DIR),
  logLevel: values.FETCHFLEET_LOG_LEVEL,
  allowNetworks: values.FETCHFLEET_ALLOW_NETWORKS,
  dnsServers: values.FETCHFLEET_DNS_SERVERS,
  webhookSecrets: values.FETCHFLEET_WEBHOOK_SECRET,
  graceMs: values.FETCHFLEET_GRACE_MS,
  workers: values.FETCHFLEET_WORKERS,
  api: {
    host: values.FETCHFLEET_HOST,
    port: values.FETCHFLEET_PORT,
    keys: values.FETCHFLEET_API_KEYS,
    corsOrigins: values.FETCHFLEET_CORS_ORIGINS,
    callsPerMinute: values.FETCHFLEET_RATE_LIMIT,
    maxRequests: values.FETCHFLEET_MAX_REQUESTS,
    maxSubmissionBytes: values.FETCHFLEET_MAX_SUBMISSION_BYTES,
    maxStreamBytes: values.FETCHFLEET_MAX_STREAM_BYTES,
    sliceSize: values.FETCHFLEET_SLICE_SIZE,
    expiresSeconds: values.FETCHFLEET_EXPIRES_SECONDS,
    retentionSeconds: values.FETCHFLEET_RETENTION_SECONDS,
  },
  worker: {
    concurrency: values.FETCHFLEET_CONCURRENCY,
    inlineBodyBytes: values.FETCHFLEET_INLINE_BODY_BYTES,
  },
  hosts: {
    areLimited: values.FETCHFLEET_HOST_LIMITS === 'on',
    limits: {
      concurrency: values.FETCHFLEET_HOST_CONCURRENCY,
      ...(values.FETCHFLEET_HOST_RATE > 0 && {
        rate: { requests: values.FETCHFLEET_HOST_RATE, periodMs: 1000 },
      }),
    },
  },
  fetch: {
    connectTimeoutMs: values.FETCHFLEET_CONNECT_TIMEOUT_MS,
    headersTimeoutMs: values.FETCHFLEET_HEADERS_TIMEOUT_MS,
    bodyTimeoutMs: values.FETCHFLEET_BODY_TIMEOUT_MS,
    timeoutMs: values.FETCHFLEET_TIMEOUT_MS,
    maxBodyBytes: values.FETCHFLEET_MAX_BODY_BYTES,
    maxRedirects: values.FETCHFLEET_MAX_REDIRECTS,
    maxAttempts: values.FETCHFLEET_MAX_ATTEMPTS,
  },
});

const parseVariables = (environment: NodeJS.ProcessEnv): Values => {
  const problems = Object.keys(environment)
    .filter((name) => name.startsWith('FETCHFLEET_') && !Object.hasOwn(variables, name))
    .map((name) => `${name} is not a variable of Fetchfleet`);
  const values: Record<string, unknown> = {};
  for (const [name, { schema }] of Object.entries(variables)) {
    const parsed = schema.safeParse(environment[name] === '' ? undefined : environment[name]);
    if (parsed.success) values[name] = parsed.data;
    else problems.push(`${name} ${parsed.error.issues.map((issue) => lowerFirst(issue.message)).join('; ')}`);
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return values as Values;
};

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

const refuseOpenListener = (values: Values): void => {
  const isOpen = values.FETCHFLEET_API_KEYS.length === 0 && values.FETCHFLEET_AUTH !== 'none';
  if (!isOpen || isLoopback(values.FETCHFLEET_HOST)) return;
  throw new ConfigError([
    `FETCHFLEET_HOST is ${values.FETCHFLEET_HOST}, which others can reach: set FETCHFLEET_API_KEYS, or FETCHFLEET_AUTH=none if something in front guards it`,
  ]);
};

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);

/** What the machine rather than the operator of Fetchfleet sets: where programs are found, and where caches are kept. */
export const readHost = (
  environment: NodeJS.ProcessEnv = process.env,
): { searchPath: string; cacheHome: string | undefined } => ({
  searchPath: environment['PATH'] ?? '',
  cacheHome: environment['XDG_CACHE_HOME'],
});

/** The environment for a child process: ours, with some variables set. */
export const environmentWith = (
  variablesToSet: Readonly<Record<string, string>>,
  environment: NodeJS.ProcessEnv = process.env,
): NodeJS.ProcessEnv => ({ ...environment, ...variablesToSet });
