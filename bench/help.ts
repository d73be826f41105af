// What `--help` prints, of the benchmark and of chaos. Pure.

type Known = { readonly name: string; readonly about: string };

/** `groups`: by their names; the first runs where nothing is named. */
export const formatHelp = (
  command: string,
  flags: readonly string[],
  groups: Readonly<Record<string, readonly Known[]>>,
): string => {
  const all = Object.values(groups).flat();
  const width = Math.max(...all.map(({ name }) => name.length));
  const [first = ''] = Object.keys(groups);
  const list = Object.entries(groups).flatMap(([group, members]) => [
    '',
    `${group}:`,
    ...members.map(({ name, about }) => `  ${name.padEnd(width)}  ${about}`),
  ]);
  return [
    `${command} -- [names of scenarios or groups] ${flags.map((flag) => `[${flag}]`).join(' ')}`,
    `Runs ${first} where nothing is named.`,
    ...list,
  ].join('\n');
};
