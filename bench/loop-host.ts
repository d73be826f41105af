// The process a bare loop runs in; its argument names the loop.
import { answerParent } from './child.ts';
import type { Load } from './contender.ts';
import { fetchByDispatch } from './contenders/undici-dispatch.ts';
import { fetchByRequest } from './contenders/undici-request.ts';

const loops: Readonly<Record<string, (load: Load) => Promise<void>>> = {
  'undici-dispatch': fetchByDispatch,
  'undici-request': fetchByRequest,
};

const loop = loops[process.argv[2] ?? ''];
if (loop === undefined) throw new Error(`no loop named ${process.argv[2]}`);
process.on('disconnect', () => process.exit());
answerParent('ready', async (load) => {
  const startedAt = performance.now();
  await loop(load as Load);
  return performance.now() - startedAt;
});
