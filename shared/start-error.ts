// What keeps Fetchfleet from starting and only its operator can mend, beside the configuration itself.

/** Its message is whole: what is wrong and what to do. Shown without a stack. */
export class StartError extends Error {
  override readonly name = 'StartError';
}
