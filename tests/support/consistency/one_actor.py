"""The slow model with one actor in it, and changes of the registry as they were entered."""

from __future__ import annotations

from statekeep.core.configuration import value
from statekeep.core.errors import NotStable
from support.consistency.record import Change, Json
from support.model.play import Session
from support.model.registration import register
from support.model.world import Actor, World

NAME = "it"
GATES = ("maxStranded", "expectPlan")


def ungated(body: Json) -> Json:
    """A body without what only a crowd can decide."""
    return {key: given for key, given in body.items() if key not in GATES}


class OneActor(Session):
    """The model with at most one actor, whose queue drains step by step."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world

    def _drain(self, actor: Actor) -> None:
        """Not by itself: the search decides when."""

    def drain_one(self) -> bool:
        """The head of the queue goes; whether it was accepted."""
        event = self.actor.queue.pop(0)
        try:
            return self._take(self.actor, event)
        except NotStable:
            return False

    def apply(self, change: Change) -> str:
        """A change, and the verdict for the actor; '' where it is not concerned."""
        body = ungated(change.body)
        match change.kind:
            case "close":
                self.close(change.name)
            case "freeze":
                self.freeze(change.name)
            case "unfreeze":
                self.unfreeze(change.name)
            case _:
                self.set_clock(change.clock - 1)
                verdicts = register(self.world, body).verdicts
                return next((word for word, names in verdicts.items() if NAME in names), "")
        return ""

    def set_clock(self, clock: int) -> None:
        """Rescues of others have ticked, too."""
        for workflow in self.world.clocks:
            self.world.clocks[workflow] = clock

    @property
    def actor(self) -> Actor:
        return self.world.actors[NAME]

    def seen(self) -> Json:
        """The actor as an answer shows it."""
        actor = self.actor
        return {
            "version": actor.version,
            "stateValue": value(self.world.machine(actor.version), actor.configuration),
            "status": actor.status,
        }
