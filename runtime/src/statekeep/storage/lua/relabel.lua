-- Rewrite cohort records in place, as long as the shard is held by the change. The members of a
-- record stay where they are: what the record says is what they are. Memos stay, too: they are of
-- another law, so whoever meets one takes it away.
--
-- KEYS[1]  what the shard holds for the workflow (w:<workflow>)
-- ARGV     1 change, 2 law, 3 how many, and for each:
--          cohort, label, block, the new content as a cohort
-- Answers  how many were rewritten, or -1 if a chunk is missing

if redis.call('HGET', KEYS[1], 'fence') ~= ARGV[1] then return 0 end
local index, law, i, done = key('i', own_name()), ARGV[2], 4, 0
for _ = 1, tonumber(ARGV[3]) do
  local cohort, label, block, c = ARGV[i], ARGV[i + 1], ARGV[i + 2], nil
  c, i = read_cohort(i + 3)
  local record = key('c', cohort)
  local got = redis.call('HMGET', record, 'l', 'w', 'd', 'h')
  if got[1] == label and got[2] ~= law then
    local length
    if got[3] ~= c.digest then
      if not has_chunks(c) then return -1 end
      if redis.call('HGET', index, got[3]) == cohort then redis.call('HDEL', index, got[3]) end
      redis.call('HSETNX', index, c.digest, cohort)
      for _, chunk in ipairs(c.chunks) do hold_chunk(chunk) end
      drop_chunks_of(got[4])
      length = redis.call('RPUSH', key('l', cohort), block)
      redis.call('HSET', record, 'd', c.digest, 't', c.text, 'r', c.rule, 'n', c.events,
        'l', tonumber(label) + 1, 'w', law, 'h', c.joined, 'g', length)
    else
      length = redis.call('RPUSH', key('l', cohort), block)
      redis.call('HSET', record, 'w', law, 'g', length)
    end
    done = done + 1
  end
end
return done
