// Reads the Dockerfile's instructions, for the tests that assert them and the one that performs its copies.
import { readFileSync } from 'node:fs';

export type Instruction = { readonly name: string; readonly value: string };

/** A stage: its base, its name where it has one, and the instructions after FROM. */
export type Stage = {
  readonly base: string;
  readonly name: string | undefined;
  readonly instructions: readonly Instruction[];
};

export const readStages = (path = 'Dockerfile'): readonly Stage[] => {
  const lines = readFileSync(path, 'utf8').replaceAll('\\\n', ' ').split('\n');
  const instructions = lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({ name: line.split(' ', 1)[0] ?? '', value: line.replace(/^\S+\s+/, '') }));
  const starts = instructions.flatMap(({ name }, at) => (name === 'FROM' ? [at] : []));
  return starts.map((start, number) => toStage(instructions.slice(start, starts[number + 1])));
};

const toStage = ([from, ...instructions]: readonly Instruction[]): Stage => {
  const [base = '', , name] = from?.value.split(' ') ?? [];
  return { base, name, instructions };
};

/** What a stage copies from the build context: paths in the repository. */
export const copiedSources = (stages: readonly Stage[]): readonly string[] =>
  stages
    .flatMap((stage) => stage.instructions)
    .filter(({ name, value }) => name === 'COPY' && !value.startsWith('--from='))
    .flatMap(({ value }) => value.split(' ').slice(0, -1));
