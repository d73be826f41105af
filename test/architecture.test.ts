// The rules that keep the house in order, each with its reason. A rule in your way is changed here first.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import {
  findCycle,
  importsOf,
  readSources,
  sourceFolders,
  withoutComments,
  type SourceFile,
} from './support/source-tree.ts';

const sources = readSources();
const folderOf = (file: string): string => file.split('/', 1)[0] ?? '';

/** Files whose code matches, by path. */
const filesSaying = (pattern: RegExp): string[] =>
  sources.filter(({ text }) => pattern.test(withoutComments(text))).map((file) => file.path);

describe('folders', () => {
  const mayImport: Record<string, { folders: readonly string[]; why: string }> = {
    shared: { folders: [], why: 'it is what the others stand on' },
    api: {
      folders: ['shared'],
      why: 'API and workers meet in Redis only, so that each can be deployed alone',
    },
    worker: {
      folders: ['shared'],
      why: 'API and workers meet in Redis only, so that each can be deployed alone',
    },
    client: { folders: ['shared'], why: 'it speaks to the API over HTTP like everybody else' },
    cli: { folders: ['shared', 'client'], why: 'it starts the processes and speaks to the API as a client' },
    web: { folders: ['shared', 'client'], why: 'it runs in a browser and speaks to the API as a client' },
    bench: { folders: ['shared', 'client'], why: 'it measures the built processes from outside' },
    chaos: {
      folders: ['shared', 'bench'],
      why: 'it breaks the fleet that the benchmark measures, from outside',
    },
  };

  /** Imports that the rules above would refuse, by file. */
  const exceptions: Readonly<Record<string, { files: readonly string[]; why: string }>> = {
    'bench/contenders/engine.ts': {
      files: ['worker/engine.ts', 'worker/outcome.ts', 'worker/resolve-request.ts'],
      why: 'the engine has no process of its own that could be measured from outside',
    },
  };

  test.each(sourceFolders)('%s imports only what it may', (folder) => {
    const rule = mayImport[folder];
    const allowed = new Set([folder, ...(rule?.folders ?? [])]);
    const offences = sources
      .filter((file) => folderOf(file.path) === folder)
      .flatMap((file) => file.imports.map((name) => [file.path, name] as const))
      .filter(([, name]) => name.endsWith('.ts') && !allowed.has(folderOf(name)))
      .filter(([file, name]) => exceptions[file]?.files.includes(name) !== true);
    expect({ why: rule?.why, offences }).toEqual({ why: rule?.why, offences: [] });
  });

  test('are the agreed ones: a new one is a decision, not an accident', () => {
    const agreed = new Set<string>([
      ...sourceFolders,
      'api/submission',
      'api/delivery',
      'api/openapi',
      'worker/http',
      'worker/guard',
      'worker/hosts',
      'worker/webhooks',
      'shared/scripts',
      'shared/body-store',
      'bench/scenarios',
      'bench/contenders',
      'chaos/scenarios',
    ]);
    expect(sources.map((file) => path.dirname(file.path)).filter((folder) => !agreed.has(folder))).toEqual(
      [],
    );
  });

  test('have no files named for nothing in particular', () => {
    const vague = /^(index|types|util|utils|helper|helpers|common|misc|constants)\.ts$/;
    expect(sources.map((file) => file.path).filter((file) => vague.test(path.basename(file)))).toEqual([]);
  });
});

