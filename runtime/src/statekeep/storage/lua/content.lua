-- What some cohort records say.
--
-- KEYS[1]  all cohort records of the workflow (o:<workflow>)
-- ARGV     the cohorts
-- Answers  {digest, form, past, digest, ...}, '' for a record that is gone

local found = {}
for i, cohort in ipairs(ARGV) do
  local got = redis.call('HMGET', key('c', cohort), 'd', 't', 'y')
  local n = 3 * i - 2
  found[n], found[n + 1], found[n + 2] = got[1] or '', got[2] or '', got[3] or ''
end
return found
