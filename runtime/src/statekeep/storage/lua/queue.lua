-- The first events of an actor's queue.
--
-- KEYS[1]  the actor's record (a:<actor>)
-- ARGV     1 how many
-- Answers  {{ticket, type, payload, key or '', body, ttl}, ...}

local found = {}
for _, packed in ipairs(redis.call('LRANGE', key('q', own_name()), 0, tonumber(ARGV[1]) - 1)) do
  found[#found + 1] = { cmsgpack.unpack(packed) }
end
return found
