// Which header fields a user may set on a request (RFC 9110 §5). Framing, hop-by-hop and negotiation are ours.
import { z } from 'zod';

export const headerLimits = { count: 64, nameLength: 256, valueLength: 8192 } as const;

/** Fields refused by name, lower case: message framing, connections, proxies, what we decode, cloud metadata keys. */
const forbiddenNames = new Set([
  'accept-encoding',
  'connection',
  'content-length',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'via',
  'metadata',
  'metadata-flavor',
  'x-google-metadata-request',
  'x-aws-ec2-metadata-token',
  'x-aws-ec2-metadata-token-ttl-seconds',
]);

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/; // RFC 9110 §5.6.2
const fieldValue = /^[\t\u0020-\u007e\u0080-\u00ff]*$/; // RFC 9110 §5.5, without controls

/** `{name: value}`, names in the user's case and order; every bad field is an issue at its own path. */
export const headersSchema = z
  .record(z.string(), z.string())
  .check((context) => {
    const names = Object.keys(context.value);
    if (names.length > headerLimits.count) {
      context.issues.push({
        code: 'custom',
        input: context.value,
        path: [],
        message: `at most ${headerLimits.count} header fields are allowed, got ${names.length}`,
      });
      return;
    }
    const seen = new Set<string>();
    for (const name of names) {
      const message = refuseField(name, context.value[name] ?? '', seen);
      seen.add(name.toLowerCase());
      if (message !== undefined) context.issues.push({ code: 'custom', input: name, path: [name], message });
    }
  })
  .meta({
    maxProperties: headerLimits.count,
    description:
      "Header fields; framing, `Host`, `Accept-Encoding` and what concerns connections are Fetchfleet's.",
  });

const refuseField = (name: string, value: string, seen: ReadonlySet<string>): string | undefined => {
  const lower = name.toLowerCase();
  if (name.length > headerLimits.nameLength || !token.test(name)) {
    return 'not a valid header field name';
  }
  if (forbiddenNames.has(lower)) return `${name} is set by Fetchfleet and may not be given`;
  if (seen.has(lower)) return `${name} is given twice; join the values with a comma`;
  if (value.length > headerLimits.valueLength) {
    return `the value has ${value.length} characters; at most ${headerLimits.valueLength} are allowed`;
  }
  if (!fieldValue.test(value)) return 'the value has line breaks, controls or characters outside Latin-1';
  return undefined;
};
