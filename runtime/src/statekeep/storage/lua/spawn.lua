-- Make an actor, unless it is there, or was made by the same key and is gone since.
--
-- KEYS[1]  the actor's record (a:<actor>)
-- ARGV     1 member, 2 workflow, 3 law, 4 answer, 5 sealed context, 6 block or '',
--          7 8 9 idempotency key or '', body, ttl, 10 now in seconds, 11... the cohort
-- Answers  done, existing, key-reused, held, outdated, chunks

local name, member, workflow = own_name(), ARGV[1], ARGV[2]
local told = recall(name, ARGV[7])
if told then
  if told.body ~= ARGV[8] then return { 'key-reused' } end
  return { 'done', told.revision, told.label, told.answer, 1 }
end
if redis.call('EXISTS', KEYS[1]) == 1 then return { 'existing' } end
local law, fence = law_of(workflow)
if fence then return { 'held', workflow, tonumber(fence) } end
if law ~= tonumber(ARGV[3]) then return { 'outdated', law } end
local wanted = read_cohort(11)
if not has_chunks(wanted) then return { 'chunks' } end
local cohort = cohort_of(workflow, wanted)
local label, log_length = label_and_log(workflow, cohort)
local a = {
  cohort = cohort, entered = log_length, revision = 0, context_revision = 0, tickets = 0,
  trail = {}, context = ARGV[5],
}
if ARGV[6] ~= '' then note_block(a, put_block(ARGV[6]), ARGV[10]) end
join(cohort, member)
redis.call('HINCRBY', key('w', workflow), 'actors', 1)
write_actor(name, a)
remember(name, ARGV[7], ARGV[8], ARGV[9], 'done', 0, label, ARGV[4])
return { 'done', 0, label, ARGV[4], 0 }
