-- Say what a change makes of cohort records, as long as it watches the shard. Nothing becomes true
-- before the fence is lifted under the new law.
--
-- KEYS[1]  what the shard holds for the workflow (w:<workflow>)
-- ARGV     1 change, 2 how many recasts, and for each: number, block, digest of the new form or ''
--          (the content stays), form, rule, digest of the new past or '' (it stays), past, chunks
--          as a cohort has them, how many records, the records
-- Answers  1, 0 if the change does not watch the shard, -1 if a chunk is missing

if redis.call('HGET', KEYS[1], 'watch') ~= ARGV[1] then return 0 end
local workflow, i = own_name(), 3
for _ = 1, tonumber(ARGV[2]) do
  local number, c, at = ARGV[i], read_chunks(i + 7, {})
  if not has_chunks(c) then return -1 end
  local packed = cmsgpack.pack(0, ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4], ARGV[i + 5],
    ARGV[i + 6], c.joined)
  if redis.call('HSETNX', key('g', workflow), number, packed) == 1 then
    for _, chunk in ipairs(c.chunks) do hold_chunk(chunk) end
  end
  local count, due = tonumber(ARGV[at]), {}
  for n = 1, count do due[2 * n - 1], due[2 * n] = ARGV[at + n], number end
  if count > 0 then
    redis.call('HSET', key('s', workflow), unpack(due))
    redis.call('RPUSH', key('p', workflow), unpack(ARGV, at + 1, at + count))
  end
  i = at + count + 1
end
return 1
