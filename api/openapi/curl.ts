// One operation as a curl command that can be copied into a shell.
import type { OperationObject, ParameterObject } from './document.ts';

/** Where the service is in the commands. */
export const shownOrigin = 'http://127.0.0.1:8080';

export const toCurl = (
  method: string,
  path: string,
  { parameters = [], requestBody, responses }: OperationObject,
): string => {
  const shown = parameters.filter(({ example }) => example !== undefined);
  const [type, media] = Object.entries(requestBody?.content ?? {})[0] ?? [];
  const [example] = Object.values(media?.examples ?? {});
  const isEvents = responses['200']?.content?.['text/event-stream'] !== undefined;
  return [
    `curl -s${isEvents ? 'N' : ''}`,
    ...(method === 'get' || (method === 'post' && example !== undefined)
      ? []
      : [`-X ${method.toUpperCase()}`]),
    quote(`${shownOrigin}${fill(path, shown)}${toQuery(shown)}`),
    ...(type === undefined ? [] : [`-H ${quote(`content-type: ${type}`)}`]),
    ...(example === undefined ? [] : [`-d ${quote(JSON.stringify(example.value))}`]),
  ].join(' ');
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

/** For a POSIX shell. */
const quote = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;
