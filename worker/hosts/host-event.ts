// What workers tell each other of hosts over pub/sub: hints to ask Redis now rather than a moment later, and waits that hold at once.

export type HostEvent =
  /** A worker gave permits back that others lacked; one lacks them; the controller set another limit. */
  | { readonly is: 'freed' | 'wanted' | 'limit'; readonly host: string }
  /** The host is to be left alone for so long from now. */
  | { readonly is: 'blocked'; readonly host: string; readonly ms: number }
  /** An operator set limits. */
  | { readonly is: 'rules' };

/** Reads the text of a message; undefined for what this version does not know. */
export const parseHostEvent = (text: string): HostEvent | undefined => {
  const [kind = '', first = '', second = ''] = text.split(' ');
  if (kind === 'freed' || kind === 'wanted' || kind === 'limit') return { is: kind, host: first };
  if (kind === 'blocked' && Number(first) >= 0) return { is: 'blocked', ms: Number(first), host: second };
  return kind === 'rules' ? { is: 'rules' } : undefined;
};
