-- Shared by every script of a shard. The loader puts this text before each of them.
--
-- All keys of a tenant on a shard begin with `sk:{<shard>}:<tenant>:`, so they have one hash tag and
-- are in one slot; a script takes that prefix from its first key. Names of cohort records are found
-- inside the script (a memo says where an event leads), so those keys cannot be declared.
--
--   a:<actor>      string  cmsgpack: format, cohort, entered, revision, context revision, tickets,
--                          trail, sealed context. The trail is a flat list of triples: a log, and
--                          either the places from and to in it, or -1 and the second it was read.
--   c:<cohort>     hash    f workflow, d digest (of the form, then of the past), t form, y past,
--                          i fingerprint, n events in the history; and where they are not 0 or '':
--                          r what its stranding does with events, l label, g length of its log,
--                          k its log (names of blocks), x references to its log, h chunks it refers
--                          to; and a memo for each event type: e:<type>, cmsgpack of law, target
--                          cohort, answer, block or 0, whether the step is kept in a journal, the
--                          length of the record's log (-1 where it is stranded), label and length
--                          of log of the target. The last three change by a recast only, so under
--                          another law; a memo from before they were noted is void
--   m:<cohort>     set     members, as integers where their ids are (an intset while it is small)
--   b:<block>      hash    t text of a decision block, x references to it; one that a change made
--                          is of all records that it treats alike, and leaves the fingerprint out
--   h:<chunk>      hash    p the chunk before, t 64 event types, x references to it
--   w:<workflow>   hash    law, fence (the change that holds the shard), seen (the latest one that
--                          was here), watch (the change that wants to know what is touched),
--                          moving (the change whose records are not all rewritten), actors (how many
--                          are on the shard)
--   t:<workflow>   set     cohort records that were touched while a change watches
--   u:<workflow>   list    the last question about those, and the records it was told of
--   s:<workflow>   hash    cohort record -> number of the recast that is due to it
--   g:<workflow>   hash    number -> recast, cmsgpack: block, block text, and where the content
--                          changes: digest, form, rule, and where the past does: digest, past,
--                          chunks
--   p:<workflow>   list    cohort records to which a recast is due
--   i:<workflow>   hash    digest -> cohort
--   o:<workflow>   set     all cohort records of the workflow
--   z:<workflow>   set     actors that have a queue
--   q:<actor>      list    cmsgpack of queued events: ticket, type, payload, key, body, ttl
--   j:<actor>      hash    place in the history -> sealed line of the journal
--   k:<actor>:<key> string cmsgpack: body, kind, revision, label, answer; expires
--   e              zset    cohort records without members, by when they were left
--   d              zset    actors that are done, by the second in which that was noted
--   n              string  counter of names

local P = string.match(KEYS[1], '^sk:[^:]*:[^:]*:')
local FORMAT = 1
local EMPTIES = 2000
local FORM_BYTES = 12
local MEMOS = 256

local function key(kind, name) return P .. kind .. ':' .. name end

