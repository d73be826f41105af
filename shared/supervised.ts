// A process's side of the channel to the supervisor that spawned it. Without a supervisor, nothing of it happens.

/** What a supervised process tells its supervisor. */
export type SupervisedMessage = { readonly listeningOn: number };

/** The part of `process` that is used here. */
export type SupervisedProcess = Pick<NodeJS.Process, 'send' | 'connected' | 'on'>;

/** Tells the supervisor the port that the API listens on, which it may have chosen itself. */
export const announcePort = (port: number, self: SupervisedProcess = process): void => {
  if (self.connected) self.send?.({ listeningOn: port } satisfies SupervisedMessage);
};

/** Calls back when the supervisor is gone, however it ended; also where it went before this call. */
export const onOrphaned = (callback: () => void, self: SupervisedProcess = process): void => {
  if (self.send === undefined) return;
  if (self.connected) self.on('disconnect', callback);
  else callback();
};
