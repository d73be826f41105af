// After all tests: ends the Redis that global-setup.ts started.

const tearDown = async (): Promise<void> => {
  await globalThis.testRedisServer?.stop();
};

// oxlint-disable-next-line import/no-default-export -- Jest asks for it
export default tearDown;
