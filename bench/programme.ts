// All scenarios, in the order in which they run, and the groups that they are asked for in.
import type { Groups } from './command-line.ts';
import type { Scenario } from './scenario.ts';
import { adaptive } from './scenarios/adaptive.ts';
import { appendOnly } from './scenarios/append-only.ts';
import { gzipBodies, largeBodies } from './scenarios/bodies.ts';
import { cancel } from './scenarios/cancel.ts';
import { cost } from './scenarios/cost.ts';
import { engineAlone } from './scenarios/engine.ts';
import { exportResults } from './scenarios/export.ts';
import { fairness } from './scenarios/fairness.ts';
import { gate } from './scenarios/gate.ts';
import { hangingHost } from './scenarios/hanging-host.ts';
import { hostLimit } from './scenarios/host-limit.ts';
import { hostRate } from './scenarios/host-rate.ts';
import { idleClients } from './scenarios/idle-clients.ts';
import { ingest } from './scenarios/ingest.ts';
import { latency } from './scenarios/latency.ts';
import { manyHosts } from './scenarios/many-hosts.ts';
import { permitsCost } from './scenarios/permits-cost.ts';
import { poll } from './scenarios/poll.ts';
import { retryAfter } from './scenarios/retry-after.ts';
import { scaling } from './scenarios/scaling.ts';
import { story1 } from './scenarios/story-1.ts';
import { story2, story2Slow } from './scenarios/story-2.ts';
import { throughput } from './scenarios/throughput.ts';

/** The first is what runs where nothing is named: under ten minutes. */
export const programme: Readonly<Record<string, readonly Scenario[]>> = {
  everyday: [
    story1,
    story2,
    story2Slow,
    throughput,
    largeBodies,
    gzipBodies,
    latency,
    ingest,
    exportResults,
    poll,
    cost,
    scaling,
  ],
  parts: [engineAlone, permitsCost, appendOnly, manyHosts, idleClients],
  scheduling: [hostLimit, hostRate, retryAfter, hangingHost, fairness, cancel, adaptive],
  check: [gate],
};

export const scenarios: readonly Scenario[] = Object.values(programme).flat();

export const groups: Groups = Object.fromEntries(
  Object.entries(programme).map(([group, members]) => [group, members.map(({ name }) => name)]),
);
