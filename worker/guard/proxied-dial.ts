// Connects through a forward proxy. The target's name is resolved and judged before the proxy is asked, and where a
// tunnel is opened the proxy is handed the judged address: it cannot be led elsewhere by another answer of DNS.
import { isIP } from 'node:net';
import type { Socket } from 'node:net';
import tls from 'node:tls';
import type { buildConnector } from 'undici';
import type { Proxy } from '../../shared/proxy.ts';
import { toTarget } from './dial.ts';
import type { Connect, ConnectorOptions, ConnectTarget, Dial } from './dial.ts';
import { connectByHttp } from './http-connect.ts';
import { BlockedAddressError, judgeAddresses } from './judgement.ts';
import { ProxyError } from './proxy-handshake.ts';
import { NameError } from './resolver.ts';
import { connectBySocks5 } from './socks5.ts';

export type ProxyOptions = ConnectorOptions & { readonly dial: Connect };

/** A Connect that goes through `proxy`, which is itself reached by `dial`, and so judged as any other host. */
export const dialThrough = (proxy: Proxy, options: ProxyOptions): Connect => {
  return (target, callback) => {
    const dial = new ProxiedDial(target, { ...options, proxy }, callback);
    void dial.start();
    return dial;
  };
};

type DialOptions = ProxyOptions & { readonly proxy: Proxy };

/** Whether the proxy forwards the requests themselves (RFC 9112 §3.2.2), rather than opening a tunnel for them. */
export const forwardsRequests = ({ scheme }: Proxy, protocol: string): boolean =>
  scheme !== 'socks5' && protocol === 'http:';

class ProxiedDial implements Dial {
  step: Dial['step'] = 'dns';
  dnsMs = 0;
  connectMs = 0;
  tlsMs = 0;
  remoteAddress: string | undefined;
  #lastStepAt = performance.now();
  #toProxy: Dial | undefined;
  #socket: Socket | undefined;
  #isDone = false;
  readonly #asked: ConnectTarget;
  readonly #options: DialOptions;
  readonly #callback: buildConnector.Callback;

  constructor(asked: ConnectTarget, options: DialOptions, callback: buildConnector.Callback) {
    this.#asked = asked;
    this.#options = options;
    this.#callback = callback;
  }

  async start(): Promise<void> {
    try {
      const target = toTarget(this.#asked);
      const { resolve, addresses, proxy } = this.#options;
      const found = isIP(target.name) === 0 ? await resolve(target.name) : [target.name];
      const [address = ''] = judgeAddresses(addresses, target, found);
      this.dnsMs = this.#endStep('tcp');
      if (this.#isDone) return;
      const socket = await this.#reachProxy(proxy);
      if (!forwardsRequests(proxy, this.#asked.protocol)) {
        const handshake = proxy.scheme === 'socks5' ? connectBySocks5 : connectByHttp;
        await handshake(socket, { address, port: target.port }, proxy.credentials);
      }
      this.connectMs = this.#endStep('tls');
      if (!target.isTls) return this.#succeed(socket);
      const secured = await this.#secure(socket);
      this.tlsMs = this.#endStep('open');
      this.#succeed(secured);
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  cancel(): void {
    this.#isDone = true;
    this.#toProxy?.cancel();
    this.#socket?.destroy();
  }

  #reachProxy({ hostname, port, scheme }: Proxy): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const protocol = scheme === 'https' ? 'https:' : 'http:';
      const toProxy = this.#options.dial({ hostname, port: String(port), protocol }, (error, socket) => {
        if (error !== null) return reject(ofProxy(error, toProxy.step));
        this.#socket = socket;
        this.remoteAddress = toProxy.remoteAddress;
        socket.on('error', ignore);
        resolve(socket);
      });
      this.#toProxy = toProxy;
    });
  }

  #secure(socket: Socket): Promise<Socket> {
    const { servername, protocols } = toTarget(this.#asked);
    const { ca } = this.#options;
    return new Promise((resolve, reject) => {
      const options = { socket, servername, host: this.#asked.hostname, ALPNProtocols: [...protocols] };
      const secured = tls.connect({ ...options, ...(ca !== undefined && { ca }) });
      this.#socket = secured;
      secured.once('error', reject).once('secureConnect', () => resolve(secured.off('error', reject)));
    });
  }

  #succeed(socket: Socket): void {
    if (this.#isDone) return void socket.destroy();
    this.step = 'open';
    this.#isDone = true;
    this.#callback(null, socket);
  }

  #fail(error: Error): void {
    this.#socket?.destroy();
    if (this.#isDone) return;
    this.#isDone = true;
    this.#callback(error, null);
  }

  #endStep(next: Dial['step']): number {
    const now = performance.now();
    const tookMs = now - this.#lastStepAt;
    this.#lastStepAt = now;
    this.step = next;
    return tookMs;
  }
}

/** Says of an error on the way to the proxy that it was on the way to the proxy. */
const ofProxy = (error: Error, step: Dial['step']): Error => {
  if (error instanceof BlockedAddressError) return new BlockedAddressError(`the proxy: ${error.message}`);
  if (error instanceof NameError) return new ProxyError(`the proxy: ${error.message}`, error.isTransient);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  return step === 'tls'
    ? new ProxyError(`the TLS handshake with the proxy failed (${code})`, false)
    : new ProxyError(`the proxy could not be reached (${code})`, true);
};

const ignore = (): void => undefined;
