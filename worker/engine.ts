// Puts the fetch engine together: policy, names, sockets, attempts.
import { createAddressPolicy } from '../shared/address-policy.ts';
import type { BodyStore } from '../shared/body-store.ts';
import type { Config } from '../shared/config.ts';
import { createUrlRule } from '../shared/url-rule.ts';
import { createAttempt } from './attempt.ts';
import { createConnector } from './guard/connector.ts';
import { createNameQuery, createResolver } from './guard/resolver.ts';
import { createConnections } from './http/connections.ts';
import type { Attempt } from './outcome.ts';

export type Engine = {
  readonly attempt: Attempt;
  /** Closes every socket that carries no request. */
  close(): void;
};

/** Bodies of more bytes go to the store a part after the other. */
const spilledBytes = 131_072;

/**
 * `now` is what attempts are dated by: epoch ms of a moment on the clock of performance.now(). Large bodies go to
 * `bodies`; without it all are kept in memory.
 */
export const createEngine = (
  config: Pick<Config, 'allowNetworks' | 'dnsServers' | 'fetch' | 'worker'>,
  now: (at: number) => number,
  bodies?: BodyStore,
): Engine => {
  const addresses = createAddressPolicy(config.allowNetworks);
  const resolve = createResolver({ query: createNameQuery(config.dnsServers) });
  const connections = createConnections({ connect: createConnector({ addresses, resolve }) });
  const memoryBytes = Math.max(spilledBytes, config.worker.inlineBodyBytes);
  const attempt = createAttempt({
    connections,
    urlRule: createUrlRule(addresses),
    timeouts: config.fetch,
    ...(bodies !== undefined && { keeping: { bodies, memoryBytes } }),
    now,
  });
  return { attempt, close: () => connections.close() };
};
