// Opens sockets, and only to addresses that the policy allows: literals, every answer of a name, and the peer once connected.
import { isIP } from 'node:net';
import type net from 'node:net';
import tls from 'node:tls';
import type { buildConnector } from 'undici';
import { toTarget } from './dial.ts';
import type { Connect, ConnectorOptions, Dial, Target } from './dial.ts';
import { judgeAddresses, refusal } from './judgement.ts';
import { PlainSocket } from './plain-socket.ts';
import { dialThrough } from './proxied-dial.ts';

/** How long one address is tried before the next is tried beside it (RFC 8305 §8). */
const nextAddressMs = 250;
const idleProbeMs = 60_000;

/** Dials, through a forward proxy where the target names one. */
export const createConnector = (options: ConnectorOptions): Connect => {
  const dial: Connect = (asked, callback) => {
    const attempt = new Dialling(toTarget(asked), options, callback);
    attempt.start();
    return attempt;
  };
  return (asked, callback) =>
    asked.proxy === undefined
      ? dial(asked, callback)
      : dialThrough(asked.proxy, { ...options, dial })(asked, callback);
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
    const usable = this.#judge(found);
    if (usable === undefined) return;
    this.dnsMs = this.#endStep('tcp');
    this.#socket = this.#connect(usable);
    this.#socket.on('error', this.#fail);
  };

  #judge(found: readonly string[]): readonly string[] | undefined {
    try {
      return judgeAddresses(this.#options.addresses, this.#target, found);
    } catch (error) {
      this.#fail(error as Error);
      return undefined;
    }
  }

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
    if (!isTls) return new PlainSocket().connect(options).once('connect', this.#onTcp);
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

const pinned =
  (addresses: readonly string[]): net.LookupFunction =>
  (_name, _options, callback) => {
    const answer = addresses.map((address) => ({ address, family: isIP(address) }));
    process.nextTick(callback, null, answer);
  };
