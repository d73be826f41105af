// Every line of the scripts that decides something, by the file it is in: taken out, the model must find that it is missing.

/** Lines that refuse, skip or return early where their condition holds: taken out, it never does. */
export const refusals: Readonly<Record<string, readonly string[]>> = {
  accept: ['if refused then return refused end'],
  acquit: ["if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] .. ' ' .. ARGV[3] then return 0 end"],
  begin: [
    'if refused then return refused end',
    "if redis.call('EXISTS', KEYS[1]) == 1 then return {'begun'} end",
  ],
  claim: [
    "if meta[1] ~= '1' or meta[2] then return {0} end",
    "if meta[5] or generation ~= tonumber(meta[4] or '0') then",
    'if held > 0 and holder < generation then',
    "if redis.call('EXISTS', job) == 1 then return {-1} end",
    'if unrecorded == tonumber(ARGV[2]) then return {unrecorded} end',
  ],
  close: [
    "if meta[1] ~= '1' or meta[2] then return 0 end",
    "if ARGV[3] == 'expired' then",
    'if time[1] * 1000 + time[2] / 1000 < tonumber(meta[3]) then return 0 end',
  ],
  discard: ["if redis.call('HGET', KEYS[1], 'sealed') == '1' then return {'sealed'} end"],
  idempotency: [
    'if not known[1] or known[2] == id then return nil end',
    "if known[1] ~= fingerprint then return {'reused'} end",
    "if not known[3] then return {'done', known[2]} end",
    "if time[1] * 1000 + time[2] / 1000 < tonumber(known[3]) then return {'busy'} end",
  ],
  'leave-outbox': ["if meta[1] and tonumber(meta[2] or '0') ~= tonumber(ARGV[2]) then return 0 end"],
  pause: ["if meta[1] ~= '1' or meta[2] then return 0 end"],
  record: [
    "if meta[1] ~= '1' or meta[2] then return {-1} end",
    "if meta[4] and ARGV[7] ~= '' and tonumber(ARGV[7]) < tonumber(meta[4]) then return {-1} end",
    'if not isUnrecorded(locators, offset) then known[#known + 1] = first + offset end',
    'if #known > 1 then return known end',
  ],
  release: ["if meta[1] ~= '1' or meta[2] then return 0 end"],
  remove: [
    "if redis.call('EXISTS', KEYS[1]) == 1 and not redis.call('HGET', KEYS[1], 'endedAt') then return 0 end",
  ],
  reopen: [
    "if meta[1] ~= '1' then return -2 end",
    'if meta[3] then return -1 end',
    'if not meta[2] and meta[4] ~= ARGV[2] then return 0 end',
    'if opened == 0 then return 1 end',
  ],
  resume: ['if not meta[1] then return meta[2] == ARGV[2] and 1 or 0 end'],
  'save-part': [
    "if sealed ~= '0' then return {'gone'} end",
    "if not isHolder(KEYS[4], ARGV[1]) then return {'busy'} end",
  ],
  seal: [
    "if not sealed then return {'gone'} end",
    "if KEYS[8] and not isHolder(KEYS[8], ARGV[1]) then return {'busy'} end",
  ],
  'sign-of-life': [
    "if #silent == 0 or redis.call('EXISTS', KEYS[2]) == 1 or hasJustStarted() then return reply end",
  ],
  suspect: ["if meta[1] ~= '1' or meta[2] then return 0 end"],
  'take-over': ['if not seen or not isDead(ARGV[1], seen, nowMs(), ARGV[2]) then return {} end'],
  'take-turn': [
    "if meta[1] ~= '1' or meta[2] or meta[8] then",
    'if meta[4] then return {meta[4], meta[5], generation} end',
    'if meta[7] and time[1] * 1000 + time[2] / 1000 < tonumber(meta[7]) then return {} end',
  ],
  'watch-progress': [
    "if meta[1] ~= '1' or meta[2] or meta[3] or not meta[4] then return 0 end",
    'if progress == meta[5] and now - meta[6] < tonumber(ARGV[1]) then return 0 end',
  ],
};

