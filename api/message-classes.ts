// The classes of the requests and responses of an Express app.
import { IncomingMessage, ServerResponse } from 'node:http';
import type { Express } from 'express';

export type MessageClasses = {
  readonly IncomingMessage: typeof IncomingMessage;
  readonly ServerResponse: typeof ServerResponse;
};

/**
 * Express gives every message the prototype of its app. Where it has to exchange one for that, V8 makes a hidden class for
 * this message alone, a kilobyte, and whatever reads messages is slow: to tell thousands of an end took twice as long
 * (https://github.com/expressjs/express/issues/5998). Messages of these classes have that prototype from the start.
 */
export const messageClassesOf = (app: Express): MessageClasses => {
  class AppRequest extends IncomingMessage {}
  class AppResponse<Request extends IncomingMessage> extends ServerResponse<Request> {}
  app.request = Object.setPrototypeOf(AppRequest.prototype, app.request) as typeof app.request;
  app.response = Object.setPrototypeOf(AppResponse.prototype, app.response) as typeof app.response;
  return { IncomingMessage: AppRequest, ServerResponse: AppResponse };
};
