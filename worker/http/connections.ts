// The sockets, kept per owner and origin, used last in first out. Knows no deadlines and no redirects.
import type { Proxy } from '../../shared/proxy.ts';
import type { Connect } from '../guard/dial.ts';
import { Connection } from './connection.ts';
import type { ConnectionKeeper, ReadySocket } from './connection.ts';
import type { Carrier } from './carrier.ts';
import { HeadReader } from './head-reader.ts';
import { Http2Sessions } from './http2-sessions.ts';
import type { Http2Home } from './http2-sessions.ts';
import { Negotiated } from './negotiated.ts';
import { newReuseRecord, noteIdleClose, noteUnaskedBytes } from './reuse-policy.ts';
import type { ReuseRecord } from './reuse-policy.ts';

export type Connections = {
  /**
   * Sockets of `owner` to `origin`, through `proxy` if any. Never shared with another owner: a server that answers
   * twice harms one owner at most.
   */
  host(owner: string, origin: string, proxy?: Proxy): Host;
  /** Closes the idle sockets now, and the others when they are given back. */
  close(): void;
  stats(): { readonly hosts: number; readonly idle: number };
};

export type ConnectionsOptions = {
  readonly connect: Connect;
  /** Milliseconds that only move forward. */
  readonly now?: () => number;
  /** Sockets kept open without a request, over all hosts. */
  readonly maxIdle?: number;
  /** Hosts remembered at most. */
  readonly maxHosts?: number;
};

/** Whose sockets, where to, and through what; `key` tells the routes of one owner apart. */
export type Route = {
  readonly owner: string;
  readonly origin: string;
  readonly proxy: Proxy | undefined;
  readonly key: string;
};

type Pool = {
  readonly connect: Connect;
  readonly now: () => number;
  readonly maxIdle: number;
  /** All, gone through in turn by `forgetSome` and by `makeRoom`. */
  readonly hosts: Host[];
  /** Which of them had to close an idle socket last. */
  hand: number;
  idle: number;
  isClosed: boolean;
};

export const createConnections = ({
  connect,
  now = (): number => performance.now(),
  maxIdle = 1024,
  maxHosts = 4096,
}: ConnectionsOptions): Connections => {
  const owners = new Map<string, Map<string, Host>>();
  const pool: Pool = { connect, now, maxIdle, hosts: [], hand: 0, idle: 0, isClosed: false };
  const addHost = (route: Route): Host => {
    if (pool.hosts.length >= maxHosts) forgetSome(pool.hosts, owners);
    const host = new Host(pool, route);
    const hosts = owners.get(route.owner);
    if (hosts === undefined) owners.set(route.owner, new Map([[route.key, host]]));
    else hosts.set(route.key, host);
    pool.hosts.push(host);
    return host;
  };
  return {
    host: (owner, origin, proxy) => {
      const key = proxy === undefined ? origin : `${JSON.stringify(proxy)} ${origin}`;
      return owners.get(owner)?.get(key) ?? addHost({ owner, origin, proxy, key });
    },
    close: () => {
      pool.isClosed = true;
      for (const host of pool.hosts) host.closeIdle();
    },
    stats: () => ({ hosts: pool.hosts.length, idle: pool.idle }),
  };
};

/** Second chance: hosts without a request that were not asked since the hand last passed are forgotten, two at most. */
const forgetSome = (clock: Host[], owners: Map<string, Map<string, Host>>): void => {
  let forgotten = 0;
  for (let seen = 0; seen < maxSeen && forgotten < 2; seen += 1) {
    const host = clock.shift();
    if (host === undefined) return;
    if (!host.isForgettable()) {
      clock.push(host);
      continue;
    }
    forgotten += 1;
    host.closeIdle();
    const hosts = owners.get(host.route.owner);
    hosts?.delete(host.route.key);
    if (hosts?.size === 0) owners.delete(host.route.owner);
  }
};

/**
 * Whether one more idle socket may be kept: the one idle for longest of some host may have to go, so that those of a
 * busy host stay open beside many that are asked once.
 */
