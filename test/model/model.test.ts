// The scripts against a model: whoever acts in whatever order, dies, is slow or sends again, Redis holds what it must.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { testRedis } from '../support/redis.ts';
import { createTheatre } from './theatre.ts';

const theatre = createTheatre(testRedis());
beforeAll(() => theatre.open());
afterAll(() => theatre.close());

const stories = Number(process.env['MODEL_STORIES'] ?? 50);
const seed = Number(process.env['MODEL_SEED'] ?? Date.now() % 2 ** 31);

test('however steps interleave, are sent twice, come late or never, Redis holds what it must', async () => {
  process.stderr.write(`${stories} stories of MODEL_SEED=${seed}\n`);
  expect(await theatre.check({ stories, seed })).toBeUndefined();
}, 3_600_000);
