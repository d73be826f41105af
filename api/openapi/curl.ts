// Operations as curl commands that can be copied into a shell.
import type { OperationObject, ParameterObject } from './document.ts';

/** Where the service is in the commands. */
export const shownOrigin = 'http://127.0.0.1:8080';

/** A body that an operation shows, and of which type. */
export type ShownBody = { readonly summary: string; readonly type: string; readonly value: unknown };

/** Every body that an operation shows. */
export const bodiesOf = ({ requestBody }: OperationObject): ShownBody[] =>
  Object.entries(requestBody?.content ?? {}).flatMap(([type, { examples = {} }]) =>
    Object.values(examples).map(({ summary, value }) => ({ summary, type, value })),
  );

export const toCurl = (
  method: string,
  path: string,
  { operation, body }: { readonly operation: OperationObject; readonly body: ShownBody | undefined },
): string => {
  const { parameters = [], responses } = operation;
  const shown = parameters.filter(({ example }) => example !== undefined);
  const isEvents = responses['200']?.content?.['text/event-stream'] !== undefined;
  const isPlain = method === 'get' || (method === 'post' && body !== undefined);
  const url = quote(`${shownOrigin}${fill(path, shown)}${toQuery(shown)}`);
  return [
    `curl -s${isEvents ? 'N' : ''}${isPlain ? '' : ` -X ${method.toUpperCase()}`} ${url}`,
    ...(body === undefined ? [] : [`-H ${quote(`content-type: ${body.type}`)}`, `-d ${quote(write(body))}`]),
  ].join(' \\\n  ');
};

const fill = (path: string, parameters: readonly ParameterObject[]): string =>
  path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const example = parameters.find((each) => each.in === 'path' && each.name === name)?.example;
    return encodeURIComponent(example ?? '');
  });

const toQuery = (parameters: readonly ParameterObject[]): string => {
  const query = new URLSearchParams();
  for (const { in: place, name, example } of parameters)
    if (place === 'query') query.append(name, String(example));
  return query.size === 0 ? '' : `?${query.toString()}`;
};

const longestLine = 100;

const write = ({ value }: ShownBody): string => {
  if (typeof value === 'string') return value;
  const line = JSON.stringify(value);
  return line.length <= longestLine ? line : JSON.stringify(value, undefined, 2);
};

/** For a POSIX shell. */
const quote = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;
