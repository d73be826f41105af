// An API that is killed again and again while many clients submit at once, each sending again under its key.
import type { Redis } from '../../shared/redis.ts';
import { audit, refetchedFigure, zeros } from '../audit.ts';
import { listBatches, readAccounts, watch } from '../follow.ts';
import { createPatientClient, type PatientClient, type Seen } from '../patient-client.ts';
import { staged, type Stage } from '../stage.ts';
import { startAnyhow } from '../start-anyhow.ts';
import { submitMany } from '../submit-many.ts';
import { makeTroubles, type Trouble } from '../troubles.ts';

const atOnce = 200;
/** In turn: one in twenty is saved in two parts, each of the others in the script that accepts it. */
const sizes = [1, 100, 1, 100, 1, 100, 3000, 1, 100, 1, 1, 100, 1, 100, 1, 5500, 100, 1, 100, 1];

export const apiKills = staged(
  {
    name: 'api-kills',
    about:
      '200 batches of 1 to 5,500 URLs submitted at once, each under its key, and the API killed 20 times',
    workers: 2,
  },
  async (stage) => {
    const { chaos, redis, fleet, target } = stage;
    const { signal, random } = chaos;
    const { origin } = fleet;
    // Whoever has bad luck is not answered before the last kill.
    const submitter = createPatientClient({ origin, patienceMs: 900_000, signal });
    const reader = createPatientClient({ origin, patienceMs: 30_000, signal });
    // The machine is the API's as long as it is to answer so many at once, and to start again so often.
    await target.behave({ is: 'steady', delayMs: 2000 });
    const submitting = submitMany(submitter, stage, { sizes: sizesFor(chaos.count), atOnce });
    const trouble = killingApi(stage, chaos.times ?? 20);
    const kills = await makeTroubles([trouble], { random, work: submitting, signal });
    const { accepted, ambiguousKeys } = await submitting.ended;
    await target.behave({ is: 'steady', delayMs: 0 });
    const seen = await watch(reader, accepted, { withinMs: 300_000 }).ended;
    const found = audit(await readAccounts(reader, accepted), await target.sightings());
    const listed = await listBatches(reader);
    const known = accepted.map(({ id }) => id);
    return {
      bounds: [
        ...zeros(found, seen),
        { name: 'keys with a second batch', value: ambiguousKeys, most: 0 },
        { name: 'batches that no client knows', value: countBeyond(listed, known), most: 0 },
        { name: 'batches that are not listed', value: countBeyond(known, listed), most: 0 },
        { name: 'answers but 202 and 503', value: countSeen(submitter, isUnexpected), most: 0 },
        { name: 'APIs killed', value: kills, least: trouble.times },
      ],
      figures: [
        { name: 'batches', value: accepted.length },
        { name: 'batches left half written', value: await redis.ask(countUnsealed) },
        ...[202, 503, 'closed' as const].map((what) => ({
          name: `seen by clients: ${what}`,
          value: countSeen(submitter, (each) => each === what),
        })),
        refetchedFigure(found),
      ],
    };
  },
);

/** All sizes, over and over, until there are so many URLs; 200 batches where nothing is said. */
export const sizesFor = (urls: number | undefined): readonly number[] => {
  const chosen: number[] = [];
  const isEnough = (): boolean =>
    urls === undefined ? chosen.length === atOnce : chosen.reduce((sum, size) => sum + size, 0) >= urls;
  while (!isEnough()) chosen.push(sizes[chosen.length % sizes.length] ?? 1);
  return chosen;
};

/** Kills the API, and starts another in its place. */
export const killingApi = ({ fleet, chaos }: Stage, times: number): Trouble => ({
  name: 'API kills',
  times,
  async make() {
    await fleet.killApi();
    chaos.progress('the API was killed');
    await startAnyhow(() => fleet.startApi());
  },
});

/** How many of these are not among the others. */
const countBeyond = (ids: readonly string[], others: readonly string[]): number =>
  ids.filter((id) => !others.includes(id)).length;

const isUnexpected = (what: Seen): boolean => ![202, 503, 'closed'].includes(what);

const countSeen = ({ seen }: PatientClient, isMeant: (what: Seen) => boolean): number =>
  [...seen].reduce((sum, [what, count]) => sum + (isMeant(what) ? count : 0), 0);

/** What APIs had begun when they were killed, and nobody ever sees. */
const countUnsealed = async (redis: Redis): Promise<number> => {
  let unsealed = 0;
  for await (const keys of redis.scanStream({ match: 'ff:{*}:meta', count: 1000 })) {
    for (const key of keys as string[]) if ((await redis.hget(key, 'sealed')) === '0') unsealed += 1;
  }
  return unsealed;
};
