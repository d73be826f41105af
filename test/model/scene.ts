// What a story is played with, and how one who acts goes on by a step, which may go wrong.
import { Failed, type Act, type Actor, type Cast } from './actors.ts';
import { scripts } from './rules.ts';
import { Wrong, type Stage } from './stage.ts';
import type { Step } from './step.ts';
import type { Stories } from './stories.ts';

/** A copy of a step that is still on its way, to come after others, but not after its batch is gone or time has passed. */
export type Ghosts = {
  readonly step: Step;
  /** It comes right after the next step of this one. */ readonly echoes?: Actor;
}[];

export type Play = {
  readonly stage: Stage;
  readonly cast: Cast;
  readonly stories: Stories;
  readonly ghosts: Ghosts;
};

export type Listen = {
  readonly join: (worker: string) => Promise<void>;
  readonly leave: (worker: string) => Promise<void>;
};

export type Fault =
  | 'none'
  | 'sentTwice'
  | 'sentAgain'
  | 'copied'
  | 'echoed'
  | 'unanswered'
  | 'refused'
  | 'dies';

export const stepOn = async (play: Play, actor: Actor, fault: Fault): Promise<void> => {
  const { stage, cast, ghosts } = play;
  const [pending] = actor.pending;
  if (pending === undefined) return;
  const echoes = ghosts.filter((ghost) => ghost.echoes === actor);
  const { step } = pending;
  if (fault === 'refused') {
    actor.pending.shift();
    pending.fail(new Failed('refused'));
  } else {
    const reply = await stage.perform(step);
    if (fault === 'sentAgain') return;
    const last = fault === 'sentTwice' && isScript(step) ? await stage.repeat(step) : reply;
    for (const echo of echoes) await sendLate(play, echo);
    if (fault === 'copied' && isScript(step)) ghosts.push({ step });
    if (fault === 'echoed' && isScript(step)) ghosts.push({ step, echoes: actor });
    if (fault === 'dies') return cast.kill(actor);
    actor.pending.shift();
    if (fault === 'unanswered') pending.fail(new Failed('no answer'));
    else pending.answer(last);
  }
  await cast.settle(actor);
  checkEnd(actor, stage);
};

/** A copy comes at last. */
export const sendLate = async ({ stage, ghosts }: Play, ghost: Ghosts[number]): Promise<void> => {
  ghosts.splice(ghosts.indexOf(ghost), 1);
  await stage.perform({ ...ghost.step, label: () => `late copy: ${ghost.step.label()}` });
};

/** The queue's own scripts are BullMQ's to send. */
const isScript = ({ script }: Step): boolean => ours.has(script.sha1);
const ours = new Set(Object.values(scripts).map(({ sha1 }) => sha1));

/** What an API may answer to a submission whose batch vanished or was sealed under its hands. */
const outOfTurn = /takes no more requests|vanished before it was sealed/;

/** Throws where one ended as nobody should. */
export const checkEnd = ({ error, name }: Actor, stage: Stage): void => {
  if (error === undefined || error instanceof Failed) return;
  if (error instanceof Error && outOfTurn.test(error.message)) return;
  throw new Wrong(
    [`${name} failed: ${error instanceof Error ? error.message : 'for no reason'}`],
    stage.trace,
  );
};

/** From its first step to its last, alone and unharmed. */
export const actAlone = async (play: Play, name: string, act: Act): Promise<void> => {
  const actor = await play.cast.enter(name, act);
  while (!actor.isOver) await stepOn(play, actor, 'none');
  checkEnd(actor, play.stage);
};
