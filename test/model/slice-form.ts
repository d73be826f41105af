// The two forms of a packed slice: with the runs of its indexes ahead of it, and, as an earlier version wrote it, without.
import { runsAhead, withoutRuns } from '../../shared/slice.ts';
import { indexesIn, type Argument } from './call.ts';

const headBytes = 3;

const hasRuns = (argument: Argument | undefined): argument is Buffer =>
  Buffer.isBuffer(argument) && argument[0] === runsAhead;

export const indexesAhead = (packed: Buffer): number[] | undefined =>
  hasRuns(packed)
    ? indexesIn(packed.subarray(headBytes, packed.length - withoutRuns(packed).length))
    : undefined;

/** Among arguments that are slices behind their numbers, those with an odd number as an earlier version wrote them. */
export const withOldSlices = (args: readonly Argument[]): readonly Argument[] =>
  args.map((argument, at) =>
    hasRuns(argument) && Number(args[at - 1]) % 2 === 1 ? withoutRuns(argument) : argument,
  );
