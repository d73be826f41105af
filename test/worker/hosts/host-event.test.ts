import { expect, test } from '@jest/globals';
import { parseHostEvent } from '../../../worker/hosts/host-event.ts';

test.each([
  ['freed http://a.test', { is: 'freed', host: 'http://a.test' }],
  ['wanted http://a.test#bat_1', { is: 'wanted', host: 'http://a.test#bat_1' }],
  ['limit http://a.test', { is: 'limit', host: 'http://a.test' }],
  ['blocked 3000 http://a.test', { is: 'blocked', ms: 3000, host: 'http://a.test' }],
  ['rules', { is: 'rules' }],
  ['blocked long http://a.test', undefined],
  ['of another version', undefined],
  ['', undefined],
])('reads "%s"', (text, event) => {
  expect(parseHostEvent(text)).toEqual(event);
});
