"""Sealing: contexts and event data at rest, readable only with a key of the ring."""
