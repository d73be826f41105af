// The variables that name networks, name servers and origins: how they are written.
import { isIP } from 'node:net';
import { z } from 'zod';
import type { AllowedNetwork } from './address-policy.ts';

/** `[{address, prefix, port?}]` of `127.0.0.0/8,10.1.2.3/32:8080`. */
export const networks = z
  .string()
  .transform((text, context) => {
    const parsed = text.split(',').map((entry) => parseNetwork(entry.trim()));
    if (parsed.includes(undefined)) {
      context.addIssue(
        'must be CIDRs, each with an optional port: 127.0.0.0/8,10.1.2.3/32:8080,[fd00::]/8:80',
      );
      return z.NEVER;
    }
    return parsed.filter((network) => network !== undefined);
  })
  .default([]);

const parseNetwork = (text: string): AllowedNetwork | undefined => {
  const match = /^\[?([0-9a-f.:]+?)\]?\/(\d{1,3})(?::(\d{1,5}))?$/i.exec(text);
  if (match === null) return undefined;
  const [, address = '', prefix, port] = match;
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  if (Number(prefix) > bits || Number(port ?? 1) > 65_535 || port === '0') return undefined;
  return { address, prefix: Number(prefix), ...(port !== undefined && { port: Number(port) }) };
};

/** Servers as node:dns takes them: `192.0.2.1`, `192.0.2.1:5353`, `[2001:db8::1]:53`. */
export const dnsServers = z
  .string()
  .transform((text, context) => {
    const servers = text.split(',').map((entry) => entry.trim());
    if (servers.every(isServer)) return servers;
    context.addIssue(
      'must be IP addresses, each with an optional port: 192.0.2.1,192.0.2.2:5353,[2001:db8::1]:53',
    );
    return z.NEVER;
  })
  .default([]);

const isServer = (text: string): boolean => {
  if (isIP(text) !== 0) return true;
  const [, v6, v4, port] = /^(?:\[([0-9a-f.:]+)\]|([0-9.]+))(?::(\d{1,5}))?$/i.exec(text) ?? [];
  const isAddress = v6 === undefined ? isIP(v4 ?? '') === 4 : isIP(v6) === 6;
  return isAddress && port !== '0' && Number(port ?? 1) <= 65_535;
};

/** Origins as browsers send them, `https://app.example.com`, or `*`. */
export const corsOrigins = z
  .string()
  .transform((text, context) => {
    const origins = text.split(',').map((entry) => entry.trim());
    if (origins.every((origin) => origin === '*' || isOrigin(origin))) return origins;
    context.addIssue('must be origins, or *: https://app.example.com,http://localhost:3000');
    return z.NEVER;
  })
  .default([]);

/** Spelled just as a browser spells it, or it would never be met. */
const isOrigin = (text: string): boolean =>
  /^https?:[^*]+$/.test(text) && URL.canParse(text) && new URL(text).origin === text;
