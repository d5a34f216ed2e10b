-- Carry out some of the recasts that are due.
--
-- KEYS[1]  what the shard holds for the workflow (w:<workflow>)
-- ARGV     1 change, 2 how many at most
-- Answers  how many are left

if redis.call('HGET', KEYS[1], 'moving') ~= ARGV[1] then return 0 end
local workflow = own_name()
local due, list = key('s', workflow), key('p', workflow)
local cohorts = redis.call('LPOP', list, ARGV[2]) or {}
if #cohorts > 0 then
  local numbers = redis.call('HMGET', due, unpack(cohorts))
  local seen = {} -- what was staged again, or sent again, stands in the list again
  for i, cohort in ipairs(cohorts) do
    if seen[cohort] then numbers[i] = false end
    seen[cohort] = true
  end
  promote(workflow, cohorts, numbers)
  redis.call('HDEL', due, unpack(cohorts))
end
local left = redis.call('LLEN', list)
if left == 0 then
  redis.call('HDEL', KEYS[1], 'moving')
  redis.call('UNLINK', due, key('g', workflow))
end
return left
