-- Close the journal of a change: `abort` one that is not committed (with a time only if it has
-- expired), `finish` one that is. `progress` notes how far it is, `extend` gives it more time.
--
-- KEYS[1]  the book (hash)
-- ARGV     1 word, 2 change, 3 now or '' (abort), shards that are done (progress), when it expires
--          (extend)
-- Answers  1, or 0 if there was nothing to do

local got = redis.call('HMGET', KEYS[1], 'change', 'committed', 'expires', 'applied')
if got[1] ~= ARGV[2] then return 0 end
if ARGV[1] == 'progress' then
  if tonumber(ARGV[3]) > tonumber(got[4]) then redis.call('HSET', KEYS[1], 'applied', ARGV[3]) end
  return 1
end
if ARGV[1] == 'extend' then
  if got[2] ~= '0' then return 0 end
  redis.call('HSET', KEYS[1], 'expires', ARGV[3])
  return 1
end
if ARGV[1] == 'abort' then
  if got[2] ~= '0' then return 0 end
  if ARGV[3] ~= '' and tonumber(ARGV[3]) < tonumber(got[3]) then return 0 end
elseif got[2] ~= '1' then
  return 0
end
redis.call('HDEL', KEYS[1], 'change', 'name', 'expires', 'committed', 'applied')
return 1