/** Lines that do something only where their condition holds: taken out, it always does. */
export const conditions: Readonly<Record<string, readonly string[]>> = {
  accept: ['if KEYS[8] then', 'if KEYS[8] then', "if redis.call('EXISTS', KEYS[1]) == 0 then"],
  begin: ['if KEYS[2] then', 'if KEYS[2] then hold(KEYS[2], ARGV[3], ARGV[1]) end'],
  blame: ['if underWay then', 'if stalls ~= ARGV[2] then', 'if slice == ARGV[1] then'],
  claim: [
    'if held > 0 and holder == generation then',
    'if isUnrecorded(locators, offset) then reply[#reply + 1] = first + offset end',
    "if generation > 0 then redis.call('HSET', KEYS[3], 'g' .. ARGV[1], generation) end",
    "if unrecorded ~= held then redis.call('HINCRBY', KEYS[1], 'running', unrecorded - held) end",
    'if not meta[3] then',
    "if unrecorded > 0 and tonumber(ARGV[4]) > tonumber(redis.call('GET', KEYS[4]) or '1') then",
  ],
  'dead-workers': ["return now - seen > 1500 and redis.call('PUBSUB', 'NUMSUB', channels .. worker)[2] == 0"],
  discard: ["if KEYS[4] and isHolder(KEYS[4], ARGV[1]) then redis.call('DEL', KEYS[4]) end"],
  'line-up': ['if known[1] then'],
  locators: ['return byte ~= nil and byte >= 128'],
  record: [
    "if done > 0 then redis.call('HINCRBY', KEYS[4], ARGV[i], -done) end",
    "if freed > 0 then redis.call('HINCRBY', KEYS[1], 'running', -freed) end",
    'if succeeded + failed == tonumber(meta[3]) then',
  ],
  release: [
    "if held > 0 then redis.call('HINCRBY', KEYS[1], 'running', -held) end",
    "if ARGV[2] ~= '' then redis.call('HSET', KEYS[3], ARGV[1], ARGV[2]) end",
  ],
  reopen: [
    "if redis.call('GETRANGE', KEYS[2], index * 4, index * 4 + 3) == struct.pack('>I4', segment) then",
    'if meta[2] then',
    "if meta[2] then redis.call('HSET', KEYS[1], 'retryGeneration', redis.call('HGET', KEYS[1], 'generation') or '0') end",
  ],
  'save-part': ['if KEYS[4] then'],
  seal: ["if sealed == '0' then", 'if KEYS[8] then settle(KEYS[8], ARGV[5]) end'],
  'sign-of-life': [
    "if seen and now - seen > 1500 then redis.call('SET', KEYS[2], '1', 'PX', 5000) end",
    'if isDead(silent[i], silent[i + 1], now, ARGV[2]) then reply[#reply + 1] = silent[i] end',
  ],
  'take-over': ['if lock and string.sub(lock, 1, #ARGV[3]) == ARGV[3] then'],
  'take-turn': ["if clock > 1048576 and redis.call('EXISTS', unpack(KEYS, 5)) == 0 then"],
};

export type Exception = { readonly in: string; readonly line: string; readonly why: string };

/** Lines of the form of a guard that are none. */
export const notGuards: readonly Exception[] = [
  {
    in: 'dead-workers',
    line: 'return seconds and seconds * 1000 < 5000',
    why: 'it speaks of the first seconds of a server, which no story can bring about',
  },
  {
    in: 'take-over',
    line: "if #moved > 0 then redis.call('ZADD', KEYS[5], 0, '0') end",
    why: 'it wakes workers that wait for a slice, and once too often is as good as once',
  },
  {
    in: 'watch-progress',
    line: 'return progress == meta[5] and 1 or 0',
    why: 'it says in other words what the lines before have found',
  },
];

/** Parts of a condition without which nothing would be different, as the line reads without them. */
export const redundant: readonly Exception[] = [];
