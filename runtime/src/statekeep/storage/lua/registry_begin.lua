-- Open the journal of a change, unless one is under way or the registry has moved on.
--
-- KEYS[1]  the book (hash), KEYS[2] the entries (list)
-- ARGV     1 clock seen, 2 entries seen, 3 name, 4 expires
-- Answers  the number of the change, or 0; the same question again gets the same number

local got = redis.call('HMGET', KEYS[1], 'clock', 'change', 'name', 'expires', 'committed')
if got[2] and got[3] == ARGV[3] and got[4] == ARGV[4] and got[5] == '0' then
  return tonumber(got[2])
end
if got[2] or (got[1] or '0') ~= ARGV[1] or redis.call('LLEN', KEYS[2]) ~= tonumber(ARGV[2]) then
  return 0
end
local change = redis.call('HINCRBY', KEYS[1], 'changes', 1)
redis.call('HSET', KEYS[1], 'change', change, 'name', ARGV[3], 'expires', ARGV[4],
  'committed', 0, 'applied', 0)
return change
