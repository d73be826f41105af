import { expect, test } from '@jest/globals';
import { createDocument } from '../../../api/openapi/document.ts';
import { renderPage } from '../../../api/openapi/page.ts';

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

test('loads nothing', () => {
  expect(page).not.toMatch(/ src=|<link|@import|url\(/);
});

test('shows what it is told as text', () => {
  const evil = '<script>alert(1)</script>';
  const told = renderPage({ ...document, info: { ...document.info, description: evil, title: evil } });
  expect(told).not.toContain(evil);
});
