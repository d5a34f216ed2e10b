"""Prometheus metrics of a server: names, labels and buckets in one place.

Rule: labels come from closed or bounded sets (operation, status, workflow, reason); never an
actor, a key, a tenant's data or a raw path.
"""

from __future__ import annotations

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

SECONDS: Final = (
    0.0005,
    0.001,
    0.0025,
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.25,
    0.5,
    1.0,
    2.5,
    5.0,
    10.0,
)


class Metrics:
    """The instruments of one server."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._seconds = Histogram(
            "statekeep_http_request_duration_seconds",
            "Time from the first byte of a request's head to the last of its answer",
            ("operation", "status"),
            buckets=SECONDS,
            registry=self.registry,
        )
        self._events = Counter(
            "statekeep_events_total",
            "Events by what became of them",
            ("outcome",),
            registry=self.registry,
        )
        self._requests: dict[tuple[str, int], Histogram] = {}
        self._outcomes: dict[str, Counter] = {}

    def request(self, operation: str, status: int, seconds: float) -> None:
        """One answered request."""
        child = self._requests.get((operation, status))
        if child is None:
            child = self._seconds.labels(operation, str(status))
            self._requests[operation, status] = child
        child.observe(seconds)

    def event(self, outcome: str) -> None:
        """One event: accepted, not_accepted, migrated, queued or refused."""
        child = self._outcomes.get(outcome)
        if child is None:
            child = self._outcomes[outcome] = self._events.labels(outcome)
        child.inc()

    def exposition(self) -> bytes:
        """What /metrics answers."""
        return generate_latest(self.registry)
