// The log: JSON lines on standard output.
export type { Logger } from 'pino';
