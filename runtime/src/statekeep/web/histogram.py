"""Histograms and counts for the event route: a bisection and some additions an observation.

prometheus_client's own take a lock and walk all buckets, twice a request here, which is a tenth of
what an event costs us. One event loop writes these, so nothing is locked. They are exposed by the
same library, as the histograms that they are.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector


def bound_text(bound: float) -> str:
    """A bucket's bound as Prometheus writes it."""
    return "+Inf" if bound == float("inf") else repr(float(bound))


class Cells:
    """The counts of one series: one a bucket, and one for all that is longer."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def observe(self, value: float) -> None:
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    def cumulated(self) -> list[tuple[str, float]]:
        """Bucket by bucket, as Prometheus wants them."""
        told, so_far = [], 0
        for bound, count in zip((*self.bounds, float("inf")), self.counts, strict=True):
            so_far += count
            told.append((bound_text(bound), float(so_far)))
        return told


class Tallies(Collector):
    """A counter with one label."""

    def __init__(self, name: str, help_text: str, label: str) -> None:
        self._name = name
        self._help = help_text
        self._label = label
        self._counts: dict[str, int] = {}

    def add(self, label: str) -> None:
        """One more."""
        self._counts[label] = self._counts.get(label, 0) + 1

    def collect(self) -> Iterable[Metric]:
        family = CounterMetricFamily(self._name, self._help, labels=(self._label,))
        for label, count in sorted(self._counts.items()):
            family.add_metric((label,), count)
        yield family


class Durations(Collector):
    """A histogram with labels."""

    def __init__(
        self, name: str, help_text: str, labels: Sequence[str], bounds: Sequence[float]
    ) -> None:
        self._name = name
        self._help = help_text
        self._labels = tuple(labels)
        self._bounds = tuple(bounds)
        self._series: dict[tuple[str, ...], Cells] = {}

    def of(self, *labels: str) -> Cells:
        """The series with these labels."""
        found = self._series.get(labels)
        if found is None:
            found = self._series[labels] = Cells(self._bounds)
        return found

    def collect(self) -> Iterable[Metric]:
        family = HistogramMetricFamily(self._name, self._help, labels=self._labels)
        for labels, cells in sorted(self._series.items()):
            family.add_metric(labels, buckets=cells.cumulated(), sum_value=cells.total)
        yield family
