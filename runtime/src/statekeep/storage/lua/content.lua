-- What one cohort record says.
--
-- KEYS[1]  all cohort records of the workflow (o:<workflow>)
-- ARGV     1 cohort
-- Answers  {digest, text}, both nil if the record is gone

return redis.call('HMGET', key('c', ARGV[1]), 'd', 't')
