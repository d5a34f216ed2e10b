-- Some members of some cohort records, from a cursor on in each. A cursor means nothing to a server
-- that was started anew, so it carries the server's run: in another run a record is listed from its
-- beginning. To ask for the run is dear, so one call lists as many records as its limit has room for.
--
-- KEYS     the members of each (m:<cohort>)
-- ARGV     1 how many at a time, and for each record a cursor or ''
-- Answers  for each, until there are enough: {next cursor or '', where this page begins, {member, ...}}

local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)') or ''
local pages, found = {}, 0
for i, members in ipairs(KEYS) do
  local from, place = string.match(ARGV[i + 1], '^(%w*)~(%d+)$')
  local here = from == run and place or '0'
  local page = redis.call('SSCAN', members, here, 'COUNT', ARGV[1])
  pages[i] = { page[1] == '0' and '' or run .. '~' .. page[1], run .. '~' .. here, page[2] }
  found = found + #page[2]
  if found >= tonumber(ARGV[1]) then break end
end
return pages
