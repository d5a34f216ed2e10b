-- Let an actor go, with everything that is its own.
--
-- KEYS[1]  the actor's record (a:<actor>)
-- ARGV     1 member, and where only one that is as it was seen is meant: 2 cohort, 3 revision
-- Answers  1, or 0 if there was none

local name, raw = own_name(), redis.call('GET', KEYS[1])
redis.call('ZREM', P .. 'd', name)
if not raw then return 0 end
local a = read_actor(raw)
if ARGV[2] and (tonumber(ARGV[2]) ~= a.cohort or tonumber(ARGV[3]) ~= a.revision) then return 0 end
for i = 1, #a.trail, 3 do
  if a.trail[i + 1] == -1 then
    drop_block(a.trail[i])
  else
    redis.call('HINCRBY', key('c', a.trail[i]), 'x', -1)
    if redis.call('EXISTS', key('m', a.trail[i])) == 0 then
      redis.call('ZADD', P .. 'e', next_name(), a.trail[i])
    end
  end
end
local workflow = redis.call('HGET', key('c', a.cohort), 'f')
law_of(workflow)
redis.call('SREM', key('z', workflow), name)
redis.call('HINCRBY', key('w', workflow), 'actors', -1)
redis.call('DEL', KEYS[1], key('q', name), key('j', name))
part(a.cohort, ARGV[1])
return 1
