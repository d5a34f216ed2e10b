"""Prometheus metrics of a server: names, labels and buckets in one place.

Two registries. What everybody may read says how the process fares and holds no name of anybody's;
what names tenants and workflows is for the operator's key, or for everybody where the server was
told so (`--open-metrics`, behind a network policy).

Rule: labels come from closed or bounded sets; never an actor, a key, a state or a raw path.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from statekeep.web.histogram import Durations, Tallies

SECONDS: Final = (
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
)  # fmt: skip


KEYS_NAMED: Final = 50
"""Key ids come from stored headers too, which somebody may have written: not all become labels."""


@dataclass(frozen=True, slots=True)
class WorkflowCensus:
    """The actors of one workflow: how many by status, how many stranded by version and reason."""

    tenant: str
    workflow: str
    cohorts: int
    by_status: tuple[tuple[str, int], ...]
    stranded: tuple[tuple[str, str, int], ...]


class _Census(Collector):
    """Shows the last census by tenant and workflow."""

    def __init__(self) -> None:
        self.taken: tuple[WorkflowCensus, ...] = ()

    def collect(self) -> Iterable[Metric]:
        actors = GaugeMetricFamily(
            "statekeep_workflow_actors", "Actors", labels=("tenant", "workflow", "status")
        )
        cohorts = GaugeMetricFamily(
            "statekeep_workflow_cohorts", "Cohorts with members", labels=("tenant", "workflow")
        )
        stranded = GaugeMetricFamily(
            "statekeep_workflow_stranded",
            "Actors that need rescue",
            labels=("tenant", "workflow", "version", "reason"),
        )
        for census in self.taken:
            own = [census.tenant, census.workflow]
            cohorts.add_metric(own, census.cohorts)
            for status, count in census.by_status:
                actors.add_metric([*own, status], count)
            for version, reason, count in census.stranded:
                stranded.add_metric([*own, version, reason], count)
        return (actors, cohorts, stranded)


class Metrics:
    """The instruments of one server."""

    def __init__(self) -> None:
        self.open = CollectorRegistry()
        self.named = CollectorRegistry()
        self._census = _Census()
        self.named.register(self._census)
        self._seconds = Durations(
            "statekeep_http_request_duration_seconds",
            "Time from the head of a request to its answer",
            ("operation", "status"),
            SECONDS,
        )
        self.open.register(self._seconds)
        self._events = Tallies("statekeep_events", "Events by what became of them", "outcome")
        self.open.register(self._events)
        self._store = Durations(
            "statekeep_store_duration_seconds",
            "Round trips to the store by script and answer; an event answered `unknown` is one"
            " whose step nobody had taken before",
            ("script", "answer"),
            SECONDS,
        )
        self.open.register(self._store)
        self._changes = Durations(
            "statekeep_change_duration_seconds",
            "Registrations, closings and brakes by phase: planned (nothing is held), fenced (until"
            " the commit, while events wait), applied (until the last shard goes on)",
            ("phase",),
            SECONDS,
        )
        self.open.register(self._changes)
        self._sealing = Counter(
            "statekeep_sealing",
            "Data keys wrapped (a ring's key has 2^32 of them), and what did not open, by key",
            ("what", "key"),
            registry=self.open,
        )
        self._keys_named: set[str] = set()
        self._actors = Gauge("statekeep_actors", "Actors", ("status",), registry=self.open)
        self._cohorts = Gauge("statekeep_cohorts", "Cohorts with members", registry=self.open)

    def request(self, operation: str, status: int, seconds: float) -> None:
        """One answered request."""
        self._seconds.of(operation, str(status)).observe(seconds)

    def event(self, outcome: str) -> None:
        """One event: accepted, not_accepted, migrated or queued."""
        self._events.add(outcome)

    def store(self, script: str, answer: str, seconds: float) -> None:
        """One round trip to the store."""
        self._store.of(script, answer).observe(seconds)

    def change(self, phase: str, seconds: float) -> None:
        """One phase of a change of a workflow."""
        self._changes.of(phase).observe(seconds)

    def sealing(self, what: str, key_id: str) -> None:
        """A data key was wrapped, or something did not open."""
        if key_id not in self._keys_named and len(self._keys_named) >= KEYS_NAMED:
            key_id = "other"
        self._keys_named.add(key_id)
        self._sealing.labels(what, key_id).inc()

    def census(self, taken: tuple[WorkflowCensus, ...]) -> None:
        """The actors that were counted last."""
        self._census.taken = taken
        totals = {"active": 0, "done": 0, "needs_rescue": 0}
        for workflow in taken:
            for status, count in workflow.by_status:
                totals[status] = totals.get(status, 0) + count
        for status, count in totals.items():
            self._actors.labels(status).set(count)
        self._cohorts.set(sum(workflow.cohorts for workflow in taken))

    def exposition(self, *, named: bool) -> bytes:
        """What /metrics answers."""
        return generate_latest(self.open) + (generate_latest(self.named) if named else b"")
