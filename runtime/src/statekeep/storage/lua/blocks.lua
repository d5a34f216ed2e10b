-- The decision blocks that were made where an actor was, oldest first.
--
-- KEYS[1]  the actor's record (a:<actor>)
-- Answers  nil, or a flat list: text, second it was read or -1, text, ...

local raw = redis.call('GET', KEYS[1])
if not raw then return false end
local a, found = read_actor(raw), {}
local function add_log(cohort, from, to)
  for _, text in ipairs(redis.call('LRANGE', key('l', cohort), from, to)) do
    found[#found + 1] = text
    found[#found + 1] = '-1'
  end
end
for i = 1, #a.trail, 3 do
  if a.trail[i + 1] == -1 then
    found[#found + 1] = redis.call('HGET', key('b', a.trail[i]), 't')
    found[#found + 1] = tostring(a.trail[i + 2])
  else
    add_log(a.trail[i], a.trail[i + 1], a.trail[i + 2] - 1)
  end
end
add_log(a.cohort, a.entered, -1)
return found
