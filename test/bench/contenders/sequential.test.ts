import { expect, test } from '@jest/globals';
import { fetchInTurn } from '../../../bench/contenders/sequential.ts';
import { listenRefuser, loadOf } from '../../support/bench-load.ts';
import { listenResponder } from '../../support/responder.ts';

test('fetches the whole load', async () => {
  await expect(fetchInTurn(loadOf(await listenResponder()))).resolves.toBeUndefined();
});

test('fails where a single answer is not 200, so that no false time is printed', async () => {
  await expect(fetchInTurn(loadOf(await listenRefuser()))).rejects.toThrow('status 503');
});
