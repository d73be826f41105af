import { fork } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { expect, test } from '@jest/globals';
import type { SupervisedProcess } from '../../shared/supervised.ts';
import { announcePort, onOrphaned } from '../../shared/supervised.ts';
import { sourceScript } from '../support/source-script.ts';

const alone = (): SupervisedProcess => Object.assign(new EventEmitter(), { connected: false }) as never;

test('tells the supervisor the port, and notices when the supervisor lets go', async () => {
  const [flag = '', loader = '', file = ''] = sourceScript('test/support/fixtures/announce.ts');
  const child = fork(file, { execArgv: [flag, loader], stdio: 'ignore' });
  const message = await new Promise((resolve) => child.once('message', resolve));
  expect(message).toEqual({ listeningOn: 4321 });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.disconnect();
  expect(await exited).toBe(7);
});

test('notices a supervisor that went before anybody asked', () => {
  const gone = Object.assign(new EventEmitter(), { connected: false, send: () => false }) as never;
  const calls: true[] = [];
  onOrphaned(() => void calls.push(true), gone);
  expect(calls).toHaveLength(1);
});

test('a process that nobody supervises announces nothing and is no orphan', () => {
  const calls: true[] = [];
  announcePort(80, alone());
  onOrphaned(() => void calls.push(true), alone());
  expect(calls).toHaveLength(0);
});
