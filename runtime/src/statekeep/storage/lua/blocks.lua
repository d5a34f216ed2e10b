-- The decision blocks that were made where an actor was, oldest first.
--
-- KEYS[1]  the actor's record (a:<actor>)
-- Answers  nil, or a flat list: text, second it was read or -1, fingerprint or '', text, ...

local raw = redis.call('GET', KEYS[1])
if not raw then return false end
local a, found = read_actor(raw), {}
local workflow = redis.call('HGET', key('c', a.cohort), 'f')
local function add(block, at, fingerprint)
  local n = #found
  found[n + 1], found[n + 2], found[n + 3] = redis.call('HGET', key('b', block), 't'), at, fingerprint
end
local function add_log(cohort, from, to)
  local _, _, _, log = head_of(workflow, cohort)
  local fingerprint, place = redis.call('HGET', key('c', cohort), 'i'), 0
  for block in string.gmatch(log or '', '%S+') do
    if place >= from and (to < 0 or place < to) then add(block, '-1', fingerprint) end
    place = place + 1
  end
end
settled(workflow, a.cohort)
for i = 1, #a.trail, 3 do
  if a.trail[i + 1] == -1 then
    add(a.trail[i], tostring(a.trail[i + 2]), '')
  else
    add_log(a.trail[i], a.trail[i + 1], a.trail[i + 2])
  end
end
add_log(a.cohort, a.entered, -1)
return found
