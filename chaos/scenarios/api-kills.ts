// An API that is killed again and again while many clients submit at once, each sending again under its key.
import type { Batch } from '../../bench/api-client.ts';
import { audit, refetchedFigure, zeros } from '../audit.ts';
import { readAccounts, watch } from '../follow.ts';
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
    const { chaos, fleet, target } = stage;
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
    const [known, listed] = [new Set(accepted.map(({ id }) => id)), await listIds(reader)];
    return {
      bounds: [
        ...zeros(found, seen),
        { name: 'keys with a second batch', value: ambiguousKeys, most: 0 },
        {
          name: 'batches that no client knows',
          value: listed.filter((id) => !known.has(id)).length,
          most: 0,
        },
        { name: 'batches that are not listed', value: known.size - new Set(listed).size, most: 0 },
        { name: 'answers but 202 and 503', value: countSeen(submitter, isUnexpected), most: 0 },
        { name: 'APIs killed', value: kills, least: trouble.times },
      ],
      figures: [
        { name: 'batches', value: accepted.length },
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

const isUnexpected = (what: Seen): boolean => ![202, 503, 'closed'].includes(what);

const countSeen = ({ seen }: PatientClient, isMeant: (what: Seen) => boolean): number =>
  [...seen].reduce((sum, [what, count]) => sum + (isMeant(what) ? count : 0), 0);

const listIds = async (client: PatientClient): Promise<readonly string[]> => {
  const ids: string[] = [];
  for (let after = ''; ;) {
    const { text } = await client.call('GET', `/v1/batches?limit=100${after}`);
    const page = JSON.parse(text) as { readonly batches: readonly Batch[]; readonly next: string | null };
    ids.push(...page.batches.map(({ id }) => id));
    if (page.next === null) return ids;
    after = `&after=${page.next}`;
  }
};
