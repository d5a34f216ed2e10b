"""A few thousand hostile definitions; `make fuzz-definitions` is the long run."""

from __future__ import annotations

from collections import Counter

from support.hostile import attack, attack_text, attack_value


def test_hostile_definitions_are_compiled_or_refused_and_nothing_else() -> None:
    seen = Counter(attack(seed) for seed in range(1500))
    assert set(seen) == {"compiled", "refused"}
    assert seen["compiled"] > 100


def test_hostile_texts_values_and_stored_configurations_are_refused() -> None:
    assert {attack_text(seed) for seed in range(2000)} == {"JSON", "no JSON"}
    assert {attack_value(seed) for seed in range(300)} <= {"value", "refused"}
