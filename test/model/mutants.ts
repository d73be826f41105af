// Scripts with a guard taken out: as a whole, or one part of its condition.
import { deadWorkers } from '../../shared/scripts/dead-workers.ts';
import { endBatch } from '../../shared/scripts/end-batch.ts';
import { idempotency } from '../../shared/scripts/idempotency.ts';
import { lineUp } from '../../shared/scripts/line-up.ts';
import { locatorFunctions } from '../../shared/scripts/locators.ts';
import { sealBatch } from '../../shared/scripts/seal-batch.ts';
import { defineScript } from '../../shared/script.ts';
import { conditions, refusals } from './guards.ts';
import { scripts } from './rules.ts';
import type { Mutants } from './stage.ts';

/** Lua functions that scripts share → the files they are in. */
const shared: readonly (readonly [file: string, lua: string])[] = [
  ['dead-workers', deadWorkers],
  ['end-batch', endBatch],
  ['idempotency', idempotency],
  ['line-up', lineUp],
  ['locators', locatorFunctions],
  ['seal-batch', sealBatch.replace(lineUp, '')],
];

export type Line = { readonly in: string; readonly line: string };

/** Every line of the scripts, once, and the file it is in. */
export const allLines = (): readonly Line[] => {
  const own = Object.entries(scripts).map(([name, { lua }]) => {
    const text = shared.reduce((left, [, part]) => left.replace(part, ''), lua);
    return [fileOf(name), text] as const;
  });
  return [...own, ...shared].flatMap(([file, lua]) =>
    lua.split('\n').map((line) => ({ in: file, line: line.trim() })),
  );
};

const fileOf = (script: string): string =>
  script.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const form = /^(?:if|elseif|while) |^return (?!.*\bor \{).* (?:and|or) /;

/** Whether a line has the form of one that decides. */
export const decides = ({ line }: Line): boolean => !line.startsWith('--') && form.test(line);

/** `nth` counts lines that read the same, from 0. */
export type Mutant = Line & { readonly nth: number; readonly without: string };

/** What stands in the place of each guard: the line without it, and, where it has several parts, without each of them. */
export const allMutants = (): readonly Mutant[] => [
  ...Object.entries(refusals).flatMap(([file, lines]) => mutantsOf(file, lines, 'false')),
  ...Object.entries(conditions).flatMap(([file, lines]) => mutantsOf(file, lines, 'true')),
];

const mutantsOf = (file: string, lines: readonly string[], constant: 'true' | 'false'): Mutant[] =>
  lines.flatMap((line, at) => {
    const nth = lines.slice(0, at).filter((other) => other === line).length;
    return withoutGuard(line, constant).map((without) => ({ in: file, line, nth, without }));
  });

const withoutGuard = (line: string, constant: string): string[] => {
  const [head = '', condition = '', tail = ''] =
    /^(if |return )(.*?)( then\b.*|)$/.exec(line)?.slice(1) ?? [];
  const joint = split(condition, ' or ').length > 1 ? ' or ' : ' and ';
  const operands = split(condition, joint);
  const parts = operands.length === 1 ? [] : operands.map((_, i) => operands.toSpliced(i, 1).join(joint));
  return [constant, ...parts].map((left) => head + left + tail);
};

/** At the joints that stand in no brackets. */
const split = (condition: string, joint: string): string[] =>
  condition.split(joint).reduce<string[]>((operands, piece) => {
    const last = operands.at(-1);
    const isOpen = last !== undefined && last.split('(').length > last.split(')').length;
    return isOpen ? [...operands.slice(0, -1), last + joint + piece] : [...operands, piece];
  }, []);

/** The scripts that have the line, in which it is replaced. */
export const scriptsWith = (mutant: Mutant): Mutants => {
  const changed = new Map<string, { lua: string; sha1: string }>();
  const isShared = shared.some(([file]) => file === mutant.in);
  for (const [name, script] of Object.entries(scripts)) {
    if (!isShared && fileOf(name) !== mutant.in) continue;
    const lines = script.lua.split('\n');
    const places = lines.flatMap((line, at) => (line.trim() === mutant.line ? [at] : []));
    const at = places[mutant.nth];
    if (at === undefined) continue;
    changed.set(script.sha1, defineScript(lines.with(at, mutant.without).join('\n')));
  }
  return changed;
};
