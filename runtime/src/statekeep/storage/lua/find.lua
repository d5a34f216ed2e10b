-- Read one actor and the cohort it is in.
--
-- KEYS[1]  the actor's record (a:<actor>)
-- Answers  nil, or {workflow, revision, cohort, label, digest, text, context revision, context,
--          events in its queue}

local raw = redis.call('GET', KEYS[1])
if not raw then return false end
local a = read_actor(raw)
local c = redis.call('HMGET', key('c', a.cohort), 'f', 'l', 'd', 't')
local queued = a.tickets > 0 and redis.call('LLEN', key('q', own_name())) or 0
return {
  c[1], a.revision, a.cohort, tonumber(c[2]), c[3], c[4], a.context_revision, a.context, queued,
}
