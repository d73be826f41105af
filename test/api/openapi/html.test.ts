import { expect, test } from '@jest/globals';
import { escapeHtml, toPhrase, toProse } from '../../../api/openapi/html.ts';

test('leaves nothing that a browser would take for markup', () => {
  expect(escapeHtml(`<a href="x" id='y'>&</a>`)).not.toMatch(/[<>"']|&(?!#\d+;)/);
});

test('makes code and paragraphs', () => {
  expect(toPhrase('say `<b>` or not')).toBe('say <code>&#60;b&#62;</code> or not');
  expect(toProse('one\n\ntwo')).toBe('<p>one</p><p>two</p>');
});
