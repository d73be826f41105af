// Contenders taking turns at the same load: A B C, A B C …, so that a slow spell of the machine is shared.
import type { Contender, Load, Run, Running } from './contender.ts';
import type { Bench, Report, Row } from './scenario.ts';
import type { ResponderOptions } from './responder.ts';
import type { Target } from './target.ts';
import type { Bound } from './trial.ts';

export type Race = {
  readonly scenario: string;
  readonly about: string;
  readonly target: ResponderOptions;
  /** Every run meets a host that nobody has asked before. */
  readonly isStrange?: boolean;
  readonly load: Omit<Load, 'origin'>;
  /** At most so many URLs for these, by name: they would take too long. */
  readonly fewer?: Readonly<Record<string, number>>;
  /** Counted rounds. */
  readonly rounds: number;
  /** How many runs of the load warm up before them, for all but those with fewer; a fifth of one by default, and 1000 URLs where there are so many. */
  readonly warmUp?: number;
  /** The first is the one that the others are compared with. */
  readonly contenders: readonly Contender[];
  /** What the first must come to beside the others, as far as they took part. */
  readonly bounds?: (report: Report) => readonly Bound[];
};

type Entrant = {
  readonly contender: Contender;
  readonly count: number;
  readonly running: Running;
  /** Those counted. */
  readonly runs: Timed[];
};
/** `targetLoad`: the share of a core that the target took. */
type Timed = Run & { readonly targetLoad: number };
type Skipped = Report['skipped'][number];
type Field = { readonly entrants: readonly Entrant[]; readonly skipped: readonly Skipped[] };

export const runRace = async (race: Race, bench: Bench): Promise<Report> => {
  const contenders = race.contenders.filter(({ name }) => bench.contenders?.includes(name) !== false);
  const target = await bench.startTarget(race.target);
  const count = bench.count ?? race.load.count;
  const load = { ...race.load, count, origin: target.origin };
  const field = await startAll({ ...race, contenders, load }, bench);
  try {
    const failed = await runRounds(field.entrants, {
      load,
      target,
      stranger: race.isStrange === true ? race.target : undefined,
      bench,
      rounds: bench.rounds ?? race.rounds,
      warmUp: race.warmUp,
    });
    const rows = field.entrants.filter(({ contender }) => !failed.has(contender.name)).map(toRow);
    const skipped = [...field.skipped, ...[...failed].map(([name, reason]) => ({ name, reason }))];
    const { scenario, about } = race;
    const subject = contenders[0]?.name ?? '';
    const report = {
      scenario,
      about,
      target: target.name,
      count,
      subject,
      rows,
      skipped,
      notes: [],
      bounds: [],
    };
    const isJudged = subject === race.contenders[0]?.name;
    return { ...report, bounds: (isJudged ? race.bounds?.(report) : undefined) ?? [] };
  } finally {
    await Promise.allSettled(field.entrants.map(({ running }) => running.stop()));
    await target.stop();
  }
};

const toRow = ({ contender, running, count, runs }: Entrant): Row => {
  const peakBytes = runs.at(-1)?.peakBytes;
  return {
    name: contender.name,
    about: running.version === undefined ? contender.about : `${contender.about}; ${running.version}`,
    count,
    durationsMs: runs.map(({ durationMs }) => durationMs),
    targetLoad: runs.map(({ targetLoad }) => targetLoad),
    cpuSeconds: runs.flatMap(({ cpuSeconds }) => cpuSeconds ?? []),
    ...(peakBytes !== undefined && { peakBytes }),
  };
};

const startAll = async (race: Race, bench: Bench): Promise<Field> => {
  const entrants: Entrant[] = [];
  const skipped: Skipped[] = [];
  for (const contender of race.contenders) {
    bench.progress(`${race.scenario}: starting ${contender.name}`);
    const { concurrency } = race.load;
    const count = Math.min(race.load.count, race.fewer?.[contender.name] ?? Number.POSITIVE_INFINITY);
    const ground = { redisUrl: bench.redisUrl, directory: await bench.newDirectory(), concurrency };
    const running = await contender.start(ground).catch(({ message }: Error) => ({ missing: message }));
    if ('missing' in running) skipped.push({ name: contender.name, reason: running.missing });
    else entrants.push({ contender, running, count, runs: [] });
  }
  return { entrants, skipped };
};

type Rounds = {
  readonly load: Load;
  readonly target: Target;
  /** What to start anew for each run, instead of asking `target`. */
  readonly stranger: ResponderOptions | undefined;
  readonly bench: Bench;
  readonly rounds: number;
  readonly warmUp: number | undefined;
};

/** Resolves with who failed, and why: a contender that fails once is out. */
const runRounds = async (
  entrants: readonly Entrant[],
  setting: Rounds,
): Promise<ReadonlyMap<string, string>> => {
  const failed = new Map<string, string>();
  for (let round = 0; round <= setting.rounds; round += 1) {
    for (const entrant of entrants) {
      setting.bench.signal.throwIfAborted();
      const { name } = entrant.contender;
      if (failed.has(name)) continue;
      setting.bench.progress(
        round === 0 ? `warming up ${name}` : `round ${round} of ${setting.rounds}: ${name}`,
      );
      const counts = round === 0 ? warmUpCounts(entrant, setting) : [entrant.count];
      const runs = await runAll(entrant, counts, setting).catch((error: Error) => error);
      if (runs instanceof Error) failed.set(name, `failed: ${runs.message}`);
      else if (round > 0) entrant.runs.push(...runs);
    }
  }
  return failed;
};

/** Of each run; enough to have compiled what is hot. */
const warmUpCounts = ({ count }: Entrant, { load, warmUp }: Rounds): readonly number[] => {
  if (warmUp !== undefined && count === load.count) return Array.from({ length: warmUp }, () => count);
  return [Math.min(count, Math.max(1000, Math.ceil(count / 5)))];
};

const runAll = async (
  entrant: Entrant,
  counts: readonly number[],
  setting: Rounds,
): Promise<readonly Timed[]> => {
  const runs: Timed[] = [];
  for (const count of counts) runs.push(await runOnce(entrant, count, setting));
  return runs;
};

const runOnce = async (
  { running }: Entrant,
  count: number,
  { load, target, stranger, bench }: Rounds,
): Promise<Timed> => {
  const asked = stranger === undefined ? target : await bench.startTarget(stranger);
  try {
    const cpuBefore = await asked.cpuSeconds();
    const startedAt = performance.now();
    const run = await running.run({ ...load, count, origin: asked.origin }, bench.signal);
    const wallSeconds = (performance.now() - startedAt) / 1000;
    return { ...run, targetLoad: ((await asked.cpuSeconds()) - cpuBefore) / wallSeconds };
  } finally {
    if (asked !== target) await asked.stop();
  }
};
