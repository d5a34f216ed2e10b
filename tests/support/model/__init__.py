"""The slow, obvious model of the routing law: one actor at a time, lists of event types, loops.

It is written from the text of the law alone and shares with the product only the statechart
interpreter (`compile_machine`, `initial`, `step`, `enter`, `resolve`, `value`), which is checked
elsewhere. It knows no cohorts, fingerprints, memos, shards or plans, and must never import them.
"""

from support.model.play import Session, run

__all__ = ["Session", "run"]
