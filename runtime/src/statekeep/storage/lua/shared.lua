-- Shared by every script of a shard. The loader puts this text before each of them.
--
-- All keys of a tenant on a shard begin with `sk:{<shard>}:<tenant>:`, so they have one hash tag and
-- are in one slot; a script takes that prefix from its first key. Names of cohort records are found
-- inside the script (a memo says where an event leads), so those keys cannot be declared.
--
--   a:<actor>      string  cmsgpack: format, cohort, entered, revision, context revision, tickets,
--                          trail, sealed context. The trail is a flat list of triples: a log, and
--                          either the places from and to in it, or -1 and the second it was read.
--   c:<cohort>     hash    f workflow, d digest, t text, r what its stranding does with events or '',
--                          n events in the history, l label, w law of the last judgement,
--                          g length of its log, x references to its log, h chunks it refers to;
--                          and a memo for each event type: e:<type>, cmsgpack of law, target
--                          cohort, answer, block or 0, whether the step is kept in a journal
--   m:<cohort>     set     members, as integers where their ids are (an intset while it is small)
--   l:<cohort>     list    texts of decision blocks, oldest first
--   b:<block>      hash    t text of a decision block that an event, a spawn or a person made,
--                          x references to it
--   h:<chunk>      hash    p the chunk before, t 64 event types, x references to it
--   w:<workflow>   hash    law, fence (the change that holds the shard), fenced (the latest one),
--                          actors (how many are on the shard)
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

-- A cohort as an argument: digest, text, rule, events, chunks it refers to (joined by commas), how
-- many chunks follow, and those: name, name of the one before, text. The oldest comes first.
local function read_cohort(i)
  local c = {
    digest = ARGV[i], text = ARGV[i + 1], rule = ARGV[i + 2], events = ARGV[i + 3],
    chunks = {}, given = {},
  }
  for chunk in string.gmatch(ARGV[i + 4], '[^,]+') do c.chunks[#c.chunks + 1] = chunk end
  c.joined = ARGV[i + 4]
  local count = tonumber(ARGV[i + 5])
  i = i + 6
  for _ = 1, count do
    c.given[#c.given + 1] = { ARGV[i], ARGV[i + 1], ARGV[i + 2] }
    i = i + 3
  end
  return c, i
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
  local got = redis.call('HMGET', record, 'f', 'd', 'x', 'h')
  if not got[1] or redis.call('EXISTS', key('m', cohort)) == 1 then return end
  if got[3] ~= '0' then return end
  local index = key('i', got[1])
  if redis.call('HGET', index, got[2]) == tostring(cohort) then redis.call('HDEL', index, got[2]) end
  drop_memos(record)
  drop_chunks_of(got[4])
  redis.call('SREM', key('o', got[1]), cohort)
  redis.call('DEL', record, key('l', cohort))
end

-- The record with this content, made if there is none.
local function cohort_of(workflow, c)
  local index = key('i', workflow)
  local known = redis.call('HGET', index, c.digest)
  if known then return tonumber(known) end
  local cohort = next_name()
  redis.call('HSET', key('c', cohort), 'f', workflow, 'd', c.digest, 't', c.text, 'r', c.rule,
    'n', c.events, 'l', 0, 'w', 0, 'g', 0, 'x', 0, 'h', c.joined)
  for _, chunk in ipairs(c.chunks) do hold_chunk(chunk) end
  redis.call('HSET', index, c.digest, cohort)
  redis.call('SADD', key('o', workflow), cohort)
  redis.call('ZADD', P .. 'e', cohort, cohort)
  return cohort
end

-- Membership. A record that is left empty waits at the end of a queue of bounded length.
-- One that was joined again meanwhile is passed over when its turn comes.
local function join(cohort, member) redis.call('SADD', key('m', cohort), member) end

local function part(cohort, member)
  local members = key('m', cohort)
  redis.call('SREM', members, member)
  if redis.call('EXISTS', members) == 1 then return end
  local empties = P .. 'e'
  redis.call('ZADD', empties, next_name(), cohort)
  if redis.call('ZCARD', empties) > EMPTIES then
    for _, old in ipairs(redis.call('ZRANGE', empties, 0, 1)) do
      redis.call('ZREM', empties, old)
      collapse(tonumber(old))
    end
  end
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

local function law_of(workflow)
  local got = redis.call('HMGET', key('w', workflow), 'law', 'fence')
  return tonumber(got[1] or '0'), got[2] or false
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
