-- Put one actor, if it is as it was seen, into a cohort without an event.
--
-- KEYS[1]  the actor's record (a:<actor>)
-- ARGV     1 member, 2 workflow, 3 law, 4 5 6 cohort, label and revision seen, 7 answer, 8 block,
--          9 10 11 idempotency key or '', body, ttl, 12 now in seconds, 13... the cohort
-- Answers  done, no-actor, key-reused, stale, held, outdated, chunks

local name, member, workflow = own_name(), ARGV[1], ARGV[2]
local raw = redis.call('GET', KEYS[1])
if not raw then return { 'no-actor' } end
local told = recall(name, ARGV[9])
if told and told.kind == 'done' then
  if told.body ~= ARGV[10] then return { 'key-reused' } end
  return { 'done', told.revision, told.label, told.answer, 1 }
end
local law, fence = law_of(workflow)
if fence then return { 'held', workflow, tonumber(fence) } end
if law ~= tonumber(ARGV[3]) then return { 'outdated', law } end
local a = read_actor(raw)
if moving then promoted(workflow, a.cohort) end
local label, log_length = label_and_log(workflow, a.cohort)
if a.cohort ~= tonumber(ARGV[4]) or label ~= tonumber(ARGV[5]) or a.revision ~= tonumber(ARGV[6])
then
  return { 'stale', a.revision, label }
end
local wanted = read_cohort(13)
if not has_chunks(wanted) then return { 'chunks' } end
local target = cohort_of(workflow, wanted)
local target_label, target_log = label_and_log(workflow, target)
note_log(a, log_length)
note_block(a, put_block(ARGV[8]), ARGV[12])
if target ~= a.cohort then change_cohort(a.cohort, target, member) end
a.cohort, a.entered, a.revision = target, target_log, a.revision + 1
write_actor(name, a)
label = target_label
remember(name, ARGV[9], ARGV[10], ARGV[11], 'done', a.revision, label, ARGV[7])
return { 'done', a.revision, label, ARGV[7], 0 }
