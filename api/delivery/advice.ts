// What the figures of a batch give reason to do, a sentence for each finding. Pure: rules, the weightiest first.
import type { FailureCode } from '../../shared/failure.ts';
import type { Figures } from './figures.ts';

export type Advice = {
  /** What was found; stable. */
  readonly code: AdviceCode;
  readonly text: string;
};

type Rule = (figures: Figures) => string | undefined;

/** Every finding where it applies; none where nothing stands out. */
export const advise = (figures: Figures): Advice[] =>
  adviceCodes.flatMap((code) => {
    const text = figures.results.read === 0 ? undefined : rules[code](figures);
    return text === undefined ? [] : [{ code, text }];
  });

/** So much of all time is worth a word. */
const notableShare = 0.3;
/** Less than this in all is not worth one, however it is shared out. */
const notableMs = 1000;

const percent = (part: number): string => `${Math.round(part * 100)} %`;

const isNotable = ({ sumMs, share }: Figures['time'][keyof Figures['time']]): boolean =>
  share >= notableShare && sumMs >= notableMs;

const rules = {
  failures: ({ failures: [most], results }) => {
    if (most === undefined || most.count < results.read / 100) return undefined;
    const { code, count, example } = most;
    return `${percent(count / results.read)} of the results are ${code}, such as ${example.index}: ${remedies[code]}`;
  },
  throttled: ({ throttled }) =>
    throttled === 0
      ? undefined
      : `hosts turned ${throttled} attempts away to be asked less: set perHost.rate to what they allow, and no attempt is lost`,
  retries: ({ time }) =>
    isNotable(time.retries)
      ? `${percent(time.retries.share)} of the time went into attempts that had to be repeated: look at what failed them, in attempts`
      : undefined,
  line: ({ time, hosts, results }) => {
    if (!isNotable(time.line)) return undefined;
    const [largest] = hosts;
    const waited = `${percent(time.line.share)} of the time was spent waiting in line`;
    return largest?.host && largest.results > results.read * 0.8
      ? `${waited}, nearly all for ${largest.host}: its limits set the pace, see /v1/hosts; if it can take more, raise them`
      : `${waited}: more workers, or more FETCHFLEET_CONCURRENCY, would have ended it sooner, unless limits of hosts hold it back`;
  },
  dns: ({ time }) =>
    isNotable(time.dns)
      ? `${percent(time.dns.share)} of the time went into resolving names: name faster servers in FETCHFLEET_DNS_SERVERS`
      : undefined,
  connections: ({ time, connections }) => {
    const { fresh, reused } = connections;
    const setUp = { share: time.connect.share + time.tls.share, sumMs: time.connect.sumMs + time.tls.sumMs };
    if (setUp.share < notableShare || setUp.sumMs < notableMs || fresh < reused) return undefined;
    return `${percent(setUp.share)} of the time went into new connections, since ${percent(fresh / (fresh + reused))} of the requests had one of their own: "connection": "reuse" where the host can keep them, or "http2": true`;
  },
  firstByte: ({ time }) =>
    isNotable(time.firstByte)
      ? `${percent(time.firstByte.share)} of the time the hosts took to begin their answers: more at once helps as long as they do not slow down`
      : undefined,
  body: ({ time }) =>
    isNotable(time.body)
      ? `${percent(time.body.share)} of the time went into receiving bodies: ask for less, compressed, or from more machines`
      : undefined,
  slowHost: ({ hosts, results }) => {
    const known = hosts.filter(({ host, results: count }) => host !== null && count >= 10);
    const slowest = known.toSorted((a, b) => b.totalMs.p50 - a.totalMs.p50)[0];
    const usual = medianOf(known.map(({ totalMs }) => totalMs.p50));
    if (slowest === undefined || known.length < 3 || slowest.totalMs.p50 < Math.max(100, usual * 5))
      return undefined;
    return `${String(slowest.host)} took ${slowest.totalMs.p50} ms for half of its answers, other hosts ${usual} ms; it had ${percent(slowest.results / results.read)} of the requests`;
  },
} as const satisfies Readonly<Record<string, Rule>>;

export type AdviceCode = keyof typeof rules;
export const adviceCodes = Object.keys(rules) as AdviceCode[];

const medianOf = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? 0;

const remedies: Readonly<Record<FailureCode, string>> = {
  invalid_request: 'their failure says what of the URL, the headers or the body cannot be sent',
  blocked_address: 'FETCHFLEET_ALLOW_NETWORKS makes exceptions',
  dns_failed: 'check the names, and retry later where the name server was in trouble',
  connect_failed: 'check scheme and port, and whether the host is up',
  tls_failed: 'the certificate has to be mended, or http:// asked for',
  timed_out: 'give them more timeoutMs, or ask the host less at once with perHost.concurrency',
  connection_lost: 'retry them, with "connection": "fresh" where the host cannot keep connections',
  invalid_response: 'the host breaks HTTP/1.1; try https:// or "http2": true',
  body_too_large: 'allow more with maxBodyBytes, or cut with "onBodyTooLarge": "truncate"',
  too_many_redirects: 'allow more with maxRedirects; a loop often waits for a cookie: "cookies": true',
  http_status: 'their responses say why; acceptStatus makes a status a success',
  cancelled: 'submit what is missing as a new batch',
  expired: 'submit what is missing as a new batch, with more expiresIn',
  worker_lost: 'retry each alone, with a smaller maxBodyBytes',
  internal: 'retry them; the log of the worker has the cause',
};
