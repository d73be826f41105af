import { expect, test } from '@jest/globals';
import { ApiError, toProblem } from '../../api/problem.ts';

test('is the body that RFC 9457 describes, with a stable code', () => {
  const error = new ApiError('query_invalid', 'see errors', { members: { errors: [] } });
  expect(toProblem(error, 'abc')).toEqual({
    type: '/problems/query_invalid',
    title: 'Bad Request',
    status: 400,
    code: 'query_invalid',
    detail: 'see errors',
    requestId: 'abc',
    errors: [],
  });
});
