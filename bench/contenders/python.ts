// Peers in Python, with the packages that this machine has: their scripts are in bench/peers.
import path from 'node:path';
import { readHost } from '../../shared/config.ts';
import type { Child } from '../child.ts';
import type { Contender, Run } from '../contender.ts';
import { startLineChild } from '../line-child.ts';
import { findPrograms } from '../programs.ts';

type Peer = Pick<Contender, 'name' | 'about'> & {
  /** A file of bench/peers. */
  readonly script: string;
  /** What to install where it is missing. */
  readonly debianPackage: string;
};

export const pythonPeer = (
  { name, about, script, debianPackage }: Peer,
  { searchPath }: { readonly searchPath: string } = readHost(),
): Contender => ({
  name,
  about,
  async start() {
    const child = await startAny(findPrograms('python3', searchPath), path.resolve('bench/peers', script));
    if (!('pid' in child)) return { missing: `${child.missing}: install ${debianPackage}` };
    return {
      version: String(child.greeting),
      run: async (load) => (await child.ask(load, load.timeoutMs)) as Run,
      stop: () => child.stop(),
    };
  },
});

export const threads = pythonPeer({
  name: 'threads',
  about: 'Python threads with requests, a session each; nothing is stored',
  script: 'threads.py',
  debianPackage: 'python3-requests',
});

export const aiohttp = pythonPeer({
  name: 'aiohttp',
  about: 'coroutines on one aiohttp session; nothing is stored',
  script: 'aiohttp_loop.py',
  debianPackage: 'python3-aiohttp',
});

export const scrapy = pythonPeer({
  name: 'scrapy',
  about: 'a Scrapy spider without delay, cookies, retries, robots.txt and log; nothing is stored',
  script: 'scrapy_spider.py',
  debianPackage: 'python3-scrapy',
});

/** Not all Pythons have the same packages: the script under the first that has what it imports, or why the last one could not run it. */
const startAny = async (
  pythons: readonly string[],
  script: string,
): Promise<Child | { readonly missing: string }> => {
  let missing = 'no python3 on the PATH';
  for (const python of pythons) {
    const child = await startLineChild(python, [script]).catch(({ message }: Error) => message);
    if (typeof child !== 'string') return child;
    missing = child;
  }
  return { missing };
};
