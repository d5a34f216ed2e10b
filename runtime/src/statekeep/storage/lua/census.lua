-- How many actors and cohort records a tenant has on the shard. Bounded: the queue of records without
-- members is.
--
-- KEYS[1]  the queue of records without members (e)
-- ARGV     the workflows of the tenant
-- Answers  {actors, records with members or with a log that somebody refers to}

local actors, records = 0, 0
for _, workflow in ipairs(ARGV) do
  actors = actors + tonumber(redis.call('HGET', key('w', workflow), 'actors') or '0')
  records = records + redis.call('SCARD', key('o', workflow))
end
for _, cohort in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  if redis.call('EXISTS', key('m', cohort)) == 0 then records = records - 1 end
end
return { actors, records }
