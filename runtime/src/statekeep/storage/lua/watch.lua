-- Note from now on which cohort records are touched, unless a later change has been here.
--
-- KEYS[1]  what the shard holds for the workflow (w:<workflow>)
-- ARGV     1 change
-- Answers  1 if the shard is watched for this change

local change, workflow = tonumber(ARGV[1]), own_name()
local got = redis.call('HMGET', KEYS[1], 'seen', 'watch')
if change > tonumber(got[1] or '0') then
  forget_change(workflow)
  redis.call('HSET', KEYS[1], 'watch', change, 'seen', change)
  return 1
end
return tonumber(got[2] or '0') == change and 1 or 0
