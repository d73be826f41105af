// The server that recorded batches ask. Its address is in their requests, so it never changes.
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';

export const recordedTarget = { address: '127.77.0.1', port: 18_077 } as const;

/** Answers `/again` with a wait of a minute while `isBusy` says so, `/missing` with 404, and all else with its path. */
export const openRecordedTarget = async (isBusy: () => boolean): Promise<Server> => {
  const server = createServer(({ url = '' }, response) => {
    if (url.startsWith('/again') && isBusy()) response.writeHead(503, { 'retry-after': '60' }).end('busy');
    else response.writeHead(url.startsWith('/missing') ? 404 : 200).end(`the body of ${url}`);
  });
  server.listen(recordedTarget.port, recordedTarget.address);
  await once(server, 'listening');
  return server;
};
