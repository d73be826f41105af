// Asks a Redis on a unix socket, in one short connection, who it is and whether it is ready.
import { connect } from 'node:net';

export type RedisProbe = { readonly pid: number; readonly isLoading: boolean };

/** Undefined where nobody listens; throws where somebody does and says nothing for `timeoutMs`. */
export const probeRedis = (socketPath: string, timeoutMs: number): Promise<RedisProbe | undefined> =>
  new Promise((resolve, reject) => {
    const socket = connect(socketPath);
    const received: string[] = [];
    socket.setEncoding('utf8');
    socket.setTimeout(timeoutMs, () => {
      socket.destroy();
      reject(new Error(`what listens on ${socketPath} does not answer`));
    });
    // INFO is answered while the append-only file is still being read.
    socket.on('connect', () => socket.end('INFO\r\n'));
    socket.on('data', (text: string) => received.push(text));
    socket.on('error', () => resolve(undefined));
    socket.on('close', () => resolve(parse(received.join(''))));
  });

const parse = (report: string): RedisProbe | undefined => {
  const field = (name: string): number => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(report)?.[1]);
  const pid = field('process_id');
  return Number.isNaN(pid) ? undefined : { pid, isLoading: field('loading') === 1 };
};
