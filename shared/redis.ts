// Connections to Redis.
export type { Redis } from 'ioredis';
