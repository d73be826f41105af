// The chaos run end to end, as short as it gets: a little of every trouble at once.
import { expect, test } from '@jest/globals';
import { runNode } from '../support/run-process.ts';
import { sourceScript } from '../support/source-script.ts';

/** Fixed, so that what fails here fails again; its troubles come early in the work. `npm run chaos` draws a new one each time. */
const seed = 74;

const size = ['--seed', String(seed), '--count', '3000', '--times', '1', '--seconds', '1'];

const zeros = [
  'requests lost',
  'results doubled',
  'results invented',
  'requests that did not succeed',
  'counts wrong at the end',
  'polls with wrong counts',
];

const troubles = [
  'a worker was killed',
  'the API was killed',
  'Redis was killed',
  'Redis was cut off',
  'a reply of Redis was lost',
];

test(`nothing is lost and nothing doubled, whatever breaks (seed ${seed})`, async () => {
  const chaos = runNode([...sourceScript('chaos/main.ts'), 'everything', ...size]);
  const exit = await chaos.exit;
  const output = chaos.output();
  const made = troubles.filter((trouble) => output.includes(trouble));
  const held = zeros.filter((bound) => new RegExp(`holds +${bound} +0 +\\(at most 0\\)`).test(output));
  // All that it said stands in the report of a failure, its seed before all.
  expect({ exit, output, made, held }).toEqual({ exit: 0, output, made: troubles, held: zeros });
  expect(output).toMatch(new RegExp(`^Seed ${seed} `));
}, 180_000);

test('says what there is to run, and runs nothing it does not know', async () => {
  const chaos = runNode([...sourceScript('chaos/main.ts'), 'earthquake']);
  await expect(chaos.exit).resolves.toBe(1);
  expect(chaos.output()).toMatch(/no scenario named earthquake; there are worker-kills, .*everything/);
});
