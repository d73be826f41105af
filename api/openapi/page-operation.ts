// One operation on the reference page: what it does and takes on one side, commands and answers on the other.
import { bodiesOf, toCurl } from './curl.ts';
import type { Content, OpenApi, OperationObject, ParameterObject, ResponseObject } from './document.ts';
import { escapeHtml, toPhrase, toProse } from './html.ts';
import { describeType } from './schema-view.ts';

export type Entry = { readonly method: string; readonly path: string; readonly operation: OperationObject };

/** The operations under a tag. */
export const entriesOf = (document: OpenApi, tag: string): Entry[] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, operation]) => operation.tags.includes(tag))
      .map(([method, operation]) => ({ method, path, operation })),
  );

export const renderOperation = ({ method, path, operation }: Entry): string => {
  const { operationId, summary, description, parameters, requestBody, responses } = operation;
  return [
    `<section class="operation" id="${operationId}"><div><h3><a href="#${operationId}">${toPhrase(summary)}</a></h3>`,
    `<p class="path"><b class="${method}">${method}</b> <code>${escapeHtml(path)}</code></p>`,
    description === undefined ? '' : toProse(description),
    parameters === undefined ? '' : renderParameters(parameters),
    requestBody === undefined ? '' : renderBody(requestBody),
    `<h4>Answers</h4><dl>${Object.entries(responses).filter(isSuccess).map(renderSuccess).join('')}</dl>`,
    `<h4>Problems</h4><p class="problems">${Object.entries(responses).map(renderProblem).join('')}</p></div>`,
    `<aside>${renderCommands({ method, path, operation })}${renderAnswers(responses)}</aside></section>`,
  ].join('');
};

/** A command with each body that it may have; the first is shown, the others can be opened. */
const renderCommands = ({ method, path, operation }: Entry): string => {
  const [first, ...others] = bodiesOf(operation);
  const command = (body: typeof first): string => renderCode(toCurl(method, path, { operation, body }));
  const more = others.map((body) => fold(`${body.summary}${hintOf(body.type)}`, command(body)));
  return [command(first), ...more].join('');
};

const hintOf = (type: string): string => (type === 'application/json' ? '' : `: \`${type}\``);

/** What a success looks like, by status and type. */
const renderAnswers = (responses: OperationObject['responses']): string =>
  Object.entries(responses)
    .flatMap(([status, { content = {} }]) =>
      Object.entries(content).map(([type, { example }]) =>
        example === undefined ? '' : fold(`${status} \`${type}\``, renderCode(toText(example))),
      ),
    )
    .join('');

const toText = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value, undefined, 2);

const fold = (summary: string, inside: string): string =>
  `<details><summary>${toPhrase(summary)}</summary>${inside}</details>`;

const renderBody = ({
  required,
  description,
  content,
}: NonNullable<OperationObject['requestBody']>): string =>
  `<h4>Body${required ? '' : ' <small>optional</small>'}</h4>${toProse(description)}${renderTypes(content)}`;

const renderParameters = (parameters: readonly ParameterObject[]): string => {
  const rows = parameters.map(
    ({ name, in: place, schema, content, description }) =>
      `<tr><td><code>${escapeHtml(name)}</code> <small>${place}</small><td>${describeType(schema ?? content?.['application/json']?.schema ?? {})}<p>${toPhrase(description)}</p>`,
  );
  return `<h4>Parameters</h4><table><tbody>${rows.join('')}</tbody></table>`;
};

type Answered = [string, ResponseObject];

const isSuccess = ([status]: Answered): boolean => Number(status) < 400;

const renderSuccess = ([status, { description, headers = {}, content = {} }]: Answered): string => {
  const names = Object.keys(headers).map((name) => `<a href="#header-${name}"><code>${name}</code></a>`);
  const fields = names.length === 0 ? '' : `<p>With ${names.join(' ')}</p>`;
  return `<dt>${status}<dd>${toProse(description)}${renderTypes(content)}${fields}`;
};

/** The codes of a refusal, each with the way to what is to be done about it. */
const renderProblem = ([status, { content }]: Answered): string => {
  const schema = content?.['application/problem+json']?.schema;
  const codes = [...JSON.stringify(schema ?? {}).matchAll(/"enum":\[([^\]]+)\]/g)].flatMap(([, list = '']) =>
    list.replaceAll('"', '').split(','),
  );
  if (codes.length === 0) return '';
  return `<span><b>${status}</b> ${codes.map((code) => `<a href="#problem-${code}">${code}</a>`).join(' ')}</span> `;
};

const renderTypes = (content: Content): string =>
  Object.entries(content)
    .map(([type, { schema }]) => {
      const about = typeof schema['description'] === 'string' ? ` ${toPhrase(schema['description'])}` : '';
      return `<p><code>${escapeHtml(type)}</code> ${describeType(schema)}${about && `.${about}`}</p>`;
    })
    .join('');

export const renderCode = (text: string): string => `<div class="code"><pre>${escapeHtml(text)}</pre></div>`;
