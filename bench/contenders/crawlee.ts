// Crawlee's HttpCrawler, which is none of our dependencies: it takes part where its own folder was installed.
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Contender, Run } from '../contender.ts';
import { startLineChild } from '../line-child.ts';

export const installCrawlee = 'npm install --prefix bench/peers/crawlee --no-package-lock --ignore-scripts';

export const crawleeIn = (folder: string): Contender => ({
  name: 'crawlee',
  about: "Crawlee's HttpCrawler without session pool and retries, its storage in memory; nothing is stored",
  async start() {
    if (!existsSync(path.join(folder, 'node_modules/@crawlee/http')))
      return { missing: `it is not installed: ${installCrawlee}` };
    const child = await startLineChild(process.execPath, [path.join(folder, 'peer.mjs')]);
    return {
      version: String(child.greeting),
      run: async (load) => (await child.ask(load, load.timeoutMs)) as Run,
      stop: () => child.stop(),
    };
  },
});

export const crawlee = crawleeIn(path.resolve('bench/peers/crawlee'));
