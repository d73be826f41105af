import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { holds } from '../../bench/trial.ts';
import { loudest, measureNoise, noiseBetween, quietBounds } from '../../chaos/noise.ts';
import { waitFor } from '../support/wait-for.ts';

const forever = new AbortController().signal;

test('tells the lines and the CPU of the process that made most of each', () => {
  const before = [
    { lines: 5, cpuSeconds: 1 },
    { lines: 7, cpuSeconds: 2 },
  ];
  const after = [
    { lines: 16, cpuSeconds: 1 },
    { lines: 7, cpuSeconds: 3 },
  ];
  expect(noiseBetween(before, after, 10)).toEqual({ linesPerSecond: 1, cpuShare: 0.1 });
  expect(loudest([noiseBetween(before, after, 10), noiseBetween(before, before, 10)])).toEqual(
    noiseBetween(before, after, 10),
  );
});

test('a process that spins is heard, and one that has ended is not asked', async () => {
  const gone = spawn(process.execPath, ['-e', '']);
  await once(gone, 'exit');
  const busy = spawn(process.execPath, ['-e', 'for (;;);']);
  const lines = new Map([
    [gone.pid ?? 0, 3],
    [busy.pid ?? 0, 3],
  ]);
  const noise = await waitFor(async () => {
    const heard = await measureNoise(lines, 500, forever);
    return heard.cpuShare > 0.1 ? heard : undefined; // on a busy machine it may get little for a while
  });
  busy.kill('SIGKILL');
  expect(quietBounds(noise, 'here').map(holds)).toEqual([true, false]);
});

test('a process that logs more than a line a second is too loud', () => {
  const noise = noiseBetween([{ lines: 0, cpuSeconds: 0 }], [{ lines: 13, cpuSeconds: 0.1 }], 10);
  expect(quietBounds(noise, 'here').map(holds)).toEqual([false, true]);
});
