-- Move one actor by one event, or say what is missing.
--
-- KEYS[1]  the actor's record (a:<actor>)
-- ARGV     1 prefix, 2 actor, 3 member, 4 event type, 5 6 revision and label expected or '',
--          7 8 9 idempotency key or '', body, ttl, 10 payload for a queue, 11 now in seconds,
--          12 ticket that this drains or '', 13 14 context revision seen or '', sealed context,
--          15 16 journal place or '', sealed line; and where a step was computed:
--          17 cohort, 18 label, 19 law, 20 accepted (1 or 0), 21 answer, 22 block or '',
--          23 journal (1 or 0), 24... the target as a cohort
-- Answers  {word, ...}: done, no-actor, key-reused, stale, held, queued, queue-full, blocked,
--          unknown, context-moved, journal, chunks

local QUEUE_LIMIT = 1000

local name, member, event = ARGV[2], ARGV[3], ARGV[4]
local raw = redis.call('GET', KEYS[1])
if not raw then return { 'no-actor' } end
local a = read_actor(raw)
local record = key('c', a.cohort)
local got = redis.call('HMGET', record, 'f', 'l', 'r', 'g', 'e:' .. event)
local workflow, label, rule, log_length, packed =
  got[1], tonumber(got[2]), got[3], tonumber(got[4]), got[5]
local draining = ARGV[12] ~= ''

local function content() return redis.call('HMGET', record, 'd', 't') end

if not draining then
  local told = recall(name, ARGV[7])
  if told then
    if told.body ~= ARGV[8] then return { 'key-reused' } end
    if told.kind == 'done' then return { 'done', told.revision, told.label, told.answer, 1 } end
    local c = content()
    return { 'queued', workflow, tonumber(told.answer), a.revision, label, c[1], c[2], 1 }
  end
end
if ARGV[5] ~= '' and (tonumber(ARGV[5]) ~= a.revision or tonumber(ARGV[6]) ~= label) then
  return { 'stale', a.revision, label }
end
local law, fence = law_of(workflow)
if fence then return { 'held', workflow, tonumber(fence) } end

local queue = key('q', name)
if draining then
  local head = redis.call('LINDEX', queue, 0)
  if not head or cmsgpack.unpack(head) ~= tonumber(ARGV[12]) then
    return { 'stale', a.revision, label }
  end
elseif rule == 'Buffer' or (a.tickets > 0 and redis.call('EXISTS', queue) == 1) then
  if redis.call('LLEN', queue) >= QUEUE_LIMIT then return { 'queue-full' } end
  a.tickets = a.tickets + 1
  redis.call('RPUSH', queue, cmsgpack.pack(a.tickets, event, ARGV[10], ARGV[7], ARGV[8], ARGV[9]))
  redis.call('SADD', key('z', workflow), name)
  write_actor(name, a)
  remember(name, ARGV[7], ARGV[8], ARGV[9], 'queued', a.revision, label, tostring(a.tickets))
  local c = content()
  return { 'queued', workflow, a.tickets, a.revision, label, c[1], c[2], 0 }
end
if rule == 'Block' or (draining and rule ~= '') then
  local c = content()
  return { 'blocked', workflow, c[1], c[2] }
end

local function finish(answer)
  if draining then
    redis.call('LPOP', queue)
    if redis.call('EXISTS', queue) == 0 then redis.call('SREM', key('z', workflow), name) end
  end
  remember(name, ARGV[7], ARGV[8], ARGV[9], 'done', a.revision, label, answer)
  return { 'done', a.revision, label, answer, 0 }
end

local fits = ARGV[17] and tonumber(ARGV[17]) == a.cohort and tonumber(ARGV[18]) == label
  and tonumber(ARGV[19]) == law
if fits and ARGV[20] == '0' then return finish(ARGV[21]) end

local target, answer, block, journal, target_label, target_log
if packed then
  local memo_law
  memo_law, target, answer, block, journal = cmsgpack.unpack(packed)
  local known = memo_law == law and redis.call('HMGET', key('c', target), 'l', 'g')
  if known and known[1] then
    target_label, target_log = tonumber(known[1]), tonumber(known[2])
  else
    if block ~= 0 then drop_block(block) end
    redis.call('HDEL', record, 'e:' .. event)
    packed = false
  end
end
if not packed then
  if not fits then
    local c = content()
    return { 'unknown', workflow, a.cohort, label, c[1], c[2], law }
  end
  local cohort = read_cohort(24)
  if not has_chunks(cohort) then return { 'chunks' } end
  target = cohort_of(workflow, cohort)
  answer, block, journal = ARGV[21], 0, tonumber(ARGV[23])
  if ARGV[22] ~= '' then
    block = put_block(ARGV[22])
    redis.call('HINCRBY', key('b', block), 'x', 1)
  end
  if redis.call('HLEN', record) < MEMOS then
    redis.call('HSET', record, 'e:' .. event, cmsgpack.pack(law, target, answer, block, journal))
  end
  local known = redis.call('HMGET', key('c', target), 'l', 'g')
  target_label, target_log = tonumber(known[1]), tonumber(known[2])
end

if ARGV[13] ~= '' and tonumber(ARGV[13]) ~= a.context_revision then return { 'context-moved' } end
if journal == 1 then
  local place = redis.call('HGET', record, 'n')
  if ARGV[15] ~= place then return { 'journal', tonumber(place) } end
  redis.call('HSET', key('j', name), place, ARGV[16])
end

note_log(a, log_length)
if block ~= 0 then note_block(a, block, ARGV[11]) end
if target ~= a.cohort then
  join(target, member)
  part(a.cohort, member)
end
a.cohort, a.entered, a.revision = target, target_log, a.revision + 1
if ARGV[13] ~= '' then
  a.context, a.context_revision = ARGV[14], a.context_revision + 1
end
write_actor(name, a)
label = target_label
return finish(answer)
