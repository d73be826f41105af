// Collects what is wrong with a submission, field by field, so that one answer names everything to mend.
import { ApiError } from '../problem.ts';

export const maxListedErrors = 100;
const maxSegmentLength = 200; // an unknown name may be megabytes long

export type FieldPath = readonly PropertyKey[];
export type FieldError = {
  readonly pointer: string;
  /** Of a submission that is read by lines, from 1; the pointer is within it. */
  readonly line?: number;
  readonly message: string;
};

export type FieldErrors = {
  add(path: FieldPath, message: string): void;
  /** What is added from here on is of this line. */
  enterLine(line: number): void;
  /** How many there are, listed or not. */
  count(): number;
  /** Those that are listed; from here on it is as if there had been none. */
  take(): readonly FieldError[];
  /** Throws `body_invalid` where there is one. */
  throwIfAny(): void;
};

export const createFieldErrors = (): FieldErrors => {
  let listed: FieldError[] = [];
  let count = 0;
  let line: number | undefined;
  return {
    add(path, message) {
      count += 1;
      if (listed.length < maxListedErrors) {
        listed.push({ pointer: pointerTo(path), ...(line !== undefined && { line }), message });
      }
    },
    enterLine(number) {
      line = number;
    },
    count: () => count,
    take() {
      const taken = listed;
      [listed, count] = [[], 0];
      return taken;
    },
    throwIfAny() {
      if (count > 0) throw invalidBody(listed, count);
    },
  };
};

const invalidBody = (errors: readonly FieldError[], count: number): ApiError => {
  const more = count - errors.length;
  const detail =
    count === 1
      ? 'one field is not valid; see errors'
      : `${count} fields are not valid; see errors${more > 0 ? `, which lists the first ${errors.length}` : ''}`;
  return new ApiError('body_invalid', detail, {
    members: { errors, ...(more > 0 ? { moreErrors: more } : {}) },
  });
};

/** A JSON pointer (RFC 6901); the empty path is the whole document. */
export const pointerTo = (path: FieldPath): string =>
  path.map((segment) => `/${shorten(String(segment)).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

const shorten = (segment: string): string =>
  segment.length > maxSegmentLength ? `${segment.slice(0, maxSegmentLength)}…` : segment;
