"""The event of a delayed transition, named as XState names it: `xstate.after.<delay>.<id>`.

A delay is read as JavaScript's Number() reads a key and written as JavaScript writes a number.
"""

from __future__ import annotations

import re
from decimal import Decimal

_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_RADIX = re.compile(r"0(?:[xX][0-9a-fA-F]+|[oO][0-7]+|[bB][01]+)")


def delay_event(delay: str, node_id: str) -> str:
    """The event type of the delay `delay` of the node with that id."""
    return f"xstate.after.{_canonical(delay)}.{node_id}"


def _canonical(delay: str) -> str:
    if delay.isascii() and delay.isdigit() and len(delay) < 16:
        return str(int(delay))
    text = delay.strip()
    if not text:
        return "0"
    if _RADIX.fullmatch(text):
        return _written(float(int(text, 0)) if len(text) < 200 else float("inf"))
    if _DECIMAL.fullmatch(text):
        return _written(float(text))
    return delay


def _written(number: float) -> str:
    """JavaScript's Number.prototype.toString: shortest digits, exponents only far out."""
    if number in (float("inf"), float("-inf")):
        return "Infinity" if number > 0 else "-Infinity"
    if number == int(number) and abs(number) < 1e21:
        return str(int(number))
    plain = Decimal(repr(number))
    if 1e-6 <= abs(number) < 1e21:
        return f"{plain:f}"
    mantissa, _, exponent = f"{plain.normalize():e}".partition("e")
    return f"{mantissa}e{exponent}"
