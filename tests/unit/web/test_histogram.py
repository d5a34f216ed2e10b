"""Our histograms are exposed exactly as the library's own would be."""

from prometheus_client import CollectorRegistry, Histogram, generate_latest

from statekeep.web.histogram import Durations

BOUNDS = (0.001, 0.01, 0.1, 1.0)
VALUES = (0.0, 0.0005, 0.001, 0.0011, 0.5, 1.0, 7.0)


def lines(registry: CollectorRegistry) -> list[str]:
    text = generate_latest(registry).decode()
    return [line for line in text.splitlines() if "_created" not in line]


def test_the_exposition_is_that_of_the_library() -> None:
    theirs, ours = CollectorRegistry(), CollectorRegistry()
    histogram = Histogram("took_seconds", "Time", ("script",), buckets=BOUNDS, registry=theirs)
    durations = Durations("took_seconds", "Time", ("script",), BOUNDS)
    ours.register(durations)
    for value in VALUES:
        histogram.labels("send").observe(value)
        durations.of("send").observe(value)
    assert sorted(lines(ours)) == sorted(lines(theirs))


def test_nothing_observed_is_a_histogram_without_series() -> None:
    registry = CollectorRegistry()
    registry.register(Durations("took_seconds", "Time", (), BOUNDS))
    assert lines(registry) == ["# HELP took_seconds Time", "# TYPE took_seconds histogram"]
