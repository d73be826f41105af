// Many clients of one API that wait, each on a connection of its own and with next to no memory: plain sockets.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export type Crowd = {
  /** How many are connected still. */
  size(): number;
  /** How many have been told what they wait for. */
  told(): number;
  close(): void;
};

export type CrowdOptions = {
  readonly port: number;
  readonly count: number;
  /** The request of each, written as it is. */
  readonly request: string;
  /** Stands in what tells them, within one read. */
  readonly news: string;
  /**
   * Resolves when the server has taken all who came so far: a connection is made by the kernel, and one too many in
   * its backlog is lost without a word.
   */
  readonly taken: () => Promise<unknown>;
};

const connectingAtOnce = 200;

/** Resolves when all are connected and have sent their request; rejects where one is refused. */
export const gatherCrowd = async (options: CrowdOptions): Promise<Crowd> => {
  const { port, count, request, news, taken } = options;
  const sockets: Socket[] = [];
  const told = new Set<Socket>();
  const join = async (): Promise<void> => {
    const socket = connect(port, '127.0.0.1');
    sockets.push(socket);
    await once(socket, 'connect');
    socket.on('error', () => {}); // it closes then, and is not counted
    socket.on('data', (bytes) => void (bytes.includes(news) && told.add(socket)));
    socket.write(request);
  };
  const close = (): void => sockets.forEach((socket) => socket.destroy());
  try {
    while (sockets.length < count) {
      const joining = Math.min(connectingAtOnce, count - sockets.length);
      await Promise.all(Array.from({ length: joining }, join));
      await taken();
    }
  } catch (error) {
    close();
    throw error;
  }
  return {
    size: () => sockets.filter(({ destroyed }) => !destroyed).length,
    told: () => told.size,
    close,
  };
};
