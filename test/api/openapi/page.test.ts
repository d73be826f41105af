import { expect, test } from '@jest/globals';
import { createDocument } from '../../../api/openapi/document.ts';
import { bodiesOf } from '../../../api/openapi/curl.ts';
import { toPhrase } from '../../../api/openapi/html.ts';
import { renderPage } from '../../../api/openapi/page.ts';
import { problemAdvice } from '../../../api/openapi/problem-advice.ts';
import { problemCodes } from '../../../api/problem.ts';

const document = createDocument();
const page = renderPage(document);
const ids = new Set([...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));

test('shows every operation and every schema', () => {
  for (const methods of Object.values(document.paths)) {
    for (const { operationId, summary } of Object.values(methods)) {
      expect(ids).toContain(operationId);
      expect(page).toContain(summary);
    }
  }
  for (const name of Object.keys(document.components.schemas)) expect(ids).toContain(`schema-${name}`);
});

test('links to what is on it, and to the document', () => {
  const links = [...page.matchAll(/ href="([^"]+)"/g)].map(([, link = '']) => link);
  expect(links.filter((link) => !(link.startsWith('#') && ids.has(link.slice(1))))).toEqual([
    '/openapi.json',
  ]);
});

test('has a command for every body of every operation', () => {
  const bodies = Object.values(document.paths)
    .flatMap((methods) => Object.values(methods))
    .map((operation) => Math.max(1, bodiesOf(operation).length));
  const commands = page.match(/<pre>curl /g) ?? [];
  expect(commands).toHaveLength(bodies.reduce((sum, count) => sum + count, 0));
});

test('links every problem of an operation to what is to be done about it', () => {
  for (const code of problemCodes) {
    const [, row = ''] = new RegExp(`<tr id="problem-${code}">(.*?)(?=<tr|</tbody)`).exec(page) ?? [];
    expect(row).toContain(toPhrase(problemAdvice[code]));
  }
  const [, of = ''] = /<section [^>]*id="pauseBatch">(.*?)<\/section>/s.exec(page) ?? [];
  for (const code of ['batch_not_found', 'batch_ended', 'storage_full', 'unauthorized'])
    expect(of).toContain(`href="#problem-${code}"`);
});

test('is small', () => {
  expect(Buffer.byteLength(page)).toBeLessThan(200_000);
});

test('loads nothing', () => {
  expect(page).not.toMatch(/ src=|<link|@import|url\(/);
});

test('shows what it is told as text', () => {
  const evil = '<script>alert(1)</script>';
  const told = renderPage({ ...document, info: { ...document.info, description: evil, title: evil } });
  expect(told).not.toContain(evil);
});
