-- Enter a whole registry where there was none, for a change that holds the journal.
--
-- KEYS[1]  the book (hash), KEYS[2] the entries (list), KEYS[3] the homes (hash), KEYS[4] the
--          workflows of the tenant (set), as in registry_enter.lua
-- ARGV     1 workflow, 2 change, 3 clock, 4 law, 5 how many entries, 6... the entries, then names
-- Answers  1, also if this change has entered them before; 0 if nothing was entered

local got = redis.call('HMGET', KEYS[1], 'change', 'committed')
if got[1] ~= ARGV[2] then return 0 end
if got[2] == '1' then return 1 end
if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
local first_name = 6 + tonumber(ARGV[5])
for i = first_name, #ARGV do
  local home = redis.call('HGET', KEYS[3], ARGV[i])
  if home and home ~= ARGV[1] and string.sub(ARGV[i], 1, 2) == 'v:' then return 0 end
end
for i = first_name, #ARGV do
  local home = redis.call('HGET', KEYS[3], ARGV[i])
  local both = home and home ~= ARGV[1] and home .. '\n' .. ARGV[1]
  redis.call('HSET', KEYS[3], ARGV[i], both or ARGV[1])
end
for i = 6, first_name - 1 do redis.call('RPUSH', KEYS[2], ARGV[i]) end
redis.call('HSET', KEYS[1], 'clock', ARGV[3], 'law', ARGV[4], 'committed', 1)
redis.call('SADD', KEYS[4], ARGV[1])
return 1
