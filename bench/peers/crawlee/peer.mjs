// Crawlee's HttpCrawler, keeping nothing: greets, then answers each load with what that took, a line of JSON each.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Configuration, HttpCrawler, LogLevel, RequestList, log } from '@crawlee/http';

log.setLevel(LogLevel.OFF);
const say = (answer) => console.log(JSON.stringify(answer));

const fetchAll = async ({ origin, count, concurrency }) => {
  const seen = { fetched: 0 };
  const urls = Array.from({ length: count }, (_, index) => `${origin}/${index}`);
  const crawler = new HttpCrawler(
    {
      requestList: await RequestList.open(null, urls),
      minConcurrency: concurrency,
      maxConcurrency: concurrency,
      maxRequestRetries: 0,
      useSessionPool: false,
      requestHandler({ response, body }) {
        if (response.statusCode === 200 && body.length > 0) seen.fetched += 1;
      },
    },
    new Configuration({ persistStorage: false, systemInfoV2: true }),
  );
  await crawler.run();
  if (seen.fetched !== count) throw new Error(`${seen.fetched} of ${count} fetched`);
};

const measure = async (load) => {
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  await fetchAll(load);
  const { user, system } = process.cpuUsage(cpuBefore);
  return { durationMs: performance.now() - startedAt, cpuSeconds: (user + system) / 1e6 };
};

const { version } = JSON.parse(
  readFileSync(new URL('node_modules/@crawlee/http/package.json', import.meta.url), 'utf8'),
);
say({ value: `crawlee ${version}` });
for await (const line of createInterface(process.stdin)) {
  say(
    await measure(JSON.parse(line)).then(
      (value) => ({ value }),
      (error) => ({ error: String(error) }),
    ),
  );
}
