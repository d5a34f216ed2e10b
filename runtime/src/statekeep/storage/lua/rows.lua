-- One page of the cohort records of a workflow that have members.
--
-- KEYS[1]  all cohort records of the workflow (o:<workflow>)
-- ARGV     1 cursor, 2 how many at a time
-- Answers  {next cursor, actors of the workflow on the shard,
--          cohort, label, law, digest, members, cohort, ...}

local page = redis.call('SSCAN', KEYS[1], ARGV[1], 'COUNT', ARGV[2])
local found = { page[1], tonumber(redis.call('HGET', key('w', own_name()), 'actors') or '0') }
for _, cohort in ipairs(page[2]) do
  local count = redis.call('SCARD', key('m', cohort))
  if count > 0 then
    local got = redis.call('HMGET', key('c', cohort), 'l', 'w', 'd')
    local n = #found
    found[n + 1], found[n + 2], found[n + 3], found[n + 4], found[n + 5] =
      cohort, got[1], got[2], got[3], count
  end
end
return found
