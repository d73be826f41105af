// Every script that the model drives, with the rule it is held to.
import { accept } from '../../shared/scripts/accept.ts';
import { acquit } from '../../shared/scripts/acquit.ts';
import { beginAppend } from '../../shared/scripts/begin-append.ts';
import { begin } from '../../shared/scripts/begin.ts';
import { blame } from '../../shared/scripts/blame.ts';
import { claim } from '../../shared/scripts/claim.ts';
import { close } from '../../shared/scripts/close.ts';
import { commitAppend } from '../../shared/scripts/commit-append.ts';
import { discard } from '../../shared/scripts/discard.ts';
import { dropAppend } from '../../shared/scripts/drop-append.ts';
import { dropJobs } from '../../shared/scripts/drop-jobs.ts';
import { leaveOutbox } from '../../shared/scripts/leave-outbox.ts';
import { lookUp } from '../../shared/scripts/look-up.ts';
import { pause } from '../../shared/scripts/pause.ts';
import { putBack } from '../../shared/scripts/put-back.ts';
import { record } from '../../shared/scripts/record.ts';
import { release } from '../../shared/scripts/release.ts';
import { remove } from '../../shared/scripts/remove.ts';
import { renewLocks } from '../../shared/scripts/renew-locks.ts';
import { reopen } from '../../shared/scripts/reopen.ts';
import { resume } from '../../shared/scripts/resume.ts';
import { saveAppend } from '../../shared/scripts/save-append.ts';
import { savePart } from '../../shared/scripts/save-part.ts';
import { sealOpen } from '../../shared/scripts/seal-open.ts';
import { seal } from '../../shared/scripts/seal.ts';
import { signOfLife } from '../../shared/scripts/sign-of-life.ts';
import { suspect } from '../../shared/scripts/suspect.ts';
import { takeDue } from '../../shared/scripts/take-due.ts';
import { takeOver } from '../../shared/scripts/take-over.ts';
import { takeTurn } from '../../shared/scripts/take-turn.ts';
import { watchProgress } from '../../shared/scripts/watch-progress.ts';
import type { Script } from '../../shared/script.ts';
import { appendRules } from './append-rules.ts';
import type { Rule } from './call.ts';
import { controlRules } from './control-rules.ts';
import { intakeRules } from './intake-rules.ts';
import { lineRules } from './line-rules.ts';
import { runningRules } from './running-rules.ts';

/** By their names; the file of each is its name in kebab case. */
export const scripts = {
  accept,
  acquit,
  beginAppend,
  begin,
  blame,
  claim,
  close,
  commitAppend,
  discard,
  dropAppend,
  dropJobs,
  leaveOutbox,
  lookUp,
  pause,
  putBack,
  record,
  release,
  remove,
  renewLocks,
  reopen,
  resume,
  saveAppend,
  savePart,
  sealOpen,
  seal,
  signOfLife,
  suspect,
  takeDue,
  takeOver,
  takeTurn,
  watchProgress,
} satisfies Readonly<Record<string, Script>>;

export type ScriptName = keyof typeof scripts;

export const rules: Readonly<Record<ScriptName, Rule>> = {
  ...appendRules,
  ...controlRules,
  ...intakeRules,
  ...lineRules,
  ...runningRules,
};

const names = new Map(Object.entries(scripts).map(([name, { sha1 }]) => [sha1, name as ScriptName]));

export const nameOfScript = (sha1: string): ScriptName => {
  const name = names.get(sha1);
  if (name === undefined) throw new Error('a script that the model has no rule for');
  return name;
};
