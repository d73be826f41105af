import { expect, test } from '@jest/globals';
import { runNode } from '../support/run-process.ts';
import { sourceScript } from '../support/source-script.ts';
import type { RunningProcess } from '../support/run-process.ts';
import { waitFor } from '../support/wait-for.ts';

// See the fixture for what each behaviour does.
const start = async (behaviour: string): Promise<RunningProcess> => {
  const child = runNode(sourceScript('test/support/fixtures/shut-down.ts'), {
    env: { BEHAVIOUR: behaviour },
  });
  await child.says('running');
  return child;
};

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s stops the steps one after the other, and exits 0',
  async (signal) => {
    const child = await start('well');
    child.signal(signal);
    expect(await child.exit).toBe(0);
    expect(child.output()).toMatch(/begin first\n[^]*end first\nbegin second\nend second\n/);
  },
);

test('a step that fails does not keep the next from being stopped, and the exit code says so', async () => {
  const child = await start('failing');
  child.signal('SIGTERM');
  expect(await child.exit).toBe(1);
  expect(child.output()).toContain('"step":"failing"');
  expect(child.output()).toContain('end second');
});

test('a second signal ends it at once, after what must be done', async () => {
  const child = await start('hanging');
  child.signal('SIGINT');
  await child.says('begin hanging');
  const begun = performance.now();
  const repeat = waitFor(() => {
    child.signal('SIGINT');
    return child.output().includes('forced');
  });
  expect(await child.exit).toBe(1);
  await repeat;
  expect(performance.now() - begun).toBeLessThan(2000);
});

test('the same Ctrl-C arriving twice counts once', async () => {
  const child = await start('well');
  child.signal('SIGINT');
  child.signal('SIGINT');
  expect(await child.exit).toBe(0);
});

test('steps that do not come to an end do not keep the process', async () => {
  const child = await start('hanging');
  child.signal('SIGTERM');
  expect(await child.exit).toBe(1);
  expect(child.output()).toContain('did not stop in time');
}, 15_000);

test.each(['throwing', 'rejecting'])(
  'a bug (%s) is logged with its stack, and ends it',
  async (behaviour) => {
    const child = await start(behaviour);
    expect(await child.exit).toBe(1);
    expect(child.output()).toContain('ended by a bug');
    expect(child.output()).toContain('shut-down.ts');
  },
);

test('each step is told how much time is left', async () => {
  const child = await start('slow');
  child.signal('SIGTERM');
  await child.exit;
  const [first = 0, second = 0] = [...child.output().matchAll(/left (\d+)/g)].map((match) =>
    Number(match[1]),
  );
  expect(first).toBeLessThanOrEqual(500);
  expect(second).toBeLessThan(first - 50);
});
