// The HTTP/2 sessions of one owner to one host: a request joins one that has room, or waits while one is opened.
import type { Connect, Dial } from '../guard/dial.ts';
import type { Carrier } from './carrier.ts';
import type { ReadySocket } from './connection.ts';
import { Http2Session } from './http2-session.ts';
import { Http2Stream } from './http2-stream.ts';

/** What the sessions need of the host that they belong to. */
export type Http2Home = {
  readonly origin: string;
  readonly connect: Connect;
  now(): number;
  /** A carrier of HTTP/1.1, on a socket just opened where one is given. */
  openHttp1(ready?: ReadySocket): Carrier;
  /** Whether one more idle session may be kept; if so it is counted until `onLeaveIdle`. */
  onIdle(): boolean;
  onLeaveIdle(): void;
};

/** A request that waits to be told what it travels on. */
export type Passenger = {
  opening: Opening | undefined;
  travelOn(carrier: Carrier): void;
  fail(error: Error): void;
};

/** A session on its way: dialled, then waiting for the host's settings. */
export type Opening = {
  readonly isAlone: boolean;
  readonly passengers: Set<Passenger>;
  dial: Dial | undefined;
  session: Http2Session | undefined;
};

export class Http2Sessions {
  readonly #home: Http2Home;
  #sessions: Http2Session[] = [];
  readonly #openings = new Set<Opening>();
  #room = assumedRoom;
  #http1Until = Number.NEGATIVE_INFINITY;

  constructor(home: Http2Home) {
    this.#home = home;
  }

  /** Whether the host was lately found not to speak HTTP/2. */
  isRefused(): boolean {
    return this.#home.now() < this.#http1Until;
  }

  /** Puts a request on a session that has room, or lets it wait for one; `isAlone`: on one that no other will use. */
  place(passenger: Passenger, isAlone: boolean): void {
    if (this.isRefused()) return passenger.travelOn(this.#home.openHttp1());
    const session = isAlone ? undefined : this.#sessions.find((each) => each.hasRoom());
    if (session !== undefined) return passenger.travelOn(this.#board(session));
    const joined = isAlone
      ? undefined
      : [...this.#openings].find((each) => !each.isAlone && each.passengers.size < this.#room);
    const opening = joined ?? this.#open(isAlone);
    opening.passengers.add(passenger);
    passenger.opening = opening;
  }

  /** A passenger waits no more; a session that nobody waits for is not opened. */
  leave(passenger: Passenger): void {
    const { opening } = passenger;
    if (opening === undefined) return;
    passenger.opening = undefined;
    opening.passengers.delete(passenger);
    if (opening.passengers.size > 0 || !this.#openings.delete(opening)) return;
    opening.dial?.cancel();
    opening.session?.destroy();
  }

  closeIdle(): void {
    for (const session of this.#sessions.slice()) if (session.isIdle) session.destroy();
  }

  #open(isAlone: boolean): Opening {
    const opening: Opening = { isAlone, passengers: new Set(), dial: undefined, session: undefined };
    this.#openings.add(opening);
    const { protocol, hostname, port } = new URL(this.#home.origin);
    const target = { protocol, hostname: hostname.replace(/^\[|\]$/g, ''), port, offersHttp2: true };
    const dial = this.#home.connect(target, (error, socket) => {
      if (error !== null) return this.#settle(opening, (passenger) => passenger.fail(error));
      if ('alpnProtocol' in socket && socket.alpnProtocol === 'h2') this.#tryGreet(opening, { socket, dial });
      else this.#fallBack(opening, { socket, dial });
    });
    opening.dial = dial;
    return opening;
  }

  /** The first one takes the socket, which is as good as any for HTTP/1.1. */
  #fallBack(opening: Opening, ready: ReadySocket): void {
    this.#http1Until = this.#home.now() + rememberMs;
    let unused: ReadySocket | undefined = ready;
    this.#settle(opening, (passenger) => {
      passenger.travelOn(this.#home.openHttp1(unused));
      unused = undefined;
    });
  }

  #tryGreet(opening: Opening, ready: ReadySocket): void {
    try {
      this.#greet(opening, ready);
    } catch (error) {
      ready.socket.destroy(); // it had gone before it was wrapped
      this.#settle(opening, (passenger) => passenger.fail(error as Error));
    }
  }

  #greet(opening: Opening, { socket, dial }: ReadySocket): void {
    const { isAlone } = opening;
    opening.session = new Http2Session(
      {
        origin: this.#home.origin,
        onReady: (session) => this.#onReady(opening, session),
        onIdle: (session) => {
          session.isIdle = !isAlone && this.#sessions.includes(session) && this.#home.onIdle();
          if (!session.isIdle) session.destroy();
        },
        onClosed: (session, error) => this.#onClosed(opening, session, error),
        onHttp1Required: () => {
          this.#http1Until = this.#home.now() + rememberMs;
        },
      },
      socket,
      dial,
    );
  }

  #onReady(opening: Opening, session: Http2Session): void {
    const room = session.room();
    if (room === 0) return session.destroy(new Error('the host takes no requests over HTTP/2'));
    this.#room = room;
    if (!opening.isAlone) this.#sessions.push(session);
    this.#settle(opening, (passenger) => {
      if (session.hasRoom()) passenger.travelOn(new Http2Stream(session));
      else this.place(passenger, opening.isAlone);
    });
  }

  #onClosed(opening: Opening, session: Http2Session, error: Error | undefined): void {
    this.#sessions = this.#sessions.filter((each) => each !== session);
    if (session.isIdle) this.#home.onLeaveIdle();
    session.isIdle = false;
    const reason = error ?? new Error('the host ended the HTTP/2 connection before it began');
    this.#settle(opening, (passenger) => passenger.fail(reason));
  }

  #board(session: Http2Session): Carrier {
    if (session.isIdle) this.#home.onLeaveIdle();
    session.isIdle = false;
    return new Http2Stream(session);
  }

  /** Tells everyone who waits for `opening`, once; who leaves meanwhile is not told. */
  #settle(opening: Opening, tell: (passenger: Passenger) => void): void {
    this.#openings.delete(opening);
    for (const passenger of opening.passengers) {
      opening.passengers.delete(passenger);
      passenger.opening = undefined;
      tell(passenger);
    }
  }
}

/** Until the host's settings say otherwise (RFC 9113 §6.5.2 recommends no less). */
const assumedRoom = 100;
/** How long a host that chose HTTP/1.1 is not offered HTTP/2 again. */
const rememberMs = 600_000;
