import { expect, test } from '@jest/globals';
import { fetchByDispatch } from '../../../bench/contenders/undici-dispatch.ts';
import { listenResponder } from '../../support/responder.ts';
import { listenRefuser, loadOf } from '../../support/bench-load.ts';

test('fetches the whole load', async () => {
  await expect(fetchByDispatch(loadOf(await listenResponder()))).resolves.toBeUndefined();
});

test('fails where a single answer is not 200, so that no false time is printed', async () => {
  await expect(fetchByDispatch(loadOf(await listenRefuser()))).rejects.toThrow('status 503');
});
