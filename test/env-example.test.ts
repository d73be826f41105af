// .env.example says of every variable what the schema says. On a failure, the expected text is the file to write.
import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { expect, test } from '@jest/globals';
import { loadConfig } from '../shared/config.ts';
import { documentedVariables } from './support/variables.ts';

const text = readFileSync('.env.example', 'utf8');

test('lists every variable with its meaning and default, in the order of the schema', () => {
  const entries = documentedVariables.map((each) => `# ${each.about}\n#${each.name}=${each.default}`);
  expect(text.split('\n\n').slice(1).join('\n\n')).toBe(`${entries.join('\n\n')}\n`);
});

test('sets nothing as it stands', () => {
  expect(parseEnv(text)).toEqual({});
});

test('means the defaults when every line is uncommented', () => {
  const uncommented = parseEnv(text.replaceAll(/^#(?=[A-Z])/gm, ''));
  expect(Object.keys(uncommented)).toHaveLength(documentedVariables.length);
  expect(loadConfig(uncommented)).toEqual(loadConfig({}));
});
