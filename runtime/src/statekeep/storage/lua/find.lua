-- Read one actor and the cohort it is in.
--
-- KEYS[1]  the actor's record (a:<actor>)
-- Answers  nil, or {workflow, revision, cohort, label, context revision, context, events in its
--          queue, digest, form, past}

local raw = redis.call('GET', KEYS[1])
if not raw then return false end
local a = read_actor(raw)
local record = key('c', a.cohort)
settled(redis.call('HGET', record, 'f'), a.cohort)
local c = redis.call('HMGET', record, 'f', 'l', 'd', 't', 'y')
local queued = a.tickets > 0 and redis.call('LLEN', key('q', own_name())) or 0
return {
  c[1], a.revision, a.cohort, tonumber(c[2]) or 0, a.context_revision, a.context, queued,
  c[3], c[4], c[5],
}
