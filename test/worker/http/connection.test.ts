import { expect, test } from '@jest/globals';
import { createAddressPolicy } from '../../../shared/address-policy.ts';
import { createConnector } from '../../../worker/guard/connector.ts';
import { Connection } from '../../../worker/http/connection.ts';
import { HeadReader } from '../../../worker/http/head-reader.ts';
import { connectionAnimals } from '../../support/animals/connections.ts';
import { openTarget } from '../../support/target-server.ts';

const addresses = createAddressPolicy([{ address: '127.0.0.0', prefix: 8 }]);
const connect = createConnector({ addresses, resolve: () => Promise.resolve([]) });

test('dials when first asked, counts what its socket carried, and says when the socket goes', async () => {
  const target = await openTarget(connectionAnimals.asksForClose);
  const told: string[] = [];
  const gone = new Promise((resolve) => {
    const connection = new Connection({
      origin: target.origin,
      connect,
      heads: new HeadReader(),
      giveBack: (_it, canServeAgain) => told.push(`back ${canServeAgain}`),
      onDisconnect: resolve,
    });
    expect(connection.dial).toBeUndefined();
    connection.client.dispatch(
      { path: '/', method: 'GET' },
      {
        onRequestStart: () => connection.beginRequest(),
        onResponseStart: () => told.push(`served ${connection.served}, asked ${connection.isAsked}`),
        onResponseData: () => undefined,
        onResponseEnd: () => connection.endRequest(false),
        onResponseError: () => told.push('error'),
      },
    );
  });
  await gone;
  expect(told).toEqual(['served 1, asked true', 'back false']);
  await target.close();
});
