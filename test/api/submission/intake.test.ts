import { expect, test } from '@jest/globals';
import type { BatchPart } from '../../../shared/batch-part.ts';
import { takeIn, type Destination } from '../../../api/submission/intake.ts';
import type { Entry } from '../../../api/submission/entry.ts';
import { waitFor } from '../../support/wait-for.ts';

const limits = { size: 100, bytes: 1_000_000, priority: 50 };
const busy = { is: 'busy' } as const;
type To = Destination<{ readonly is: 'accepted' }, typeof busy>;

/** Notes what it is asked; each step resolves at once unless the test says otherwise. */
const createDestination = (more: Partial<To> = {}): { steps: string[]; to: To } => {
  const steps: string[] = [];
  const note = (step: string): void => void steps.push(step);
  const accepted = { is: 'accepted' } as const;
  const to: To = {
    accept: async (slices) => (note(`accept ${slices.flat().length}`), accepted),
    begin: async () => (note('begin'), undefined),
    admit: async () => {},
    savePart: async ({ firstSlice, slices }) => (
      note(`part ${firstSlice} ${slices.flat().length}`),
      undefined
    ),
    keep: async () => note('keep'),
    seal: async ({ total, slices }) => (note(`seal ${total} ${slices}`), accepted),
    discard: async () => note('discard'),
    ...more,
  };
  return { steps, to };
};

const urls = (count: number): Entry[] => Array.from({ length: count }, (_, i) => `https://a.example/${i}`);

test('takes what fits into one part in one step, and the rest in parts', async () => {
  const [small, large] = [createDestination(), createDestination()];
  await takeIn([urls(3), urls(4)], small.to, limits);
  expect(small.steps).toEqual(['accept 7']);
  await takeIn([urls(7000), urls(5000)], large.to, limits);
  expect(large.steps).toEqual(['begin', 'part 0 5000', 'part 50 5000', 'part 100 2000', 'seal 12000 120']);
});

test('reads no further ahead than a few parts while none is saved', async () => {
  let read = 0;
  const source = async function* (): AsyncGenerator<Entry[]> {
    for (; read < 100; read += 1) yield urls(5000);
  };
  const saving: (() => void)[] = [];
  const savePart = (): Promise<undefined> => new Promise((resolve) => saving.push(() => resolve(undefined)));
  const { steps, to } = createDestination({ savePart });
  const taken = takeIn(source(), to, limits);
  await waitFor(() => saving.length === 3);
  expect(read).toBeLessThanOrEqual(4);
  const finishing = setInterval(() => saving.splice(0).forEach((save) => save()), 1);
  await taken;
  clearInterval(finishing);
  expect(steps.filter((step) => step !== 'keep')).toEqual(['begin', 'seal 500000 5000']);
});

test('says that it goes on while nothing comes', async () => {
  const { steps, to } = createDestination();
  const source = async function* (): AsyncGenerator<Entry[]> {
    yield urls(10_001);
    await waitFor(() => steps.includes('keep'), { timeoutMs: 10_000 });
  };
  await takeIn(source(), to, limits);
  expect(steps.at(-1)).toBe('seal 10001 101');
});

test.each<[string, Partial<To>, boolean]>([
  ['a part cannot be saved', { savePart: () => Promise.reject(new Error('away')) }, false],
  ['there is no room', { admit: () => Promise.reject(new Error('full')) }, false],
  ['it cannot be sealed', { seal: () => Promise.reject(new Error('away')) }, false],
  ['its source fails', {}, true],
])('discards all where %s', async (_, more, isBroken) => {
  const { steps, to } = createDestination(more);
  const source = async function* (): AsyncGenerator<Entry[]> {
    yield urls(20_000);
    if (isBroken) throw new Error('cut');
  };
  await expect(takeIn(source(), to, limits)).rejects.toThrow(/away|full|cut/);
  expect(steps.at(-1)).toBe('discard');
});

test('stops where another has taken over', async () => {
  const savePart = async ({ firstSlice }: BatchPart): Promise<typeof busy | undefined> =>
    firstSlice === 0 ? undefined : busy;
  const { steps, to } = createDestination({ savePart });
  expect(await takeIn([urls(50_000)], to, limits)).toEqual(busy);
  expect(steps).toEqual(['begin', 'discard']);
  const refused = createDestination({ begin: async () => busy });
  expect(await takeIn([urls(50_000)], refused.to, limits)).toEqual(busy);
  expect(refused.steps).toEqual(['discard']);
});
