-- Put one actor, if it is as it was seen, into a cohort without an event.
--
-- KEYS[1]  the actor's record (a:<actor>)
-- ARGV     1 prefix, 2 actor, 3 member, 4 workflow, 5 law, 6 7 8 cohort, label and revision seen,
--          9 answer, 10 block, 11 12 13 idempotency key or '', body, ttl, 14 now in seconds,
--          15... the cohort
-- Answers  done, no-actor, key-reused, stale, held, outdated, chunks

local name, member, workflow = ARGV[2], ARGV[3], ARGV[4]
local raw = redis.call('GET', KEYS[1])
if not raw then return { 'no-actor' } end
local told = recall(name, ARGV[11])
if told and told.kind == 'done' then
  if told.body ~= ARGV[12] then return { 'key-reused' } end
  return { 'done', told.revision, told.label, told.answer, 1 }
end
local law, fence = law_of(workflow)
if fence then return { 'held', workflow, tonumber(fence) } end
if law ~= tonumber(ARGV[5]) then return { 'outdated', law } end
local a = read_actor(raw)
local got = redis.call('HMGET', key('c', a.cohort), 'l', 'g')
local label, log_length = tonumber(got[1]), tonumber(got[2])
if a.cohort ~= tonumber(ARGV[6]) or label ~= tonumber(ARGV[7]) or a.revision ~= tonumber(ARGV[8])
then
  return { 'stale', a.revision, label }
end
local wanted = read_cohort(15)
if not has_chunks(wanted) then return { 'chunks' } end
local target = cohort_of(workflow, wanted)
local known = redis.call('HMGET', key('c', target), 'l', 'g')
note_log(a, log_length)
note_block(a, put_block(ARGV[10]), ARGV[14])
if target ~= a.cohort then
  join(target, member)
  part(a.cohort, member)
end
a.cohort, a.entered, a.revision = target, tonumber(known[2]), a.revision + 1
write_actor(name, a)
label = tonumber(known[1])
remember(name, ARGV[11], ARGV[12], ARGV[13], 'done', a.revision, label, ARGV[9])
return { 'done', a.revision, label, ARGV[9], 0 }