-- The name behind the prefix and the kind of the first key: an actor or a workflow.
local function own_name() return string.sub(KEYS[1], #P + 3) end

local function next_name() return redis.call('INCR', P .. 'n') end

local function read_actor(raw)
  local format, cohort, entered, revision, context_revision, tickets, trail, context =
    cmsgpack.unpack(raw)
  return {
    cohort = cohort, entered = entered, revision = revision,
    context_revision = context_revision, tickets = tickets, trail = trail, context = context,
  }
end

local function write_actor(name, a)
  redis.call('SET', key('a', name), cmsgpack.pack(
    FORMAT, a.cohort, a.entered, a.revision, a.context_revision, a.tickets, a.trail, a.context))
end

-- Chunks and blocks are shared and counted.

local function drop_chunk(chunk)
  while chunk and chunk ~= '' do
    local k = key('h', chunk)
    if redis.call('HINCRBY', k, 'x', -1) > 0 then return end
    chunk = redis.call('HGET', k, 'p')
    redis.call('DEL', k)
  end
end

local function hold_chunk(chunk)
  redis.call('HINCRBY', key('h', chunk), 'x', 1)
end

local function drop_block(block)
  local k = key('b', block)
  if redis.call('HINCRBY', k, 'x', -1) <= 0 then redis.call('DEL', k) end
end

local function put_block(text)
  local block = next_name()
  redis.call('HSET', key('b', block), 't', text, 'x', 0)
  return block
end

-- A cohort as an argument: digest, form, past, rule, events, fingerprint, chunks it refers to
-- (joined by commas), how many chunks follow, and those: name, name of the one before, text. The
-- oldest comes first.
local function read_chunks(i, c)
  c.chunks, c.given, c.joined = {}, {}, ARGV[i]
  for chunk in string.gmatch(c.joined, '[^,]+') do c.chunks[#c.chunks + 1] = chunk end
  local count = tonumber(ARGV[i + 1])
  i = i + 2
  for _ = 1, count do
    c.given[#c.given + 1] = { ARGV[i], ARGV[i + 1], ARGV[i + 2] }
    i = i + 3
  end
  return c, i
end

local function read_cohort(i)
  return read_chunks(i + 6, {
    digest = ARGV[i], form = ARGV[i + 1], past = ARGV[i + 2], rule = ARGV[i + 3],
    events = ARGV[i + 4], fingerprint = ARGV[i + 5],
  })
end

-- Store the chunks that were given; false if one that is referred to is not here.
local function has_chunks(c)
  for _, g in ipairs(c.given) do
    local k = key('h', g[1])
    if redis.call('EXISTS', k) == 0 and (g[2] == '' or redis.call('EXISTS', key('h', g[2])) == 1) then
      redis.call('HSET', k, 'p', g[2], 't', g[3], 'x', 0)
      if g[2] ~= '' then hold_chunk(g[2]) end
    end
  end
  for _, chunk in ipairs(c.chunks) do
    if redis.call('EXISTS', key('h', chunk)) == 0 then return false end
  end
  return true
end

local function drop_chunks_of(joined)
  for chunk in string.gmatch(joined, '[^,]+') do drop_chunk(chunk) end
end

local function drop_memos(record)
  local fields = redis.call('HKEYS', record)
  for _, field in ipairs(fields) do
    if string.sub(field, 1, 2) == 'e:' then
      local _, _, _, block = cmsgpack.unpack(redis.call('HGET', record, field))
      if block ~= 0 then drop_block(block) end
      redis.call('HDEL', record, field)
    end
  end
end

-- Take away a cohort record, if it has no members and nobody refers to its log.
local function collapse(cohort)
  local record = key('c', cohort)
  local got = redis.call('HMGET', record, 'f', 'd', 'x', 'h', 'k')
  if not got[1] or redis.call('EXISTS', key('m', cohort)) == 1 then return end
  if (got[3] or '0') ~= '0' then return end
  local index = key('i', got[1])
  if redis.call('HGET', index, got[2]) == tostring(cohort) then redis.call('HDEL', index, got[2]) end
  drop_memos(record)
  drop_chunks_of(got[4] or '')
  for block in string.gmatch(got[5] or '', '%S+') do drop_block(block) end
  redis.call('SREM', key('o', got[1]), cohort)
  redis.call('DEL', record)
end

-- What a shard holds for a workflow: law, the change that holds it or false, whether a change wants
-- to know what is touched, whether recasts are due.
local watching, moving = false, false
local function law_of(workflow)
  local got = redis.call('HMGET', key('w', workflow), 'law', 'fence', 'watch', 'moving')
  watching, moving = got[3] and key('t', workflow), got[4]
  return tonumber(got[1] or '0'), got[2] or false
end

-- Carry out the recast that is due to a record. Its members stay where they are: what the record
-- says is what they are. Memos stay, too: they are of another law, so whoever meets one takes it
-- away.
local recasts = {}
local function recast_of(workflow, number)
  local known = recasts[number]
  if known then return known end
  local packed = redis.call('HGET', key('g', workflow), number)
  local block, text, digest, form, rule, past_digest, past, joined = cmsgpack.unpack(packed)
  known = {
    block = block, digest = digest, form = form, rule = rule, past_digest = past_digest,
    past = past, joined = joined, uses = 0, holds = block == 0,
  }
  if block == 0 then
    known.block = put_block(text)
    redis.call('HSET', key('g', workflow), number,
      cmsgpack.pack(known.block, '', digest, form, rule, past_digest, past, joined))
  end
  recasts[number] = known
  return known
end

local function set_or_drop(record, field, value)
  if value == '' then redis.call('HDEL', record, field) else redis.call('HSET', record, field, value) end
end

-- The past of a record that a landing has changed. A recast holds its chunks for whoever comes first.
local function new_past(record, to, before)
  redis.call('HSET', record, 'y', to.past)
  if not to.holds then
    for chunk in string.gmatch(to.joined, '[^,]+') do hold_chunk(chunk) end
  end
  to.holds = false
  drop_chunks_of(before or '')
  set_or_drop(record, 'h', to.joined)
end

-- `moved` collects the digests before and after, for `reindex`.
local function promote(workflow, cohort, number, moved)
  local record = key('c', cohort)
  local got = redis.call('HMGET', record, 'd', 'g', 'k', 'l', 'r', 'h')
  if not got[1] then return end
  local to = recast_of(workflow, number)
  to.uses = to.uses + 1
  local length, log = (tonumber(got[2]) or 0) + 1, to.block
  if got[3] then log = got[3] .. ' ' .. log end
  if to.digest == '' then
    redis.call('HSET', record, 'g', length, 'k', log)
    return
  end
  local past = to.past_digest ~= '' and to.past_digest or string.sub(got[1], FORM_BYTES + 1)
  local digest = to.digest .. past
  local n = #moved.cohorts + 1
  moved.cohorts[n], moved.before[n], moved.after[n] = tostring(cohort), got[1], digest
  redis.call('HSET', record, 'd', digest, 't', to.form, 'l', (tonumber(got[4]) or 0) + 1,
    'g', length, 'k', log)
  if to.rule ~= (got[5] or '') then set_or_drop(record, 'r', to.rule) end
  if to.past_digest ~= '' then new_past(record, to, got[6]) end
end

-- The index after some records have moved: an old digest goes where it was theirs, a new one is
-- entered where it is free.
local function reindex(workflow, moved)
  if #moved.cohorts == 0 then return end
  local index, gone, new = key('i', workflow), {}, {}
  for i, held in ipairs(redis.call('HMGET', index, unpack(moved.before))) do
    if held == moved.cohorts[i] then gone[#gone + 1] = moved.before[i] end
  end
  if #gone > 0 then redis.call('HDEL', index, unpack(gone)) end
  local taken = {}
  for i, held in ipairs(redis.call('HMGET', index, unpack(moved.after))) do
    local digest = moved.after[i]
    if not held and not taken[digest] then
      taken[digest] = true
      local n = #new
      new[n + 1], new[n + 2] = digest, moved.cohorts[i]
    end
  end
  if #new > 0 then redis.call('HSET', index, unpack(new)) end
end

local function nothing_moved() return { cohorts = {}, before = {}, after = {} } end

-- The blocks of the recasts that this script has carried out are referred to by so many logs more.
local function count_uses()
  for _, to in pairs(recasts) do
    if to.uses > 0 then redis.call('HINCRBY', key('b', to.block), 'x', to.uses) end
    to.uses = 0
  end
end

-- Whoever meets a record while recasts are due carries out its own first.
local function promoted(workflow, cohort)
  local number = redis.call('HGET', key('s', workflow), cohort)
  if not number then return false end
  local moved = nothing_moved()
  promote(workflow, cohort, number, moved)
  reindex(workflow, moved)
  count_uses()
  redis.call('HDEL', key('s', workflow), cohort)
  return true
end

-- Forget what a change has noted and said on a shard.
local function forget_change(workflow)
  redis.call('UNLINK', key('t', workflow), key('u', workflow), key('s', workflow),
    key('g', workflow), key('p', workflow))
end

-- For scripts that read: bring a record up to date.
local function settled(workflow, cohort)
  if redis.call('HGET', key('w', workflow), 'moving') then promoted(workflow, cohort) end
end

-- The record with this content, made if there is none.
local function cohort_of(workflow, c)
  local index = key('i', workflow)
  local known = redis.call('HGET', index, c.digest)
  if known and moving and promoted(workflow, known) then
    known = redis.call('HGET', index, c.digest)
  end
  if known then return tonumber(known) end
  local cohort = next_name()
  local record = key('c', cohort)
  redis.call('HSET', record, 'f', workflow, 'd', c.digest, 't', c.form, 'y', c.past,
    'i', c.fingerprint, 'n', c.events)
  if c.rule ~= '' then redis.call('HSET', record, 'r', c.rule) end
  if c.joined ~= '' then redis.call('HSET', record, 'h', c.joined) end
  for _, chunk in ipairs(c.chunks) do hold_chunk(chunk) end
  redis.call('HSET', index, c.digest, cohort)
  redis.call('SADD', key('o', workflow), cohort)
  return cohort
end

-- The label of a record and the length of its log; false if it is gone.
local function label_and_log(cohort)
  local got = redis.call('HMGET', key('c', cohort), 'd', 'l', 'g')
  if not got[1] then return false end
  return tonumber(got[2]) or 0, tonumber(got[3]) or 0
end

-- Membership. A record that is left empty waits at the end of a queue of bounded length.
-- One that was joined again meanwhile is passed over when its turn comes.
local function touched(cohort)
  if watching then redis.call('SADD', watching, cohort) end
end

local function join(cohort, member)
  redis.call('SADD', key('m', cohort), member)
  touched(cohort)
end

local function leave(cohort)
  touched(cohort)
  if redis.call('EXISTS', key('m', cohort)) == 1 then return end
  local empties = P .. 'e'
  redis.call('ZADD', empties, next_name(), cohort)
  if redis.call('ZCARD', empties) > EMPTIES then
    for _, old in ipairs(redis.call('ZRANGE', empties, 0, 1)) do
      redis.call('ZREM', empties, old)
      collapse(tonumber(old))
    end
  end
end

local function part(cohort, member)
  redis.call('SREM', key('m', cohort), member)
  leave(cohort)
end

local function change_cohort(from, to, member)
  if redis.call('SMOVE', key('m', from), key('m', to), member) == 0 then
    redis.call('SADD', key('m', to), member)
  end
  touched(to)
  leave(from)
end

-- Note where the decisions are that were made while the actor was in the cohort it leaves.
local function note_log(a, length)
  if length > a.entered then
    local t = a.trail
    t[#t + 1] = a.cohort
    t[#t + 1] = a.entered
    t[#t + 1] = length
    redis.call('HINCRBY', key('c', a.cohort), 'x', 1)
  end
end

local function note_block(a, block, at)
  local t = a.trail
  t[#t + 1] = block
  t[#t + 1] = -1
  t[#t + 1] = tonumber(at)
  redis.call('HINCRBY', key('b', block), 'x', 1)
end

-- What a key was told before: body, kind, revision, label, answer.
local function recall(actor, name)
  if name == '' then return nil end
  local raw = redis.call('GET', key('k', actor .. ':' .. name))
  if not raw then return nil end
  local body, kind, revision, label, answer = cmsgpack.unpack(raw)
  return { body = body, kind = kind, revision = revision, label = label, answer = answer }
end

local function remember(actor, name, body, ttl, kind, revision, label, answer)
  if name == '' then return end
  redis.call('SET', key('k', actor .. ':' .. name),
    cmsgpack.pack(body, kind, revision, label, answer), 'EX', ttl)
end
