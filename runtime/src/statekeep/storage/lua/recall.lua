-- What an idempotency key was told before.
--
-- KEYS[1]  the actor's record (a:<actor>)
-- ARGV     1 idempotency key
-- Answers  nil, or {body, kind, revision, label, answer}

local told = recall(own_name(), ARGV[1])
if not told then return false end
return { told.body, told.kind, told.revision, told.label, told.answer }
