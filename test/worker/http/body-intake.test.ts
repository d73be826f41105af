import { expect, test } from '@jest/globals';
import type { BodyDraft } from '../../../shared/body-store.ts';
import { BodyIntake, type IntakeOptions } from '../../../worker/http/body-intake.ts';

const text = (length: number): Buffer => Buffer.alloc(length, 'x');

const open = (change: Partial<IntakeOptions> = {}) => {
  const drafts: string[] = [];
  const draft: BodyDraft = {
    write: async (part) => void drafts.push(`write ${part.length}`),
    keep: async () => '0/1-a',
    discard: async () => void drafts.push('discard'),
  };
  const options = {
    maxBodyBytes: 1000,
    truncates: false,
    drafts: { above: 100, open: () => (drafts.push('open'), draft) },
    ...change,
  };
  return { intake: new BodyIntake(options, { onRoom: () => {} }), drafts };
};

test('keeps in memory what is small, whether or not its length is told', () => {
  const { intake, drafts } = open();
  expect(intake.expect(100)).toBeUndefined();
  expect(intake.append(text(60))).toBeUndefined();
  expect(intake.append(text(40))).toBeUndefined();
  expect([intake.length, intake.received, intake.isSpilled, intake.isFull]).toEqual([100, 100, false, false]);
  expect(Buffer.from(intake.bytes()).equals(text(100))).toBe(true);
  intake.discard();
  expect(drafts).toEqual([]);
  expect(() => intake.keep()).toThrow('in memory');
});

test('spills what is larger: from its head on, or once it has grown', async () => {
  const told = open();
  told.intake.expect(101);
  expect([told.intake.isSpilled, told.drafts]).toEqual([true, ['open']]);

  const grown = open();
  grown.intake.append(text(100));
  expect(grown.intake.isSpilled).toBe(false);
  grown.intake.append(text(1));
  grown.intake.append(text(20));
  expect([grown.intake.isSpilled, grown.intake.length]).toEqual([true, 121]);
  expect(await grown.intake.keep()).toBe('0/1-a');
  expect(grown.drafts).toEqual(['open', 'write 121']);
  grown.intake.discard();
  await new Promise(setImmediate);
  expect(grown.drafts.at(-1)).toBe('discard');
});

test('spills nothing without drafts', () => {
  const { intake } = open({ drafts: undefined });
  intake.expect(900);
  intake.append(text(900));
  expect([intake.isSpilled, intake.bytes().length]).toEqual([false, 900]);
});

test('refuses what is too large: by its head, or by what came', () => {
  const { intake: told, drafts } = open();
  expect(told.expect(1001)?.failure).toEqual({
    code: 'body_too_large',
    message: 'the body has 1001 bytes; at most 1000 are allowed',
  });
  expect(drafts).toEqual([]);
  const { intake: grown } = open();
  expect(grown.append(text(1000))).toBeUndefined();
  expect(grown.append(text(1))?.failure.message).toBe(
    'the body has more than 1000 bytes; at most 1000 are allowed',
  );
});

test('truncates, where asked to, once nothing more may be kept', () => {
  const { intake } = open({ truncates: true, maxBodyBytes: 50 });
  expect(intake.expect(60)).toBeUndefined();
  expect(intake.append(text(49))).toBeUndefined();
  expect(intake.isTruncated).toBe(false);
  expect(intake.append(text(11))).toBeUndefined();
  expect([intake.isTruncated, intake.length, intake.received]).toEqual([true, 50, 60]);
  const { intake: nothing } = open({ truncates: true, maxBodyBytes: 0 });
  nothing.expect(5);
  expect(nothing.isTruncated).toBe(true);
});
