-- Move one actor by one event, or say what is missing.
--
-- KEYS[1]  the actor's record (a:<actor>)
-- ARGV     1 member, 2 event type, 3 idempotency key or '', 4 now in seconds; what follows may be
--          left out from its end on: 5 6 body and ttl of the key, 7 8 revision and label expected,
--          9 payload for a queue, 10 ticket that this drains, 11 12 context revision seen, sealed
--          context, 13 14 journal place, sealed line; and where a step was computed:
--          15 cohort, 16 label, 17 law, 18 accepted (1 or 0), 19 answer, 20 block,
--          21 journal (1 or 0), 22... the target as a cohort
-- Answers  {word, ...}: done, no-actor, key-reused, stale, held, queued, queue-full, blocked,
--          unknown, context-moved, journal, chunks

local QUEUE_LIMIT = 1000
local OWN_SECONDS = 60

local name, member, event, used, now = own_name(), ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local function given(i) return ARGV[i] or '' end
local body = given(5)
local ttl = given(6) ~= '' and ARGV[6] or OWN_SECONDS
local raw = redis.call('GET', KEYS[1])
if not raw then
  local told = recall(name, used)
  if not told or told.kind ~= 'done' then return { 'no-actor' } end
  if told.body ~= body then return { 'key-reused' } end
  return { 'done', told.revision, told.label, told.answer, 1 }
end
local a = read_actor(raw)
local record = key('c', a.cohort)
local workflow, packed = unpack(redis.call('HMGET', record, 'f', 'e:' .. event))
local law, fence = law_of(workflow)
if moving then promoted(workflow, a.cohort) end
local _, label, log_length, _, rule = head_of(workflow, a.cohort)
local draining = given(10) ~= ''

local function content() return content_of(workflow, a.cohort) end

if not draining then
  local told = recall(name, used)
  if told then
    if told.body ~= body then return { 'key-reused' } end
    if told.kind == 'done' then return { 'done', told.revision, told.label, told.answer, 1 } end
    return { 'queued', workflow, tonumber(told.answer), a.revision, label, 1, content() }
  end
end
if given(7) ~= '' and (tonumber(given(7)) ~= a.revision or tonumber(given(8)) ~= label) then
  return { 'stale', a.revision, label }
end
if fence then return { 'held', workflow, tonumber(fence) } end

local queue = key('q', name)
if draining then
  local head = redis.call('LINDEX', queue, 0)
  if not head or cmsgpack.unpack(head) ~= tonumber(given(10)) then
    return { 'stale', a.revision, label }
  end
elseif rule == 'Buffer' or (a.tickets > 0 and redis.call('EXISTS', queue) == 1) then
  if redis.call('LLEN', queue) >= QUEUE_LIMIT then return { 'queue-full' } end
  a.tickets = a.tickets + 1
  redis.call('RPUSH', queue, cmsgpack.pack(a.tickets, event, given(9), used, body, ttl))
  redis.call('SADD', key('z', workflow), name)
  write_actor(name, a)
  remember(name, used, body, ttl, 'queued', a.revision, label, tostring(a.tickets))
  return { 'queued', workflow, a.tickets, a.revision, label, 0, content() }
end
if rule == 'Block' or (draining and rule ~= '') then return { 'blocked', workflow, content() } end

local function finish(answer)
  if draining then
    redis.call('LPOP', queue)
    if redis.call('EXISTS', queue) == 0 then redis.call('SREM', key('z', workflow), name) end
  end
  remember(name, used, body, ttl, 'done', a.revision, label, answer)
  return { 'done', a.revision, label, answer, 0 }
end

local fits = ARGV[15] and tonumber(ARGV[15]) == a.cohort and tonumber(ARGV[16]) == label
  and tonumber(ARGV[17]) == law
if fits and ARGV[18] == '0' then return finish(ARGV[19]) end

local target, answer, block, journal, target_label, target_log
if packed then
  local memo_law, length
  memo_law, target, answer, block, journal, length = cmsgpack.unpack(packed)
  if memo_law == law and length then target_label, target_log = label_and_log(workflow, target) end
  if not target_label then
    if block ~= 0 then drop_block(block) end
    redis.call('HDEL', record, 'e:' .. event)
    packed = false
  end
end
if not packed then
  if not fits then return { 'unknown', workflow, a.cohort, label, law, content() } end
  journal = tonumber(ARGV[21])
end
if given(11) ~= '' and tonumber(given(11)) ~= a.context_revision then return { 'context-moved' } end
local place = journal == 1 and redis.call('HGET', record, 'n')
if place and given(13) ~= place then return { 'journal', tonumber(place) } end
if not packed then
  local cohort = read_cohort(22)
  if not has_chunks(cohort) then return { 'chunks' } end
  target = cohort_of(workflow, cohort)
  answer, block = ARGV[19], 0
  if ARGV[20] ~= '' then
    block = put_block(ARGV[20])
    redis.call('HINCRBY', key('b', block), 'x', 1)
  end
  target_label, target_log = label_and_log(workflow, target)
  if redis.call('HLEN', record) < MEMOS then
    redis.call('HSET', record, 'e:' .. event, cmsgpack.pack(law, target, answer, block, journal,
      rule == '' and log_length or -1, target_label, target_log))
  end
end
if place then redis.call('HSET', key('j', name), place, given(14)) end

note_log(a, log_length)
if block ~= 0 then note_block(a, block, now) end
if target ~= a.cohort then change_cohort(a.cohort, target, member) end
a.cohort, a.entered, a.revision = target, target_log, a.revision + 1
if given(11) ~= '' then
  a.context, a.context_revision = given(12), a.context_revision + 1
end
write_actor(name, a)
label = target_label
return finish(answer)
