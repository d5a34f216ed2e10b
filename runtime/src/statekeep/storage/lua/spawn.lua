-- Make an actor, unless it is there.
--
-- KEYS[1]  the actor's record (a:<actor>)
-- ARGV     1 prefix, 2 actor, 3 member, 4 workflow, 5 law, 6 answer, 7 sealed context,
--          8 block or '', 9 10 11 idempotency key or '', body, ttl, 12 now in seconds,
--          13... the cohort
-- Answers  done, existing, key-reused, held, outdated, chunks

local name, member, workflow = ARGV[2], ARGV[3], ARGV[4]
if redis.call('EXISTS', KEYS[1]) == 1 then
  local told = recall(name, ARGV[9])
  if not told then return { 'existing' } end
  if told.body ~= ARGV[10] then return { 'key-reused' } end
  return { 'done', told.revision, told.label, told.answer, 1 }
end
local law, fence = law_of(workflow)
if fence then return { 'held', workflow, tonumber(fence) } end
if law ~= tonumber(ARGV[5]) then return { 'outdated', law } end
local wanted = read_cohort(13)
if not has_chunks(wanted) then return { 'chunks' } end
local cohort = cohort_of(workflow, wanted)
local known = redis.call('HMGET', key('c', cohort), 'l', 'g')
local label = tonumber(known[1])
local a = {
  cohort = cohort, entered = tonumber(known[2]), revision = 0, context_revision = 0, tickets = 0,
  trail = {}, context = ARGV[7],
}
if ARGV[8] ~= '' then note_block(a, put_block(ARGV[8]), ARGV[12]) end
join(cohort, member)
write_actor(name, a)
remember(name, ARGV[9], ARGV[10], ARGV[11], 'done', 0, label, ARGV[6])
return { 'done', 0, label, ARGV[6], 0 }
