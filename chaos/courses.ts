// The steps that are taken with a batch, by the kind of batch that leads there: those that move it, of ours and of BullMQ.

/** Kinds of batches: told of by a webhook, appended to, put off by its hosts, or saved part by part and then cancelled. */
export type Kind = 'told' | 'open' | 'throttled' | 'large';

export type Who = 'api' | 'worker';

type Course = Readonly<Record<Who, readonly string[]>>;

export const courses: Readonly<Record<Kind, Course>> = {
  told: {
    api: ['accept', 'slices: adds a prioritized job to the', 'leaveOutbox'],
    worker: [
      'slices: move next job to be processed',
      'claim',
      'record',
      'slices: move job from active to a',
      'takeOver',
      'deliveries: adds a job to the queue',
      'deliveries: move next job to be processed',
      'claimDelivery',
      'noteDelivery',
      'deliveries: move job from active to a',
    ],
  },
  open: { api: ['beginAppend', 'saveAppend', 'commitAppend', 'takeTurn', 'sealOpen'], worker: [] },
  throttled: { api: [], worker: ['release', 'slices: moves job from active to delayed'] },
  large: { api: ['begin', 'savePart', 'seal', 'close', 'dropJobs'], worker: [] },
};

export const stepsOf = (who: Who): readonly string[] =>
  Object.values(courses).flatMap((course) => course[who]);

/** Those that lead to any of these steps; all of them where none does. */
export const kindsLeadingTo = (steps: ReadonlySet<string>): readonly Kind[] =>
  kinds.filter((kind) => [...courses[kind].api, ...courses[kind].worker].some((step) => steps.has(step)));

const kinds = Object.keys(courses) as readonly Kind[];

/** The other scripts, and why no process has to die at them. */
export const excused: Readonly<Record<string, string>> = {
  lookUp: 'reads',
  mark: 'writes nothing that is read',
  renewLocks: 'a sign of life',
  signOfLife: 'a sign of life',
  watchProgress: 'notes when it was looked, and moves nothing',
  takeDue: 'puts off when it is looked again, and moves nothing',
  spendCall: 'counts the calls of an API key',
  adaptHost: 'about a host',
  blockHost: 'about a host',
  forgetHosts: 'about a host',
  lease: 'about a host',
  park: 'about a host: a slice that is parked comes back by itself',
  discard: 'for what was refused; left undone, it is undone by time',
  dropAppend: 'for what was refused; left undone, it is undone by the next append',
  putBack: 'for workers that froze: they are not killed',
  suspect: 'where workers die of one request: the scenarios that kill workers come there',
  acquit: 'where workers die of one request: the scenarios that kill workers come there',
  blame: 'where workers die of one request: the scenarios that kill workers come there',
  pause: 'steers, at the word of a client, who sends it again',
  resume: 'steers, at the word of a client, who sends it again',
  reopen: 'steers, at the word of a client, who sends it again',
  remove: 'steers, at the word of a client, who sends it again',
  resendEvent: 'steers, at the word of a client, who sends it again',
};
