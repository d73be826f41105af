// A dial as everybody sees it: whom to connect to, and how far it got.
import { isIP } from 'node:net';
import type { buildConnector } from 'undici';
import type { AddressPolicy } from '../../shared/address-policy.ts';
import type { Proxy } from '../../shared/proxy.ts';
import type { Resolve } from './resolver.ts';

/** How far a dial got, and the ms each finished step took. */
export type Dial = {
  step: 'dns' | 'tcp' | 'tls' | 'open';
  dnsMs: number;
  connectMs: number;
  tlsMs: number;
  remoteAddress: string | undefined;
  /** Gives up: closes the socket, or stops waiting for the name. The callback is not called. */
  cancel(): void;
};

/** Whom to connect to; `offersHttp2`: by ALPN, HTTP/2 before HTTP/1.1. */
export type ConnectTarget = Pick<buildConnector.Options, 'hostname' | 'port' | 'protocol'> & {
  readonly servername?: string | undefined;
  readonly offersHttp2?: boolean;
  readonly proxy?: Proxy | undefined;
};

/** An undici connector that also says how the dial goes. The callback is called once, unless cancelled. */
export type Connect = (target: ConnectTarget, callback: buildConnector.Callback) => Dial;

export type ConnectorOptions = {
  readonly addresses: AddressPolicy;
  readonly resolve: Resolve;
  /** PEM of authorities to trust instead of the built-in ones. */
  readonly ca?: string;
};

/** A target with the defaults filled in. */
export type Target = {
  readonly name: string;
  readonly port: number;
  readonly isTls: boolean;
  readonly servername: string;
  readonly protocols: readonly string[];
};

export const toTarget = ({ hostname, port, protocol, servername, offersHttp2 }: ConnectTarget): Target => {
  const isTls = protocol === 'https:';
  const isLiteral = isIP(hostname) !== 0;
  return {
    name: hostname,
    port: port === '' ? (isTls ? 443 : 80) : Number(port),
    isTls,
    servername: servername ?? (isLiteral ? '' : hostname.replace(/\.$/, '')),
    protocols: offersHttp2 === true ? ['h2', 'http/1.1'] : ['http/1.1'],
  };
};
