-- Shared by every script of a shard. The loader puts this text before each of them.
--
-- All keys of a tenant on a shard begin with `sk:{<shard>}:<tenant>:`, so they have one hash tag and
-- are in one slot; a script takes that prefix from its first key. Names of cohort records are found
-- inside the script (a memo says where an event leads), so those keys cannot be declared.
--
--   a:<actor>      string  cmsgpack: format, cohort, entered, revision, context revision, tickets,
--                          trail, sealed context. The trail is a flat list of triples: a log, and
--                          either the places from and to in it, or -1 and the second it was read.
--   c:<cohort>     hash    f workflow, y past, i fingerprint, n events in the history; and where they
--                          are not 0 or '': x references to its log, h chunks it refers to; and a
--                          memo for each event type: e:<type>, cmsgpack of law, target cohort,
--                          answer, block or 0, whether the step is kept in a journal, the length of
--                          the record's log (-1 where it is stranded), label and length of log of
--                          the target. The last three change by a recast only, so under another
--                          law; a memo from before they were noted is void
--   v:<workflow>   hash    cohort -> head, which is what a recast changes: cmsgpack of digest (of the
--                          form, then of the past), label, length of its log, log (names of
--                          blocks), rule (what its stranding does with events, or ''), whether the
--                          digest is in the index as this record's. A record of layout 2 has no head
--                          but fields of its own instead: d digest, l label, g length, k log, r
--                          rule, and t the text of its form
--   f:<workflow>   hash    digest of a form -> its text, x and the digest -> how many heads name it
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

-- Heads and forms. A form is counted by the heads that name it.

local function hold_form(workflow, form, text, count)
  local forms = key('f', workflow)
  if redis.call('HINCRBY', forms, 'x' .. form, count) == count then
    redis.call('HSET', forms, form, text)
  end
end

local function drop_form(workflow, form, count)
  local forms = key('f', workflow)
  if redis.call('HINCRBY', forms, 'x' .. form, -count) <= 0 then
    redis.call('HDEL', forms, form, 'x' .. form)
  end
end

-- Records of layout 2 have their head among their own fields, until a recast rewrites it.
local function older_head(workflow, cohort)
  local got = redis.call('HMGET', key('c', cohort), 'd', 'l', 'g', 'k', 'r', 't')
  if not got[1] then return nil end
  local held = redis.call('HGET', key('i', workflow), got[1])
  return got[1], tonumber(got[2]) or 0, tonumber(got[3]) or 0, got[4] or '', got[5] or '',
    held == tostring(cohort), got[6]
end

-- What a record says, of its packed head or of its number: digest, label, length of its log, log,
-- rule, whether it is in the index, and the form where that stands in the record itself.
local function read_head(workflow, cohort, packed)
  if packed then return cmsgpack.unpack(packed) end
  return older_head(workflow, cohort)
end

local function head_of(workflow, cohort)
  return read_head(workflow, cohort, redis.call('HGET', key('v', workflow), cohort))
end

local function form_of(workflow, digest, older)
  return older or redis.call('HGET', key('f', workflow), string.sub(digest, 1, FORM_BYTES))
end

-- Digest, form and past of a record.
local function content_of(workflow, cohort)
  local digest, _, _, _, _, _, older = head_of(workflow, cohort)
  if not digest then return '', '', '' end
  return digest, form_of(workflow, digest, older), redis.call('HGET', key('c', cohort), 'y')
end

-- Take away a cohort record, if it has no members and nobody refers to its log.
local function collapse(cohort)
  local record = key('c', cohort)
  local got = redis.call('HMGET', record, 'f', 'x', 'h')
  local workflow = got[1]
  if not workflow or redis.call('EXISTS', key('m', cohort)) == 1 then return end
  if (got[2] or '0') ~= '0' then return end
  local digest, _, _, log, _, indexed, form = head_of(workflow, cohort)
  if indexed then redis.call('HDEL', key('i', workflow), digest) end
  if not form then drop_form(workflow, string.sub(digest, 1, FORM_BYTES), 1) end
  drop_memos(record)
  drop_chunks_of(got[3] or '')
  for block in string.gmatch(log, '%S+') do drop_block(block) end
  redis.call('HDEL', key('v', workflow), cohort)
  redis.call('SREM', key('o', workflow), cohort)
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
    past = past, joined = joined, uses = 0, from = {}, holds = block == 0,
  }
  if block == 0 then
    known.block = put_block(text)
    redis.call('HSET', key('g', workflow), number,
      cmsgpack.pack(known.block, '', digest, form, rule, past_digest, past, joined))
  end
  known.name = tostring(known.block)
  recasts[number] = known
  return known
end

local function set_or_drop(record, field, value)
  if value == '' then redis.call('HDEL', record, field) else redis.call('HSET', record, field, value) end
end

-- The past of a record that a landing has changed. A recast holds its chunks for whoever comes first.
local function new_past(record, to)
  local before = redis.call('HGET', record, 'h')
  redis.call('HSET', record, 'y', to.past)
  if not to.holds then
    for chunk in string.gmatch(to.joined, '[^,]+') do hold_chunk(chunk) end
  end
  to.holds = false
  drop_chunks_of(before or '')
  set_or_drop(record, 'h', to.joined)
