// The configuration as the documents must show it, read off the schema.
import { variables } from '../../shared/config.ts';

/** `default` is the text to write into the environment; empty where the variable is unset by default. */
export type DocumentedVariable = { readonly name: string; readonly default: string; readonly about: string };

const written = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '';

export const documentedVariables: readonly DocumentedVariable[] = Object.entries(variables).map(
  ([name, { schema, about }]) => ({ name, default: written(schema.parse(undefined)), about }),
);
