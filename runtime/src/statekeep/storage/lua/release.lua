-- Lift the fence of a change; with a law the shard goes on under that one.
--
-- KEYS[1]  what the shard holds for the workflow (w:<workflow>)
-- ARGV     1 change, 2 law or ''
-- Answers  1 if the fence was this change's

if redis.call('HGET', KEYS[1], 'fence') ~= ARGV[1] then return 0 end
redis.call('HDEL', KEYS[1], 'fence')
if ARGV[2] ~= '' then redis.call('HSET', KEYS[1], 'law', ARGV[2]) end
return 1
