// Which network addresses may be dialled. Pure: judges literals; resolving names and dialling happen elsewhere.
import { BlockList, isIP } from 'node:net';

/** `{cidr}` or `{cidr, port}` that may be fetched although it is private. */
export type AllowedNetwork = { readonly address: string; readonly prefix: number; readonly port?: number };

/** Judges one IP address (no brackets, no zone) and port. */
export type AddressPolicy = {
  /** True when the address may be dialled; text that is not an IP address never may. */
  allows(address: string, port: number): boolean;
  /** True when some allowed network names exactly this port. */
  namesPort(port: number): boolean;
};

// IANA special-purpose registries (IPv4: RFC 6890 and successors), and 168.63.129.16, a cloud's host agent.
const deniedV4 = (
  '0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 ' +
  '192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 198.51.100.0/24 ' +
  '203.0.113.0/24 224.0.0.0/4 240.0.0.0/4 168.63.129.16/32'
).split(' ');
// Everything outside 2000::/3 is refused; these are the special ranges inside it (2002::/16 embeds IPv4).
const deniedV6 = '2001::/23 2001:db8::/32 2002::/16 2620:4f:8000::/48 3fff::/20'.split(' ');

/** The policy of this deployment: public unicast addresses, and `allowed` networks on top. */
export const createAddressPolicy = (allowed: readonly AllowedNetwork[]): AddressPolicy => {
  const isDenied = blockList(deniedV4, deniedV6);
  const globalUnicastV6 = blockList([], ['2000::/3']);
  const exceptions = allowed.map((network) => ({ contains: exception(network), port: network.port }));
  const judge = (address: string, port: number): boolean => {
    const family = isIP(address);
    if (family === 0 || address.includes('%')) return false;
    const type = family === 4 ? 'ipv4' : 'ipv6';
    const plain = embeddedV4(address) ?? address;
    const plainType = plain === address ? type : 'ipv4';
    for (const each of exceptions) {
      if ((each.port ?? port) === port && each.contains.check(plain, plainType)) return true;
    }
    if (plain !== address) return false; // mapped forms of public addresses are never needed, and a known bypass
    return !isDenied.check(address, type) && (type === 'ipv4' || globalUnicastV6.check(address, type));
  };
  return {
    allows: remembered(judge),
    namesPort: (port) => allowed.some((network) => network.port === port),
  };
};

/** BlockList wraps every address it is asked about in a native object: 10 µs a request with its garbage, of 60. */
const remembered = (judge: AddressPolicy['allows']): AddressPolicy['allows'] => {
  const ports = new Map<number, Map<string, boolean>>();
  let count = 0;
  return (address, port) => {
    const known = ports.get(port)?.get(address);
    if (known !== undefined) return known;
    count = count >= maxRemembered ? 0 : count + 1;
    if (count === 0) ports.clear();
    const verdict = judge(address, port);
    ports.set(port, (ports.get(port) ?? new Map<string, boolean>()).set(address, verdict));
    return verdict;
  };
};

const maxRemembered = 10_000;

const blockList = (v4: readonly string[], v6: readonly string[]): BlockList => {
  const list = new BlockList();
  for (const cidr of v4) addSubnet(list, cidr, 'ipv4');
  for (const cidr of v6) addSubnet(list, cidr, 'ipv6');
  return list;
};

const addSubnet = (list: BlockList, cidr: string, type: 'ipv4' | 'ipv6'): void => {
  const [address = '', prefix] = cidr.split('/');
  list.addSubnet(address, Number(prefix), type);
};

const exception = ({ address, prefix }: AllowedNetwork): BlockList => {
  const list = new BlockList();
  list.addSubnet(address, prefix, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  return list;
};

/** The IPv4 address inside an IPv4-mapped IPv6 address (RFC 4291 §2.5.5.2), in either notation. */
const embeddedV4 = (address: string): string | undefined => {
  const match = /^(?:0{0,4}:){2,5}:?ffff:(?:(\d+\.\d+\.\d+\.\d+)|([0-9a-f]{1,4}):([0-9a-f]{1,4}))$/i.exec(
    address,
  );
  if (match === null) return undefined;
  if (match[1] !== undefined) return match[1];
  const high = Number.parseInt(match[2] ?? '', 16);
  const low = Number.parseInt(match[3] ?? '', 16);
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
};
