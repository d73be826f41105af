// How many results of a batch have which status and which failure: fields of its record, moved with its counts.
import { isFailureCode, type FailureCode } from './failure.ts';
import type { StoredResult } from './result.ts';

export type Tallies = {
  /** Results by the status of their last response. */
  readonly statuses: ReadonlyMap<number, number>;
  /** Failed results by their code. */
  readonly failures: ReadonlyMap<FailureCode, number>;
};

const prefix = 't:';

/** The fields that a result counts in. */
export const tallyFieldsOf = ({ status, failure }: StoredResult): readonly string[] => [
  ...(status === undefined ? [] : [`${prefix}${status}`]),
  ...(failure === undefined ? [] : [`${prefix}${failure.code}`]),
];

/** `field count field count`, as the scripts take it. */
export const tallyOf = (results: readonly StoredResult[]): string => {
  const counts = new Map<string, number>();
  for (const result of results) {
    for (const field of tallyFieldsOf(result)) counts.set(field, (counts.get(field) ?? 0) + 1);
  }
  return [...counts].map(([field, count]) => `${field} ${count}`).join(' ');
};

/** From the fields of a batch's record. */
export const readTallies = (fields: Readonly<Record<string, string>>): Tallies => {
  const statuses = new Map<number, number>();
  const failures = new Map<FailureCode, number>();
  for (const [field, text] of Object.entries(fields)) {
    const name = field.startsWith(prefix) ? field.slice(prefix.length) : '';
    const count = Number(text);
    // Below zero where results are tried again that a worker of an older version had recorded untallied.
    if (name === '' || count <= 0) continue;
    if (isFailureCode(name)) failures.set(name, count);
    else statuses.set(Number(name), count);
  }
  return { statuses, failures };
};
