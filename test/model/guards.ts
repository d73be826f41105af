// Lines of the scripts that have the form of a guard, and may be missing, each with the reason.

/** A line without what it decides, or, where all of them may be missing, the line itself. */
export type Exception = { readonly in: string; readonly line: string; readonly why: string };

const noWebhook = 'it speaks of webhooks, which no batch of the model has';
const youth = 'it speaks of the first seconds of a server, which no story can bring about';

export const exceptions: readonly Exception[] = [
  {
    in: 'record',
    line: 'if meta[5] then tellProgress(KEYS[1], KEYS[11], KEYS[12], ARGV[1], (succeeded + failed) * 100 / meta[3], meta[5]) end',
    why: noWebhook,
  },
  {
    in: 'tell-webhook',
    line: 'if not known[1] or not string.find(known[1], type, 1, true) then return end',
    why: noWebhook,
  },
  { in: 'tell-webhook', line: "if passed <= tonumber(told[1] or '0') then return end", why: noWebhook },
  { in: 'tell-webhook', line: 'if now - (told[2] or 0) < 1000 then return end', why: noWebhook },
  { in: 'dead-workers', line: 'return seconds and seconds * 1000 < 5000', why: youth },
  {
    in: 'dead-workers',
    line: "local seconds = type(report) == 'string' and tonumber(string.match(report, 'uptime_in_seconds:(%d+)'))",
    why: youth,
  },
  {
    in: 'locators',
    line: 'return byte >= 128',
    why: 'no index of the model is shorter than its batch, as one is of which Redis forgot a part',
  },
  {
    in: 'put-back',
    line: "local isExcused = redis.call('EXISTS', KEYS[8]) == 1",
    why: youth,
  },
  {
    in: 'sign-of-life',
    line: "if #silent == 0 or redis.call('EXISTS', KEYS[2]) == 1 then return reply end",
    why: youth,
  },
  {
    in: 'sign-of-life',
    line: "if redis.call('EXISTS', KEYS[2]) == 1 or hasJustStarted() then return reply end",
    why: 'it only spares a look at the server where nobody is silent',
  },
  {
    in: 'watch-progress',
    line: 'return progress == meta[4] and 1 or 0',
    why: 'it says in other words what the lines before have found',
  },
];
