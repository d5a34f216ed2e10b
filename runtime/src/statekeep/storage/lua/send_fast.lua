-- The beginning of `send`: the event that somebody of the cohort has taken before, with nothing else
-- about it. It comes before what all scripts share, because that costs as much as the event itself.
-- Whatever is not plain falls through to `send`, and nothing has been written then.
--
-- KEYS[1]  the actor's record (a:<actor>)
-- ARGV     as in send.lua, no more than the first six
-- Answers  {done, ...} as send.lua

if #ARGV <= 6 then
  local call = redis.call
  local raw = call('GET', KEYS[1])
  local prefix, name = string.match(KEYS[1], '^(sk:[^:]*:[^:]*:)a:(.*)$')
  local format, cohort, entered, revision, context_revision, tickets, trail, context
  if raw then
    format, cohort, entered, revision, context_revision, tickets, trail, context =
      cmsgpack.unpack(raw)
  end
  local got = tickets == 0
    and call('HMGET', prefix .. 'c:' .. cohort, 'f', 'e:' .. ARGV[2])
  if got and got[2] then
    local law, target, answer, block, journal, length, label, log = cmsgpack.unpack(got[2])
    local line = length == entered and block == 0 and journal == 0
      and call('HMGET', prefix .. 'w:' .. got[1], 'law', 'fence', 'watch', 'moving')
    local quiet = line and not (line[2] or line[3] or line[4]) and tonumber(line[1] or '0') == law
    local from = prefix .. 'm:' .. cohort
    if quiet and (target == cohort
      or call('EXISTS', prefix .. 'c:' .. target) == 1 and call('SCARD', from) > 1) then
      local ttl, body = ARGV[6] or '', ARGV[5] or ''
      if ARGV[3] == '' or call('SET', prefix .. 'k:' .. name .. ':' .. ARGV[3],
        cmsgpack.pack(body, 'done', revision + 1, label, answer),
        'NX', 'EX', ttl ~= '' and ttl or 60) then
        if target ~= cohort then call('SMOVE', from, prefix .. 'm:' .. target, ARGV[1]) end
        call('SET', KEYS[1], cmsgpack.pack(format, target, log, revision + 1,
          context_revision, tickets, trail, context))
        return { 'done', revision + 1, label, answer, 0 }
      end
    end
  end
end
