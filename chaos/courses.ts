// What steps API and workers take with a batch of each kind, learned by looking on.
import { setTimeout as sleep } from 'node:timers/promises';
import { isMoving } from './failpoint-plan.ts';
import type { Feeder, Kind } from './feeder.ts';
import type { StepLine } from './step-line.ts';
import type { StubbornClient } from './stubborn-client.ts';

export type Who = 'api' | 'worker';

export type Course = { readonly kind: Kind; readonly steps: Readonly<Record<Who, ReadonlySet<string>>> };

export type School = {
  readonly lines: readonly { readonly who: Who; readonly line: Pick<StepLine, 'takeCounts'> }[];
  readonly feeder: Feeder;
  readonly client: Pick<StubbornClient, 'open'>;
};

/** So that every process has its part. */
const rounds = 4;
const lookMs = 50;
/** For what comes after the end: jobs are let go, the batch leaves the outbox. */
const afterEndMs = 500;

export const learn = async (
  kinds: readonly Kind[],
  { lines, feeder, client }: School,
): Promise<readonly Course[]> => {
  const takeSteps = (who: Who): ReadonlySet<string> => {
    const own = lines.filter((each) => each.who === who);
    return new Set(own.flatMap(({ line }) => [...line.takeCounts().keys()]).filter(isMoving));
  };
  const courses: Course[] = [];
  for (const kind of kinds) {
    for (let round = 0; round < rounds; round += 1) await feeder.feed(kind);
    while (client.open().length > 0) await sleep(lookMs);
    await sleep(afterEndMs);
    courses.push({ kind, steps: { api: takeSteps('api'), worker: takeSteps('worker') } });
  }
  return courses;
};

/** The kinds, each the first of `courses`, that lead to any of these steps. */
export const kindsLeadingTo = (steps: readonly string[], courses: readonly Course[]): readonly Kind[] => {
  const leads = steps.flatMap((step) => {
    const course = courses.find((each) => each.steps.api.has(step) || each.steps.worker.has(step));
    return course === undefined ? [] : [course.kind];
  });
  return [...new Set(leads)];
};
