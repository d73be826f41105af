// Whether the API will be able to listen, found out before anything is started.
import { createServer } from 'node:net';

/** Rejects with the error of listen(2) where the port is taken, forbidden or on no address of ours. */
export const tryPort = (host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve()));
  });
