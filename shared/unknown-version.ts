// Telling what a newer version of this service wrote from what is broken: it is left as it is, for those who can read it.

/** Thrown where something stored says that it is of a version which this build does not know. */
export class UnknownVersionError extends Error {
  override readonly name = 'UnknownVersionError';
  constructor(what: string, version: unknown) {
    super(
      `${what} of version ${String(version)} cannot be read by this build: is a newer one running beside it?`,
    );
  }
}

/** For `catch`, where each of many is looked at and one of a newer version must not hold up the others. */
export const unlessNewer = (error: unknown): 'newer' => {
  if (error instanceof UnknownVersionError) return 'newer';
  throw error;
};
