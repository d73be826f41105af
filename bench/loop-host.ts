// The process a bare loop runs in; its argument names the loop.
import { answerParent } from './child.ts';
import type { Load, Run } from './contender.ts';
import { fetchByEngine } from './contenders/engine.ts';
import { fetchInTurn } from './contenders/sequential.ts';
import { fetchByAgent } from './contenders/undici-agent.ts';
import { fetchByDispatch } from './contenders/undici-dispatch.ts';
import { fetchByRequest } from './contenders/undici-request.ts';

const loops: Readonly<Record<string, (load: Load) => Promise<void>>> = {
  engine: fetchByEngine,
  sequential: fetchInTurn,
  'undici-agent': (load) => fetchByAgent(load),
  'undici-dispatch': fetchByDispatch,
  'undici-request': fetchByRequest,
};

const loop = loops[process.argv[2] ?? ''];
if (loop === undefined) throw new Error(`no loop named ${process.argv[2]}`);
process.on('disconnect', () => process.exit());
answerParent('ready', async (load) => {
  const startedAt = performance.now();
  const cpuBefore = process.cpuUsage();
  await loop(load as Load);
  const { user, system } = process.cpuUsage(cpuBefore);
  return { durationMs: performance.now() - startedAt, cpuSeconds: (user + system) / 1e6 } satisfies Run;
});
