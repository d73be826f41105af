// The process of the counting target: on a loopback port, told and asked by the benchmark over IPC.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { answerParent } from './child.ts';
import { createCountingServer } from './counting-server.ts';
import type { CountingQuestion } from './counting-target.ts';

const counting = createCountingServer();
counting.server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 });
await once(counting.server, 'listening');
const { port } = counting.server.address() as AddressInfo;
process.on('disconnect', () => process.exit());
answerParent(port, async (question) => {
  const asked = question as CountingQuestion;
  if (asked.for === 'behave') return counting.behave(asked.behaviour, asked.host);
  if (asked.for === 'progress') return counting.progress();
  if (asked.for === 'sightings') return counting.sightings();
  return process.cpuUsage();
});
