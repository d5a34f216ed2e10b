-- Take the identity of another registry, if nobody has anything here yet.
--
-- KEYS[1]  the identity (string), KEYS[2] the tenants (set)
-- ARGV     1 the identity wanted
-- Answers  1 if it is the identity now

if redis.call('GET', KEYS[1]) == ARGV[1] then return 1 end
if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
redis.call('SET', KEYS[1], ARGV[1])
return 1
