// The reference page: the document as HTML that stands alone, with nothing to load.
import { createHash } from 'node:crypto';
import { toCurl } from './curl.ts';
import type { Content, OpenApi, OperationObject, ParameterObject, ResponseObject } from './document.ts';
import { escapeHtml, toPhrase, toProse } from './html.ts';
import { describeType, tableOf } from './schema-view.ts';
import { script, style } from './page-style.ts';

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
  const { title, version, description } = document.info;
  const name = escapeHtml(title);
  return [
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
    `<title>${name} API</title><style>${style}</style><nav>${renderContents(document)}</nav>`,
    `<main><h1>${name} API ${escapeHtml(version)}</h1>${toProse(description)}`,
    "<p>Where the service has API keys, add <code>-H 'authorization: Bearer &lt;key&gt;'</code> to every call.",
    ' The same for machines: <a href="/openapi.json">openapi.json</a>.</p>',
    ...document.tags.map((tag) => renderTag(document, tag)),
    `<h2 id="schemas">Schemas</h2>${renderSchemas(document)}<h2 id="headers">Header fields</h2>${renderHeaders(document)}</main><script>${script}</script></html>\n`,
  ].join('');
};

type Entry = { readonly method: string; readonly path: string; readonly operation: OperationObject };

const entriesOf = (document: OpenApi, tag: string): Entry[] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, operation]) => operation.tags.includes(tag))
      .map(([method, operation]) => ({ method, path, operation })),
  );

const renderContents = (document: OpenApi): string =>
  document.tags
    .map(({ name }) => {
      const links = entriesOf(document, name).map(
        ({ method, path, operation: { operationId, summary } }) =>
          `<li><a href="#${operationId}" title="${escapeHtml(summary)}"><b>${method}</b> ${escapeHtml(path)}</a>`,
      );
      return `<h2><a href="#tag-${name}">${name}</a></h2><ul>${links.join('')}</ul>`;
    })
    .join('') + '<h2><a href="#schemas">schemas</a></h2>';

const renderTag = (document: OpenApi, { name, description }: OpenApi['tags'][number]): string =>
  `<h2 id="tag-${name}">${name}</h2>${toProse(description)}${entriesOf(document, name).map(renderOperation).join('')}`;

const renderOperation = ({ method, path, operation }: Entry): string => {
  const { operationId, summary, description, parameters, requestBody, responses } = operation;
  return [
    `<section id="${operationId}"><h3><b>${method}</b> ${escapeHtml(path)}</h3>`,
    `<p><strong>${toPhrase(summary)}</strong></p>`,
    description === undefined ? '' : toProse(description),
    renderCode(toCurl(method, path, operation)),
    parameters === undefined ? '' : renderParameters(parameters),
    requestBody === undefined ? '' : renderBody(requestBody),
    `<h4>Answers</h4><dl>${Object.entries(responses).map(renderResponse).join('')}</dl></section>`,
  ].join('');
};

const renderBody = ({
  required,
  description,
  content,
}: NonNullable<OperationObject['requestBody']>): string =>
  `<h4>Body${required ? '' : ' (optional)'}</h4>${toProse(description)}${renderContent(content)}`;

const renderParameters = (parameters: readonly ParameterObject[]): string => {
  const rows = parameters.map(
    ({ name, in: place, schema, content, description }) =>
      `<tr><td><code>${escapeHtml(name)}</code> <small>${place}</small><td>${describeType(schema ?? content?.['application/json']?.schema ?? {})}<td>${toPhrase(description)}`,
  );
  return `<h4>Parameters</h4><table><thead><tr><th>name<th>type<th></thead><tbody>${rows.join('')}</tbody></table>`;
};

const renderResponse = ([status, { description, headers = {}, content }]: [
  string,
  ResponseObject,
]): string => {
  const fields = Object.keys(headers).map(
    (name) => `<p><a href="#header-${name}"><code>${name}</code></a></p>`,
  );
  const isProblem = Number(status) >= 400;
  const bodies = content === undefined || isProblem ? '' : renderContent(content);
  return `<dt>${status}<dd>${toProse(description)}${fields.join('')}${bodies}`;
};

const renderContent = (content: Content): string =>
  Object.entries(content)
    .map(([type, { schema, example, examples = {} }]) => {
      const named = Object.values(examples).map(({ summary, value }) => renderExample(summary, value));
      const alone = example === undefined ? [] : [renderExample('Example', example)];
      return `<p><code>${escapeHtml(type)}</code>: ${describeType(schema)}</p>${[...named, ...alone].join('')}`;
    })
    .join('');

const renderExample = (summary: string, value: unknown): string => {
  const text = typeof value === 'string' ? value : JSON.stringify(value, undefined, 2);
  return `<details><summary>${toPhrase(summary)}</summary>${renderCode(text)}</details>`;
};

const renderSchemas = ({ components }: OpenApi): string =>
  Object.entries(components.schemas)
    .map(([name, schema]) => {
      const about = typeof schema['description'] === 'string' ? toProse(schema['description']) : '';
      return `<section id="schema-${name}"><h3>${name}</h3>${about}${tableOf(schema)}</section>`;
    })
    .join('');

const renderHeaders = ({ components }: OpenApi): string =>
  Object.entries(components.headers)
    .map(
      ([name, header]) => `<p id="header-${name}"><code>${name}</code> ${toPhrase(header.description)}</p>`,
    )
    .join('');

const renderCode = (text: string): string =>
  `<div class="code"><pre>${escapeHtml(text)}</pre><button type="button">copy</button></div>`;
