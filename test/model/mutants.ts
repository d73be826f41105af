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

const form = /^(?:if|elseif|while) |^return .* (?:and|or) | and .* or /;

/** Whether a line has the form of one that decides. */
export const decides = ({ line }: Line): boolean => !line.startsWith('--') && form.test(line);

export type Mutant = Line & { readonly without: string };

/** What stands in the place of each guard: the line without it, and, where it has several parts, without each of them. */
export const allMutants = (): readonly Mutant[] => [
  ...Object.entries(refusals).flatMap(([file, lines]) =>
    lines.flatMap((line) => without(file, line, 'false')),
  ),
  ...Object.entries(conditions).flatMap(([file, lines]) =>
    lines.flatMap((line) => without(file, line, 'true')),
  ),
];

const without = (file: string, line: string, constant: 'true' | 'false'): Mutant[] => {
  const [head = '', condition = '', tail = ''] =
    /^(if |return )(.*?)( then\b.*|)$/.exec(line)?.slice(1) ?? [];
  const joint = condition.includes(' or ') && !/ or '/.test(condition) ? ' or ' : ' and ';
  const operands = condition.split(joint);
  const parts = operands.length === 1 ? [] : operands.map((_, i) => operands.toSpliced(i, 1).join(joint));
  return [constant, ...parts].map((left) => ({ in: file, line, without: head + left + tail }));
};

/** The scripts that have the line, in which it is replaced. */
export const scriptsWith = (mutant: Mutant): Mutants => {
  const changed = new Map<string, { lua: string; sha1: string }>();
  const isShared = shared.some(([file]) => file === mutant.in);
  for (const [name, script] of Object.entries(scripts)) {
    if (!isShared && fileOf(name) !== mutant.in) continue;
    const lines = script.lua.split('\n');
    const at = lines.findIndex((line) => line.trim() === mutant.line);
    if (at < 0) continue;
    changed.set(script.sha1, defineScript(lines.with(at, mutant.without).join('\n')));
  }
  return changed;
};
