// Scripts with a guard taken out: as a whole, or one part of its condition.
import { appending } from '../../shared/scripts/appending.ts';
import { backInLine } from '../../shared/scripts/back-in-line.ts';
import { deadWorkers } from '../../shared/scripts/dead-workers.ts';
import { endBatch } from '../../shared/scripts/end-batch.ts';
import { giveTurn } from '../../shared/scripts/give-turn.ts';
import { idempotency } from '../../shared/scripts/idempotency.ts';
import { keepPace } from '../../shared/scripts/keep-pace.ts';
import { lineUp } from '../../shared/scripts/line-up.ts';
import { locatorFunctions } from '../../shared/scripts/locators.ts';
import { sealBatch } from '../../shared/scripts/seal-batch.ts';
import { tellWebhook } from '../../shared/scripts/tell-webhook.ts';
import { defineScript } from '../../shared/script.ts';
import { scripts } from './rules.ts';
import type { Mutants } from './stage.ts';

/** Lua functions that scripts share → the files they are in. */
const shared: readonly (readonly [file: string, lua: string])[] = [
  ['appending', appending],
  ['back-in-line', backInLine],
  ['dead-workers', deadWorkers],
  ['tell-webhook', tellWebhook],
  ['end-batch', endBatch.replace(tellWebhook, '')],
  ['give-turn', giveTurn],
  ['idempotency', idempotency],
  ['keep-pace', keepPace],
  ['line-up', lineUp],
  ['locators', locatorFunctions],
  ['seal-batch', sealBatch.replace(lineUp, '').replace(giveTurn, '')],
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

const condition = /^((?:else)?if |while |return |local \w+ = (?!\{))(.*?)( then\b.*|)$/;
/** What gives a default, or makes a list where there is none, decides nothing. */
const joins = / (?:and|or) (?!'|\{)/;

/** Whether a line has the form of one that decides. */
const decides = ({ line }: Line): boolean =>
  /^(?:else)?if |^while /.test(line) || (condition.test(line) && joins.test(line));

/** `nth` counts lines of a script that read the same, from 0. */
export type Mutant = Line & { readonly nth: number; readonly without: string };

/** What stands in the place of every line that decides: one that always decides the same, and, of several conditions, all but one. */
export const allMutants = (): readonly Mutant[] => {
  const lines = allLines().filter(decides);
  return lines.flatMap(({ in: file, line }, at) => {
    const nth = lines.slice(0, at).filter((other) => other.in === file && other.line === line).length;
    return withoutGuard(line).map((without) => ({ in: file, line, nth, without }));
  });
};

const withoutGuard = (line: string): string[] => {
  const [head = '', decision = '', tail = ''] = condition.exec(line)?.slice(1) ?? [];
  const constants = tail.startsWith(' then return ') ? ['false'] : ['false', 'true'];
  const joint = split(decision, ' or ').length > 1 ? ' or ' : ' and ';
  const operands = split(decision, joint);
  const parts = operands.length === 1 ? [] : operands.map((_, i) => operands.toSpliced(i, 1).join(joint));
  return [...constants, ...parts].map((left) => head + left + tail);
};

/** At the joints that stand in no brackets. */
const split = (decision: string, joint: string): string[] =>
  decision.split(joint).reduce<string[]>((operands, piece) => {
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
