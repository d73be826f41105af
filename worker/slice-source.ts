// Slices from their queue. How jobs are taken and held at all is in job-source.ts.
import type { JobLocks } from '../shared/job-locks.ts';
import { queueName } from '../shared/queue.ts';
import { parseSliceJob, type TakenSlice } from '../shared/slice.ts';
import { createJobSource, type HeldJob, type JobSource, type SourceSettings } from './job-source.ts';

export type HeldSlice = HeldJob<TakenSlice>;

export type SliceSource = JobSource<TakenSlice>;

export const createSliceSource = (settings: SourceSettings & { readonly jobLocks: JobLocks }): SliceSource =>
  createJobSource({
    ...settings,
    queueName,
    noun: 'slice',
    read: (data, priority) => ({ ...parseSliceJob(data), tag: priority }),
  });
