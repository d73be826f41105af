import { expect, test } from '@jest/globals';
import { formatHelp } from '../../bench/help.ts';

test('lists every scenario under its group, with what it is about', () => {
  const groups = {
    everyday: [
      { name: 'story-1', about: 'a hundred' },
      { name: 'poll', about: 'what a look costs' },
    ],
    check: [{ name: 'gate', about: 'in CI' }],
  };
  expect(formatHelp('npm run bench', ['--rounds N', '--count N'], groups)).toBe(
    [
      'npm run bench -- [names of scenarios or groups] [--rounds N] [--count N]',
      'Runs everyday where nothing is named.',
      '',
      'everyday:',
      '  story-1  a hundred',
      '  poll     what a look costs',
      '',
      'check:',
      '  gate     in CI',
    ].join('\n'),
  );
});
