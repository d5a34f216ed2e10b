-- Hold every write of a workflow on the shard, unless a later change has been here.
--
-- KEYS[1]  what the shard holds for the workflow (w:<workflow>)
-- ARGV     1 change
-- Answers  1 if the shard is held by this change

local change = tonumber(ARGV[1])
local got = redis.call('HMGET', KEYS[1], 'seen', 'fence', 'watch')
if change > tonumber(got[1] or '0') or got[3] == ARGV[1] then
  redis.call('HSET', KEYS[1], 'fence', change, 'seen', change)
  return 1
end
return tonumber(got[2] or '0') == change and 1 or 0
