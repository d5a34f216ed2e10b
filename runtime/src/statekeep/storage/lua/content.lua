-- What some cohort records say: their forms or their pasts.
--
-- KEYS[1]  all cohort records of the workflow (o:<workflow>)
-- ARGV     1 t or y, and the cohorts
-- Answers  {digest, form or past, digest, ...}, '' for a record that is gone

local found = {}
for i = 2, #ARGV do
  local got = redis.call('HMGET', key('c', ARGV[i]), 'd', ARGV[1])
  local n = 2 * i - 3
  found[n], found[n + 1] = got[1] or '', got[2] or ''
end
return found