const makeRoom = (pool: Pool): boolean => {
  if (pool.isClosed) return false;
  if (pool.idle < pool.maxIdle) return true;
  for (let seen = 0; seen < maxSeen; seen += 1) {
    pool.hand = (pool.hand + 1) % pool.hosts.length;
    if (pool.hosts[pool.hand]?.closeOldest() === true) return true;
  }
  return false;
};

const maxSeen = 512;

/** The sockets of one owner to one origin, and what was learned of it. */
export class Host implements ConnectionKeeper, Http2Home {
  readonly route: Route;
  readonly origin: string;
  readonly reuse: ReuseRecord = newReuseRecord();
  readonly connect: Connect;
  readonly heads = new HeadReader();
  readonly #pool: Pool;
  /** The one idle for longest first. */
  readonly #idle: Connection[] = [];
  #inUse = 0;
  #wasAsked = false;
  #http2: Http2Sessions | undefined;

  constructor(pool: Pool, route: Route) {
    const { origin, proxy } = route;
    this.#pool = pool;
    this.route = route;
    this.origin = origin;
    this.connect =
      proxy === undefined ? pool.connect : (target, callback) => pool.connect({ ...target, proxy }, callback);
  }

  /** The socket given back last, if any is idle, and has been since then at the earliest. */
  takeIdle(since: number): Connection | undefined {
    const connection = this.#idle.at(-1);
    if (connection === undefined || connection.idleSince < since) return undefined;
    this.#idle.pop();
    this.#wasAsked = true;
    connection.isIdle = false;
    this.#pool.idle -= 1;
    this.#inUse += 1;
    return connection;
  }

  /** A connection that dials when it is first asked. */
  open(ready?: ReadySocket): Connection {
    this.#wasAsked = true;
    this.#inUse += 1;
    return new Connection(this, ready);
  }

  /** Whether HTTP/2 can be offered: it is spoken over TLS only, and not by a host that lately chose HTTP/1.1. */
  maySpeakHttp2(): boolean {
    return this.origin.startsWith('https:') && this.#http2?.isRefused() !== true;
  }

  /** A carrier that offers HTTP/2 where a connection must be opened. */
  negotiate(): Carrier {
    this.#wasAsked = true;
    this.#inUse += 1;
    this.#http2 ??= new Http2Sessions(this);
    return new Negotiated(this.#http2, () => (this.#inUse -= 1));
  }

  openHttp1(ready?: ReadySocket): Carrier {
    return this.open(ready);
  }

  now(): number {
    return this.#pool.now();
  }

  onIdle(): boolean {
    const isKept = makeRoom(this.#pool);
    if (isKept) this.#pool.idle += 1;
    return isKept;
  }

  onLeaveIdle(): void {
    this.#pool.idle -= 1;
  }

  /** Ends the use of a connection; `canServeAgain` when its response ended whole and nothing asked for a close. */
  giveBack(connection: Connection, canServeAgain: boolean): void {
    this.#inUse -= 1;
    if (!canServeAgain || !makeRoom(this.#pool)) return connection.destroy();
    connection.isIdle = true;
    connection.idleSince = this.now();
    this.#pool.idle += 1;
    this.#idle.push(connection);
  }

  onDisconnect(connection: Connection, error: Error & { code?: string }): void {
    // undici's words for bytes on a socket that no request waits on.
    if (error.message === 'bad response' && !connection.isAsked)
      noteUnaskedBytes(this.reuse, this.#pool.now());
    if (!connection.isIdle) return;
    if (error.code !== ourClose) noteIdleClose(this.reuse, this.now() - connection.idleSince);
    connection.isIdle = false;
    this.#pool.idle -= 1;
    this.#idle.splice(this.#idle.lastIndexOf(connection), 1);
  }

  closeIdle(): void {
    this.#http2?.closeIdle();
    while (this.closeOldest());
  }

  /** Whether there was an idle socket to close. */
  closeOldest(): boolean {
    const connection = this.#idle.shift();
    if (connection === undefined) return false;
    connection.isIdle = false;
    this.#pool.idle -= 1;
    connection.destroy();
    return true;
  }

  isForgettable(): boolean {
    const isQuiet = this.#inUse === 0 && !this.#wasAsked;
    this.#wasAsked = false;
    return isQuiet;
  }
}

/** undici's code for a socket that nothing was wrong with. */
const ourClose = 'UND_ERR_INFO';
