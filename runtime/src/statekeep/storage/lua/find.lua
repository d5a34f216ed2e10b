-- Read one actor and the cohort it is in.
--
-- KEYS[1]  the actor's record (a:<actor>)
-- Answers  nil, or {workflow, revision, cohort, label, context revision, context, events in its
--          queue, digest, form, past}

local raw = redis.call('GET', KEYS[1])
if not raw then return false end
local a = read_actor(raw)
local workflow = redis.call('HGET', key('c', a.cohort), 'f')
settled(workflow, a.cohort)
local queued = a.tickets > 0 and redis.call('LLEN', key('q', own_name())) or 0
return {
  workflow, a.revision, a.cohort, label_and_log(workflow, a.cohort), a.context_revision,
  a.context, queued, content_of(workflow, a.cohort),
}
