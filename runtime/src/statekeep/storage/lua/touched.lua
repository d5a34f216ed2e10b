-- Some of the cohort records that were touched while the change watches, taken from the list. The
-- same question again gets the same records.
--
-- KEYS[1]  what the shard holds for the workflow (w:<workflow>)
-- ARGV     1 change, 2 number of the question, 3 how many at most
-- Answers  {how many are left, actors of the workflow on the shard,
--          {digest, cohort, digest, ...}, {members, ...}}

local workflow = own_name()
local got = redis.call('HMGET', KEYS[1], 'watch', 'actors')
local actors = tonumber(got[2] or '0')
local said, counts, n = {}, {}, 0
if got[1] ~= ARGV[1] then return { 0, actors, said, counts } end
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
  local digest = head_of(workflow, cohort)
  if digest then
    n = n + 1
    said[2 * n - 1], said[2 * n] = digest, cohort
    counts[n] = redis.call('SCARD', key('m', cohort))
  end
end
return { redis.call('SCARD', noted), actors, said, counts }
