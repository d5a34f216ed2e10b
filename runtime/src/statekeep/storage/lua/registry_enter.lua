-- Enter one entry: for a change that holds its journal, or, without a change, where nothing is under
-- way and the registry is as it was seen.
--
-- KEYS[1]  the book (hash), KEYS[2] the entries (list), KEYS[3] the homes (hash: v:<version> or
--          p:<change-point> -> its workflows, a line each), KEYS[4] the workflows of the tenant (set)
-- ARGV     1 workflow, 2 entry, 3 its clock, 4 its law, 5 change or '', 6 now,
--          7 clock seen, 8 entries seen, 9... names for the homes
-- Answers  1, also if this change has entered it before; 0 if nothing was entered

local got = redis.call('HMGET', KEYS[1], 'clock', 'change', 'expires', 'committed')
if ARGV[5] ~= '' then
  if got[2] == ARGV[5] and got[4] == '1' then return 1 end
  if got[2] ~= ARGV[5] or got[4] ~= '0' or tonumber(ARGV[6]) >= tonumber(got[3]) then return 0 end
else
  if got[2] or (got[1] or '0') ~= ARGV[7] or redis.call('LLEN', KEYS[2]) ~= tonumber(ARGV[8]) then
    return 0
  end
end
local function has(lines, line)
  return string.find('\n' .. lines .. '\n', '\n' .. line .. '\n', 1, true) ~= nil
end
local homes = {}
for i = 9, #ARGV do
  homes[i] = redis.call('HGET', KEYS[3], ARGV[i]) or ''
  local foreign = homes[i] ~= '' and not has(homes[i], ARGV[1])
  if foreign and string.sub(ARGV[i], 1, 2) == 'v:' then return 0 end
end
for i = 9, #ARGV do
  if homes[i] == '' then
    redis.call('HSET', KEYS[3], ARGV[i], ARGV[1])
  elseif not has(homes[i], ARGV[1]) then
    redis.call('HSET', KEYS[3], ARGV[i], homes[i] .. '\n' .. ARGV[1])
  end
end
redis.call('RPUSH', KEYS[2], ARGV[2])
redis.call('HSET', KEYS[1], 'clock', ARGV[3], 'law', ARGV[4])
if ARGV[5] ~= '' then redis.call('HSET', KEYS[1], 'committed', 1) end
redis.call('SADD', KEYS[4], ARGV[1])
return 1
