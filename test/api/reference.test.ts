import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { testApi } from '../support/api.ts';

const api = testApi({ keys: [{ name: 'alice', key: 'k'.repeat(32) }] });

test('serves the document to everybody', async () => {
  const answer = await api.call('GET', '/openapi.json');
  expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
  expect(answer.json).toMatchObject({ openapi: '3.1.1', info: { title: 'Fetchfleet' } });
  expect((await api.call('GET', '/openapi.json')).text).toBe(answer.text);
});

test.each(['/openapi.json', '/docs'])('compresses %s for who can undo it', async (path) => {
  const plain = await api.call('GET', path);
  const packed = await api.call('GET', path, { headers: { 'accept-encoding': 'gzip' } });
  expect(packed.headers).toMatchObject({ 'content-encoding': 'gzip', vary: expect.stringMatching('Accept-Encoding') });
  expect(Number(packed.headers['content-length'])).toBeLessThan(plain.text.length / 4);
});

test('serves the page, which may run its own script and load nothing', async () => {
  const answer = await api.call('GET', '/docs');
  expect([answer.status, answer.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
  expect(answer.text).toContain('<!doctype html>');
  const policy = String(answer.headers['content-security-policy']);
  expect(policy).toMatch(/^default-src 'none'; /);
  for (const tag of ['style', 'script']) {
    const [, inside = ''] = new RegExp(`<${tag}>([^]*?)</${tag}>`).exec(answer.text) ?? [];
    const hash = createHash('sha256').update(inside).digest('base64');
    expect(policy).toContain(`${tag}-src 'sha256-${hash}'`);
  }
});

test.each(['/openapi.json', '/docs'])('refuses at %s what it does not understand', async (path) => {
  expect((await api.call('GET', `${path}?v=2`)).json.code).toBe('query_invalid');
  expect((await api.call('GET', path, { headers: { accept: 'image/png' } })).json.code).toBe(
    'not_acceptable',
  );
  expect((await api.call('POST', path)).status).toBe(405);
  expect(await api.call('HEAD', path)).toMatchObject({ status: 200, text: '' });
});
