-- Lift the fence of a change, and stop watching for it. With a law the shard goes on under that one,
-- and what the change has said of records is true: it is carried out when a record is met, or by
-- `complete`. Without one it never was.
--
-- KEYS[1]  what the shard holds for the workflow (w:<workflow>)
-- ARGV     1 change, 2 law or ''
-- Answers  1 if the fence was this change's

local workflow = own_name()
local got = redis.call('HMGET', KEYS[1], 'fence', 'watch')
if got[1] ~= ARGV[1] and got[2] ~= ARGV[1] then return 0 end
if ARGV[2] == '' then
  for _, packed in ipairs(redis.call('HVALS', key('g', workflow))) do
    drop_chunks_of(select(8, cmsgpack.unpack(packed)))
  end
  redis.call('HDEL', KEYS[1], 'fence', 'watch')
  forget_change(workflow)
  return 1
end
if got[1] ~= ARGV[1] then return 0 end
redis.call('HDEL', KEYS[1], 'fence', 'watch')
redis.call('UNLINK', key('t', workflow), key('u', workflow))
redis.call('HSET', KEYS[1], 'law', ARGV[2])
if redis.call('EXISTS', key('p', workflow)) == 1 then redis.call('HSET', KEYS[1], 'moving', ARGV[1]) end
return 1
