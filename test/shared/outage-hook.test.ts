import { expect, test } from '@jest/globals';
import { pino, type Logger } from 'pino';
import { createOutageHook } from '../../shared/outage-hook.ts';

const outage = Object.assign(new Error('OOM command not allowed'), { name: 'ReplyError' });

const setup = (): { logger: Logger; clock: { now: number }; said: () => object[] } => {
  const clock = { now: 1000 };
  const lines: string[] = [];
  const hooks = { logMethod: createOutageHook(() => clock.now) };
  const logger = pino({ level: 'debug', hooks }, { write: (line: string) => void lines.push(line) });
  return { logger, clock, said: () => lines.map((line) => JSON.parse(line) as object) };
};

test('says once a second that Redis is away or full, and how often it would have said so', () => {
  const { logger, clock, said } = setup();
  for (const msg of ['first', 'second', 'third']) logger.warn({ err: outage }, msg);
  expect(said()).toMatchObject([{ msg: 'first', err: { message: outage.message } }]);
  clock.now += 999;
  logger.warn({ err: outage }, 'fourth');
  clock.now += 1;
  logger.warn({ err: outage, duty: 'sweep' }, 'fifth');
  expect(said()).toMatchObject([{ msg: 'first' }, { msg: 'fifth', duty: 'sweep', unsaid: 3 }]);
  clock.now += 1000;
  logger.warn({ err: outage }, 'sixth');
  expect(said()[2]).not.toHaveProperty('unsaid');
});

test('leaves out nothing else', () => {
  const { logger, said } = setup();
  logger.warn({ err: outage }, 'of the outage');
  logger.warn({ err: new TypeError('a bug') }, 'of a bug');
  logger.error({ err: outage }, 'an error');
  logger.info({ err: outage }, 'news');
  logger.warn({ jobId: 'x' }, 'without an error');
  logger.warn('%s', 'only words');
  expect(said()).toHaveLength(6);
});
