-- Some members of a cohort record, from a cursor on. A cursor means nothing to a server that was
-- started anew, so it carries the server's run: in another run a record is listed from its beginning.
--
-- KEYS[1]  the members (m:<cohort>)
-- ARGV     1 cursor or '', 2 how many at a time
-- Answers  {next cursor or '', where this page begins, {member, ...}}

local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)') or ''
local from, place = string.match(ARGV[1], '^(%w*)~(%d+)$')
local here = from == run and place or '0'
local page = redis.call('SSCAN', KEYS[1], here, 'COUNT', ARGV[2])
return { page[1] == '0' and '' or run .. '~' .. page[1], run .. '~' .. here, page[2] }
