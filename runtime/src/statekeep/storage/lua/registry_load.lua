-- Read a workflow's registry from one entry on.
--
-- KEYS[1]  the book (hash): clock, law, changes; while a change is under way also change, name,
--          expires, committed (0 or 1), applied
-- KEYS[2]  the entries (list of texts)
-- ARGV     1 the first entry wanted
-- Answers  {clock, law, entries in all, change or '', name, expires, committed, applied, entry, ...}

local got = redis.call('HMGET', KEYS[1], 'clock', 'law', 'change', 'name', 'expires', 'committed',
  'applied')
local found = {
  got[1] or '0', got[2] or '0', redis.call('LLEN', KEYS[2]), got[3] or '', got[4] or '',
  got[5] or '', got[6] or '', got[7] or '',
}
for _, entry in ipairs(redis.call('LRANGE', KEYS[2], ARGV[1], -1)) do found[#found + 1] = entry end
return found
