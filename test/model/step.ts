// One thing that happens to Redis, whole: a script with what it is given, and what the model says is to come of it.
import type { Script } from '../../shared/script.ts';
import type { Argument } from './call.ts';
import type { World } from './world.ts';

export type Step = {
  /** What it is, for whoever reads what happened. */
  readonly label: () => string;
  readonly script: Script;
  readonly keys: readonly string[];
  readonly args: readonly Argument[];
  /** It may change any batch, not only those it names. */
  readonly isForAll?: boolean;
  readonly rule: (world: World) => unknown;
  /** What the model leaves to Redis, as the order of equals. */
  readonly learn?: ((world: World, reply: unknown) => void) | undefined;
};
