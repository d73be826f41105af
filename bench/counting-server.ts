// A server of many hosts by name, on one port, that notes each request's arrival and departure. As cheap as we can write it.
import { createServer, type Server, type Socket } from 'node:net';
import { replyOf, type Behaviour, type Reply } from './behaviour.ts';
import { sharedNowMs } from './clock.ts';
import { createSightingLog, type SightingColumns } from './sighting-log.ts';

export type CountingServer = {
  /** Serves requests without a body; not listening yet. */
  readonly server: Server;
  /** From now on the host answers like this; without a host, every one does that was not told otherwise. */
  behave(behaviour: Behaviour, host?: string): void;
  /** Requests that have arrived at all hosts, and how many of them are still there. */
  progress(): Progress;
  sightings(): SightingColumns;
};

export type Progress = { readonly arrived: number; readonly inFlight: number };

type Host = {
  readonly number: number;
  behaviour: Behaviour | undefined;
  inFlight: number;
  refusingSinceMs: number | undefined;
};
type Visit = { readonly host: Host; readonly sighting: number; readonly closes: boolean };

export const createCountingServer = (): CountingServer => {
  const log = createSightingLog();
  const hosts = new Map<string, Host>();
  const all: { behaviour: Behaviour; inFlight: number } = {
    behaviour: { is: 'steady', delayMs: 0 },
    inFlight: 0,
  };

  const hostNamed = (label: string): Host => {
    const known = hosts.get(label);
    if (known !== undefined) return known;
    const host: Host = { number: hosts.size, behaviour: undefined, inFlight: 0, refusingSinceMs: undefined };
    hosts.set(label, host);
    return host;
  };

  const arrive = (head: string): Visit => {
    const host = hostNamed(labelOf(head));
    host.inFlight += 1;
    all.inFlight += 1;
    return {
      host,
      sighting: log.arrive({ host: host.number, path: pathOf(head), inFlight: host.inFlight }),
      closes: /\r\nconnection: *close/i.test(head),
    };
  };

  const leave = ({ host, sighting }: Visit, ending: 'answered' | 'refused' | 'closed'): void => {
    host.inFlight -= 1;
    all.inFlight -= 1;
    log.leave(sighting, ending);
  };

  const replyTo = ({ host }: Visit): Reply | undefined => {
    const now = sharedNowMs();
    const behaviour = host.behaviour ?? all.behaviour;
    const refusingForMs = now - (host.refusingSinceMs ?? now);
    const reply = replyOf(behaviour, { inFlight: host.inFlight, refusingForMs });
    if (reply?.status === 503) host.refusingSinceMs ??= now;
    return reply;
  };

  const serve = (socket: Socket): void => {
    /** Those that are there, with the timers of their answers. */
    const visits = new Map<Visit, NodeJS.Timeout | undefined>();
    const answer = (visit: Visit, reply: Reply): void => {
      if (!visits.delete(visit)) return;
      socket.write(format(reply, visit));
      leave(visit, reply.status === 200 ? 'answered' : 'refused');
      if (visit.closes) socket.end();
    };
    const abandon = (): void => {
      for (const [visit, timer] of visits) {
        clearTimeout(timer);
        leave(visit, 'closed');
      }
      visits.clear();
    };
    readHeads(socket, (head) => {
      const visit = arrive(head);
      const reply = replyTo(visit);
      const isLater = reply !== undefined && reply.delayMs > 0;
      visits.set(visit, isLater ? setTimeout(answer, reply.delayMs, visit, reply) : undefined);
      if (reply?.delayMs === 0) answer(visit, reply);
    });
    socket.on('end', abandon).on('close', abandon);
  };

  return {
    server: createServer({ noDelay: true }, serve),
    behave(behaviour, label) {
      if (label === undefined) all.behaviour = behaviour;
      else Object.assign(hostNamed(label), { behaviour, refusingSinceMs: undefined });
    },
    progress: () => ({ arrived: log.count(), inFlight: all.inFlight }),
    sightings: () => log.read([...hosts.keys()]),
  };
};

const readHeads = (socket: Socket, onHead: (head: string) => void): void => {
  const seen = { rest: '' };
  socket.on('error', () => socket.destroy());
  socket.setEncoding('latin1').on('data', (text: string) => {
    let rest = seen.rest + text;
    for (let end = rest.indexOf('\r\n\r\n'); end !== -1; end = rest.indexOf('\r\n\r\n')) {
      onHead(rest.slice(0, end));
      rest = rest.slice(end + 4);
    }
    seen.rest = rest;
  });
};

/** `a` of `Host: a.localhost:8081`. */
const labelOf = (head: string): string => /\r\nhost: *([^.:\r]*)/i.exec(head)?.[1] ?? '';

/** 17 of `GET /17 HTTP/1.1`. */
const pathOf = (head: string): number => Number(/^[A-Z]+ \/(\d+)/.exec(head)?.[1] ?? Number.NaN);

const format = ({ status, bodyBytes = 0, retryAfterSeconds }: Reply, { sighting, closes }: Visit): string => {
  const body = `{"n":${sighting}}`.padEnd(bodyBytes);
  const retryAfter = retryAfterSeconds === undefined ? '' : `retry-after: ${retryAfterSeconds}\r\n`;
  const connection = closes ? 'close' : 'keep-alive';
  const head = `${statusLines[status]}content-type: application/json\r\ncontent-length: ${body.length}\r\n`;
  return `${head}${retryAfter}connection: ${connection}\r\n\r\n${body}`;
};

const statusLines = { 200: 'HTTP/1.1 200 OK\r\n', 503: 'HTTP/1.1 503 Service Unavailable\r\n' } as const;
