// Opens sockets, and only to addresses that the policy allows: literals, every answer of a name, and the peer once connected.
import net, { isIP } from 'node:net';
import tls from 'node:tls';
import type { buildConnector } from 'undici';
import type { AddressPolicy } from '../../shared/address-policy.ts';
import type { Resolve } from './resolver.ts';

/** The target, or an address its name resolves to, may not be dialled. */
export class BlockedAddressError extends Error {
  override readonly name = 'BlockedAddressError';
}

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
};

/** An undici connector that also says how the dial goes. The callback is called once, unless cancelled. */
export type Connect = (target: ConnectTarget, callback: buildConnector.Callback) => Dial;

export type ConnectorOptions = {
  readonly addresses: AddressPolicy;
  readonly resolve: Resolve;
  /** PEM of authorities to trust instead of the built-in ones. */
  readonly ca?: string;
};

type Target = {
  readonly name: string;
  readonly port: number;
  readonly isTls: boolean;
  readonly servername: string;
  readonly protocols: readonly string[];
};

/** How long one address is tried before the next is tried beside it (RFC 8305 §8). */
const nextAddressMs = 250;
const idleProbeMs = 60_000;

export const createConnector = (options: ConnectorOptions): Connect => {
  return (asked, callback) => {
    const target = toTarget(asked);
    const attempt = new Dialling(target, options, callback);
    attempt.start();
    return attempt;
  };
};

const toTarget = ({ hostname, port, protocol, servername, offersHttp2 }: ConnectTarget): Target => {
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

// A class: state of one dial that four callbacks share.
class Dialling implements Dial {
  step: Dial['step'] = 'dns';
  dnsMs = 0;
  connectMs = 0;
  tlsMs = 0;
  remoteAddress: string | undefined;
  #stepStartedAt = performance.now();
  #socket: net.Socket | undefined;
  #isDone = false;
  readonly #target: Target;
  readonly #options: ConnectorOptions;
  readonly #callback: buildConnector.Callback;

  constructor(target: Target, options: ConnectorOptions, callback: buildConnector.Callback) {
    this.#target = target;
    this.#options = options;
    this.#callback = callback;
  }

  start(): void {
    const { name } = this.#target;
    // Later even for a literal, so that the caller has its Dial before the callback comes.
    if (isIP(name) !== 0) queueMicrotask(() => this.#open([name]));
    else this.#options.resolve(name).then(this.#open, this.#fail);
  }

  cancel(): void {
    this.#isDone = true;
    this.#socket?.destroy();
  }

  readonly #fail = (error: Error): void => {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#callback(error, null);
  };

  readonly #open = (found: readonly string[]): void => {
    if (this.#isDone) return;
    const { name, port } = this.#target;
    const { addresses } = this.#options;
    // "localhost" is both loopbacks (RFC 6761); allowing one of them is enough to mean it. No other name is split.
    const usable = /(^|\.)localhost\.?$/.test(name)
      ? found.filter((address) => addresses.allows(address, port))
      : found;
    const refused =
      usable.find((address) => !addresses.allows(address, port)) ??
      (usable.length === 0 ? found[0] : undefined);
    if (refused !== undefined) return this.#fail(refusal(name, refused));
    this.dnsMs = this.#endStep('tcp');
    this.#socket = this.#connect(usable);
    this.#socket.on('error', this.#fail);
  };

  #connect(usable: readonly string[]): net.Socket {
    const { port, isTls, servername, protocols } = this.#target;
    const options = {
      host: usable[0] ?? '',
      port,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: idleProbeMs,
      // `lookup` is never asked for a literal; of several addresses it hands out the checked ones, so none other is dialled.
      ...(usable.length > 1 && {
        host: this.#target.name,
        lookup: pinned(usable),
        autoSelectFamily: true,
        autoSelectFamilyAttemptTimeout: nextAddressMs,
      }),
    };
    if (!isTls)
      return net
        .connect({ ...options, highWaterMark: 65_536 } as net.NetConnectOpts)
        .once('connect', this.#onTcp);
    const ca = this.#options.ca;
    return tls
      .connect({ ...options, servername, ALPNProtocols: [...protocols], ...(ca !== undefined && { ca }) })
      .once('connect', this.#onTcp)
      .once('secureConnect', this.#onOpen);
  }

  readonly #onTcp = (): void => {
    this.connectMs = this.#endStep('tls');
    if (!this.#target.isTls) this.#onOpen();
  };

  readonly #onOpen = (): void => {
    const socket = this.#socket;
    if (this.#isDone || socket === undefined) return;
    if (this.#target.isTls) this.tlsMs = this.#endStep('open');
    this.step = 'open';
    this.remoteAddress = socket.remoteAddress;
    const peer = this.remoteAddress ?? '';
    if (!this.#options.addresses.allows(peer, this.#target.port)) {
      socket.destroy();
      return this.#fail(refusal(this.#target.name, peer));
    }
    this.#isDone = true;
    this.#callback(null, socket);
  };

  #endStep(next: Dial['step']): number {
    const now = performance.now();
    const tookMs = now - this.#stepStartedAt;
    this.#stepStartedAt = now;
    this.step = next;
    return tookMs;
  }
}

const refusal = (name: string, address: string): BlockedAddressError =>
  new BlockedAddressError(
    name === address
      ? `${address} may not be fetched`
      : `${name} resolves to ${address}, which may not be fetched`,
  );

const pinned =
  (addresses: readonly string[]): net.LookupFunction =>
  (_name, _options, callback) => {
    const answer = addresses.map((address) => ({ address, family: isIP(address) }));
    process.nextTick(callback, null, answer);
  };
