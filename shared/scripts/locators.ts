// Reading and writing locators by runs (index-runs.ts), as Lua functions that scripts share.

export const locatorFunctions = `
-- calls visit(first, locators) for each run; locators is four bytes each, and as long as the run or shorter
local function eachRun(index, runs, visit)
  for at = 1, #runs, 8 do
    local first, count = struct.unpack('>I4I4', runs, at)
    visit(first, count, redis.call('GETRANGE', index, first * 4, (first + count) * 4 - 1))
  end
end
-- the highest bit says that a request has no result yet
local function isUnrecorded(locators, offset)
  local byte = string.byte(locators, offset * 4 + 1)
  return byte ~= nil and byte >= 128
end
`;
