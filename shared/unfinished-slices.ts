// Which slices of a batch still have requests without a result: those that are dispatched again.
import type { BatchKeys } from './keys.ts';
import { bytesPerLocator, locate, readLocators } from './locator.ts';
import type { Redis } from './redis.ts';

const indexesPerRead = 65_536;

/** Their numbers, ascending. Reads the locators of the whole batch, a bounded run at a time. */
export const findUnfinishedSlices = async (redis: Redis, keys: BatchKeys): Promise<number[]> => {
  const found = new Set<number>();
  const bytesPerRead = indexesPerRead * bytesPerLocator;
  for (let start = 0; ; start += bytesPerRead) {
    const bytes = await redis.getrangeBuffer(keys.index, start, start + bytesPerRead - 1);
    for (const locator of readLocators(bytes)) {
      const location = locate(locator);
      if (location.at === 'slice') found.add(location.slice);
    }
    if (bytes.length < bytesPerRead) return [...found].toSorted((a, b) => a - b);
  }
};
