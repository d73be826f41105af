// The routes that describe the API: for machines, and as a page to read.
import { Router, type RequestHandler } from 'express';
import { sendCompressed } from './delivery/compression.ts';
import { negotiate } from './negotiation.ts';
import { createDocument } from './openapi/document.ts';
import { pagePolicy, renderPage } from './openapi/page.ts';
import { readQuery } from './query.ts';
import { serve } from './routes.ts';

export const createReferenceRoutes = (): Router => {
  const router = Router({ caseSensitive: true });
  // Made when it is first asked for: most processes never are.
  const made: { document?: string; page?: string } = {};
  serve(router, '/openapi.json', {
    get: sendDocument(() => (made.document ??= JSON.stringify(createDocument()))),
  });
  serve(router, '/docs', { get: sendPage(() => (made.page ??= renderPage(createDocument()))) });
  return router;
};

const sendDocument =
  (toText: () => string): RequestHandler =>
  async (request, response) => {
    negotiate(request, response, ['application/json']);
    readQuery(request, {});
    await sendCompressed(response, toText());
  };

const sendPage =
  (toHtml: () => string): RequestHandler =>
  async (request, response) => {
    negotiate(request, response, ['text/html']);
    readQuery(request, {});
    response.set({ 'Content-Security-Policy': pagePolicy, 'Referrer-Policy': 'no-referrer' });
    await sendCompressed(response, toHtml(), 'text/html');
  };
