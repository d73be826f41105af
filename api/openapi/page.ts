// The reference page: the document as HTML that stands alone, with nothing to load.
import { createHash } from 'node:crypto';
import { problemStatuses } from '../problem.ts';
import { shownOrigin } from './curl.ts';
import type { OpenApi } from './document.ts';
import { escapeHtml, toPhrase, toProse } from './html.ts';
import { entriesOf, renderCode, renderOperation } from './page-operation.ts';
import { script, style } from './page-style.ts';
import { problemAdvice } from './problem-advice.ts';
import { tableOf } from './schema-view.ts';

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** Lets the page's own style and script run, and nothing else. */
export const pagePolicy = [
  "default-src 'none'",
  `style-src ${hashOf(style)}`,
  `script-src ${hashOf(script)}`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export const renderPage = (document: OpenApi): string => {
  const name = escapeHtml(document.info.title);
  return [
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
    `<meta name="color-scheme" content="light dark"><title>${name} API</title><style>${style}</style>`,
    `<nav aria-label="Contents"><a class="name" href="#top">${name}</a>${renderContents(document)}</nav>`,
    `<main id="top">${renderIntroduction(document)}`,
    ...document.tags.map((tag) => renderTag(document, tag)),
    `<h2 id="problems">Problem codes</h2>${renderProblems()}`,
    `<h2 id="headers">Header fields of answers</h2>${renderHeaders(document)}`,
    `<h2 id="schemas">Schemas</h2>${renderSchemas(document)}</main><script>${script}</script></html>\n`,
  ].join('\n');
};

const renderIntroduction = ({ info: { title, version, description } }: OpenApi): string =>
  [
    `<header><h1>${escapeHtml(title)} API <small>${escapeHtml(version)}</small></h1>${toProse(description)}`,
    "<p>Where the service has API keys, add <code>-H 'authorization: Bearer &lt;key&gt;'</code> to every call under <code>/v1</code>.</p>",
    '<p>The same for machines is <a href="/openapi.json">openapi.json</a>; it makes typed clients, such as one for TypeScript:</p>',
    `${renderCode(`npx openapi-typescript ${shownOrigin}/openapi.json -o fetchfleet.d.ts`)}</header>`,
  ].join('');

const renderContents = (document: OpenApi): string => {
  const groups = document.tags.map(({ name }) => {
    const links = entriesOf(document, name).map(
      ({ method, path, operation: { operationId, summary } }) =>
        `<li><a href="#${operationId}" title="${method.toUpperCase()} ${escapeHtml(path)}"><b class="${method}">${method}</b> ${toPhrase(summary)}</a>`,
    );
    return `<h2><a href="#tag-${name}">${name}</a></h2><ul>${links.join('')}</ul>`;
  });
  const rest = ['problems', 'headers', 'schemas'].map((id) => `<h2><a href="#${id}">${id}</a></h2>`);
  return [...groups, ...rest].join('');
};

const renderTag = (document: OpenApi, { name, description }: OpenApi['tags'][number]): string =>
  `<h2 id="tag-${name}">${name}</h2>${toProse(description)}${entriesOf(document, name).map(renderOperation).join('\n')}`;

const renderProblems = (): string => {
  const rows = Object.entries(problemStatuses).map(([code, status]) => {
    const advice = problemAdvice[code as keyof typeof problemStatuses];
    return `<tr id="problem-${code}"><td>${status}<td><code>${code}</code><td>${toPhrase(advice)}`;
  });
  return `<table><thead><tr><th>status<th>code<th>what to do</thead><tbody>${rows.join('')}</tbody></table>`;
};

const renderHeaders = ({ components }: OpenApi): string => {
  const rows = Object.entries(components.headers).map(
    ([name, { description }]) =>
      `<tr id="header-${name}"><td><code>${name}</code><td>${toPhrase(description)}`,
  );
  return `<table><tbody>${rows.join('')}</tbody></table>`;
};

const renderSchemas = ({ components }: OpenApi): string =>
  Object.entries(components.schemas)
    .map(([name, schema]) => {
      const about = typeof schema['description'] === 'string' ? toProse(schema['description']) : '';
      return `<section class="schema" id="schema-${name}"><h3>${name}</h3>${about}${tableOf(schema)}</section>`;
    })
    .join('\n');
