import { expect, test } from '@jest/globals';
import { loadHostsFile, parseHosts } from '../../../worker/guard/hosts-file.ts';

test('reads names in lower case, IPv4 first, without comments and nonsense', () => {
  const hosts = parseHosts('::1 Box box.local # mine\n# 1.2.3.4 not\n10.0.0.1\tbox\nnonsense name\n\n');
  expect([...hosts]).toEqual([
    ['box', ['10.0.0.1', '::1']],
    ['box.local', ['::1']],
  ]);
});

test('is empty where there is no hosts file', () => {
  expect(loadHostsFile('/nonexistent/hosts').size).toBe(0);
});
