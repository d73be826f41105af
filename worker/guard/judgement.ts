// Whether a name may be dialled, judged by all the addresses it has.
import type { AddressPolicy } from '../../shared/address-policy.ts';

/** The target, or an address its name resolves to, may not be dialled. */
export class BlockedAddressError extends Error {
  override readonly name = 'BlockedAddressError';
}

/** Which of the addresses found for `name` are to be dialled; throws BlockedAddressError where one is refused. */
export const judgeAddresses = (
  addresses: AddressPolicy,
  { name, port }: { readonly name: string; readonly port: number },
  found: readonly string[],
): readonly string[] => {
  // "localhost" is both loopbacks (RFC 6761); allowing one of them is enough to mean it. No other name is split.
  const usable = /(^|\.)localhost\.?$/.test(name)
    ? found.filter((address) => addresses.allows(address, port))
    : found;
  const refused =
    usable.find((address) => !addresses.allows(address, port)) ??
    (usable.length === 0 ? found[0] : undefined);
  if (refused !== undefined) throw refusal(name, refused);
  return usable;
};

export const refusal = (name: string, address: string): BlockedAddressError =>
  new BlockedAddressError(
    name === address
      ? `${address} may not be fetched`
      : `${name} resolves to ${address}, which may not be fetched`,
  );
