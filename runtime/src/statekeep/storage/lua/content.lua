-- What some cohort records say: their forms or their pasts.
--
-- KEYS[1]  all cohort records of the workflow (o:<workflow>)
-- ARGV     1 t or y, and the cohorts
-- Answers  {digest, form or past, digest, ...}, '' for a record that is gone

local workflow, found = own_name(), {}
local heads = redis.call('HMGET', key('v', workflow), unpack(ARGV, 2))
for i = 2, #ARGV do
  local digest, _, _, _, _, _, older = read_head(workflow, ARGV[i], heads[i - 1])
  local n = 2 * i - 3
  found[n], found[n + 1] = digest or '', ''
  if digest and ARGV[1] == 't' then
    found[n + 1] = form_of(workflow, digest, older)
  elseif digest then
    found[n + 1] = redis.call('HGET', key('c', ARGV[i]), 'y')
  end
end
return found
