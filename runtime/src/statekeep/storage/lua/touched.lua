-- Some of the cohort records that were touched while the change watches, taken from the list. The
-- same question again gets the same records.
--
-- KEYS[1]  what the shard holds for the workflow (w:<workflow>)
-- ARGV     1 change, 2 number of the question, 3 how many at most
-- Answers  {how many are left, actors of the workflow on the shard,
--          {cohort, ...}, {members, ...}, {label, digest, label, ...}}

local workflow = own_name()
local got = redis.call('HMGET', KEYS[1], 'watch', 'actors')
local actors = tonumber(got[2] or '0')
local cohorts, counts, said = {}, {}, {}
if got[1] ~= ARGV[1] then return { 0, actors, cohorts, counts, said } end
local noted, told = key('t', workflow), key('u', workflow)
local asked
if redis.call('LINDEX', told, 0) == ARGV[2] then
  asked = redis.call('LRANGE', told, 1, -1)
else
  asked = redis.call('SPOP', noted, ARGV[3])
  redis.call('DEL', told)
  redis.call('RPUSH', told, ARGV[2], unpack(asked))
end
for _, cohort in ipairs(asked) do
  local kept = redis.call('HMGET', key('c', cohort), 'l', 'd')
  if kept[2] then
    local n = #cohorts + 1
    cohorts[n], counts[n] = cohort, redis.call('SCARD', key('m', cohort))
    said[2 * n - 1], said[2 * n] = kept[1], kept[2]
  end
end
return { redis.call('SCARD', noted), actors, cohorts, counts, said }
