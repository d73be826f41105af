import { afterAll, expect, test } from '@jest/globals';
import type { Supervisor } from '../../cli/supervisor.ts';
import { superviseFleet } from '../../cli/supervisor.ts';
import { createLogger } from '../../shared/logger.ts';
import { waitFor } from '../support/wait-for.ts';

const supervisors = new Set<Supervisor>();
afterAll(() => supervisors.forEach((supervisor) => supervisor.kill()));

const script = (code: string): { name: string; script: string[]; env: NodeJS.ProcessEnv } => ({
  name: 'child',
  script: ['-e', code],
  env: {},
});
const forEver = script('setInterval(() => {}, 1000)');

const supervise = (api: string, workers: readonly string[]): { supervisor: Supervisor; events: string[] } => {
  const events: string[] = [];
  const supervisor = superviseFleet(
    {
      api: script(api),
      workers: workers.map(script),
      onListening: (port) => void events.push(`listening on ${port}`),
      onMisconfigured: () => void events.push('misconfigured'),
    },
    { logger: createLogger('up', 'silent'), backoff: { firstMs: 10, capMs: 10, resetAfterMs: 60_000 } },
  );
  supervisors.add(supervisor);
  return { supervisor, events };
};

test('passes on the port of the API, and no other message', async () => {
  const { supervisor, events } = supervise(
    `process.send('noise'); process.send({ listeningOn: 4321 }); ${forEver.script[1]}`,
    [],
  );
  await waitFor(() => events.length > 0);
  await supervisor.stopApi(5000);
  expect(events).toEqual(['listening on 4321']);
});

test('tells once when children cannot run as configured', async () => {
  const { supervisor, events } = supervise('process.exit(78)', ['process.exit(78)', 'process.exit(78)']);
  await waitFor(() => events.length > 0);
  await supervisor.stopApi(5000);
  await supervisor.stopWorkers(5000);
  expect(events).toEqual(['misconfigured']);
});
