-- One page of the cohort records of a workflow that have members: all of them, or those under which
-- their content is found, which is quicker and leaves out whose content another record has, too.
--
-- KEYS[1]  all cohort records of the workflow (o:<workflow>), or the index (i:<workflow>)
-- ARGV     1 cursor, 2 how many at a time
-- Answers  {next cursor, actors of the workflow on the shard,
--          cohorts with blanks between them, {members, ...}, {digest, ...}}

local workflow = own_name()
local call = redis.call
law_of(workflow)
local cohorts, counts, digests, n = {}, {}, {}, 0
local members, record = P .. 'm:', P .. 'c:'

local function take(cohort, digest)
  local count = call('SCARD', members .. cohort)
  if count == 0 then return end
  if moving and promoted(workflow, cohort) then digest = nil end
  n = n + 1
  cohorts[n], counts[n], digests[n] = cohort, count, digest or call('HGET', record .. cohort, 'd')
end

local page
if KEYS[1] == key('i', workflow) then
  page = call('HSCAN', KEYS[1], ARGV[1], 'COUNT', ARGV[2])
  for i = 1, #page[2], 2 do take(page[2][i + 1], page[2][i]) end
else
  page = call('SSCAN', KEYS[1], ARGV[1], 'COUNT', ARGV[2])
  for _, cohort in ipairs(page[2]) do take(cohort) end
end
local actors = tonumber(call('HGET', key('w', workflow), 'actors') or '0')
return { page[1], actors, table.concat(cohorts, ' '), counts, digests }
