// The process everything is fetched from: the responder on a loopback port. Arguments: delay in ms, `dead` for dead keep-alive, name of the document.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { answerParent } from './child.ts';
import type { DocumentName } from './document.ts';
import { createResponder } from './responder.ts';

const [delay, keepAlive, name] = process.argv.slice(2);
const document = name as DocumentName;
const server = createResponder({ delayMs: Number(delay), deadKeepAlive: keepAlive === 'dead', document });
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 });
await once(server, 'listening');
const { port } = server.address() as AddressInfo;
process.on('disconnect', () => process.exit());
answerParent(`http://127.0.0.1:${port}`, async () => process.cpuUsage());
