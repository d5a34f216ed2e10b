-- Read a workflow's registry from one entry on.
--
-- KEYS[1]  the book (hash): clock, law, changes; while a change is under way also change, name,
--          expires, committed (0 or 1), applied
-- KEYS[2]  the entries (list of texts)
-- ARGV     1 the first entry wanted, 2 the head of the entry before it, as whoever asks knows it, or ''
-- Answers  {clock, law, entries in all, change or '', name, expires, committed, applied, anew, entry, ...};
--          anew is 1 where that entry is another one or none: then the entries are all that there are

local since, anew = ARGV[1], 0
if ARGV[2] ~= '' then
  local before = redis.call('LINDEX', KEYS[2], since - 1)
  if not before or string.sub(before, 1, #ARGV[2]) ~= ARGV[2] then since, anew = 0, 1 end
end
local got = redis.call('HMGET', KEYS[1], 'clock', 'law', 'change', 'name', 'expires', 'committed',
  'applied')
local found = {
  got[1] or '0', got[2] or '0', redis.call('LLEN', KEYS[2]), got[3] or '', got[4] or '',
  got[5] or '', got[6] or '', got[7] or '', anew,
}
for _, entry in ipairs(redis.call('LRANGE', KEYS[2], since, -1)) do found[#found + 1] = entry end
return found
