// Puts the fetch engine together: policy, names, sockets, attempts.
import { createAddressPolicy } from '../shared/address-policy.ts';
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

/** `now` is what attempts are dated by: epoch ms of a moment on the clock of performance.now(). */
export const createEngine = (
  config: Pick<Config, 'allowNetworks' | 'dnsServers' | 'fetch'>,
  now: (at: number) => number,
): Engine => {
  const addresses = createAddressPolicy(config.allowNetworks);
  const resolve = createResolver({ query: createNameQuery(config.dnsServers) });
  const connections = createConnections({ connect: createConnector({ addresses, resolve }) });
  const attempt = createAttempt({
    connections,
    urlRule: createUrlRule(addresses),
    timeouts: config.fetch,
    now,
  });
  return { attempt, close: () => connections.close() };
};
