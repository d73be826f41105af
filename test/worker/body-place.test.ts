import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { newBatchId } from '../../shared/batch.ts';
import { createFileBodyStore } from '../../shared/body-store/file.ts';
import { BodyPlace, measureIn, toStoredBody } from '../../worker/body-place.ts';
import type { RoundTrip } from '../../worker/http/round-trip.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { waitFor } from '../support/wait-for.ts';

const bodies = createFileBodyStore(temporaryFolder());
const batch = newBatchId();
const place = new BodyPlace({ bodies, memoryBytes: 100 }, batch, 5);
const zipped = gzipSync('x'.repeat(1000));
const limits = { maxBytes: 2000 };

const tripWith = (bodyRef: string | undefined): RoundTrip =>
  ({ body: { bytes: () => zipped, length: zipped.length }, bodyRef }) as unknown as RoundTrip;

const store = async (): Promise<string> => {
  const draft = place.open();
  await draft.write(zipped);
  return await draft.keep();
};

test('a body is measured where it is, and said to be there', async () => {
  const ref = await store();
  const kept = { wireBytes: zipped.length, bytes: 1000, truncated: false };
  for (const trip of [tripWith(undefined), tripWith(ref)]) {
    const measured = await measureIn(place, trip, 'gzip', limits);
    expect(measured).toEqual({ length: 1000, isTruncated: false });
    expect(toStoredBody(trip, { length: 1000, isTruncated: false })).toEqual(
      trip.bodyRef === undefined ? { inline: zipped, ...kept } : { ref, ...kept },
    );
  }
  expect(place.above).toBe(100);
  expect(ref).toMatch(/^0\/5-/);
});

test('a body that is dropped is gone, and cannot be measured', async () => {
  const ref = await store();
  place.drop(ref);
  await waitFor(() =>
    bodies.read(batch, ref).then(
      () => false,
      () => true,
    ),
  );
  await expect(measureIn(place, tripWith(ref), 'gzip', limits)).rejects.toThrow('ENOENT');
});
