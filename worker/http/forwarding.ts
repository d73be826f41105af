// What differs in a request that a proxy forwards (RFC 9112 §3.2.2), instead of opening a tunnel for it.
import { isIP } from 'node:net';
import type { WebUrl } from '../../shared/accepted-origins.ts';
import type { Proxy } from '../../shared/proxy.ts';
import { basicCredentials, credentialsRefused } from '../guard/http-connect.ts';
import { forwardsRequests } from '../guard/proxied-dial.ts';
import { fault } from './failure-of.ts';
import type { Fault } from './failure-of.ts';
import type { WireRequest } from './redirects.ts';

/** Origin-form, or absolute-form for a proxy that forwards. */
export const pathOf = (url: WebUrl, proxy: Proxy | undefined): string => {
  const path = url.pathname + url.search;
  return proxy !== undefined && forwardsRequests(proxy, url.protocol) ? url.origin + path : path;
};

/** The fields of a request, and the proxy's credentials where it is the proxy that reads them. */
export const fieldsFor = ({ url, fields }: WireRequest, proxy: Proxy | undefined): readonly string[] => {
  if (proxy?.credentials === undefined || !forwardsRequests(proxy, url.protocol)) return fields;
  return [...fields, 'proxy-authorization', basicCredentials(proxy.credentials)];
};

/** A 407 to a request that was forwarded is the proxy's own: the host has not been asked. */
export const refusalOfProxy = (status: number, url: string, proxy: Proxy | undefined): Fault | undefined =>
  status === 407 && proxy !== undefined && forwardsRequests(proxy, new URL(url).protocol)
    ? fault('connect_failed', credentialsRefused, false)
    : undefined;

/** The proxy as the URL rule can judge it. */
export const proxyUrl = ({ hostname, port }: Proxy): string =>
  `http://${isIP(hostname) === 6 ? `[${hostname}]` : hostname}:${port}/`;
