// The machine's own list of names, as getaddrinfo would honour it. Read once.
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';

/** Lower-case name → its addresses, IPv4 first; empty where there is no such file. */
export const loadHostsFile = (file = defaultPath()): ReadonlyMap<string, readonly string[]> => {
  try {
    return parseHosts(readFileSync(file, 'utf8'));
  } catch {
    return new Map();
  }
};

const defaultPath = (): string =>
  process.platform === 'win32' ? String.raw`C:\Windows\System32\drivers\etc\hosts` : '/etc/hosts';

export const parseHosts = (text: string): ReadonlyMap<string, readonly string[]> => {
  const found = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [address = '', ...names] = (line.split('#')[0] ?? '').trim().split(/\s+/);
    if (isIP(address) === 0) continue;
    for (const name of names) {
      const addresses = found.get(name.toLowerCase()) ?? [];
      if (isIP(address) === 4) addresses.unshift(address);
      else addresses.push(address);
      found.set(name.toLowerCase(), addresses);
    }
  }
  return found;
};
