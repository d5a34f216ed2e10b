-- One page of the cohort records of a workflow that have members.
--
-- KEYS[1]  all cohort records of the workflow (o:<workflow>)
-- ARGV     1 cursor, 2 how many at a time
-- Answers  {next cursor, actors of the workflow on the shard,
--          {cohort, ...}, {members, ...}, {label, digest, label, ...}}

local workflow = own_name()
local page = redis.call('SSCAN', KEYS[1], ARGV[1], 'COUNT', ARGV[2])
law_of(workflow)
local cohorts, counts, said = {}, {}, {}
local members, record = P .. 'm:', P .. 'c:'
for _, cohort in ipairs(page[2]) do
  local count = redis.call('SCARD', members .. cohort)
  if count > 0 then
    if moving then promoted(workflow, cohort) end
    local n = #cohorts + 1
    local got = redis.call('HMGET', record .. cohort, 'l', 'd')
    cohorts[n], counts[n], said[2 * n - 1], said[2 * n] = cohort, count, got[1], got[2]
  end
end
local actors = tonumber(redis.call('HGET', key('w', workflow), 'actors') or '0')
return { page[1], actors, cohorts, counts, said }
