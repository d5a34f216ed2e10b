-- One page of the cohort records of a workflow: all of them, or those under which their content is
-- found, which is quicker and leaves out whose content another record has, too.
--
-- KEYS[1]  all cohort records of the workflow (o:<workflow>), or the index (i:<workflow>)
-- ARGV     1 cursor, 2 how many at a time
-- Answers  {next cursor, actors of the workflow on the shard,
--          {digest, cohort, digest, ...}, {members, ...}}; some may have no members

local workflow = own_name()
local call = redis.call
law_of(workflow)
local members = P .. 'm:'
local indexed = KEYS[1] == key('i', workflow)
local page = call(indexed and 'HSCAN' or 'SSCAN', KEYS[1], ARGV[1], 'COUNT', ARGV[2])
local said, counts = page[2], {}
if not indexed then
  said = {}
  for n, cohort in ipairs(page[2]) do said[2 * n - 1], said[2 * n] = '', cohort end
end
for i = 2, #said, 2 do
  local cohort = said[i]
  counts[i / 2] = call('SCARD', members .. cohort)
  if moving and promoted(workflow, cohort) or not indexed then
    said[i - 1] = head_of(workflow, cohort) or ''
  end
end
return { page[1], tonumber(call('HGET', key('w', workflow), 'actors') or '0'), said, counts }
