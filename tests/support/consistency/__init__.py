"""Is what concurrent clients of several replicas are told a legal story, for each actor?

`load` makes random histories: replicas on one server, clients that spawn, send, rescue and read,
others that register, close, freeze and unfreeze, all at once. `check` then looks, for each actor,
for a serial order of its operations and of the registry's changes that respects real time and in
which the slow model gives every answer that was given, down to the audit.

`python -m support.consistency.hunt --count 1000` (from `make consistency`).
"""
