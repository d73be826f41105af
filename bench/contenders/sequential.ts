// Where it all began: one after the other, with the fetch that Node brings.
import { bareLoop } from '../bare-loop.ts';
import { urlsOf, type Load } from '../contender.ts';

export const sequential = bareLoop(
  'sequential',
  "Node's fetch in a loop, one URL after the other; nothing is stored",
);

export const fetchInTurn = async (load: Load): Promise<void> => {
  for (const url of urlsOf(load)) {
    const response = await fetch(url);
    const bytes = await response.arrayBuffer();
    if (response.status !== 200 || bytes.byteLength === 0) throw new Error(`status ${response.status}`);
  }
};
