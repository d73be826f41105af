import { expect, test } from '@jest/globals';
import { runNode } from '../support/run-process.ts';
import { sourceScript } from '../support/source-script.ts';

test('names every variable that is wrong, and exits 1', async () => {
  const up = runNode(sourceScript('cli/up.ts'), {
    env: { FETCHFLEET_PORT: 'eighty', FETCHFLEET_PROT: '80' },
  });
  expect(await up.exit).toBe(1);
  expect(up.output()).toBe(
    [
      'the configuration is not valid:',
      '  FETCHFLEET_PROT is not a variable of Fetchfleet',
      '  FETCHFLEET_PORT must be a whole number',
      '',
    ].join('\n'),
  );
});