describe('packages', () => {
  const onlyIn: readonly { name: string; files: RegExp; why: string }[] = [
    { name: 'express', files: /^api\//, why: 'only the API speaks HTTP to users' },
    {
      name: 'bullmq',
      files:
        /^(shared\/queue|worker\/(job-source|queue-worker)|bench\/contenders\/job-per-url(-worker)?)\.ts$/,
      why: 'the queue can be understood, and replaced, in three files',
    },
    {
      name: 'undici',
      files: /^(worker\/(http|guard)|client|bench|chaos)\//,
      why: 'nothing is dialled except through the address guard',
    },
    {
      name: 'ioredis',
      files: /^shared\/(redis|private-redis)\.ts$/,
      why: 'connections are made, and their settings decided, in one place',
    },
    {
      name: 'pino',
      files: /^shared\/(logger|outage-hook)\.ts$/,
      why: 'what is written and what is hidden is decided once',
    },
  ];

  test.each(onlyIn)('$name is imported only where it belongs: $why', ({ name, files }) => {
    const users = sources.filter((file) => file.imports.includes(name)).map((file) => file.path);
    expect(users.filter((file) => !files.test(file))).toEqual([]);
  });
});

describe('files', () => {
  const entryPoints = new Set([
    'api/main.ts',
    'worker/main.ts',
    'cli/up.ts',
    'bench/main.ts',
    'chaos/main.ts',
    'chaos/jumping-clock.ts',
    'bench/counting-target-server.ts',
    'bench/loop-host.ts',
    'bench/target-server.ts',
    'bench/contenders/job-per-url-worker.ts',
  ]);

  test('do not import one another in a circle, not even for types', () => {
    expect(findCycle(sources)).toBeUndefined();
  });

  test('read the environment in one place, where it is checked', () => {
    const allowed = new Set(['shared/config.ts']);
    expect(
      filesSaying(/\bprocess\.env\b|\benv\b.*from 'node:process'/).filter((file) => !allowed.has(file)),
    ).toEqual([]);
  });

  test('end the process only in entry points, where the drain is known to be over', () => {
    expect(filesSaying(/\bprocess\.exit\(/).filter((file) => !entryPoints.has(file))).toEqual([]);
  });

  test('go by the clock of Redis, or by the monotonic one: the wall clock of a machine may be wrong, and may jump', () => {
    const product = new Set(['api', 'worker', 'shared', 'cli']);
    const offences = filesSaying(/\bDate\.now\b|\bnew Date\(\)/);
    expect(offences.filter((file) => product.has(folderOf(file)))).toEqual([]);
  });

  test('have no default exports: a thing has one name everywhere', () => {
    expect(filesSaying(/^export default\b|\bas default\b/m)).toEqual([]);
  });

  test('stay within 250 lines: past that a file is two things', () => {
    const long = sources.filter(({ text }) => text.split('\n').length > 250);
    expect(long.map((file) => file.path)).toEqual([]);
  });

  /** Trials that take minutes: whoever runs `npm run chaos` tests them, and what they are made of has tests of its own. */
  const tooLongForTests = new Set([
    'chaos/scenarios/clock-jumps.ts',
    'chaos/scenarios/failpoints.ts',
    'chaos/scenarios/frozen-worker.ts',
    'chaos/scenarios/full-redis.ts',
    'chaos/scenarios/nothing-left.ts',
    'chaos/scenarios/redis-away.ts',
    'chaos/scenarios/rolling-restarts.ts',
    'chaos/scenarios/takeover-up.ts',
    'chaos/scenarios/takeover.ts',
  ]);

  /** Files that are tested through the file they serve, with the test that fails when they break. */
  const testedThrough: Readonly<Record<string, string>> = {
    'api/delivery/body-source.ts': 'test/api/delivery/body.test.ts',
    'bench/bare-loop.ts': 'test/e2e/bench.test.ts',
    'bench/contenders/fetchfleet.ts': 'test/e2e/bench.test.ts',
    'bench/contenders/job-per-url.ts': 'test/e2e/bench.test.ts',
    'bench/counting-target.ts': 'test/e2e/bench.test.ts',
    'bench/fleet.ts': 'test/e2e/bench.test.ts',
    'bench/fleet-scenario.ts': 'test/e2e/bench.test.ts',
    'bench/scenarios/append-only.ts': 'test/bench/variants.test.ts',
    'bench/scenarios/bodies.ts': 'test/bench/race.test.ts',
    'bench/scenarios/permits-cost.ts': 'test/bench/variants.test.ts',
    'bench/scenarios/idle-clients.ts': 'test/e2e/bench.test.ts',
    'bench/scenarios/story-2.ts': 'test/bench/race.test.ts',
    'bench/stage.ts': 'test/e2e/bench.test.ts',
    'bench/start-target.ts': 'test/e2e/bench.test.ts',
    'chaos/ordeal.ts': 'test/e2e/chaos.test.ts',
    'chaos/scenarios/everything.ts': 'test/e2e/chaos.test.ts',
    'chaos/scenarios/lost-replies.ts': 'test/e2e/chaos.test.ts',
    'chaos/scenarios/redis-kills.ts': 'test/e2e/chaos.test.ts',
    'chaos/scenarios/worker-kills.ts': 'test/e2e/chaos.test.ts',
    'chaos/stage.ts': 'test/e2e/chaos.test.ts',
    'api/fleet-metrics.ts': 'test/api/metrics.test.ts',
    'api/submission/append.ts': 'test/api/appends.test.ts',
    'api/submission/incoming-append.ts': 'test/api/appends.test.ts',
    'api/delivery/plan-view.ts': 'test/api/plans.test.ts',
    'api/submission/survey.ts': 'test/api/plans.test.ts',
    'api/submission/line-reader.ts': 'test/api/submission/incoming.test.ts',
    'api/submission/media.ts': 'test/api/submission/incoming.test.ts',
    'api/submission/query-settings.ts': 'test/api/submission/incoming.test.ts',
    'api/submission/refused-entry.ts': 'test/api/submission/incoming.test.ts',
    'api/submission/template-text.ts': 'test/api/submission/template.test.ts',
    'api/submission/template-values.ts': 'test/api/submission/template.test.ts',
    'api/submission/upload.ts': 'test/api/submission/incoming.test.ts',
    'shared/result.ts': 'test/api/batches.test.ts',
    'shared/result-pages.ts': 'test/shared/result-store.test.ts',
    'shared/batch-extent.ts': 'test/shared/result-store.test.ts',
    'shared/unrecorded.ts': 'test/shared/result-store.test.ts',
    'shared/scripts/adapt-host.ts': 'test/shared/permit-store.test.ts',
    'shared/scripts/block-host.ts': 'test/shared/permit-store.test.ts',
    'shared/scripts/forget-hosts.ts': 'test/shared/host-store.test.ts',
    'shared/scripts/drop-jobs.ts': 'test/shared/queued-slices.test.ts',
    'shared/scripts/back-in-line.ts': 'test/shared/job-locks.test.ts',
    'shared/scripts/park.ts': 'test/shared/permit-store.test.ts',
    'shared/scripts/put-back.ts': 'test/shared/job-locks.test.ts',
    'shared/scripts/renew-locks.ts': 'test/shared/job-locks.test.ts',
    'shared/scripts/mark.ts': 'test/shared/durability.test.ts',
    'shared/scripts/lease.ts': 'test/shared/permit-store.test.ts',
    'shared/scripts/claim.ts': 'test/shared/slice-store.test.ts',
    'shared/scripts/locators.ts': 'test/shared/slice-store.test.ts',
    'shared/scripts/release.ts': 'test/shared/slice-store.test.ts',
    'shared/scripts/acquit.ts': 'test/shared/suspect-store.test.ts',
    'shared/scripts/blame.ts': 'test/shared/suspect-store.test.ts',
    'shared/scripts/suspect.ts': 'test/shared/suspect-store.test.ts',
    'shared/scripts/close.ts': 'test/shared/batch-store.test.ts',
    'shared/scripts/end-batch.ts': 'test/shared/batch-store.test.ts',
    'shared/scripts/remove.ts': 'test/shared/batch-store.test.ts',
    'shared/batch-part.ts': 'test/shared/batch-intake.test.ts',
    'shared/scripts/appending.ts': 'test/shared/append-store.test.ts',
    'shared/scripts/begin-append.ts': 'test/shared/append-store.test.ts',
    'shared/scripts/commit-append.ts': 'test/shared/append-store.test.ts',
    'shared/scripts/drop-append.ts': 'test/shared/append-store.test.ts',
    'shared/scripts/save-append.ts': 'test/shared/append-store.test.ts',
    'shared/scripts/seal-open.ts': 'test/shared/append-store.test.ts',
    'shared/scripts/accept.ts': 'test/shared/batch-intake.test.ts',
    'shared/scripts/begin.ts': 'test/shared/batch-intake.test.ts',
    'shared/scripts/discard.ts': 'test/shared/batch-intake.test.ts',
    'shared/scripts/save-part.ts': 'test/shared/batch-intake.test.ts',
    'shared/scripts/seal.ts': 'test/shared/batch-intake.test.ts',
    'shared/scripts/give-turn.ts': 'test/shared/outbox.test.ts',
    'shared/scripts/seal-batch.ts': 'test/shared/batch-intake.test.ts',
    'shared/scripts/idempotency.ts': 'test/shared/idempotency-store.test.ts',
    'api/delivery/event-stream.ts': 'test/api/events.test.ts',
    'api/delivery/result-schema.ts': 'test/api/openapi/operations.test.ts',
    'api/openapi/batch-operations.ts': 'test/api/openapi/operations.test.ts',
    'api/openapi/body-examples.ts': 'test/api/openapi/document.test.ts',
    'api/openapi/components.ts': 'test/api/openapi/document.test.ts',
    'api/openapi/control-operations.ts': 'test/api/openapi/operations.test.ts',
    'api/openapi/examples.ts': 'test/api/openapi/document.test.ts',
    'api/openapi/headers.ts': 'test/api/openapi/operations.test.ts',
    'api/openapi/host-operations.ts': 'test/api/openapi/operations.test.ts',
    'api/openapi/operation.ts': 'test/api/openapi/operations.test.ts',
    'api/openapi/page-operation.ts': 'test/api/openapi/page.test.ts',
    'api/openapi/page-style.ts': 'test/api/reference.test.ts',
    'api/openapi/parameters.ts': 'test/api/openapi/operations.test.ts',
    'api/openapi/problem-advice.ts': 'test/docs/api.test.ts',
    'api/openapi/result-operations.ts': 'test/api/openapi/operations.test.ts',
    'api/openapi/report-examples.ts': 'test/api/openapi/document.test.ts',
    'api/openapi/service-operations.ts': 'test/api/openapi/operations.test.ts',
    'api/openapi/submission-operations.ts': 'test/api/openapi/operations.test.ts',
    'api/openapi/webhook-operations.ts': 'test/api/openapi/operations.test.ts',
    'shared/scripts/keep-pace.ts': 'test/shared/result-store.test.ts',
    'shared/scripts/look-up.ts': 'test/shared/idempotency-store.test.ts',
    'shared/scripts/spend-call.ts': 'test/shared/call-budget.test.ts',
    'shared/scripts/record.ts': 'test/shared/result-store.test.ts',
    'shared/scripts/leave-outbox.ts': 'test/shared/outbox.test.ts',
    'shared/scripts/line-up.ts': 'test/shared/outbox.test.ts',
    'shared/scripts/pause.ts': 'test/shared/batch-control.test.ts',
    'shared/failed-results.ts': 'test/shared/batch-control.test.ts',
    'shared/scripts/reopen.ts': 'test/shared/batch-control.test.ts',
    'shared/scripts/watch-progress.ts': 'test/shared/lost-slices.test.ts',
    'shared/scripts/resume.ts': 'test/shared/batch-control.test.ts',
    'shared/scripts/dead-workers.ts': 'test/shared/worker-roll.test.ts',
    'shared/scripts/sign-of-life.ts': 'test/shared/worker-roll.test.ts',
    'shared/scripts/take-over.ts': 'test/shared/worker-roll.test.ts',
    'shared/scripts/take-due.ts': 'test/shared/outbox.test.ts',
    'shared/scripts/take-turn.ts': 'test/shared/outbox.test.ts',
    'shared/scripts/tell-webhook.ts': 'test/shared/webhook-log.test.ts',
    'shared/scripts/resend-event.ts': 'test/shared/webhook-log.test.ts',
    'shared/scripts/claim-delivery.ts': 'test/shared/webhook-delivery-store.test.ts',
    'shared/scripts/note-delivery.ts': 'test/shared/webhook-delivery-store.test.ts',
    'worker/engine.ts': 'test/worker/zoo.test.ts',
    'worker/webhooks/courier.ts': 'test/worker/webhooks/webhooks.test.ts',
    'worker/webhooks/delivery-run.ts': 'test/worker/webhooks/webhooks.test.ts',
    'worker/job-source.ts': 'test/worker/slice-source.test.ts',
    'worker/guard/dial.ts': 'test/worker/guard/connector.test.ts',
    'worker/guard/judgement.ts': 'test/worker/guard/connector.test.ts',
    'worker/guard/proxy-handshake.ts': 'test/worker/guard/socks5.test.ts',
    'worker/http/carrier.ts': 'test/worker/http/http2-stream.test.ts',
    'worker/http/http2-session.ts': 'test/worker/http/http2-sessions.test.ts',
    'worker/http/negotiated.ts': 'test/worker/http/http2-sessions.test.ts',
  };

  test('have a test of the same name, or are tested through another', () => {
    const isTypesOnly = (text: string): boolean => !/^export (?!type\b)/m.test(text);
    const untested = sources
      .filter(({ text }) => !isTypesOnly(text))
      .map((file) => file.path)
      .filter((file) => !entryPoints.has(file) && !tooLongForTests.has(file))
      .filter((file) => !existsSync(testedThrough[file] ?? testOf(file)));
    expect(untested).toEqual([]);
  });

  test('are listed as tested through another only as long as they are', () => {
    const listed = [...Object.keys(testedThrough), ...tooLongForTests];
    expect(listed.filter((file) => !existsSync(file) || existsSync(testOf(file)))).toEqual([]);
  });

  test('give their tests the name, except a test across many files', () => {
    const tests = readSources(sourceFolders.map((folder) => `test/${folder}`)).map((file) => file.path);
    const acrossFiles = new Set([
      'test/api/hostile-calls.test.ts',
      'test/worker/cut-responses.test.ts',
      'test/worker/guard/bad-urls.test.ts',
      'test/worker/guard/guard.test.ts',
      'test/worker/hostile-targets.test.ts',
      'test/worker/large-bodies.test.ts',
      'test/worker/stories.test.ts',
      'test/worker/zoo.test.ts',
    ]);
    const orphans = tests.filter((file) => file.endsWith('.test.ts') && !existsSync(sourceOf(file)));
    expect(orphans.filter((file) => !acrossFiles.has(file))).toEqual([]);
  });
});

describe('the scan behind these rules', () => {
  test('sees every form of import', () => {
    const text = `import a from 'a';\nimport type { B } from './b.ts';\nimport {\n  c,\n} from "@scope/c/deep";
export * from '../d.ts';\nimport 'node:e';\nconst f = await import('./f.ts');\n// import g from 'g';\nexport const h = 'from';`;
    expect(importsOf('x/y/z.ts', text).toSorted()).toEqual(
      ['a', 'x/y/b.ts', '@scope/c', 'x/d.ts', 'node:e', 'x/y/f.ts'].toSorted(),
    );
  });

  test('finds a circle', () => {
    expect(
      findCycle([sourceFile('a', 'b'), sourceFile('b', 'c', 'd'), sourceFile('c'), sourceFile('d', 'b')]),
    ).toEqual(['b', 'd', 'b']);
  });

  test('reads the sources', () => {
    expect(sources.map((file) => file.path)).toContain('shared/config.ts');
  });
});

const sourceFile = (name: string, ...imports: string[]): SourceFile => ({ path: name, text: '', imports });
const testOf = (file: string): string => `test/${file.replace(/\.tsx?$/, '.test.ts')}`;
const sourceOf = (file: string): string => file.replace(/^test\//, '').replace(/\.test\.ts$/, '.ts');
