import { expect, test } from '@jest/globals';
import { testApi, type Answer, type TestApi } from '../support/api.ts';

const app = 'https://app.example.com';
const closed = testApi();
const open = testApi({ corsOrigins: ['*'] });
const some = testApi({
  corsOrigins: [app, 'http://localhost:3000'],
  keys: [{ name: 'alice', key: 'k'.repeat(32) }],
});

const from = (api: TestApi, origin: string, more: Record<string, string> = {}): Promise<Answer> =>
  api.call('GET', '/v1/batches', { headers: { origin, ...more } });

const preflight = (api: TestApi, origin: string, method = 'POST'): Promise<Answer> =>
  api.call('OPTIONS', '/v1/batches', { headers: { origin, 'access-control-request-method': method } });

const corsHeaders = ({ headers }: Answer): string[] =>
  Object.keys(headers).filter((name) => name.startsWith('access-control-'));

test('says nothing to pages of other origins where nobody asked for it', async () => {
  expect(corsHeaders(await from(closed, app))).toEqual([]);
  expect(corsHeaders(await preflight(closed, app))).toEqual([]);
  expect((await from(closed, app)).headers).not.toHaveProperty('vary');
});

test('lets pages of the named origins read its answers, errors and what stands in the head too', async () => {
  const answer = await from(some, app);
  expect(answer.status).toBe(401);
  expect(answer.headers).toMatchObject({ 'access-control-allow-origin': app, vary: 'Origin' });
  const exposed = String(answer.headers['access-control-expose-headers']).split(', ');
  expect(exposed).toEqual(expect.arrayContaining(['ETag', 'Location', 'RateLimit', 'X-Request-Id']));
  expect((await some.call('GET', '/livez', { headers: { origin: app } })).headers).toHaveProperty(
    'access-control-allow-origin',
    app,
  );
});

test.each(['https://evil.example', `${app}.evil.example`, `${app}:8443`, 'null', 'HTTPS://APP.EXAMPLE.COM'])(
  'lets no page of %s read them, and says that this depends on the origin',
  async (origin) => {
    for (const answer of [await from(some, origin), await preflight(some, origin)]) {
      expect(corsHeaders(answer)).toEqual([]);
      expect(answer.headers['vary']).toBe('Origin');
    }
  },
);

test('lets pages of any origin read them for *', async () => {
  const answer = await from(open, 'https://anybody.example');
  expect(answer.headers['access-control-allow-origin']).toBe('*');
  expect(answer.headers).not.toHaveProperty('access-control-allow-credentials');
});

test('answers a preflight before it asks for a key, with all methods and fields that there are', async () => {
  const answer = await preflight(some, app, 'PUT');
  expect([answer.status, answer.text]).toEqual([204, '']);
  expect(answer.headers['access-control-allow-origin']).toBe(app);
  expect(String(answer.headers['access-control-allow-methods']).split(', ')).toEqual(
    expect.arrayContaining(['GET', 'POST', 'PUT', 'DELETE']),
  );
  const fields = String(answer.headers['access-control-allow-headers']).split(', ');
  expect(fields).toEqual(expect.arrayContaining(['Authorization', 'Content-Type', 'Idempotency-Key']));
});

test('an OPTIONS that is no preflight is answered as ever', async () => {
  const answer = await open.call('OPTIONS', '/v1/batches', { headers: { origin: app } });
  expect([answer.status, answer.headers['allow']]).toEqual([204, 'GET, POST, HEAD, OPTIONS']);
});
