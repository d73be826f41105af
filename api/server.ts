// The HTTP server around the app: limits of time and size, and answers to what is not HTTP.
import { randomUUID } from 'node:crypto';
import {
  createServer,
  STATUS_CODES,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Duplex } from 'node:stream';
import type { Express } from 'express';
import { messageClassesOf } from './message-classes.ts';
import { ApiError, toProblem } from './problem.ts';

/** A server that listens nowhere yet. Slow bodies are the business of submission/upload-pace.ts. */
export const createApiServer = (app: Express): Server => {
  const server = createServer({
    ...messageClassesOf(app),
    headersTimeout: 10_000,
    requestTimeout: 3_600_000, // a large upload may take its time, as long as it moves
    connectionsCheckingInterval: 5000,
    keepAliveTimeout: 65_000, // longer than a load balancer keeps idle ones, or it would meet closed ones
    maxHeaderSize: 16_384,
    requireHostHeader: false, // refused by the app, with a problem
  });
  // close() ends the connections that are idle at its call; those that become so later are ended here.
  const endIfClosing = (): void => {
    if (!server.listening) setImmediate(() => server.closeIdleConnections());
  };
  const answering = new WeakMap<Duplex, ServerResponse>();
  const answer: RequestListener = (request, response) => {
    answering.set(request.socket, response);
    response.on('close', endIfClosing);
    app(request, response);
  };
  server.on('request', answer);
  // The app asks for the body, or refuses it, when it has seen the head.
  server.on('checkContinue', answer);
  server.on('checkExpectation', answer);
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const isAnswered = answering.get(socket)?.headersSent === true;
    if (error.code === 'ECONNRESET' || !socket.writable || isAnswered) socket.destroy();
    else socket.end(toMessage(toClientProblem(error.code)));
  });
  return server;
};

const toClientProblem = (code: string | undefined): ApiError => {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new ApiError('request_timeout', 'the request did not arrive in time');
  }
  if (code === 'HPE_HEADER_OVERFLOW') {
    return new ApiError('head_too_large', 'the request line and headers are larger than 16384 bytes');
  }
  return new ApiError('http_invalid', 'the message is not valid HTTP/1.1');
};

const toMessage = (error: ApiError): string => {
  const id = randomUUID(); // nothing of its head was understood
  const problem = toProblem(error, id);
  const body = JSON.stringify(problem);
  return [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
    'Content-Type: application/problem+json; charset=utf-8',
    'Cache-Control: no-store',
    `X-Request-Id: ${id}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n');
};
