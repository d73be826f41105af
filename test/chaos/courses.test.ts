import { expect, test } from '@jest/globals';
import { excused, kindsLeadingTo, stepsOf } from '../../chaos/courses.ts';
import { loadScripts } from '../../chaos/step-names.ts';

const onCourse = new Set([...stepsOf('api'), ...stepsOf('worker')]);

test('every script is a step at which processes die, or it is said why not', async () => {
  const names = [...(await loadScripts()).values()];
  expect(names).toContain('record');
  const forgotten = names.filter((name) => onCourse.has(name) === name in excused);
  expect(forgotten).toEqual([]);
});

test('no step is one of a script that there is not', async () => {
  const names = new Set((await loadScripts()).values());
  const ours = [...onCourse, ...Object.keys(excused)].filter((name) => !/^(slices|deliveries): /.test(name));
  expect(ours.filter((name) => !names.has(name))).toEqual([]);
});

test('knows which kinds of batches lead to a step', () => {
  expect(kindsLeadingTo(new Set(['record']))).toEqual(['told']);
  expect(kindsLeadingTo(new Set(['release', 'savePart', 'sealOpen']))).toEqual([
    'open',
    'throttled',
    'large',
  ]);
  expect(kindsLeadingTo(new Set())).toEqual([]);
});
