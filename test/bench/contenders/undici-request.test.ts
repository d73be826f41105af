import { expect, test } from '@jest/globals';
import { fetchByRequest } from '../../../bench/contenders/undici-request.ts';
import { listenResponder } from '../../support/responder.ts';
import { listenRefuser, loadOf } from '../../support/bench-load.ts';

test('fetches the whole load', async () => {
  await expect(fetchByRequest(loadOf(await listenResponder()))).resolves.toBeUndefined();
});

test('fails where a single answer is not 200, so that no false time is printed', async () => {
  await expect(fetchByRequest(loadOf(await listenRefuser()))).rejects.toThrow('status 503');
});
