-- A rival of send.lua, for bench/events.py: the same service over a plain record an actor. The record is read and
-- written and the idempotency key noted; no cohort is left or entered, no law looked at, nothing remembered.
-- It answers what `send` would, from what the bench has left under `bench:answer`; without that it falls through.
--
-- KEYS[1]  the actor's record (a:<actor>)

local answer = redis.call('GET', 'bench:answer')
if answer then
  local prefix, name = string.match(KEYS[1], '^(sk:[^:]*:[^:]*:)a:(.*)$')
  local format, cohort, entered, revision, context_revision, tickets, trail, context =
    cmsgpack.unpack(redis.call('GET', KEYS[1]))
  local ttl, body = ARGV[6] or '', ARGV[5] or ''
  if ARGV[3] ~= '' then
    redis.call('SET', prefix .. 'k:' .. name .. ':' .. ARGV[3],
      cmsgpack.pack(body, 'done', revision + 1, 0, answer), 'NX', 'EX', ttl ~= '' and ttl or 60)
  end
  redis.call('SET', KEYS[1], cmsgpack.pack(format, cohort, entered, revision + 1,
    context_revision, tickets, trail, context))
  return { 'done', revision + 1, 0, answer, 0 }
end