end

-- The blocks of the recasts that this script has carried out are referred to by so many logs more.
local function count_uses()
  for _, to in pairs(recasts) do
    if to.uses > 0 then redis.call('HINCRBY', key('b', to.block), 'x', to.uses) end
    to.uses = 0
  end
end

-- Where the content of some records has changed: an old digest leaves the index where it was theirs,
-- a new one is entered where it is free. Answers the places of those that are not in the index now.
local function reindex(workflow, cohorts, gone, after)
  local index, new, n, others = key('i', workflow), {}, 0, {}
  if #gone > 0 then redis.call('HDEL', index, unpack(gone)) end
  local taken = {}
  for i, held in ipairs(redis.call('HMGET', index, unpack(after))) do
    local digest = after[i]
    if held or taken[digest] then
      others[#others + 1] = i
    else
      taken[digest] = true
      new[n + 1], new[n + 2] = digest, cohorts[i]
      n = n + 2
    end
  end
  if n > 0 then redis.call('HSET', index, unpack(new)) end
  return others
end

-- From which forms the recasts of this script have led: each is named by so many heads fewer, and
-- the form that a recast leads to by so many more.
local function count_forms(workflow)
  for _, to in pairs(recasts) do
    for form, count in pairs(to.from) do
      hold_form(workflow, to.digest, to.form, count)
      drop_form(workflow, form, count)
    end
    to.from = {}
  end
end

-- A record of layout 2 gives up its head.
local function leave_layout(workflow, cohort, digest, form)
  hold_form(workflow, string.sub(digest, 1, FORM_BYTES), form, 1)
  redis.call('HDEL', key('c', cohort), 'd', 'l', 'g', 'k', 'r', 't')
end

-- Carry out what is due to some records: `numbers` has the recast of each, or false. A head that
-- changes is written as one that is in the index, which nearly all are.
local function promote(workflow, cohorts, numbers)
  local pack, read, sub = cmsgpack.pack, cmsgpack.unpack, string.sub
  local heads, due = key('v', workflow), recasts
  local changed, gone, after, places, n, g = {}, {}, {}, {}, 0, 0
  local written, w = {}, 0
  for i, packed in ipairs(redis.call('HMGET', heads, unpack(cohorts))) do
    local number, cohort = numbers[i], cohorts[i]
    local digest, label, length, log, rule, indexed, older
    if packed and number then
      digest, label, length, log, rule, indexed = read(packed)
    elseif number then
      digest, label, length, log, rule, indexed, older = older_head(workflow, cohort)
      if digest then leave_layout(workflow, cohort, digest, older) end
    end
    if digest then
      local to = due[number] or recast_of(workflow, number)
      to.uses = to.uses + 1
      log = log == '' and to.name or log .. ' ' .. to.name
      if to.digest ~= '' then
        if indexed then
          g = g + 1
          gone[g] = digest
        end
        local form, past = sub(digest, 1, FORM_BYTES), to.past_digest
        to.from[form] = (to.from[form] or 0) + 1
        if past ~= '' then new_past(key('c', cohort), to) else past = sub(digest, FORM_BYTES + 1) end
        digest, label, rule, indexed = to.digest .. past, label + 1, to.rule, true
        n = n + 1
        changed[n], after[n], places[n] = cohort, digest, w + 2
      end
      written[w + 1], written[w + 2] = cohort, pack(digest, label, length + 1, log, rule, indexed)
      w = w + 2
    end
  end
  if n > 0 then
    for _, other in ipairs(reindex(workflow, changed, gone, after)) do
      local digest, label, length, log, rule = read(written[places[other]])
      written[places[other]] = pack(digest, label, length, log, rule, false)
    end
  end
  if w > 0 then redis.call('HSET', heads, unpack(written)) end
  count_forms(workflow)
  count_uses()
end

-- Whoever meets a record while recasts are due carries out its own first.
local function promoted(workflow, cohort)
  local number = redis.call('HGET', key('s', workflow), cohort)
  if not number then return false end
  promote(workflow, { tostring(cohort) }, { number })
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
  redis.call('HSET', record, 'f', workflow, 'y', c.past, 'i', c.fingerprint, 'n', c.events)
  redis.call('HSET', key('v', workflow), cohort, cmsgpack.pack(c.digest, 0, 0, '', c.rule, true))
  hold_form(workflow, string.sub(c.digest, 1, FORM_BYTES), c.form, 1)
  if c.joined ~= '' then redis.call('HSET', record, 'h', c.joined) end
  for _, chunk in ipairs(c.chunks) do hold_chunk(chunk) end
  redis.call('HSET', index, c.digest, cohort)
  redis.call('SADD', key('o', workflow), cohort)
  return cohort
end

-- The label of a record and the length of its log; nil if it is gone.
local function label_and_log(workflow, cohort)
  local _, label, length = head_of(workflow, cohort)
  return label, length
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
