-- One tick of the clock, unless a change is under way or the registry has moved on.
--
-- KEYS[1]  the book (hash), KEYS[2] the entries (list)
-- ARGV     1 clock seen, 2 entries seen
-- Answers  1, or 0 if nothing ticked

local got = redis.call('HMGET', KEYS[1], 'clock', 'change')
if got[2] or (got[1] or '0') ~= ARGV[1] or redis.call('LLEN', KEYS[2]) ~= tonumber(ARGV[2]) then
  return 0
end
redis.call('HINCRBY', KEYS[1], 'clock', 1)
return 1
