// Raw deflate (RFC 1951) at its fastest, for what is written once and read once or twice.
import { promisify } from 'node:util';
import { deflateRaw, deflateRawSync } from 'node:zlib';

const aside = promisify(deflateRaw);
const fastest = { level: 1 };
/** No more memory than so little needs: to take and clear the usual 256 KiB takes longer than the work. */
const fastestOfShort = { level: 1, windowBits: 12, memLevel: 4 };
const shortBytes = 1 << fastestOfShort.windowBits;
/** Less takes 0.1 to 0.7 ms, and to have another thread do it 0.3 ms more. */
const longBytes = 65_536;

/** On this thread: to have the 0.1 ms that a slice takes done on another takes longer. */
export const deflateNow = (plain: Buffer): Buffer =>
  deflateRawSync(plain, plain.length < shortBytes ? fastestOfShort : fastest);

/** What is long off the event loop; what is short is done sooner than another thread is woken for it. */
export const deflateAside = async (plain: Buffer): Promise<Buffer> =>
  plain.length < longBytes ? deflateNow(plain) : await aside(plain, fastest);
